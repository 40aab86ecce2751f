import Basics
import Glibc
import Report

/// Where a trained model is: a run's directory, or a model file.
package struct ModelLocation: Codable, Sendable {
  /// The model file.
  package let file: String
  /// The folder that it is in.
  package let folder: String
  /// Whether the user has named the folder.
  package let isRun: Bool

  /// Looks for the model that `argument` names. Throws where the folder has none, and says why.
  package init(_ argument: String) throws(ReportError) {
    isRun = Files.isFolder(argument)
    folder = isRun ? argument : FileName.folder(argument)
    file = isRun ? FileName.join(argument, "model.safetensors") : argument
    guard Files.exists(argument) || errno != ENOENT else {
      throw ReportError(
        .unreadable, argument,
        "there is no such run or model; name the output directory of dbc-train, or its model.safetensors")
    }
    guard isRun, !Files.exists(file) else { return }
    guard Files.exists(FileName.join(folder, "config.json")) else {
      throw ReportError(
        .unreadable, argument,
        "holds no model.safetensors; name the directory of a finished run of dbc-train, or a model file")
    }
    throw ReportError(
      .unreadable, argument,
      "holds a run that is not finished: there is no model.safetensors yet; end it with dbc-train --resume and its options, or "
        + "name another run")
  }

  /// A file of the run.
  package func file(_ name: String) -> String { FileName.join(folder, name) }
}
