import Dataset
import Foundation
import Support
import Testing

@Suite struct ShardDamageTests: ~Copyable {
  private let folder: TemporaryDirectory
  private let tar = TarFile(
    ("a.pgm", smallPicture("abcd") + randomBytes(2000, seed: 1)), ("a.cls", Array("1".utf8)),
    ("b.pgm", smallPicture("efgh") + randomBytes(3000, seed: 2)))

  init() throws { folder = try TemporaryDirectory() }

  private func expectFailure(
    _ bytes: [UInt8], _ texts: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let path = try folder.put(bytes, "shard.tar")
    let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation) { try ShardPass(path) }
    #expect(error?.file == path && error?.kind == .malformed, sourceLocation: sourceLocation)
    for text in texts {
      #expect(
        error?.message.contains(text) == true, "\(String(describing: error))", sourceLocation: sourceLocation)
    }
  }

  @Test("A cut file names the member, wherever it is cut")
  func cut() throws {
    let whole = tar.ended
    try expectFailure(
      Array(whole[..<1000]), "in member 1, 'a.pgm': the file ends too early: it was cut; fetch it again")
    try expectFailure(Array(whole[..<3000]), "after member 1, 'a.pgm': the file ends too early")
    try expectFailure(Array(whole[..<5000]), "in member 3, 'b.pgm': the file ends too early")
    // Between two members, and where the end is missing.
    try expectFailure(Array(whole[..<3584]), "after member 2, 'a.cls'", "was cut", "head -c 1024 /dev/zero")
    try expectFailure(tar.bytes, "after member 3, 'b.pgm'", "empty blocks that end a tar file are missing")
    #expect(
      try ShardPass(folder.put(tar.bytes + [UInt8](repeating: 0, count: 512), "shard.tar")).numbers == [0, 1])
  }

  @Test("Every length but the whole is an error", arguments: [false, true])
  func everyLength(_ isPacked: Bool) throws {
    let whole = isPacked ? gzip(tar.ended) : tar.ended
    for length in stride(from: 0, to: isPacked ? whole.count : tar.bytes.count + 1, by: 37) {
      let path = try folder.put(Array(whole[..<length]), "shard.tar")
      #expect(throws: DatasetError.self, "\(length)") { try ShardPass(path) }
    }
  }

  @Test("A damaged header, and what stands behind the end")
  func header() throws {
    var bytes = tar.ended
    bytes[2560 + 3] ^= 1
    try expectFailure(bytes, "after member 1, 'a.pgm'", "the tar file is damaged (Damaged tar archive")
    try expectFailure(
      tar.ended + randomBytes(512, seed: 3), "after member 3, 'b.pgm'", "the tar file is damaged")
  }

  @Test("Damaged gzip: the checksum is compared")
  func damagedGzip() throws {
    try expectFailure(Array(gzip(tar.ended).dropLast(20)), "the gzip data end too early")
    var large = tar
    large.add("c.pgm", smallPicture("ijkl") + randomBytes(1_000_000, seed: 3))
    let bytes = gzip(large.ended)
    try expectFailure(Array(bytes.dropLast(400_000)), "in member 4, 'c.pgm': the gzip data end too early")
    for place in [950_000, bytes.count - 6] {
      var damaged = bytes
      damaged[place] ^= 1
      try expectFailure(damaged, "'c.pgm': the gzip data are damaged", "fetch the file again")
    }
  }

  @Test("Damaged and cut files of the other kinds", arguments: ["zstd", "xz", "bzip2", "lz4", "lzip"])
  func damagedOthers(_ name: String) throws {
    let whole = [
      "zstd": ShardSamples.zstd, "xz": ShardSamples.xz, "bzip2": ShardSamples.bzip2, "lz4": ShardSamples.lz4,
      "lzip": ShardSamples.lzip,
    ][name]!
    try expectFailure(Array(whole.dropLast(30)), "the \(name) data are damaged or end too early")
    var bytes = whole
    for place in 10..<30 { bytes[place] ^= 0x55 }
    try expectFailure(bytes)
  }

  @Test("What is no tar file, and no file")
  func noTar() throws {
    try expectFailure([], "is no tar file: it is empty")
    try expectFailure(Array("hello world".utf8), "it starts with 68 65 6c 6c, expected a header of 512 bytes")
    try expectFailure(gzip(IDX.patterned), "it, unpacked by gzip, starts with 00 00 08 03")
    let missing = #expect(throws: DatasetError.self) { try TarShard(folder.path("nowhere.tar")) }
    #expect(missing?.kind == .missing && missing?.message == "cannot be read: No such file or directory")
    let isFolder = #expect(throws: DatasetError.self) { try TarShard(folder.url.path) }
    #expect(isFolder?.message == "expected a tar file, found a folder or something else")
  }

  @Test("Lying sizes and bombs")
  func bombs() throws {
    var liar = TarFile()
    liar.add("a.pgm", smallPicture("abcd"), size: 1 << 32)
    let path = try folder.put(liar.ended, "shard.tar")
    let error = #expect(throws: DatasetError.self) {
      try TarShard(path).forEachPicture(labelled: false) { _, _, _, _ in }
    }
    #expect(
      error?.message
        == "in member 1, 'a.pgm': is 4294967296 bytes long; expected at most 1073741824 bytes in one picture")
    liar = TarFile()
    liar.add("a.pgm", smallPicture("abcd"), size: 1 << 29)
    try expectFailure(liar.ended, "in member 1, 'a.pgm'")
    try expectFailure(gzip(liar.ended), "in member 1, 'a.pgm'")
    try expectFailure(
      ShardSamples.sparse,
      "in member 1, 'big.pgm': is stored with its holes left out; pack the tar file again")
  }

  @Test("A file of 40 KB that unpacks to 1.3 GB")
  func giant() throws {
    // A frame of zstd whose blocks are runs of 128 KiB.
    var frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x58]
    for block in 0..<10000 {
      let header: Int = (1 << 20) + 2 + (block == 9999 ? 1 : 0)
      frame += [UInt8(header & 255), 0, UInt8(header >> 16), 0]
    }
    try expectFailure(
      frame, "unpacks to more than 1117748424 bytes from 40006, which no tar file of pictures does")
  }

  @Test("Labels that are none")
  func labels() throws {
    func tar(_ label: [UInt8]) -> [UInt8] { TarFile(("x.pgm", smallPicture("abcd")), ("x.cls", label)).ended }
    try expectFailure(
      tar(Array(" \n".utf8)), "in member 2, 'x.cls': expected a label, found nothing but spaces")
    try expectFailure(tar([UInt8](repeating: 0x61, count: 5000)), "a label of at most 4096 bytes, found 5000")
    try expectFailure(
      TarFile(("x.cls", [0x31]), ("x.pgm", smallPicture("abcd")), ("x.cls", [0x32])).ended,
      "in member 3, 'x.cls': is the label '2', but another member of that name is '1'; give every picture one label"
    )
  }

  @Test("An error of the caller ends the pass")
  func callers() throws {
    let shard = try TarShard(folder.put(tar.ended, "shard.tar"))
    let stop = #expect(throws: DatasetError.self) {
      try shard.forEachPicture { _, name, _, _ throws(DatasetError) in
        _ = try TarShard("/nowhere/\(name)")
      }
    }
    #expect(stop?.file == "/nowhere/a.pgm")
  }

  @Test("Random changes: an error that names the file, or pictures", arguments: 0..<10)
  func mutations(_ kind: Int) throws {
    var odd = tar
    odd.add("link", type: "2", link: "x")
    odd.add("", Array("22 path=../longer.pgm\n".utf8), type: "x")
    odd.add("c.pgm", smallPicture("ijkl"))
    odd.add("", Array("very/long/name.pgm\u{0}".utf8), type: "L")
    odd.add("d.pgm", smallPicture("mnop"))
    let originals = [
      odd.ended, gzip(odd.ended), ShardSamples.zstd, ShardSamples.xz, ShardSamples.bzip2, ShardSamples.lz4,
      ShardSamples.lzip, try unpacked(ShardSamples.pax), try unpacked(ShardSamples.gnu),
      try unpacked(ShardSamples.sparse),
    ]
    var random = SplitMix(state: UInt64(kind))
    for round in 0..<300 {
      let path = try folder.put(mutated(originals[kind], &random), "shard.tar")
      do {
        _ = try ShardPass(path)
      } catch {
        #expect(
          error.file == path && !error.message.isEmpty && error.kind == .malformed, "round \(round): \(error)"
        )
      }
    }
  }

  /// The bytes of a gzip file.
  private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
    let path = try folder.put(bytes, "packed")
    let run = try ProcessRunner.run("/bin/sh", ["-c", "gzip -dc '\(path)' > '\(path).tar'"])
    #expect(run.exitCode == 0, "\(run)")
    return try Array(Data(contentsOf: URL(fileURLWithPath: path + ".tar")))
  }
}
