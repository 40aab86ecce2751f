/// A member of a zip file, as the directory at the file's end describes it.
struct ZipMember: Codable, Sendable {
  let name: String
  /// 0 stored, 8 deflated; others are not read.
  let method: Int
  let isEncrypted: Bool
  let packedBytes: Int
  let unpackedBytes: Int
  let check: UInt32
  /// Where the member's own header begins in the file.
  let headerOffset: Int
}

/// The directory of a zip file, which `.npz` files are.
struct ZipFile {
  let path: String
  let members: [ZipMember]

  /// What deflate packs at most, rounded up.
  static let highestCompression = 1100
  /// Names that are read; a directory beyond that is no set of arrays.
  private static let longestDirectory = 1 << 26

  /// Reads the directory, in the form for more than 4 GB too.
  init(_ path: String) throws(DatasetError) {
    self.path = path
    let file = try FileStream(path)
    let (start, length) = try Self.directory(of: file)
    guard length <= Self.longestDirectory, let bytes = try file.bytes(start..<(start + length)) else {
      throw Self.damaged(path, "its directory is said to be \(length) bytes at \(start)")
    }
    var members: [ZipMember] = []
    var place = 0
    while place < bytes.count {
      guard let (member, next) = Self.member(bytes, at: place) else {
        throw Self.damaged(path, "its directory has a damaged entry, number \(members.count + 1)")
      }
      members.append(member)
      place = next
    }
    self.members = members
  }

  private static func damaged(_ path: String, _ cause: String) -> DatasetError {
    DatasetError(
      .malformed, path,
      "expected a whole zip (.npz) file, but \(cause), and the file has other contents; "
        + "it is truncated or damaged; fetch it again")
  }

  /// Where the directory is: the record at the file's end says so, perhaps by way of one for large files.
  private static func directory(of file: FileStream) throws(DatasetError) -> (start: Int, length: Int) {
    let size = file.fileBytes
    let tailStart = max(0, size - 22 - 65535)
    let tail = try file.bytes(tailStart..<size) ?? []
    let signature: [UInt8] = [0x50, 0x4b, 5, 6]
    let record = stride(from: tail.count - 22, through: 0, by: -1).first { place in
      tail[place..<(place + 4)].elementsEqual(signature)
    }
    guard let record else { throw damaged(file.path, "it has no directory at its end") }
    var start = Int(tail.number(record + 16, 4))
    var length = Int(tail.number(record + 12, 4))
    let locator = record - 20
    if locator >= 0, tail[locator..<(locator + 4)].elementsEqual([0x50, 0x4b, 6, 7]) {
      let place = Int(clamping: tail.number(locator + 8, 8))
      guard place <= size - 56, let large = try file.bytes(place..<(place + 56)),
        large.starts(with: [0x50, 0x4b, 6, 6])
      else { throw damaged(file.path, "its directory for large files is not where it is said to be") }
      length = Int(clamping: large.number(40, 8))
      start = Int(clamping: large.number(48, 8))
    }
    guard start <= size, length <= size - start else {
      throw damaged(file.path, "its directory is said to be \(length) bytes at \(start) of \(size)")
    }
    return (start, length)
  }

  /// The entry at `place` and where the next one begins; nil where it is not one.
  private static func member(_ bytes: [UInt8], at place: Int) -> (ZipMember, next: Int)? {
    guard place + 46 <= bytes.count, bytes[place..<(place + 4)].elementsEqual([0x50, 0x4b, 1, 2]) else {
      return nil
    }
    let nameEnd = place + 46 + Int(bytes.number(place + 28, 2))
    let extraEnd = nameEnd + Int(bytes.number(place + 30, 2))
    let next = extraEnd + Int(bytes.number(place + 32, 2))
    guard next <= bytes.count else { return nil }
    // Packed and unpacked length and offset: numbers that do not fit are in an extra field of type 1, in this order.
    var numbers = [bytes.number(place + 24, 4), bytes.number(place + 20, 4), bytes.number(place + 42, 4)]
    var field = nameEnd
    while field + 4 <= extraEnd {
      let fieldEnd = field + 4 + Int(bytes.number(field + 2, 2))
      guard fieldEnd <= extraEnd else { return nil }
      if bytes.number(field, 2) == 1 {
        var at = field + 4
        for index in numbers.indices where numbers[index] == 0xffff_ffff {
          guard at + 8 <= fieldEnd else { return nil }
          numbers[index] = bytes.number(at, 8)
          at += 8
        }
      }
      field = fieldEnd
    }
    let member = ZipMember(
      name: String(decoding: bytes[(place + 46)..<nameEnd], as: UTF8.self),
      method: Int(bytes.number(place + 10, 2)), isEncrypted: bytes[place + 8] & 1 != 0,
      packedBytes: Int(clamping: numbers[1]), unpackedBytes: Int(clamping: numbers[0]),
      check: UInt32(bytes.number(place + 16, 4)), headerOffset: Int(clamping: numbers[2]))
    return (member, next)
  }

  /// The packing of `member` and where its data are in the file, checked against the file's length.
  func data(of member: ZipMember) throws(DatasetError) -> Range<Int> {
    let name = "\(path):\(member.name)"
    guard !member.isEncrypted else {
      throw DatasetError(.malformed, name, "is encrypted; write the arrays again with numpy.savez")
    }
    guard member.method == 0 || member.method == 8 else {
      throw DatasetError(
        .malformed, name,
        "is packed by method \(member.method) of zip, expected 0 (stored) or 8 (deflated); "
          + "write the arrays again with numpy.savez_compressed")
    }
    let file = try FileStream(path)
    let start = member.headerOffset
    guard start <= file.fileBytes - 30, let header = try file.bytes(start..<(start + 30)),
      header.starts(with: [0x50, 0x4b, 3, 4])
    else { throw Self.damaged(path, "\(member.name) is not where the directory says") }
    let data = start + 30 + Int(header.number(26, 2)) + Int(header.number(28, 2))
    guard data <= file.fileBytes, member.packedBytes <= file.fileBytes - data else {
      throw Self.damaged(path, "\(member.name) goes beyond its end")
    }
    guard member.method == 8 || member.packedBytes == member.unpackedBytes else {
      throw Self.damaged(path, "\(member.name) is stored and has two lengths")
    }
    guard member.unpackedBytes / Self.highestCompression <= member.packedBytes else {
      throw DatasetError(
        .malformed, name,
        "promises \(member.unpackedBytes) bytes, more than \(member.packedBytes) deflated bytes can hold")
    }
    return data..<(data + member.packedBytes)
  }
}

extension [UInt8] {
  /// The little-endian number of `count` bytes at `place`, which is inside.
  func number(_ place: Int, _ count: Int) -> UInt64 {
    self[place..<(place + count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
