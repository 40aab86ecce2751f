import Training

/// What an option that is none of the training's is for config.json and for a run's identity. Its flag's property and help
/// stand in the groups of `Options`.
package struct CommandRow: Sendable {
  /// How the bits of a run's result depend on such an option.
  package enum BitDependence: Sendable {
    /// By the images and labels that it leads to: the identity has their fingerprint.
    case data
    /// The identity has it: as text, from the options and what is known of the initial model.
    case identity(@Sendable (Options, _ initialModel: String) -> String)
    /// By what the identity says of other options.
    case defaults
    case never
  }

  /// Such as `label-pattern`: the flag without its dashes.
  package let name: String
  package let bits: BitDependence
  /// The value in config.json; nil: it is not there.
  let configValue: @Sendable (Options) -> JSONValue?

  init(
    _ name: String, _ bits: BitDependence, _ value: @escaping @Sendable (Options) -> JSONValue? = { _ in nil }
  ) {
    (self.name, self.bits, configValue) = (name, bits, value)
  }

  /// The rows of all options that are none of the training's.
  package static let all = [
    CommandRow("images", .data) { .list($0.images.images.map(JSONValue.text)) },
    CommandRow("labels", .data) { .list($0.labels.labels.map(JSONValue.text)) },
    CommandRow("label-pattern", .data) { $0.labels.labelPattern.map(JSONValue.text) },
    CommandRow("size", .data) { .text($0.preparation.size.text) },
    CommandRow("fit", .data) { $0.preparation.fit.map { .text($0.rawValue) } },
    CommandRow("colour", .data) { .text($0.preparation.colour.rawValue) },
    CommandRow("background", .data) { .text($0.preparation.background.text) },
    CommandRow("range", .data) { .text($0.preparation.range.text) },
    CommandRow("layout", .data) { .text($0.images.layout.rawValue) },
    CommandRow("skip-unreadable", .data) { $0.images.skipUnreadable ? .truth(true) : nil },
    CommandRow("cache", .never) { $0.images.cache.map(JSONValue.text) },
    CommandRow("limit", .data) { $0.images.limit.map(JSONValue.integer) },
    CommandRow("built-in-images", .data) {
      $0.images.images.isEmpty ? .integer($0.images.builtInImages) : nil
    },
    CommandRow("architecture", .identity { options, _ in options.network.architecture }) {
      .text($0.network.architecture)
    },
    // What is in the file counts, not where it is.
    CommandRow(
      "init",
      .identity { options, initialModel in
        options.network.initialModel == nil || options.network.freshCentres
          ? initialModel : initialModel + RunIdentity.numbersKept
      }
    ) {
      $0.network.initialModel.map(JSONValue.text)
    },
    CommandRow("fresh-centres", .defaults) { $0.network.freshCentres ? .truth(true) : nil },
    CommandRow("suggest-only", .never),
    CommandRow("recipe", .defaults) { .text($0.run.recipe.rawValue) },
    CommandRow("output", .never) { .text($0.run.output) },
    CommandRow("overwrite", .never),
    CommandRow("resume", .never),
    CommandRow("config", .never),
    CommandRow("checkpoint-every", .never),
    CommandRow("max-time", .never),
    CommandRow("hang-timeout", .never),
    CommandRow("trace", .never),
    CommandRow("tensorboard", .never),
    CommandRow("no-report", .never),
    CommandRow("quiet", .never),
    CommandRow("help-all", .never),
  ]
}

extension RunIdentity {
  /// What is added to the model that a run starts from where its clusters keep their numbers.
  fileprivate static let numbersKept = ", numbers of clusters kept"

  /// What was in the model that the run has started from.
  var initialModel: String? { options["--init"]?.replacing(Self.numbersKept, with: "") }
}

extension Options {
  /// All options that shape the result, as config.json has them.
  package func config(_ training: TrainingOptions) -> [String: JSONValue] {
    var values = training.config
    for row in CommandRow.all {
      values[row.name.replacing("-", with: "_")] = row.configValue(self)
    }
    return values
  }

  /// The options that the bits of the result depend on, as checkpoints have them: by flag.
  ///
  /// - Parameter initialModel: what is in the model that the run starts from
  package func identity(_ training: TrainingOptions, initialModel: String, images: Int, ranks: Int)
    -> [String: String]
  {
    var values = training.identity(images: images, ranks: ranks)
    for row in CommandRow.all {
      if case .identity(let text) = row.bits { values["--\(row.name)"] = text(self, initialModel) }
    }
    return values
  }
}
