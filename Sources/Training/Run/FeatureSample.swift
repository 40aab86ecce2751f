import Clustering
import MPI

/// The features of some images after an epoch of stage II, for pictures of how they change (Fig. 7 of the paper).
package struct FeatureSample: Equatable, Sendable {
  /// Images of the whole data set; which of them are in the sample, `GroupSample` says.
  package let images: Int
  /// Numbers per feature vector.
  package let columns: Int
  /// z, `[images of the sample][columns]`.
  package let values: [Float]

  /// Images of a sample at most.
  package static let limit = 1000
  /// The epochs that are kept, as far as a chain comes to them. The end is in the run's results.
  package static let epochs = [0, 1, 3, 9, 27]

  /// The sample of features that the ranks hold, on rank 0; empty elsewhere. **Collective.**
  init(_ data: FeatureSlice, _ reduction: GroupReduction) throws {
    let part = GroupSample(images: data.images, limit: Self.limit)
    let sample = try sampled(data, part, reduction)
    sample.makeRows()
    (images, columns) = (data.images, data.features)
    values = try reduction.communicator.gatherJoined(
      Array(UnsafeBufferPointer(start: sample.rows.base, count: sample.localImages * sample.features)))
  }
}

extension RunContext {
  /// Hands a sample of the features to the observer, after the epochs that are kept. **Collective.**
  func keepFeatures(_ features: FeatureSlice, epoch: Int) throws {
    guard FeatureSample.epochs.contains(epoch) else { return }
    let sample = try FeatureSample(features, reduction)
    if reduction.communicator.isRoot { observer.keep(sample, epoch: epoch) }
  }
}
