import Foundation
import Testing
import Training
import dbc_train

/// Every option has a row, and what follows from the rows follows for every option.
@Suite struct OptionTableTests {
  /// Enough for `--graph-images` to matter.
  private static let images = 200_000

  /// Options that differ from `options` in the one of `row`, in a value that the command line can give.
  private func changed(_ options: TrainingOptions, _ row: some AnyOptionRow) throws
    -> (options: TrainingOptions, argument: String)
  {
    let (value, argument) = try other(options[keyPath: row.keyPath], row.name)
    var options = options
    options[keyPath: row.keyPath] = value
    return (options, argument)
  }

  private func other<Value: OptionValue>(_ value: Value, _ name: String) throws -> (Value, String) {
    if value is Bool { return (!(value as! Bool) as! Value, "") }
    let candidates: [any Sendable] = [
      7, 0.375, 7 as UInt64, AugmentationChoice("rotation=3")!, ClusterCount(7),
    ]
    if let found = candidates.lazy.compactMap({ $0 as? Value }).first(where: { $0 != value }) {
      return (found, found is AugmentationChoice ? "rotation=3" : found.optionText)
    }
    let cases = (Value.self as? any CaseIterable.Type)?.allCases as? [Value]
    let found = try #require(cases?.first { $0 != value }, "no other value of --\(name) is known to the test")
    return (found, found.optionText)
  }

  private func properties(_ options: TrainingOptions) -> [String: String] {
    let children = Mirror(reflecting: options).children
    return Dictionary(uniqueKeysWithValues: children.map { ($0.label ?? "?", "\($0.value)") })
  }

  @Test("every property of TrainingOptions is in one row of the table, and every row is a property")
  func trainingOptions() throws {
    let before = properties(TrainingOptions())
    var found: [String] = []
    for row in OptionTable.all {
      let after = properties(try changed(TrainingOptions(), row).options)
      found += before.keys.filter { before[$0] != after[$0] }
    }
    #expect(found.sorted() == before.keys.sorted())
    #expect(Set(OptionTable.all.map(\.name)).count == OptionTable.all.count)
  }

  @Test("every property of the command line is in one row, and every row is a property")
  func commandLine() throws {
    let options = try Options.parse([])
    #expect(Mirror(reflecting: options).children.count == options.groups.count)
    let names = OptionTable.all.map(\.name) + CommandRow.all.map(\.name)
    var found: [String] = []
    for property in options.groups.flatMap({ Mirror(reflecting: $0).children }) {
      // The one whose property has another name than its flag.
      let label = property.label == "_initialModel" ? "_init" : property.label
      let rows = names.filter { Options.isProperty(label, of: $0) }
      #expect(rows.count == 1, "\(property.label ?? "?") is in \(rows.count) rows")
      found += rows
    }
    #expect(found.sorted() == names.sorted())
  }

  @Test("what is given behind a row's flag comes to the row's property, and to no other")
  func given() throws {
    for row in OptionTable.all {
      let (expected, argument) = try changed(TrainingOptions(), row)
      let arguments = ["--recipe", "paper", argument.isEmpty ? row.flag : "\(row.flag)=\(argument)"]
      let found = try Options.parse(arguments).training(images: Self.images)
      #expect(properties(found) == properties(expected), "\(row.flag)")
    }
  }

  @Test("every option that bits depend on changes the identity of a run, under its name; others do not")
  func identity() throws {
    var options = TrainingOptions()
    (options.initialPartition, options.graphLimit) = (.graph, 100_000)
    let before = options.identity(images: Self.images, ranks: 2)
    for row in OptionTable.all {
      let after = try changed(options, row).options.identity(images: Self.images, ranks: 2)
      #expect((before[row.flag] != after[row.flag]) == (row.name != "target"), "\(row.flag)")
    }
    // Where all images are in the graph, or there is none, it does not matter how many might be.
    #expect(options.identity(images: 100_000, ranks: 2)["--graph-images"] == nil)
    options.initialPartition = .kmeans
    #expect(options.identity(images: Self.images, ranks: 2)["--graph-images"] == nil)
  }

  @Test("the same of the options that are none of the training's: by what is in the identity, or in the data")
  func commandIdentity() throws {
    func identity(_ arguments: [String], model: String = "none") throws -> [String: String] {
      let options = try Options.parse(arguments)
      return options.identity(TrainingOptions(), initialModel: model, images: 100, ranks: 2)
    }
    let before = try identity([])
    #expect(try identity(["--architecture", "mnist"])["--architecture"] == "mnist")
    let fresh = ["--init", "elsewhere", "--fresh-centres"]
    #expect(try identity(fresh, model: "CRC-32 7")["--init"] == "CRC-32 7")
    let kept = try identity(["--init", "elsewhere"], model: "CRC-32 7")["--init"]
    #expect(kept == "CRC-32 7, numbers of clusters kept")
    for row in CommandRow.all {
      switch row.bits {
      case .identity: #expect(before["--\(row.name)"] != nil, "--\(row.name)")
      case .data, .defaults, .never: #expect(before["--\(row.name)"] == nil, "--\(row.name)")
      }
    }
  }

  @Test("config.json has every option that shapes the result")
  func config() throws {
    let options = try Options.parse([
      "--neighbours", "4", "--iterations", "5", "--init", "m", "--limit", "9", "--label-pattern", "x",
    ])
    let config = options.config(options.training(images: 100))
    let expected =
      OptionTable.all.map(\.configKey) + [
        "images", "labels", "label_pattern", "limit", "built_in_images", "architecture", "init", "recipe",
        "output", "size", "colour", "background", "range", "layout",
      ]
    #expect(config.keys.sorted() == expected.sorted())
    #expect(config["batch_size"]?.int == 32 && config["boost"]?.double == 2 && config["seed"]?.string == "0")
    #expect(config["graph_weight"]?.double == 0.9 && config["images"] == .list([]))
    #expect(try Options.parse([]).config(TrainingOptions())["neighbours"] == nil)
  }

  @Test("the help says the defaults of both recipes")
  func defaults() {
    let texts = Dictionary(uniqueKeysWithValues: OptionTable.all.map { ($0.name, $0.defaultText) })
    #expect(texts["batch-size"] == "32 to 256, by the number of images; paper: 256")
    #expect(texts["chain-epochs"] == "36; paper: 50" && texts["boost"] == "2")
    #expect(
      texts["iterations"] == "one pass over the data" && texts["learning-rate"] == "0.001; paper: 0.0001")
  }
}
