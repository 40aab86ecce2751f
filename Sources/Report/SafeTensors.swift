import Foundation

/// Named float32 tensors in one file, in the safetensors format: an 8-byte length, a JSON header, the data.
package struct SafeTensors: Sendable {
  /// One tensor, row-major.
  package struct Tensor: Equatable, Sendable {
    package let name: String
    package let shape: [Int]
    package let values: [Float]

    package init(name: String, shape: [Int], values: [Float]) {
      precondition(values.count == shape.reduce(1, *))
      (self.name, self.shape, self.values) = (name, shape, values)
    }
  }

  package var tensors: [Tensor]
  package var metadata: [String: String]

  package init(tensors: [Tensor], metadata: [String: String]) {
    (self.tensors, self.metadata) = (tensors, metadata)
  }

  /// The tensor called `name`.
  package subscript(_ name: String) -> Tensor? { tensors.first { $0.name == name } }

  /// The longest header that is read, 100 MB as in the reference implementation.
  private static let longestHeader = 100_000_000

  /// Writes the file; equal contents give equal bytes.
  package func write(to path: String) throws(ReportError) {
    var header = JSONLine()
    if !metadata.isEmpty {
      var object = JSONLine()
      for key in metadata.keys.sorted() { object.add(key, metadata[key]!) }
      header.add("__metadata__", object)
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
    var text = header.text
    text += String(repeating: " ", count: (8 - text.utf8.count % 8) % 8)
    var file = try AtomicFile(path)
    let length = UInt64(text.utf8.count)
    try file.write((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
    try file.write(text)
    for tensor in tensors { try file.write(tensor.values) }
    try file.finish()
  }

  /// Reads the file, checking everything that its header claims.
  package static func read(_ path: String) throws(ReportError) -> SafeTensors {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ReportError(
        .unreadable, path,
        "cannot be read: \(FileManager.default.fileExists(atPath: path) ? "no permission, or a directory" : "no such file")"
      )
    }
    func fail(_ text: String) -> ReportError {
      ReportError(.malformed, path, "not a safetensors file: \(text)")
    }
    guard data.count >= 8 else {
      throw fail("expected 8 bytes of header length, found \(data.count) bytes in all")
    }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(min(longestHeader, data.count - 8)) else {
      throw fail("its header claims \(length) bytes, the file has \(data.count - 8) behind the length")
    }
    let start = 8 + Int(length)
    let json = try? JSONSerialization.jsonObject(with: data[8..<start])
    guard let object = json as? [String: Any] else { throw fail("its header is not a JSON object") }
    var metadata: [String: String] = [:]
    var found: [(offset: Int, tensor: Tensor)] = []
    for (name, value) in object {
      if name == "__metadata__" {
        guard let texts = value as? [String: String] else { throw fail("its metadata are not texts") }
        metadata = texts
        continue
      }
      guard let entry = value as? [String: Any], let type = entry["dtype"] as? String,
        let shape = entry["shape"] as? [Int], let range = entry["data_offsets"] as? [Int], range.count == 2
      else { throw fail("tensor \(name) lacks dtype, shape or data_offsets") }
      guard type == "F32" else { throw fail("tensor \(name) is of type \(type), expected F32") }
      guard range[0] >= 0, range[0] <= range[1], range[1] <= data.count - start else {
        throw fail("tensor \(name) claims the bytes \(range[0])..<\(range[1]) of \(data.count - start)")
      }
      var count = 1
      for size in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: size)
        guard size >= 0, !overflow else { throw fail("tensor \(name) has the shape \(shape)") }
        count = product
      }
      guard count.multipliedReportingOverflow(by: 4) == (range[1] - range[0], false) else {
        throw fail("tensor \(name) of shape \(shape) has \(range[1] - range[0]) bytes")
      }
      let bytes = data[(start + range[0])..<(start + range[1])]
      let values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
        bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
        filled = count
      }
      found.append((range[0], Tensor(name: name, shape: shape, values: values)))
    }
    found.sort { ($0.offset, $0.tensor.name) < ($1.offset, $1.tensor.name) }
    var end = 0
    for (offset, tensor) in found {
      guard offset == end else { throw fail("tensor \(tensor.name) starts at \(offset), expected \(end)") }
      end += 4 * tensor.values.count
    }
    guard end == data.count - start else {
      throw fail("\(data.count - start - end) bytes belong to no tensor")
    }
    return SafeTensors(tensors: found.map(\.tensor), metadata: metadata)
  }
}
