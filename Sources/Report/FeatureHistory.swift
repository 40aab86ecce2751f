import Basics

/// Keeps features by epoch in the directory of a run while it goes on. The file is written anew with each epoch, in one step.
package final class FeatureHistory {
  private let path: String
  private var contents: EpochFeatures?
  private var isWritten = true

  /// The history of the run in the directory `run`; there is no file before its first epoch.
  package init(run: String) { path = FileName.join(run, EpochFeatures.fileName) }

  /// Adds the features after an epoch, in place of those of that epoch and of later ones.
  ///
  /// - Parameter empty: what the file is to say of the sample
  /// - Throws: `ReportError` of kind `writing`; the epoch is kept and written with the next one.
  package func add(_ epoch: EpochFeatures.Epoch, to empty: EpochFeatures) throws(ReportError) {
    // A file of other images does not belong here.
    var features = contents.flatMap { $0.isOfSameImages(as: empty, epoch) ? $0 : nil } ?? empty
    features.add(epoch)
    contents = features
    isWritten = false
    try flush()
  }

  /// Writes what could not be written before.
  package func flush() throws(ReportError) {
    guard !isWritten, let contents else { return }
    try contents.write(to: path)
    isWritten = true
  }

  /// Takes up what the run in the directory `run`, this one or another, had kept of the epochs before `epoch`; later ones come
  /// again.
  ///
  /// - Throws: `ReportError` of kind `writing`, as `add` does; of another one where the file cannot be read: then nothing is taken
  ///   up, and this run has none.
  package func resume(from run: String, before epoch: Int) throws(ReportError) {
    let source = FileName.join(run, EpochFeatures.fileName)
    guard Files.exists(source) else { return }
    var features: EpochFeatures
    do throws(ReportError) {
      features = try EpochFeatures(source)
    } catch {
      try AtomicFile.removeOlder(path)
      throw error
    }
    let count = features.epochs.count
    features.forget(from: epoch)
    guard !features.epochs.isEmpty else { return try AtomicFile.removeOlder(path) }
    contents = features
    isWritten = source == path && features.epochs.count == count
    try flush()
  }
}
