import Foundation
import Report
import Support
import Testing

@Suite struct ArrayFileTests {
  @Test("The file of a 2 × 3 array is what NumPy writes, byte for byte")
  func bytes() throws {
    let folder = try TemporaryDirectory()
    let values: [Float] = [0, 1, -2, 0.5, .infinity, 3]
    try write(values, rows: 2, columns: 3, folder.path("a.npy"))
    var dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    dictionary += String(repeating: " ", count: 117 - dictionary.utf8.count) + "\n"
    var expected = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(dictionary.utf8))
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { expected.append(contentsOf: $0) }
    }
    #expect(expected.count == 128 + 24)
    #expect(try Data(contentsOf: URL(fileURLWithPath: folder.path("a.npy"))) == expected)
  }

  @Test(
    "Whatever the shape, the data begin at a multiple of 64 bytes and are all there",
    arguments: [(0, 5), (1, 1), (1_000_000, 1), (3, 100_000), (12_345, 67)])
  func shapes(_ rows: Int, _ columns: Int) throws {
    let folder = try TemporaryDirectory()
    let values = (0..<(rows * columns)).map { Float($0 % 1000) }
    try write(values, rows: rows, columns: columns, folder.path("a.npy"))
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.path("a.npy")))
    let start = 10 + Int(data[8]) + Int(data[9]) << 8
    #expect(start % 64 == 0 && data[start - 1] == UInt8(ascii: "\n"))
    #expect(String(decoding: data[10..<start], as: UTF8.self).contains("'shape': (\(rows), \(columns)), }"))
    #expect(data[start...] == values.withUnsafeBytes { Data($0) })
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["a.npy"])
  }

  private func write(_ values: [Float], rows: Int, columns: Int, _ path: String) throws {
    try values.withUnsafeBufferPointer { try NPY.write($0, rows: rows, columns: columns, to: path) }
  }
}
