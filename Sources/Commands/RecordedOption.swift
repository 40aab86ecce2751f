import Training

extension JSONValue {
  /// The arguments that give option `name` this value, as config.json has it; none of a switch that is off.
  package func arguments(for name: String) -> [String] {
    switch self {
    case .truth(true): ["--\(name)"]
    case .integer(let number): ["--\(name)=\(number)"]
    case .number(let number): ["--\(name)=\(number)"]
    case .text(let text): ["--\(name)=\(text)"]
    case .list(let values): values.flatMap { $0.arguments(for: name) }
    case .truth(false), .null, .object: []
    }
  }
}
