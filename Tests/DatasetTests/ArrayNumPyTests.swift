import Dataset
import Foundation
import Support
import Testing

@Suite struct ArrayNumPyTests {
  /// 6 × 8 × 9 numbers that all types can hold, as they are read.
  private static let values = (0..<432).map { Float($0 * 37 % 120) }

  /// `value` as a number of a NumPy type, little-endian.
  private static func bytes(_ value: Float, _ type: String) -> [UInt8] {
    func bytes<Number>(_ number: Number) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }
    return switch type {
    case "b1": [value == 0 ? 0 : 1]
    case "u1": [UInt8(value)]
    case "i1": bytes(Int8(value))
    case "u2": bytes(UInt16(value))
    case "i2": bytes(Int16(value))
    case "u4": bytes(UInt32(value))
    case "i4": bytes(Int32(value))
    case "u8": bytes(UInt64(value))
    case "i8": bytes(Int64(value))
    case "f2": bytes(Float16(value))
    case "f4": bytes(value)
    default: bytes(Double(value))
    }
  }

  private static let kinds: [(String, SampleType)] = [
    ("b1", .bool), ("u1", .uint8), ("i1", .int8), ("u2", .uint16), ("i2", .int16), ("u4", .uint32),
    ("i4", .int32), ("u8", .uint64), ("i8", .int64), ("f2", .float16), ("f4", .float32), ("f8", .float64),
  ]

  @Test("Every type, byte order, order of indices and version", arguments: kinds)
  func types(_ type: String, _ samples: SampleType) throws {
    let folder = try TemporaryDirectory()
    let expected = type == "b1" ? Self.values.map { $0 == 0 ? 0 : 1 } : Self.values
    for order in ["<", ">", "|", "="] {
      for isFortran in [false, true] {
        var items: [UInt8] = []
        for place in 0..<432 {
          // The last index counts fastest, or the first one.
          let (a, b, c) =
            isFortran ? (place % 6, place / 6 % 8, place / 48) : (place / 72, place / 9 % 8, place % 9)
          let number = Self.bytes(Self.values[a * 72 + b * 9 + c], type)
          items += order == ">" ? number.reversed() : number
        }
        for version: UInt8 in 1...3 {
          let file = NPYSample.file(order + type, [6, 8, 9], items, fortran: isFortran, version: version)
          for (name, bytes) in [("a.npy", file), ("a.npy.gz", gzip(file))] {
            let path = try folder.put(bytes, name)
            #expect(ArrayFile.recognises(path))
            let set = try LoadedArray(path)
            #expect(set.sizes == [6, 8, 9, 1] && set.file.header.samples == samples)
            #expect(set.samples == expected, "\(order)\(type), Fortran \(isFortran), \(name)")
            #expect(set.file.remarks.isEmpty)
            #expect(try LoadedArray.samples(set.file, 1..<2) == Array(expected[72..<144]))
          }
        }
      }
    }
  }

  @Test("Large arrays are read in units and blocks, in both orders")
  func large() throws {
    let folder = try TemporaryDirectory()
    let count = 9001
    var items = [UInt8](repeating: 0, count: count * 640)
    for image in 0..<count {
      for place in 0..<640 {
        let value = UInt8(truncatingIfNeeded: image &* 31 &+ place &* 7)
        items[image * 640 + place] = value
      }
    }
    let plain = try ArrayFile(
      folder.put(NPYSample.file("|u1", [count, 32, 20], items), "a.npy"), layout: .auto)
    #expect(plain.unitSize == 4096)
    #expect(try LoadedArray.samples(plain, 5000..<9001) == items[(5000 * 640)...].map(Float.init))
    let fortran = NPYSample.file(
      "|u1", [count, 32, 20], Self.fortran(items, [count, 32, 20]), fortran: true)
    for (bytes, name) in [(fortran, "b.npy"), (gzip(fortran), "b.npy.gz")] {
      let file = try ArrayFile(folder.put(bytes, name), layout: .auto)
      for range in [0..<count, 5000..<9001, 17..<18] {
        let expected = items[(range.lowerBound * 640)..<(range.upperBound * 640)].map(Float.init)
        #expect(try LoadedArray.samples(file, range) == expected)
      }
    }
  }

  /// Bytes `[a][b][c]` with the first index fastest instead of the last.
  private static func fortran(_ items: [UInt8], _ sizes: [Int]) -> [UInt8] {
    var result = items
    for a in 0..<sizes[0] {
      for b in 0..<sizes[1] {
        for c in 0..<sizes[2] {
          result[a + sizes[0] * (b + sizes[1] * c)] = items[(a * sizes[1] + b) * sizes[2] + c]
        }
      }
    }
    return result
  }

  @Test(
    "Types that are no numbers are named",
    arguments: [
      ("<c8", "holds complex numbers (dtype <c8)", "numpy.abs(x)"),
      ("|O", "holds Python objects (dtype |O)", "astype"),
      ("|V8", "holds records or raw bytes", ""), ("<M8[ns]", "holds dates", ""),
      ("<f16", "holds long double numbers", ""),
      ("<q9", "values of an unknown kind", ""),
      ("<U3", "holds texts, expected the numbers of images", "--labels"),
    ])
  func refusedTypes(_ type: String, _ text: String, _ hint: String) throws {
    let folder = try TemporaryDirectory()
    let path = try folder.put(NPYSample.file(type, [1, 1, 1], [UInt8](repeating: 0, count: 12)), "a.npy")
    expectError(path, text, hint) { _ = try ArrayFile(path, layout: .auto) }
    let fields = NPYSample.raw(
      "{'descr': [('a', '<f4'), ('b', '|u1', (2,))], 'fortran_order': False, 'shape': (3,)}", [])
    expectError("holds records of several fields (a structured dtype)") {
      _ = try ArrayFile(folder.put(fields, "b.npy"), layout: .auto)
    }
  }

  @Test("Headers that are damaged, cut, or promise another length")
  func badHeaders() throws {
    let folder = try TemporaryDirectory()
    let good = NPYSample.file("|u1", [5, 8, 9], [UInt8](repeating: 1, count: 360))
    func expect(_ bytes: [UInt8], _ text: String) throws {
      let path = try folder.put(bytes, "a.npy")
      expectError(path, text) { _ = try ArrayFile(path, layout: .auto) }
    }
    try expect(Array(good.prefix(7)), "found 7 bytes in all")
    try expect(Array(good.prefix(9)), "ends inside its header")
    try expect(Array(good.prefix(30)), "ends inside its header")
    try expect(Array(good.dropLast()), "promises 5 × 8 × 9 = 360 bytes, the file holds 359; it is truncated")
    try expect(good + good, "followed by something else")
    try expect(
      Array(good.prefix(6)) + [4] + good.dropFirst(7), "has version 4 of the .npy format, expected 1 to 3")
    try expect(NPYSample.file("|u1", [Int.max, Int.max, 9], []), "impossible sizes")
    try expect(
      NPYSample.raw("{'descr': '|u1', 'shape': (1,2,3)}", []),
      "expected descr, fortran_order and shape, found")
    try expect(
      NPYSample.raw("{'descr': '|u1', 'fortran_order': False, 'shape': (1,-2,3)}", []),
      "sizes that are no numbers")
    try expect(NPYSample.raw(String(repeating: "(", count: 5000), []), "has a damaged header")
    try expect([0x93] + Array("NUMPY".utf8) + [2, 0, 255, 255, 255, 255], "has a header of 4294967295 bytes")
    let lie = gzip(NPYSample.file("<f8", [60_000, 1000, 1000], [1]))
    try expect(lie, "promises 480000000000 bytes, more than a gzip file of \(lie.count) bytes can hold")
    try expect(
      Array("text, and more".utf8), "expected IDX (plain or gzip), .npy, .npz or HDF5, found 74 65 78 74")
    // As Python 2 wrote it.
    let old = NPYSample.raw(
      "{'descr': '|u1', 'fortran_order': False, 'shape': (5L, 8L, 9L), }", Array(good.suffix(360)))
    #expect(try LoadedArray(folder.put(old, "old.npy")).sizes == [5, 8, 9, 1])
  }

  @Test("A file that is cut after it was looked at")
  func changed() throws {
    let folder = try TemporaryDirectory()
    for isFortran in [false, true] {
      let bytes = NPYSample.file("|u1", [5, 8, 9], [UInt8](repeating: 1, count: 360), fortran: isFortran)
      let path = try folder.put(bytes, "a.npy")
      let file = try ArrayFile(path, layout: .auto)
      try folder.put(Array(bytes.dropLast(80)), "a.npy")
      expectError(path, "its header promises 5 items of 72 bytes, the file ends after \(isFortran ? 0 : 3)") {
        _ = try LoadedArray.samples(file, 0..<5)
      }
      try folder.put(bytes + [1], "a.npy")
      expectError("holds more than the 5 items") { _ = try LoadedArray.samples(file, 0..<5) }
    }
  }
}
