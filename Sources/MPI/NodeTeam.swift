import Lanes

/// The ranks of one node at one piece of work, in memory that they share. They all do the same, each with its own part of the rows.
package final class NodeTeam {
  /// Whether rank 0 of all ranks is one of them.
  package let hasRoot: Bool
  private let ranks: NodeCommunicators
  private let points: NodePoints

  init(_ ranks: NodeCommunicators, _ points: NodePoints, hasRoot: Bool) {
    (self.ranks, self.points, self.hasRoot) = (ranks, points, hasRoot)
  }

  /// The part of `count` things that is this rank's: as even as possible in steps of `step`.
  package func share(of count: Int, step: Int = 1) -> Range<Int> {
    let (steps, rank, size) = ((count + step - 1) / step, ranks.node.rank, ranks.node.size)
    return min(count, rank * steps / size * step)..<min(count, (rank + 1) * steps / size * step)
  }

  /// Waits until all have come here: what they wrote before can be read. **Collective** over the team.
  package func meet() {
    Whereabouts.inside("the meeting of a node") {
      points.arrive()
      points.waitForAll()
    }
  }

  /// What rank 0 of the node has. **Collective** over the team.
  package func broadcast(_ number: Int) throws -> Int {
    Int(try ranks.node.broadcast([Int64(number)])[0])
  }

  /// Whether the node has room for `bytes` more bytes of shared memory. **Collective** over the team.
  package func hasRoom(_ bytes: Int) throws -> Bool {
    let hasRoom = ranks.node.isRoot && SharedMemoryError.available.map { $0 >= bytes } ?? true
    return try broadcast(hasRoom ? 1 : 0) == 1
  }

  fileprivate func window(_ bytes: Int, for purpose: StaticString) throws -> SharedWindow<UInt8> {
    try SharedWindow(count: bytes, on: ranks.node, for: purpose)
  }
}

/// Arrays that all ranks of a team read and write; a process alone has them for itself.
package final class TeamMemory {
  private let team: NodeTeam?
  private var pieces: [Piece] = []

  /// None yet.
  package init(_ team: NodeTeam?) {
    self.team = team
  }

  /// `count` elements, aligned to 64 bytes; undefined until somebody has written them. **Collective** over the team.
  package func array<Element: BitwiseCopyable>(
    _ count: Int, of: Element.Type, for purpose: StaticString
  ) throws -> UnsafeMutablePointer<Element> {
    let piece = try Piece(count * MemoryLayout<Element>.stride, for: purpose, team)
    pieces.append(piece)
    return piece.start.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  /// Gives everything back. **Collective** over the team.
  package func free() throws {
    for piece in pieces { try piece.free() }
    pieces = []
  }

  /// One array.
  private final class Piece {
    let start: UnsafeMutableRawPointer
    private var window: SharedWindow<UInt8>?
    private var own: AlignedBuffer<UInt8>?

    init(_ bytes: Int, for purpose: StaticString, _ team: NodeTeam?) throws {
      if let team {
        let window = try team.window(bytes, for: purpose)
        start = UnsafeMutableRawPointer(window.all.baseAddress!)
        self.window = consume window
      } else {
        let own = AlignedBuffer<UInt8>(count: bytes, for: purpose)
        start = UnsafeMutableRawPointer(own.base)
        self.own = consume own
      }
    }

    func free() throws {
      try window.take()?.free()
      own = nil
    }
  }
}
