import Basics
import Dataset
import Report
import Training

/// The first part of the page: what the run was.
struct RunCard {
  let page: PageContext

  var html: HTML {
    let facts = facts.filter { !$0.1.source.isEmpty }
      .map { "<dt>\(HTML(text: $0.0))</dt><dd>\($0.1)</dd>\n" as HTML }
    return PageContext.section("run", "The run", "<dl>\n\(facts)</dl>\n\(notes)\(options)")
  }

  private var config: RunConfig { page.input.config }

  private var facts: [(String, HTML)] {
    let input = page.input
    let summary = RunSummary(input.records)
    let shape = input.pictures.map {
      " of \($0.shape.width)×\($0.shape.height) pixels, \(Numbers.count($0.shape.channels, "channel"))"
    }
    var facts: [(String, HTML)] = [
      ("data", "\(config.data ?? "\(Numbers.count(input.images, "image"))\(shape ?? "")")"),
      ("clusters", "\(Numbers.whole(input.clusters))\(emptyClusters)\(page.mergedGroups)"),
    ]
    if let agreement = page.agreement, let labels = input.labels {
      facts.append(("labels", "\(labels.origin)"))
      facts.append(
        (
          "agreement",
          "ACC \(Numbers.fixed(agreement.metrics.accuracy)), NMI \(Numbers.fixed(agreement.metrics.nmi)), ARI \(Numbers.fixed(agreement.metrics.ari)); see <a href=\"#classes\">clusters and classes</a>"
        ))
    }
    facts.append(("mean score", "\(Numbers.fixed(page.scores.meanScore, 3))"))
    facts.append(("seed", HTML(text: config.options?["seed"]?.int.map { "\($0)" } ?? "")))
    facts.append(("features", "\(Numbers.whole(input.embeddings.columns)) per image"))
    facts.append(
      (
        "network",
        HTML(text: config.parameters.map { "\(Numbers.whole($0)) parameters, decoder included" } ?? "")
      ))
    facts.append(("version", HTML(text: config.version ?? "")))
    let hosts = config.hosts ?? []
    let on =
      hosts.isEmpty
      ? ""
      : " on \(hosts.prefix(8).joined(separator: ", "))\(hosts.count > 8 ? " and \(hosts.count - 8) more" : "")"
    facts.append(("ranks", HTML(text: config.ranks.map { "\($0)\(on)" } ?? "")))
    facts.append(("CPU", HTML(text: config.cpu ?? "")))
    facts.append(("library", HTML(text: config.mpi ?? "")))
    facts.append(("started", HTML(text: config.started ?? "")))
    if summary.seconds > 0 {
      facts.append(
        (
          "time",
          "\(ProgressLine.duration(summary.seconds)) of training; see <a href=\"#time\">where it went</a>"
        ))
    }
    facts.append(("options", ownOptions))
    return facts
  }

  private var emptyClusters: HTML {
    let empty = page.scores.members.count { $0.isEmpty }
    return empty == 0 ? "" : ", \(empty) of them empty"
  }

  /// Remarks on the page, notes of the run.
  private var notes: HTML {
    var lines = page.input.remarks.map { "<li class=\"remark\">\($0)</li>\n" as HTML }
    if page.sprites?.thumbnails.showsFirstChannelOnly == true {
      lines.append("<li class=\"remark\">Pictures show the first of their channels only.</li>\n")
    }
    lines += (config.notes ?? []).map { "<li>\($0)</li>\n" }
    return lines.isEmpty ? "" : "<ul class=\"notes\">\n\(lines)</ul>\n"
  }

  /// The options, as config.json has them: by flag, with the values that were given one after the other.
  private var flags: [(key: String, name: String, values: [String])] {
    (config.options ?? [:]).sorted { $0.key < $1.key }.compactMap { key, value in
      let texts = Self.texts(value)
      return texts.isEmpty ? nil : (key, "--\(key.replacing("_", with: "-"))", texts)
    }
  }

  /// The options whose values are not those that a run of so many images has without them.
  private var ownOptions: HTML {
    guard let options = config.options else { return "" }
    let recipe = options["recipe"]?.string.flatMap(Recipe.init) ?? .graph
    var defaults = TrainingOptions(
      recipe, images: page.input.images, startsFromModel: options["init"]?.string != nil
    ).config.mapValues(Self.texts)
    for (key, value) in Self.otherDefaults { defaults[key] = [value] }
    let words = flags.flatMap { flag -> [HTML] in
      if defaults[flag.key] == flag.values { return [] }
      let name: HTML = "<span class=\"whole\">\(flag.name)</span>"
      return flag.values.map { $0 == "true" ? name + " " : name + " \(Self.quoted($0)) " }
    }
    return words.isEmpty ? "" : "<code>\(words)</code>(the others: defaults, or what follows from these)"
  }

  /// What options that are none of the training's are without being given.
  private static let otherDefaults = [
    "recipe": "graph", "architecture": "auto", "built_in_images": "10000", "colour": "auto",
    "background": Background.white.text, "range": RangeChoice.auto.text, "layout": "auto",
    "size": SizeChoice.auto.text,
  ]

  private var options: HTML {
    guard !flags.isEmpty else { return "" }
    return """
      <details><summary>All options, given and by default</summary>
      \(HTML.table(
        ["option", "value"], flags.map { ["<code>\($0.name)</code>", "\($0.values.joined(separator: ", "))"] }))</details>

      """
  }

  /// The values of an option; of a list several.
  private static func texts(_ value: JSONValue) -> [String] {
    switch value {
    case .null: []
    case .truth(let value): ["\(value)"]
    case .integer(let value): ["\(value)"]
    case .number(let value): [value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"]
    case .text(let value): [FileName.shown(value)]
    case .list(let values): values.flatMap(texts)
    case .object: [JSON.line(value)]
    }
  }

  /// A value as a shell takes it for one word.
  private static func quoted(_ value: String) -> String {
    let plain = value.unicodeScalars.allSatisfy { scalar in
      scalar.value > 0x7f || scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || "/._-+=:,@%#".unicodeScalars.contains(scalar)
    }
    return plain && !value.isEmpty ? value : "'\(value.replacing("'", with: "'\\''"))'"
  }
}
