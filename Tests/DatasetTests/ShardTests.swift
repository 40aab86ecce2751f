import Dataset
import Foundation
import Support
import Testing

/// What a pass over the pictures of a shard gave.
struct ShardPass: Equatable {
  var numbers: [Int] = []
  var names: [String] = []
  /// Without the header of `smallPicture`.
  var pixels: [String] = []
  var labels: [String?] = []
  var leftOut: [String: Int] = [:]

  init(_ path: String, wanting: (Int) -> Bool = { _ in true }) throws(DatasetError) {
    var pass = ShardPass()
    let leftOut = try TarShard(path).forEachPicture(wanting: wanting) { number, name, data, label in
      pass.numbers.append(number)
      pass.names.append(name)
      pass.pixels.append(String(decoding: data.dropFirst(11), as: UTF8.self))
      pass.labels.append(label)
    }
    pass.leftOut = leftOut
    self = pass
  }

  private init() {}
}

@Suite struct ShardTests: ~Copyable {
  private let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory() }

  @Test("A label may stand before its picture, after it, or far from it; text, or a number with a line end")
  func labels() throws {
    let tar = TarFile(
      ("b/1.pgm", smallPicture("efgh")), ("a/1.cls", Array("cat".utf8)), ("a/1.pgm", smallPicture("abcd")),
      ("b/1.cls", Array(" 12\n".utf8)), ("b/2.left.pgm", smallPicture("ijkl")),
      ("b/1.json", Array("{}".utf8)),
      ("b/2.right.pgm", smallPicture("mnop")), ("c.x/3.pgm", smallPicture("qrst")), ("b/2.cls", [0x38]),
      ("b/1.txt", Array("P5 is no picture here".utf8)))
    let pass = try ShardPass(folder.put(tar.ended, "shard.tar"))
    #expect(pass.numbers == [0, 1, 2, 3, 4])
    #expect(pass.names == ["b/1.pgm", "a/1.pgm", "b/2.left.pgm", "b/2.right.pgm", "c.x/3.pgm"])
    #expect(pass.pixels == ["efgh", "abcd", "ijkl", "mnop", "qrst"])
    #expect(pass.labels == ["12", "cat", "8", "8", nil])
    #expect(pass.leftOut == [:])
  }

  @Test(
    "Packed files",
    arguments: [
      ShardSamples.gzip, ShardSamples.zstd, ShardSamples.xz, ShardSamples.bzip2, ShardSamples.lz4,
      ShardSamples.lzip,
    ])
  func packed(_ bytes: [UInt8]) throws {
    let path = try folder.put(bytes, "by content, not by name")
    let pass = try ShardPass(path)
    #expect(pass.names == ["a.pgm"] && pass.pixels == ["abcd"] && pass.labels == ["7"])
    #expect(try TarShard.isTar(path))
  }

  @Test("Long names and names of any bytes", arguments: [ShardSamples.pax, ShardSamples.gnu])
  func names(_ bytes: [UInt8]) throws {
    let pass = try ShardPass(folder.put(bytes, "shard.tar.gz"))
    #expect(pass.names[0].utf8.elementsEqual("grün/ü.pgm".utf8))
    #expect(pass.names[1] == String(repeating: "x", count: 150) + ".pgm")
    #expect(pass.names[2].hasPrefix("bad") && pass.names[2].hasSuffix(".pgm"))
    #expect(pass.pixels == ["abcd", "efgh", "ijkl"] && pass.labels == ["süß", nil, nil])
  }

  @Test("Only what is wanted is visited, under the same numbers", arguments: [false, true])
  func wanted(_ isPacked: Bool) throws {
    var tar = TarFile()
    for number in 0..<50 {
      tar.add("\(number).pgm", smallPicture("\(1000 + number)") + randomBytes(3 * number * number, seed: 1))
      if number % 3 == 0 { tar.add("\(number).cls", Array("\(number % 7)".utf8)) }
    }
    let path = try folder.put(isPacked ? gzip(tar.ended) : tar.ended, "shard")
    let some = try ShardPass(path) { $0 % 10 == 3 }
    #expect(some.numbers == [3, 13, 23, 33, 43] && some.names == some.numbers.map { "\($0).pgm" })
    #expect(some.pixels.map { $0.prefix(4) } == some.numbers.map { "\(1000 + $0)" })
    #expect(some.labels == ["3", nil, nil, "5", nil])
  }

  @Test("Tar files that were joined are read to the end")
  func joined() throws {
    let (first, second) = (TarFile(("a.pgm", smallPicture("abcd"))), TarFile(("b.pgm", smallPicture("efgh"))))
    let pass = try ShardPass(folder.put(first.ended + second.ended, "shard.tar"))
    #expect(pass.pixels == ["abcd", "efgh"] && pass.numbers == [0, 1])
  }

  @Test("Names that lead out of a folder are only text; links and devices are counted")
  func outside() throws {
    var tar = TarFile(("../../up.pgm", smallPicture("abcd")), ("/abs.pgm", smallPicture("efgh")))
    tar.add("link.pgm", type: "2", link: "/etc/passwd")
    tar.add("hard.pgm", type: "1", link: "../../up.pgm")
    tar.add("device", type: "3")
    tar.add("pipe", type: "6")
    tar.add("folder.pgm/", type: "5")
    let pass = try ShardPass(folder.put(tar.ended, "in/here/shard.tar"))
    #expect(pass.names == ["../../up.pgm", "/abs.pgm"])
    #expect(pass.leftOut == ["links": 2, "devices": 2])
    #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.url.path).count == 3)
  }

  @Test("Other kinds are counted; what is hidden is not; a damaged picture counts by its name")
  func others() throws {
    let tar = TarFile(
      ("clip.MP4", [1]), ("two.mp4", [2]), ("notes", [3]), ("./.hidden.pgm", smallPicture("aaaa")),
      ("@eaDir/x.pgm", smallPicture("bbbb")), ("__MACOSX/._x.jpg", [0, 5, 22, 7]),
      ("./picture", smallPicture("abcd")),
      ("page.jpg", Array("<html>".utf8)), ("empty.png", []), ("../x.npy", [0x93]))
    let pass = try ShardPass(folder.put(tar.ended, "shard.tar"))
    #expect(pass.names == ["./picture", "page.jpg", "empty.png"])
    #expect(pass.leftOut == ["mp4": 2, "files without a suffix": 1, "npy": 1])
  }

  @Test(
    "Names say what is a picture just as in folders: all suffixes of still images, not those of other kinds")
  func kinds() throws {
    let tiff = StillSample.tiffColours[0].file
    let tar = TarFile(
      ("a.dib", smallPicture("aaaa")), ("b.pfm", smallPicture("bbbb")), ("raw.nef", tiff), ("scan.lsm", tiff),
      ("Thumbs.db", tiff), ("#recycle/x.png", smallPicture("cccc")), ("lost+found/y.png", []),
      ("@eaDir", smallPicture("dddd")))
    let pass = try ShardPass(folder.put(tar.ended, "shard.tar"))
    #expect(pass.names == ["a.dib", "b.pfm", "scan.lsm", "@eaDir"] && pass.leftOut == ["nef": 1])
  }

  @Test("Pictures of one name get different ones, the same in every pass")
  func repeated() throws {
    let tar = TarFile(
      ("a.pgm", smallPicture("aaaa")), ("a.cls", [0x37]), ("a.pgm", smallPicture("bbbb")),
      ("b.pgm#3", smallPicture("cccc")), ("b.pgm", smallPicture("dddd")), ("b.pgm", smallPicture("eeee")),
      ("b.pgm", smallPicture("ffff")), ("a.pgm", smallPicture("gggg")), ("a.pgm#2", smallPicture("hhhh")))
    let path = try folder.put(tar.ended, "shard.tar")
    let pass = try ShardPass(path)
    #expect(
      pass.names == [
        "a.pgm", "a.pgm#2", "b.pgm#3", "b.pgm", "b.pgm#2", "b.pgm#4", "a.pgm#3", "a.pgm#2#2",
      ])
    #expect(pass.labels == ["7", "7", nil, nil, nil, nil, "7", "7"])
    let some = try ShardPass(path) { $0 > 4 }
    #expect(some.names == Array(pass.names[5...]) && some.pixels == ["ffff", "gggg", "hhhh"])
  }

  @Test("No members, and what is no tar file")
  func isTar() throws {
    let empty = try folder.put([UInt8](repeating: 0, count: 10240), "empty.tar")
    #expect(try ShardPass(empty).numbers == [])
    #expect(try !TarShard.isTar(folder.put(gzip(IDX.patterned), "images.gz")))
    #expect(try !TarShard.isTar(folder.put([], "nothing")))
    #expect(try !TarShard.isTar(folder.put(randomBytes(4096, seed: 1), "noise")))
  }
}
