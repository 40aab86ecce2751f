/// The training options that somebody asked for; the others are left to a recipe.
package struct GivenOptions: Sendable {
  /// The values by the options' names.
  private(set) var values: [String: any Sendable] = [:]

  /// Nothing is given.
  package init() {}

  /// The value that was given for an option; nil: none.
  package subscript<Value: OptionValue>(keyPath: WritableKeyPath<TrainingOptions, Value>) -> Value? {
    get {
      guard let value = values[OptionTable.row(keyPath).name] else { return nil }
      return value as? Value
    }
    set { values[OptionTable.row(keyPath).name] = newValue }
  }

  /// Takes a value whose type is not known here. It must be what `row` takes.
  package mutating func give(_ value: any Sendable, for row: any AnyOptionRow) { values[row.name] = value }
}

extension TrainingOptions {
  /// What is given, and for the rest a recipe's defaults for so many images.
  ///
  /// - Parameters:
  ///   - startsFromModel: whether the network starts from the weights of a model, as with `--init`
  ///   - isBuiltIn: whether the images are the built-in ones, whose number of classes is known
  package init(
    _ recipe: Recipe, images: Int, startsFromModel: Bool = false, isBuiltIn: Bool = true,
    given: GivenOptions = GivenOptions()
  ) {
    var resolution = Resolution(
      images: images, startsFromModel: startsFromModel, isBuiltIn: isBuiltIn)
    for row in OptionTable.all { row.resolve(&resolution, recipe, given) }
    self = resolution.options
  }

  /// All options with their values, as config.json has them.
  package var config: [String: JSONValue] {
    var values: [String: JSONValue] = [:]
    for row in OptionTable.all { values[row.configKey] = row.configValue(self) }
    return values
  }

  /// The options that the bits of a run of so many images on so many ranks depend on, as checkpoints have them: by flag.
  package func identity(images: Int, ranks: Int) -> [String: String] {
    var values: [String: String] = [:]
    for row in OptionTable.all where row.isPartOfIdentity(self, images: images) {
      values[row.flag] = row.text(self)
    }
    // Only in these modes does the result depend on the number of ranks.
    if batchNorm == .local || allReduce == .native { values["the number of ranks"] = "\(ranks)" }
    return values
  }
}
