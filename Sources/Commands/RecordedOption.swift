import Training

/// The options of a run that its config.json has, by what they are about.
package enum RecordedOption {
  /// Which its images are.
  package static let images = ["images", "layout", "skip_unreadable", "limit", "built_in_images"]
  /// What their classes are.
  package static let labels = ["labels", "label_pattern"]
  /// How its images became images of one size, and where they are kept decoded.
  package static let preparation = ["size", "fit", "colour", "background", "range", "cache"]
}

extension [String: JSONValue] {
  /// The arguments that give the options `keys` the values that config.json has; none for those that it has not.
  package func arguments(for keys: [String]) -> [String] {
    keys.flatMap { (self[$0] ?? .null).arguments(for: $0.replacing("_", with: "-")) }
  }
}

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
