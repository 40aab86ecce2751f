import Basics
import FoundationEssentials

/// A file of scalars and pictures that TensorBoard shows while a run goes on. TensorBoard joins all such files of a folder, so that a run
/// that is resumed begins another one.
///
/// Records that cannot be written, as the disk is full, are kept and written with the next ones.
package final class EventFile {
  /// One point of a curve.
  package struct Scalar: Equatable, Sendable {
    /// The curve; what stands before a `/` groups curves.
    package let tag: String
    /// Its height.
    package let value: Double

    /// The point of `tag` at the height `value`.
    package init(_ tag: String, _ value: Double) { (self.tag, self.value) = (tag, value) }
  }

  /// A picture that belongs to one step.
  package struct Picture: Sendable {
    /// What it shows; what stands before a `/` groups pictures.
    package let tag: String
    /// Rows and columns.
    package let (height, width): (Int, Int)
    /// 1 grey, 3 RGB.
    package let channels: Int
    /// The picture as a PNG file.
    package let png: [UInt8]

    /// The PNG file `png`, of such a size.
    package init(_ tag: String, height: Int, width: Int, channels: Int, png: [UInt8]) {
      (self.tag, self.height, self.width, self.channels, self.png) = (tag, height, width, channels, png)
    }
  }

  private static let folderName = "tensorboard"
  /// TensorBoard reads what has this in its name, and one file after another in the order of names.
  private static let prefix = "events.out.tfevents."
  private static let suffix = ".dbc"

  /// Where the files are.
  private let folder: String
  /// Made with the first record.
  private var file: AppendedFile?

  /// A file in `tensorboard/` in the directory of a run; it is made with the first record.
  package init(run: String) { folder = FileName.join(run, Self.folderName) }

  /// Appends one record with the finite ones of `scalars`, which are in the file when this returns.
  ///
  /// - Parameter seconds: since 1970
  /// - Throws: `ReportError` of kind `writing`; the record is kept and written with the next one.
  package func append(
    _ scalars: [Scalar], step: Int, seconds: Double = Date().timeIntervalSince1970
  ) throws(ReportError) {
    let finite = scalars.filter { Float($0.value).isFinite }
    guard !finite.isEmpty else { return }
    try append(EventRecord.scalars(finite, step: step, seconds: seconds), seconds)
  }

  /// Appends one record with a picture, which is in the file when this returns.
  ///
  /// - Parameter seconds: since 1970
  /// - Throws: `ReportError` of kind `writing`; the record is kept and written with the next one.
  package func append(
    _ picture: Picture, step: Int, seconds: Double = Date().timeIntervalSince1970
  ) throws(ReportError) {
    try append(EventRecord.image(picture, step: step, seconds: seconds), seconds)
  }

  private func append(_ record: [UInt8], _ seconds: Double) throws(ReportError) {
    if let file { return try file.append(record) }
    let file = AppendedFile(path(seconds))
    self.file = file
    try file.append(EventRecord.version(seconds: seconds) + record)
  }

  /// Writes what could not be written before.
  package func flush() throws(ReportError) { try file?.flush() }

  /// The files that are in the directory of a run, as seen from there.
  static func names(run: String) -> [String] {
    (Files.names(in: FileName.join(run, folderName)) ?? [])
      .filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }.map { FileName.join(folderName, $0) }
  }

  /// A name that no file has yet, behind those of earlier seconds.
  private func path(_ seconds: Double) -> String {
    var number = Int(seconds)
    func path() -> String {
      FileName.join(folder, "\(Self.prefix)\(number).\(LockHolder.thisHost)\(Self.suffix)")
    }
    while Files.exists(path()) { number += 1 }
    return path()
  }
}
