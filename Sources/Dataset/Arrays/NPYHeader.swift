/// What the header of a `.npy` file says: NumPy's format, versions 1 to 3.
struct NPYHeader {
  /// The numbers, or characters of texts.
  enum Content {
    case numbers(ArrayElement)
    /// Texts of that many bytes, ended by zeros.
    case bytes(Int)
    /// Texts of that many characters of four bytes, ended by zeros.
    case characters(Int, isBigEndian: Bool)

    /// Bytes of one number or text.
    var itemBytes: Int {
      switch self {
      case .numbers(let element): element.byteCount
      case .bytes(let count): count
      case .characters(let count, _): 4 * count
      }
    }
  }

  let content: Content
  let sizes: [Int]
  let isFortran: Bool
  /// Bytes before the numbers.
  let byteCount: Int

  /// The first six bytes of every such file.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// The longest header that is read. What NumPy writes of plain numbers has 118 bytes.
  private static let longest = 1 << 16

  /// Reads the header from the start of `source`.
  ///
  /// - Parameter name: the file, for messages
  init(_ source: some ByteSource, name: String) throws(DatasetError) {
    let start = try source.read(8)
    guard start.count == 8, start.starts(with: Self.magic) else {
      throw DatasetError(
        .malformed, name,
        "is not a .npy file: expected the bytes \(ByteStream.hex(Self.magic)), found "
          + (start.count < 8 ? "\(start.count) bytes in all" : ByteStream.hex(start.prefix(6))))
    }
    guard (1...3).contains(start[6]) else {
      throw DatasetError(
        .malformed, name,
        "has version \(start[6]) of the .npy format, expected 1 to 3; numpy.save writes those")
    }
    let lengthBytes = start[6] == 1 ? 2 : 4
    let digits = try source.read(lengthBytes)
    let length = digits.count == lengthBytes ? Int(digits.number(0, lengthBytes)) : 0
    guard digits.count == lengthBytes, length <= Self.longest else {
      throw DatasetError(
        .malformed, name,
        digits.count == lengthBytes
          ? "has a header of \(length) bytes, expected at most \(Self.longest)"
          : "ends inside its header: the file is truncated; fetch it again")
    }
    let text = try source.read(length)
    guard text.count == length else {
      throw DatasetError(.malformed, name, "ends inside its header: the file is truncated; fetch it again")
    }
    byteCount = 8 + lengthBytes + length
    (content, sizes, isFortran) = try Self.parse(text, name)
  }

  private static func parse(_ text: [UInt8], _ name: String) throws(DatasetError) -> (Content, [Int], Bool) {
    guard case .dictionary(let values)? = PythonLiteral(text), let type = values["descr"],
      case .bool(let isFortran)? = values["fortran_order"], case .list(let shape)? = values["shape"]
    else {
      let shown = String(decoding: text.prefix(120), as: UTF8.self).filter { !$0.isNewline }
      throw DatasetError(
        .malformed, name,
        "has a damaged header: expected descr, fortran_order and shape, found \(shown)")
    }
    var sizes: [Int] = []
    for size in shape {
      guard case .number(let number) = size, number >= 0 else {
        throw DatasetError(.malformed, name, "has a damaged header: its shape has sizes that are no numbers")
      }
      sizes.append(number)
    }
    guard case .text(let code) = type else {
      throw DatasetError(
        .malformed, name,
        "holds records of several fields (a structured dtype), expected numbers; save the field of the images alone"
      )
    }
    return (try content(code, name), sizes, isFortran)
  }

  private static func content(_ code: String, _ name: String) throws(DatasetError) -> Content {
    let order = code.first.flatMap { "<>|=".contains($0) ? $0 : nil }
    let kind = order == nil ? code : String(code.dropFirst())
    let isBigEndian = order == ">"
    let types: [String: SampleType] = [
      "b1": .bool, "?": .bool, "u1": .uint8, "i1": .int8, "u2": .uint16, "i2": .int16, "u4": .uint32,
      "i4": .int32,
      "u8": .uint64, "i8": .int64, "f2": .float16, "f4": .float32, "f8": .float64,
    ]
    if let samples = types[kind] {
      return .numbers(ArrayElement(samples: samples, isBigEndian: isBigEndian))
    }
    // Lengths of texts are bounded so that no product overflows.
    if let length = Int(kind.dropFirst()), (0...1_000_000).contains(length) {
      if kind.first == "S" || kind.first == "a" { return .bytes(length) }
      if kind.first == "U" { return .characters(length, isBigEndian: isBigEndian) }
    }
    let names: [Character: String] = [
      "c": "complex numbers", "O": "Python objects", "V": "records or raw bytes", "M": "dates",
      "m": "time spans",
      "f": "long double numbers",
    ]
    let found = kind.first.flatMap { names[$0] } ?? "values of an unknown kind"
    throw DatasetError(
      .malformed, name,
      "holds \(found) (dtype \(code)), expected bool, integers or floating-point numbers of 1 to 8 bytes; "
        + (kind.first == "c"
          ? "save numpy.abs(x), or its real part"
          : "convert it, for instance by x.astype('float32'), and save it again"))
  }
}
