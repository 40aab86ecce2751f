/// Where every parameter lies in the flat arena that parameters, gradients and moments share.
///
/// The order is decoder, encoder, centres: stage I (auto-encoder) trains the first two, stage II (clustering) the
/// last two, and both are one contiguous range. Every entry starts at a multiple of 16 floats.
package struct ParameterLayout: Equatable, Sendable {
  /// One named parameter.
  package struct Entry: Equatable, Sendable {
    /// PyTorch's name, such as `encoder.conv1.bn.weight`.
    package let name: String
    /// PyTorch's shape.
    package let shape: [Int]
    /// The first float in the arena.
    package let offset: Int

    /// Floats.
    package var count: Int { shape.reduce(1, *) }
    /// The floats in the arena.
    package var range: Range<Int> { offset..<(offset + count) }
  }

  /// All parameters, in the order of the arena.
  package let entries: [Entry]
  /// Decoder and encoder.
  package let autoEncoder: Range<Int>
  /// Encoder and centres.
  package let clustering: Range<Int>
  /// Floats of the arena.
  package let count: Int

  /// Lays out the parameters of `blocks` and `clusters` centres of `features` numbers each.
  init(decoder: [(String, [Int])], encoder: [(String, [Int])], clusters: Int, features: Int) {
    var entries: [Entry] = []
    var offset = 0
    func add(_ name: String, _ shape: [Int]) {
      entries.append(Entry(name: name, shape: shape, offset: offset))
      offset += (shape.reduce(1, *) + 15) / 16 * 16
    }
    for (name, shape) in decoder { add(name, shape) }
    let encoderStart = offset
    for (name, shape) in encoder { add(name, shape) }
    autoEncoder = 0..<offset
    add("centres", [clusters, features])
    clustering = encoderStart..<offset
    count = offset
    self.entries = entries
  }

  /// The entry called `name`.
  package subscript(_ name: String) -> Entry {
    guard let entry = entries.first(where: { $0.name == name }) else {
      preconditionFailure("no parameter \(name)")
    }
    return entry
  }

  /// The number of trained parameters of the auto-encoder, gaps not counted.
  package var autoEncoderParameters: Int {
    entries.filter { $0.name != "centres" }.reduce(0) { $0 + $1.count }
  }
}
