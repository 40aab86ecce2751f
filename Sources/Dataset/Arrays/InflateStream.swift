internal import CZlib

/// A deflated member of a zip file, unpacked in order. Its length and checksum are those that the zip file's directory promises,
/// or reading its end is an error.
final class InflateStream: ByteSource {
  private let file: FileStream
  private let name: String
  private let state = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 1)
  private let expected: ZipMember
  private var check: UInt = 0
  private var done = 0
  private var isAtEnd = false

  /// - Parameters:
  ///   - file: is at the end of the member's local header
  ///   - name: of the file and the member, for messages
  init(_ file: FileStream, _ member: ZipMember, name: String) throws(DatasetError) {
    (self.file, self.name, expected) = (file, name, member)
    state.initialize(to: z_stream())
    // Minus: no header; the zip file has its own.
    let code = inflateInit2_(state, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw DatasetError(.missing, name, "cannot be unpacked: out of memory") }
  }

  deinit {
    inflateEnd(state)
    state.deallocate()
    input.deallocate()
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    var count = 0
    while count < buffer.count && !isAtEnd {
      let part = min(buffer.count - count, 1 << 30)
      let start = buffer.baseAddress! + count
      state.pointee.next_out = start.assumingMemoryBound(to: UInt8.self)
      state.pointee.avail_out = UInt32(part)
      if state.pointee.avail_in == 0 {
        let found = try file.read(into: input)
        state.pointee.next_in = input.baseAddress!.assumingMemoryBound(to: UInt8.self)
        state.pointee.avail_in = UInt32(found)
      }
      let code = inflate(state, Z_NO_FLUSH)
      let produced = part - Int(state.pointee.avail_out)
      check = crc32_z(check, start.assumingMemoryBound(to: UInt8.self), produced)
      count += produced
      done += produced
      isAtEnd = code == Z_STREAM_END
      guard code == Z_OK || code == Z_STREAM_END, produced > 0 || isAtEnd || state.pointee.avail_in == 0
      else { throw damaged(code == Z_BUF_ERROR ? "its data end too early" : "its deflated data are damaged") }
      guard done <= expected.unpackedBytes else { throw damaged("it unpacks to more than it promises") }
    }
    if isAtEnd {
      guard done == expected.unpackedBytes else { throw damaged("it unpacks to less than it promises") }
      guard UInt32(truncatingIfNeeded: check) == expected.check else {
        throw damaged("its checksum is wrong")
      }
    }
    return count
  }

  func skip(_ count: Int) throws(DatasetError) {
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: min(count, 1 << 18), alignment: 1)
    defer { scratch.deallocate() }
    var left = count
    while left > 0 {
      let found = try read(into: UnsafeMutableRawBufferPointer(rebasing: scratch.prefix(left)))
      if found == 0 { return }
      left -= found
    }
  }

  private func damaged(_ cause: String) -> DatasetError {
    DatasetError(.malformed, name, "\(cause): the zip file is damaged; fetch it again")
  }
}
