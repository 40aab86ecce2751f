import MPI

/// What goes over a heartbeat connection, in both directions: 256 bytes, whatever they say.
package struct Frame: Equatable, Sendable {
  /// What a frame says.
  package enum Kind: UInt64, Sendable {
    /// Here I am.
    case state = 1
    /// My run is over, in order.
    case leave
    /// The job is over; end at once, in silence.
    case end
  }

  /// Bytes of every frame.
  package static let byteCount = 256
  private static let numbers = 8
  /// Bytes per text; longer ones are cut.
  private static let textBytes = 48

  /// What it says.
  package var kind: Kind
  /// Who is speaking.
  package var rank: Int
  /// Where the sender is.
  package var state: RankState

  /// A frame of rank `rank`.
  package init(_ kind: Kind, rank: Int, _ state: RankState = RankState()) {
    (self.kind, self.rank, self.state) = (kind, rank, state)
  }

  /// The bytes, with the job's `token`, which keeps strangers out.
  package func bytes(token: UInt64) -> [UInt8] {
    let numbers: [UInt64] = [
      token, kind.rawValue, UInt64(rank), UInt64(state.beats), UInt64(state.sequence),
      UInt64(bitPattern: Int64(state.epoch)), UInt64(bitPattern: Int64(state.step)),
      state.callIsCounted ? 1 : 0,
    ]
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    for number in numbers {
      withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
    for text in [state.call, state.part, state.phase, state.work] {
      let utf8 = text.utf8.prefix(Self.textBytes)
      bytes.append(contentsOf: utf8)
      bytes.append(contentsOf: repeatElement(0, count: Self.textBytes - utf8.count))
    }
    return bytes
  }

  /// Nil where the bytes are not of this job, or not a frame.
  package init?(_ bytes: ArraySlice<UInt8>, token: UInt64) {
    guard bytes.count == Self.byteCount else { return nil }
    let numbers = (0..<Self.numbers).map { index in
      bytes.dropFirst(8 * index).prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    guard numbers[0] == token, let kind = Kind(rawValue: numbers[1]), let rank = Int(exactly: numbers[2])
    else {
      return nil
    }
    let texts = (0..<4).map { index in
      let field = bytes.dropFirst(8 * Self.numbers + Self.textBytes * index).prefix(Self.textBytes)
      return String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }
    self.kind = kind
    self.rank = rank
    state = RankState(
      beats: UInt(numbers[3]), sequence: UInt(numbers[4]), call: texts[0], callIsCounted: numbers[7] == 1,
      work: texts[3], part: texts[1], epoch: Int(truncatingIfNeeded: numbers[5]),
      step: Int(truncatingIfNeeded: numbers[6]), phase: texts[2])
  }
}
