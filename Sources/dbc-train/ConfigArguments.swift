import ArgumentParser
import Basics
import Commands
import FoundationEssentials
import Glibc
import MPI
import Report
import Training

/// Options that the command line takes from the config.json of another run, or of the run that it resumes.
enum ConfigArguments {
  /// The command line, and behind it the options of the config.json that it names with `--config` or `--resume`, but for
  /// those that it gives itself.
  static func expanded(_ arguments: [String]) throws(EarlyExit) -> [String] {
    // What cannot be read is told when all is read.
    guard let run = (try? Command.parse(arguments))?.options.run, let path = path(run) else {
      return arguments
    }
    guard let bytes = Files.contents(path) else {
      // A run that has not begun, or checkpoints that were copied alone.
      if run.config == nil, errno == ENOENT {
        try requireImages(arguments, elseRunIn: path)
        return arguments
      }
      throw EarlyExit(
        code: 66, text: "\(Program.name): error: \(FileName.shown(path)): cannot be read: \(Files.reason())")
    }
    guard let options = try? JSON.decode(RunConfig.self, from: Data(bytes)).options, !options.isEmpty else {
      throw EarlyExit(
        code: 65,
        text:
          "\(Program.name): error: \(FileName.shown(path)): expected the config.json of a run, found something else"
      )
    }
    return arguments + added(options, to: arguments)
  }

  /// A run that `--resume` is to begin has its images named: without them a mistyped directory would begin one of built-in images.
  private static func requireImages(_ arguments: [String], elseRunIn config: String) throws(EarlyExit) {
    let folder = FileName.folder(config)
    let areNamed = arguments.contains { $0.hasPrefix("--images") || $0.hasPrefix("--built-in-images") }
    guard !areNamed, !Files.exists(folder) else { return }
    throw EarlyExit(
      code: 66,
      text:
        "\(Program.name): error: \(FileName.shown(folder)): there is no run to resume; to begin one there, give its --images"
    )
  }

  /// The config.json that options are taken from; nil: none.
  private static func path(_ run: RunOptions) -> String? {
    if let config = run.config { return Files.isFolder(config) ? "\(config)/config.json" : config }
    guard let resume = run.resume else { return nil }
    return "\(ResumePoint.run(of: resume, in: run.output))/config.json"
  }

  /// The arguments for `options` that `arguments` do not give.
  static func added(_ options: [String: JSONValue], to arguments: [String]) -> [String] {
    var given = Set(arguments.compactMap(name))
    // Another set of images has other labels; and labels come one way only.
    if given.contains("images") { given.formUnion(["labels", "label-pattern", "limit", "built-in-images"]) }
    if given.contains("labels") { given.insert("label-pattern") }
    if given.contains("label-pattern") { given.insert("labels") }
    // Where the results go is never taken.
    given.insert("output")
    let known = Set(OptionTable.all.map(\.name) + CommandRow.all.map(\.name))
    return options.sorted { $0.key < $1.key }.flatMap { key, value in
      let name = key.replacing("_", with: "-")
      return known.contains(name) && !given.contains(name) ? self.arguments(name, value) : []
    }
  }

  /// The option that an argument gives, without its dashes; nil: none.
  private static func name(_ argument: String) -> String? {
    if argument.hasPrefix("-c") { return "clusters" }
    guard argument.hasPrefix("--") else { return nil }
    let name = String(argument.dropFirst(2).prefix { $0 != "=" })
    return name.hasPrefix("no-") ? String(name.dropFirst(3)) : name
  }

  /// What gives option `name` the value.
  private static func arguments(_ name: String, _ value: JSONValue) -> [String] {
    // Of a switch that is off unless it is given there is no form that switches it off.
    let hasInversion = OptionTable.all.contains { $0.name == name && $0.defaultText != "false" }
    return value == .truth(false) && hasInversion ? ["--no-\(name)"] : value.arguments(for: name)
  }
}
