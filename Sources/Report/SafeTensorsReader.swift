import FoundationEssentials

extension SafeTensors {
  /// Reads the file, checking everything that its header claims.
  ///
  /// - Parameters:
  ///   - wanted: the tensors to read, of type F32; nil reads all but PyTorch's counters of batches. The others may
  ///     be of any type and are left out; that the file lacks a wanted one is no error here.
  ///   - advice: what to do where the file is damaged
  /// - Throws: `ReportError` of kind `unreadable` or `malformed`.
  package static func read(
    _ path: String, wanted: Set<String>? = nil, advice: String = "save the model again or name another"
  ) throws(ReportError) -> SafeTensors {
    let data = try InputFile.map(path, expected: "a safetensors file")
    return try SafeTensorsReader(path: path, data: data, wanted: wanted, advice: advice).contents()
  }
}

/// Takes one file apart.
private struct SafeTensorsReader {
  let path: String
  let data: Data
  let wanted: Set<String>?
  let advice: String

  /// The longest header that is read, 100 MB as in the reference implementation.
  private static let longestHeader = 100_000_000
  private static let bytesOfType = [
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
  ]

  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  private enum Member: Decodable {
    case entry(Entry)
    case metadata([String: String])
    case invalid

    init(from decoder: any Decoder) throws {
      let isMetadata = decoder.codingPath.last?.stringValue == SafeTensors.metadataKey
      if isMetadata, let texts = try? [String: String](from: decoder) {
        self = .metadata(texts)
      } else if !isMetadata, let entry = try? Entry(from: decoder), entry.data_offsets.count == 2 {
        self = .entry(entry)
      } else {
        self = .invalid
      }
    }
  }

  func contents() throws(ReportError) -> SafeTensors {
    let start = try dataStart()
    guard data[8] == UInt8(ascii: "{"),
      let members = try? JSONDecoder().decode([String: Member].self, from: data[8..<start])
    else { throw fail("expected a JSON object as its header, found something else") }
    var metadata: [String: String] = [:]
    var entries: [(name: String, entry: Entry)] = []
    // In the order of names, so that of two errors the same one is always reported.
    for (name, member) in members.sorted(by: { $0.key < $1.key }) {
      switch member {
      case .metadata(let texts): metadata = texts
      case .entry(let entry):
        try check(name, entry, dataBytes: data.count - start)
        entries.append((name, entry))
      case .invalid where name == SafeTensors.metadataKey:
        throw fail("expected texts as its metadata, found something else")
      case .invalid:
        throw fail("expected dtype, shape and two data_offsets of tensor \(name), found something else")
      }
    }
    entries.sort { ($0.entry.data_offsets, $0.name) < ($1.entry.data_offsets, $1.name) }
    try checkCover(entries, dataBytes: data.count - start)
    let tensors = entries.filter { isWanted($0.name) }.map { name, entry in
      SafeTensors.Tensor(name: name, shape: entry.shape, values: values(entry, start))
    }
    return SafeTensors(tensors: tensors, metadata: metadata)
  }

  /// Where the tensors' data begin.
  private func dataStart() throws(ReportError) -> Int {
    guard data.count > 8 else {
      throw fail("expected 8 bytes of header length and a header, found \(data.count) bytes in all")
    }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= Self.longestHeader else {
      throw fail("expected a header of at most \(Self.longestHeader) bytes, found the length \(length)")
    }
    guard length > 0, length <= data.count - 8 else {
      throw fail("expected a header of \(length) bytes, found \(data.count - 8) bytes behind the length")
    }
    return 8 + Int(length)
  }

  private func isWanted(_ name: String) -> Bool {
    wanted?.contains(name) ?? !name.hasSuffix(".num_batches_tracked")
  }

  /// Type, shape and range of one tensor must agree.
  private func check(_ name: String, _ entry: Entry, dataBytes: Int) throws(ReportError) {
    guard entry.dtype == "F32" || !isWanted(name) else {
      throw fail("expected F32 as the type of tensor \(name), found \(entry.dtype)")
    }
    let (begin, end) = (entry.data_offsets[0], entry.data_offsets[1])
    guard begin >= 0, begin <= end, end <= dataBytes else {
      throw fail(
        "expected tensor \(name) within \(dataBytes) bytes of data, found the range \(begin)..<\(end)")
    }
    // Of a type that is not known and not wanted, the size of an element does not matter.
    guard var bytes = Self.bytesOfType[entry.dtype] else { return }
    for size in entry.shape {
      // Beside a size of 0 the others must still have a product.
      let (product, overflow) = bytes.multipliedReportingOverflow(by: size == 0 ? 1 : size)
      guard size >= 0, !overflow else {
        throw fail(
          "expected sizes of tensor \(name) whose product is a number of bytes, found \(entry.shape)")
      }
      bytes = product
    }
    if entry.shape.contains(0) { bytes = 0 }
    guard bytes == end - begin else {
      throw fail("expected \(bytes) bytes for tensor \(name) of shape \(entry.shape), found \(end - begin)")
    }
  }

  /// The tensors must fill the data without gaps and without sharing bytes.
  private func checkCover(_ entries: [(name: String, entry: Entry)], dataBytes: Int) throws(ReportError) {
    var end = 0
    for (name, entry) in entries {
      guard entry.data_offsets[0] == end else {
        throw fail(
          "expected the data of tensor \(name) at byte \(end), found them at \(entry.data_offsets[0])")
      }
      end = entry.data_offsets[1]
    }
    guard end == dataBytes else { throw fail("expected \(end) bytes of data, found \(dataBytes)") }
  }

  private func values(_ entry: Entry, _ start: Int) -> [Float] {
    let bytes = data[(start + entry.data_offsets[0])..<(start + entry.data_offsets[1])]
    return [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, filled in
      bytes.copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
      filled = bytes.count / 4
    }
  }

  private func fail(_ text: String) -> ReportError {
    ReportError(
      .malformed, path,
      "not a safetensors file that can be used: \(text); \(advice)")
  }
}

/// Ordered by begin, then end.
private func < (left: ([Int], String), right: ([Int], String)) -> Bool {
  if left.0 != right.0 { return left.0.lexicographicallyPrecedes(right.0) }
  return left.1 < right.1
}
