/// What one training option is: how it is called, where its value is kept, what it defaults to, which values it may have, and
/// whether bits depend on it.
package struct OptionRow<Value: OptionValue>: AnyOptionRow {
  package let name: String
  package let help: OptionHelp
  /// Where the value is kept.
  package let keyPath: WritableKeyPath<TrainingOptions, Value> & Sendable
  /// What `--recipe graph` has where nothing is given. `--recipe paper` has what `TrainingOptions()` has.
  let graph: GraphDefault<Value>
  /// What a value that is left out stands for: in checkpoints, and in the help.
  let absent: (text: String, help: String)?
  let checks: [ValueCheck<Value>]
  let bits: BitDependence

  init(
    _ name: String, _ keyPath: WritableKeyPath<TrainingOptions, Value> & Sendable, _ abstract: String,
    discussion: String? = nil, value: String? = nil, graph: GraphDefault<Value> = .paper,
    absent: (text: String, help: String)? = nil, checks: [ValueCheck<Value>] = [],
    bits: BitDependence = .always
  ) {
    self.name = name
    self.keyPath = keyPath
    help = OptionHelp(abstract: abstract, discussion: discussion, valueName: value)
    (self.graph, self.absent, self.checks, self.bits) = (graph, absent, checks, bits)
  }

  package var anyKeyPath: PartialKeyPath<TrainingOptions> { keyPath }

  package func resolve(_ resolution: inout Resolution, _ recipe: Recipe, _ given: GivenOptions) {
    if let value = given.values[name] {
      guard let value = value as? Value else { preconditionFailure("\(flag) takes no \(type(of: value))") }
      resolution.options[keyPath: keyPath] = value
      return
    }
    guard recipe == .graph else { return }
    switch graph {
    case .paper: break
    case .value(let value): resolution.options[keyPath: keyPath] = value
    case .rule(_, let rule): resolution.options[keyPath: keyPath] = rule(resolution)
    }
  }

  package func check(_ options: TrainingOptions) throws(TrainingError) {
    let value = options[keyPath: keyPath]
    for check in checks where !check.holds(value) {
      throw .options("\(flag) \(check.requirement), found \(value.optionText)")
    }
  }

  package func text(_ options: TrainingOptions) -> String {
    let value = options[keyPath: keyPath]
    return value.configValue == nil ? absent?.text ?? value.optionText : value.optionText
  }

  package func configValue(_ options: TrainingOptions) -> JSONValue? { options[keyPath: keyPath].configValue }

  package func isPartOfIdentity(_ options: TrainingOptions, images: Int) -> Bool {
    switch bits {
    case .always: true
    case .never: false
    case .when(let matters): matters(options, images)
    }
  }

  package var defaultText: String {
    let paper = helpText(TrainingOptions()[keyPath: keyPath])
    return switch graph {
    case .paper: paper
    case .value(let value): "\(helpText(value)); paper: \(paper)"
    case .rule(let text, _): "\(text); paper: \(paper)"
    }
  }

  private func helpText(_ value: Value) -> String {
    guard value.configValue != nil else { return absent?.help ?? value.optionText }
    let text = value.optionText
    return value is Double && text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// An `OptionRow` of any type of value.
package protocol AnyOptionRow: Sendable {
  associatedtype Value: OptionValue
  /// Such as `batch-size`: the flag without its dashes.
  var name: String { get }
  /// What `--help` says about it.
  var help: OptionHelp { get }
  /// Where the value is kept.
  var keyPath: WritableKeyPath<TrainingOptions, Value> & Sendable { get }
  /// Where the value is kept, whatever its type.
  var anyKeyPath: PartialKeyPath<TrainingOptions> { get }
  /// The defaults of all recipes in words, such as "48; paper: 50".
  var defaultText: String { get }

  /// Sets the option: to what is given, else to the recipe's default.
  func resolve(_ resolution: inout Resolution, _ recipe: Recipe, _ given: GivenOptions)
  /// Throws where the value is none that the option may have.
  func check(_ options: TrainingOptions) throws(TrainingError)
  /// The value as a checkpoint has it.
  func text(_ options: TrainingOptions) -> String
  /// The value as config.json has it; nil where it is left out.
  func configValue(_ options: TrainingOptions) -> JSONValue?
  /// Whether the bits of a run of so many images with these options depend on this one.
  func isPartOfIdentity(_ options: TrainingOptions, images: Int) -> Bool
}

extension AnyOptionRow {
  /// Such as `--batch-size`.
  package var flag: String { "--\(name)" }
  /// The key in config.json, such as `batch_size`.
  package var configKey: String { name.replacing("-", with: "_") }
}

/// What `--help` says about an option.
package struct OptionHelp: Sendable {
  /// One or two sentences.
  package let abstract: String
  /// More of them, on lines of their own.
  package let discussion: String?
  /// What the value is called; nil: as the option.
  package let valueName: String?
}

/// What an option defaults to with `--recipe graph`.
package enum GraphDefault<Value: Sendable>: Sendable {
  /// What `--recipe paper` has.
  case paper
  /// Always the same.
  case value(Value)
  /// It depends on what was decided before: the rule in words, and as a function.
  case rule(String, @Sendable (Resolution) -> Value)
}

/// Whether the bits of a run's result depend on an option's value.
package enum BitDependence: Sendable {
  case always
  /// It is another way to the same bits.
  case never
  /// Only with some options, and numbers of images.
  case when(@Sendable (TrainingOptions, Int) -> Bool)
}

/// Options on the way to be decided, one after another.
package struct Resolution: Sendable {
  /// Those of the rows before are decided, the others still have the paper's defaults.
  package var options = TrainingOptions()
  /// Images of the run.
  package let images: Int
  /// Whether the network starts from the weights of a model, as with `--init`.
  package let startsFromModel: Bool
  /// Whether the images are the built-in ones, whose classes are known.
  package let isBuiltIn: Bool
}
