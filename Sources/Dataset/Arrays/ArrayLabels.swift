import Lanes

/// The labels of a file: a one-dimensional array of IDX, `.npy` or `.npz`, of integers or texts. One text per item.
package func readLabelArray(_ argument: String) throws(DatasetError) -> [String] {
  let (path, inner) = ArrayFile.split(argument)
  switch try ArrayFile.kind(path) {
  case .npy: return try NPYArray(path).labelTexts()
  case .npz:
    let file = try NPZFile(path)
    return try (inner == nil ? file.onlyLabels() : file.array(inner ?? "")).labelTexts()
  case .hdf5:
    guard let inner else {
      throw DatasetError(.mismatch, path, "is an HDF5 file; name the dataset of labels, as in \(path):/y")
    }
    return try HDF5File(path).dataset(inner).labelTexts()
  default:
    let file = try IDXFile(path, dimensions: [1], of: "labels")
    return try file.array.labelTexts(.numbers(file.element))
  }
}

extension NPYArray {
  /// One text per item of a one-dimensional array.
  func labelTexts() throws(DatasetError) -> [String] { try array.labelTexts(content) }
}

extension RawArray {
  /// One text per item of a one-dimensional array, or of a column.
  func labelTexts(_ content: NPYHeader.Content) throws(DatasetError) -> [String] {
    try ArrayLabels.check(sizes, name)
    var texts: [String] = []
    MemoryShortage.require(count, of: String.self, for: "labels")
    try read(0..<count) { _, items throws(DatasetError) in
      try ArrayLabels.append(items, content, to: &texts, name)
    }
    return texts
  }
}

/// Labels as texts.
enum ArrayLabels {
  /// Checks that an array of `sizes` has one label per item.
  static func check(_ sizes: [Int], _ name: String) throws(DatasetError) {
    guard sizes.dropFirst().allSatisfy({ $0 == 1 }) else {
      throw DatasetError(
        .mismatch, name,
        "expected labels, an array of one dimension, found \(sizes); "
          + "of one column per class, save x.argmax(1)")
    }
  }

  /// Appends the texts of `items` to `texts`.
  static func append(
    _ items: UnsafeRawBufferPointer, _ content: NPYHeader.Content, to texts: inout [String], _ name: String
  ) throws(DatasetError) {
    let bytes = content.itemBytes
    for place in stride(from: 0, to: items.count, by: bytes) {
      guard let text = text(UnsafeRawBufferPointer(rebasing: items[place..<(place + bytes)]), content) else {
        throw DatasetError(
          .malformed, name,
          "expected labels, integers or texts, but item \(texts.count) is not a whole number; save x.astype(int)"
        )
      }
      texts.append(text)
    }
  }

  /// The text of one item; nil where it is a number with a fraction.
  private static func text(_ item: UnsafeRawBufferPointer, _ content: NPYHeader.Content) -> String? {
    switch content {
    case .numbers(let element): return text(item, element)
    case .bytes: return String(decoding: trimmed(item), as: UTF8.self)
    case .characters(_, let isBigEndian):
      var scalars = String.UnicodeScalarView()
      for place in stride(from: 0, to: item.count, by: 4) {
        let value = item.loadUnaligned(fromByteOffset: place, as: UInt32.self)
        scalars.append(Unicode.Scalar(isBigEndian ? value.bigEndian : value) ?? "\u{fffd}")
      }
      while scalars.last == "\0" { scalars.removeLast() }
      return String(scalars)
    }
  }

  private static func trimmed(_ item: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer.SubSequence {
    var end = item.count
    while end > 0 && item[end - 1] == 0 { end -= 1 }
    return item[..<end]
  }

  private static func text(_ item: UnsafeRawBufferPointer, _ element: ArrayElement) -> String? {
    func load<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type) -> Number {
      let value = item.loadUnaligned(as: Number.self)
      return element.isBigEndian ? value.bigEndian : value
    }
    func whole(_ value: Double) -> String? { Int(exactly: value).map(String.init) }
    switch element.samples {
    case .bool: return item[0] == 0 ? "False" : "True"
    case .uint8: return String(load(UInt8.self))
    case .int8: return String(load(Int8.self))
    case .uint16: return String(load(UInt16.self))
    case .int16: return String(load(Int16.self))
    case .uint32: return String(load(UInt32.self))
    case .int32: return String(load(Int32.self))
    case .uint64: return String(load(UInt64.self))
    case .int64: return String(load(Int64.self))
    case .float16: return whole(Double(Float16(bitPattern: load(UInt16.self))))
    case .float32: return whole(Double(Float(bitPattern: load(UInt32.self))))
    case .float64: return whole(Double(bitPattern: load(UInt64.self)))
    }
  }
}
