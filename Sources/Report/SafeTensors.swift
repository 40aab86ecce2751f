/// Named float32 tensors in one file, in the safetensors format: an 8-byte length, a JSON header, the data.
package struct SafeTensors: Sendable {
  /// One tensor, row-major.
  package struct Tensor: Equatable, Sendable {
    /// The name, unique in its file.
    package let name: String
    /// The sizes, outermost first; empty for a single number.
    package let shape: [Int]
    /// The elements, as many as the product of the sizes.
    package let values: [Float]

    /// A tensor of `values`.
    package init(name: String, shape: [Int], values: [Float]) {
      precondition(values.count == shape.reduce(1, *), "a tensor has as many values as its shape says")
      (self.name, self.shape, self.values) = (name, shape, values)
    }
  }

  /// The tensors in the order of their data.
  package var tensors: [Tensor]
  /// Texts about the whole file.
  package var metadata: [String: String]

  static let metadataKey = "__metadata__"

  /// The contents of a file.
  package init(tensors: [Tensor], metadata: [String: String]) {
    (self.tensors, self.metadata) = (tensors, metadata)
  }

  /// The tensor called `name`.
  package subscript(_ name: String) -> Tensor? { tensors.first { $0.name == name } }

  /// The sum of all values in their order.
  package var sum: FileSum {
    var sum = FileSum()
    for tensor in tensors { tensor.values.withUnsafeBytes { sum.add($0) } }
    return sum
  }

  /// Writes the file, and says what it came to; equal contents give equal bytes.
  @discardableResult
  package func write(
    to path: String, _ operations: FileOperations = .results
  ) throws(ReportError) -> FileSum {
    precondition(Set(tensors.map(\.name) + [Self.metadataKey]).count == tensors.count + 1, "names are unique")
    var text = header.text
    // Spaces bring the data to a multiple of 8 bytes.
    text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    var file = try AtomicFile(path, operations)
    let length = UInt64(text.utf8.count)
    let head = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + text.utf8
    var sum = FileSum()
    head.withUnsafeBytes { sum.add($0) }
    try file.write(head)
    for tensor in tensors {
      tensor.values.withUnsafeBytes { sum.add($0) }
      try file.write(tensor.values)
    }
    try file.finish()
    return sum
  }

  private var header: JSONLine {
    var header = JSONLine()
    if !metadata.isEmpty {
      var object = JSONLine()
      for (key, text) in metadata.sorted(by: { $0.key < $1.key }) { object.add(key, text) }
      header.add(Self.metadataKey, object)
    }
    var offset = 0
    for tensor in tensors {
      var entry = JSONLine()
      entry.add("dtype", "F32")
      entry.add("shape", tensor.shape)
      entry.add("data_offsets", [offset, offset + 4 * tensor.values.count])
      header.add(tensor.name, entry)
      offset += 4 * tensor.values.count
    }
    return header
  }
}
