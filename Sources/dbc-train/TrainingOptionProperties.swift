import ArgumentParser
import Training

/// What the command line says of a training option: a value, or nothing.
package struct Given<Value: OptionValue & ExpressibleByArgument>: ExpressibleByArgument, Sendable {
  /// The value; nil: the recipe's default.
  package let value: Value?
  /// The defaults, for `--help`.
  package let defaultValueDescription: String

  fileprivate init(default text: String) { (value, defaultValueDescription) = (nil, text) }

  /// Reads what stands behind the flag.
  package init?(argument: String) {
    guard let value = Value(argument: argument) else { return nil }
    self.value = value
    defaultValueDescription = ""
  }

  /// The values that there are, where they can be listed.
  package static var allValueStrings: [String] { Value.allValueStrings }
  /// How a shell completes a value.
  package static var defaultCompletionKind: CompletionKind { Value.defaultCompletionKind }
}

extension Option {
  /// An option that is as its row in `OptionTable` says.
  init<T>(_ keyPath: WritableKeyPath<TrainingOptions, T>, short: Character? = nil) where Value == Given<T> {
    self.init(OptionTable.row(keyPath), short: short)
  }

  /// A property for an option of the training that may be left out altogether.
  init<T>(_ keyPath: WritableKeyPath<TrainingOptions, T?>) where Value == Given<T> {
    self.init(OptionTable.row(keyPath), short: nil)
  }

  private init<T>(_ row: some AnyOptionRow, short: Character?) where Value == Given<T> {
    let names: NameSpecification =
      short.map { [.customShort($0), .customLong(row.name)] } ?? .customLong(row.name)
    self.init(wrappedValue: Given(default: row.defaultText), name: names, help: ArgumentHelp(row))
  }
}

extension Flag {
  /// A switch that is off unless it is given.
  init(_ keyPath: WritableKeyPath<TrainingOptions, Bool>) where Value == Bool {
    let row = OptionTable.row(keyPath)
    precondition(row.defaultText == "false", "\(row.flag) can only be switched on")
    self.init(wrappedValue: false, name: .customLong(row.name), help: ArgumentHelp(row))
  }

  /// A switch that can be given as `--name` and as `--no-name`.
  init(_ keyPath: WritableKeyPath<TrainingOptions, Bool>) where Value == Bool? {
    let row = OptionTable.row(keyPath)
    let standard = row.defaultText.replacing("true", with: row.flag).replacing(
      "false", with: "--no-\(row.name)")
    var help = ArgumentHelp(row)
    help.abstract += " (default: \(standard))"
    self.init(name: .customLong(row.name), inversion: .prefixedNo, help: help)
  }
}

extension ArgumentHelp {
  /// The few options of the training that `--help` shows; `--help-all` shows all.
  private static let common = ["clusters", "seed"]

  fileprivate init(_ row: some AnyOptionRow) {
    self.init(stringLiteral: row.help.abstract)
    (discussion, valueName) = (row.help.discussion, row.help.valueName)
    visibility = Self.common.contains(row.name) ? .default : .hidden
  }
}

/// A property of the command line that may hold what was given for a training option.
private protocol GivenProperty {
  var given: (any Sendable)? { get }
}

extension Option: GivenProperty where Value: GivenValue {
  fileprivate var given: (any Sendable)? { wrappedValue.given }
}

extension Flag: GivenProperty {
  fileprivate var given: (any Sendable)? { wrappedValue as? Bool }
}

private protocol GivenValue {
  var given: (any Sendable)? { get }
}

extension Given: GivenValue {
  fileprivate var given: (any Sendable)? { value }
}

extension Options {
  /// The training options that were given: all properties of the groups that bear the name of a row.
  package var given: GivenOptions {
    var found = GivenOptions()
    for group in groups {
      for property in Mirror(reflecting: group).children {
        guard let row = OptionTable.all.first(where: { Self.isProperty(property.label, of: $0.name) }),
          let value = (property.value as? any GivenProperty)?.given
        else { continue }
        found.give(value, for: row)
      }
    }
    return found
  }

  /// Whether a property's label, such as `_batchSize`, is that of the option `name`, such as `batch-size`.
  package static func isProperty(_ label: String?, of name: String) -> Bool {
    label?.dropFirst().lowercased() == name.replacing("-", with: "")
  }
}
