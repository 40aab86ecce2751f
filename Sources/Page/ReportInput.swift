import Clustering
import Dataset
import FCAE
import Report
import Training

/// A matrix of floats that somebody else owns, `[rows][columns]`.
package struct FloatRows {
  /// All numbers.
  package let values: UnsafeBufferPointer<Float>
  /// The number of rows.
  package let rows: Int
  /// The number of columns.
  package let columns: Int

  /// `values`, which must stay as long as this is used.
  package init(_ values: UnsafeBufferPointer<Float>, rows: Int, columns: Int) {
    precondition(values.count == rows * columns, "a matrix has rows × columns numbers")
    (self.values, self.rows, self.columns) = (values, rows, columns)
  }

  /// The number in a row and column.
  subscript(row: Int, column: Int) -> Float { values[row * columns + column] }

  /// One row.
  subscript(row: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(rebasing: values[(row * columns)..<((row + 1) * columns)])
  }
}

/// What a report is made of: a finished run.
package struct ReportInput {
  /// The classes of the images.
  package struct Labels {
    /// Of image i the place of its class in `names`.
    package let numbers: [Int32]
    /// The classes' names.
    package let names: [String]
    /// Where they come from.
    package let origin: String

    /// The class of every image.
    package init(numbers: [Int32], names: [String], origin: String) {
      (self.numbers, self.names, self.origin) = (numbers, names, origin)
    }

    /// Those of a data set.
    package init(_ labels: ClassLabels) {
      self.init(numbers: labels.numbers, names: labels.names, origin: labels.origin)
    }
  }

  /// The pictures themselves.
  package struct Pictures {
    /// Gives `body` the bytes of an image, `[channel][row][column]`.
    package typealias Reader = (_ image: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) -> Void

    /// The size of every image.
    package let shape: ImageShape
    /// Reads one.
    package let read: Reader

    /// Images of one size.
    package init(shape: ImageShape, read: @escaping Reader) { (self.shape, self.read) = (shape, read) }
  }

  /// The nearest neighbours of all images, or of a sample, in feature space.
  package struct NearImages {
    /// The images that were compared with each other, ascending.
    package let images: [Int32]
    /// Row r belongs to image `images[r]`; the numbers in it are places in `images`; distances are squared.
    package let table: NeighbourTable

    /// `table` is of the images `images`.
    package init(images: [Int32], table: NeighbourTable) { (self.images, self.table) = (images, table) }
  }

  /// Gives `body` the network that the run has ended with. What is in its memory for images is overwritten.
  package typealias Network = (_ body: (borrowing AutoEncoder) -> Void) -> Void

  /// What the run is called: the name of its directory.
  package var name: String
  /// What it was started with.
  package var config: RunConfig
  /// The records of metrics.jsonl.
  package var records: [MetricsRecord]
  /// The features, `[images][features]`; all finite.
  package var embeddings: FloatRows
  /// S, `[images][clusters]`; all finite.
  package var scores: FloatRows
  /// The cluster of every image.
  package var assignments: [Int32]
  /// What image i is called.
  package var source: (Int) -> String
  /// What people call the clusters, where they have named any; of all clusters.
  package var names: ClusterNames?
  /// The classes, where there are any.
  package var labels: Labels?
  /// The pictures, where they are still there.
  package var pictures: Pictures?
  /// Places of all images in the plane, `[images][2]`; all finite.
  package var map: [Float]
  /// The nearest neighbours; nil: outliers are not looked for.
  package var neighbours: NearImages?
  /// The network; nil: neither filters nor activations are shown.
  package var network: Network?
  /// The features of a sample of the images after some epochs; nil where none were kept.
  package var features: EpochFeatures?
  /// What is to be said at the top, such as why there are no pictures.
  package var remarks: [String]

  /// A run without labels, pictures, neighbours, network and remarks.
  ///
  /// - Precondition: matrices, assignments and map are of the same images, of one at least, and every cluster has a column of
  ///   the scores
  package init(
    name: String, config: RunConfig, records: [MetricsRecord], embeddings: FloatRows, scores: FloatRows,
    assignments: [Int32], map: [Float], source: @escaping (Int) -> String
  ) {
    let images = assignments.count
    precondition(images >= 1 && scores.rows == images && embeddings.rows == images && map.count == 2 * images)
    precondition(assignments.allSatisfy { $0 >= 0 && Int($0) < scores.columns })
    (self.name, self.config, self.records) = (name, config, records)
    (self.embeddings, self.scores, self.assignments) = (embeddings, scores, assignments)
    (self.map, self.source) = (map, source)
    remarks = []
  }

  /// The number of images.
  package var images: Int { assignments.count }
  /// The number of clusters, empty ones included.
  package var clusters: Int { scores.columns }
}
