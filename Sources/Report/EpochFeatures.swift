import Basics

/// The features of some images after a few epochs of stage II, and the file that keeps them.
///
/// The file is in the safetensors format: a tensor `epoch N` `[rows][columns]` for every epoch, and in the metadata `images`,
/// `sample` and `crc32`, the sum of all numbers.
package struct EpochFeatures: Equatable, Sendable {
  /// The features after one epoch.
  package struct Epoch: Equatable, Sendable {
    /// Epochs of stage II that lie behind them, 0….
    package let number: Int
    /// `[rows][columns]`, all finite.
    package let values: [Float]

    /// The features after epoch `number`.
    package init(_ number: Int, _ values: [Float]) { (self.number, self.values) = (number, values) }
  }

  /// Images of the whole data set.
  package let images: Int
  /// What the number of images in the sample was limited to; it decides which they are.
  package let sample: Int
  /// Numbers per feature vector.
  package let columns: Int
  /// The epochs, ascending.
  package private(set) var epochs: [Epoch] = []

  /// Images in the sample; 0 where there is no epoch.
  package var rows: Int { (epochs.first?.values.count ?? 0) / columns }

  /// The name of the file in the directory of a run.
  package static let fileName = "features-by-epoch.safetensors"
  private static let prefix = "epoch "
  private static let advice = "remove it, and the report goes without the features by epoch"

  /// No epochs.
  package init(images: Int, sample: Int, columns: Int) {
    precondition(images >= 1 && sample >= 1 && columns >= 1)
    (self.images, self.sample, self.columns) = (images, sample, columns)
  }

  /// Whether `epoch` and the sample that `other` speaks of are of the images that these features are of.
  func isOfSameImages(as other: EpochFeatures, _ epoch: Epoch) -> Bool {
    (images, sample, columns) == (other.images, other.sample, other.columns)
      && epochs.allSatisfy { $0.values.count == epoch.values.count }
  }

  /// Adds an epoch in place of itself and of all later ones.
  package mutating func add(_ epoch: Epoch) {
    forget(from: epoch.number)
    precondition(
      epoch.values.count == (epochs.first ?? epoch).values.count, "all epochs are of the same images")
    epochs.append(epoch)
  }

  /// Leaves out the epochs from `epoch` on.
  package mutating func forget(from epoch: Int) { epochs.removeAll { $0.number >= epoch } }

  /// Writes the file; equal contents give equal bytes.
  package func write(to path: String) throws(ReportError) {
    var file = SafeTensors(
      tensors: epochs.map {
        .init(name: "\(Self.prefix)\($0.number)", shape: [rows, columns], values: $0.values)
      },
      metadata: ["images": "\(images)", "sample": "\(sample)"])
    file.metadata["crc32"] = Self.text(file.sum)
    try file.write(to: path, .history)
  }

  /// Reads the file, checking all of it.
  ///
  /// - Throws: `ReportError` of kind `unreadable` or `malformed`.
  package init(_ path: String) throws(ReportError) {
    func damaged(_ text: String) -> ReportError {
      ReportError(.malformed, path, "is damaged: \(text); \(Self.advice)")
    }
    let file = try SafeTensors.read(path, advice: Self.advice)
    func number(_ key: String) throws(ReportError) -> Int {
      guard let value = file.metadata[key].flatMap({ Int($0) }), value >= 1 else {
        throw damaged("expected a count as \(key) in its metadata, found \(file.metadata[key] ?? "none")")
      }
      return value
    }
    (images, sample) = (try number("images"), try number("sample"))
    guard let shape = file.tensors.first?.shape, shape.count == 2, shape.allSatisfy({ $0 >= 1 }) else {
      throw damaged("expected matrices of features, found \(file.tensors.first?.shape ?? [])")
    }
    columns = shape[1]
    for tensor in file.tensors {
      guard let epoch = Int(tensor.name.dropFirst(Self.prefix.count)), epoch >= 0,
        tensor.name == "\(Self.prefix)\(epoch)", epoch > epochs.last?.number ?? -1
      else { throw damaged("expected an epoch behind the one before, found \(tensor.name)") }
      guard tensor.shape == shape else {
        throw damaged("expected \(shape) numbers in all tensors, found \(tensor.shape) in \(tensor.name)")
      }
      // As of a run's results: sums of their squares stay finite.
      guard tensor.values.allSatisfy({ abs($0) < 1e15 }) else {
        throw damaged("expected finite features, found others in \(tensor.name)")
      }
      epochs.append(Epoch(epoch, tensor.values))
    }
    let (found, expected) = (Self.text(file.sum), file.metadata["crc32"] ?? "none")
    guard found == expected else {
      throw damaged("expected the CRC-32 \(expected) of its numbers, found \(found)")
    }
  }

  /// The error where the file at `path` is not of the run that `text` speaks of.
  package static func foreign(_ path: String, _ text: String) -> ReportError {
    ReportError(.malformed, path, "is not of this run: \(text); \(advice)")
  }

  private static func text(_ sum: FileSum) -> String { String(sum.crc32, radix: 16) }
}

extension FileOperations {
  /// The operations on the file of features by epoch.
  fileprivate static let history = FileOperations("history")
}
