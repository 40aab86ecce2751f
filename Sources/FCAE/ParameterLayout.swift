/// Where every parameter lies in the flat arena that parameters, gradients and moments share.
///
/// The order is decoder, encoder: stage I trains both, stage II the encoder alone, or both where the reconstruction has a
/// part in its loss. Every entry starts at a multiple of 16 floats.
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
  /// The floats of the encoder's parameters, which are the last ones.
  package let encoder: Range<Int>
  /// Floats of the arena.
  package let count: Int

  /// Lays out the parameters of the decoder and of the encoder, each with name and shape.
  init(decoder: [(String, [Int])], encoder: [(String, [Int])]) {
    var entries: [Entry] = []
    var offset = 0
    func add(_ name: String, _ shape: [Int]) {
      entries.append(Entry(name: name, shape: shape, offset: offset))
      offset += (shape.reduce(1, *) + 15) / 16 * 16
    }
    for (name, shape) in decoder { add(name, shape) }
    let encoderStart = offset
    for (name, shape) in encoder { add(name, shape) }
    self.encoder = encoderStart..<offset
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

  /// The number of trained parameters, gaps not counted.
  package var parameterCount: Int { entries.reduce(0) { $0 + $1.count } }
}
