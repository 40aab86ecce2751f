import Clustering
import Commands
import Dataset
import Lanes
import MPI
import Report
import Training

/// The features, scores and assignments of the whole data set, on rank 0.
struct Results: ~Copyable {
  private let images: Int
  private let features: Int
  private let clusters: Int
  private let embeddings: AlignedBuffer<Float>
  private let scores: AlignedBuffer<Float>
  private let assignments: [Int32]

  /// Gathers the rows of all ranks. **Collective.**
  init(_ model: Model, _ sheet: ScoreSheet, _ context: RunContext) throws {
    let count = context.images.count
    let data = model.features
    let counts = data.plan.shares.map { data.imageNumbers($0).count }
    let width = sheet.clusters
    let rows = AlignedBuffer<Float>(count: sheet.lanes.count * laneCount, for: "scores S")
    for group in 0..<data.share.count {
      transposeLanes(
        sheet.group(group), count: width, to: rows.base + group * laneCount * width, stride: width)
    }
    let scores = try Self.gather(rows.base, width: width, counts, context.reduction)
    data.makeRows()
    let embeddings = try Self.gather(data.rows.base, width: data.features, counts, context.reduction)
    images = count
    features = data.features
    clusters = width
    assignments = sheet.assignments
    self.scores = scores
    self.embeddings = embeddings
  }

  private static func gather(
    _ rows: UnsafePointer<Float>, width: Int, _ counts: [Int], _ reduction: GroupReduction
  ) throws -> AlignedBuffer<Float> {
    let segments = Segments(counts: counts.map { $0 * width })
    let all = AlignedBuffer<Float>(count: reduction.communicator.isRoot ? segments.extent : 0, for: "results")
    let own = UnsafeBufferPointer(start: rows, count: segments.counts[reduction.communicator.rank])
    try reduction.communicator.gatherV(own, into: all.all, segments: segments)
    return all
  }

  /// Writes everything; on rank 0.
  func write(
    to directory: RunDirectory, _ model: Model, _ options: TrainingOptions, _ preparation: Preparation,
    _ catalogue: ImageCatalogue
  ) throws(ReportError) {
    try NPY.write(
      UnsafeBufferPointer(embeddings.all), rows: images, columns: features,
      to: directory.file("embeddings.npy"))
    try NPY.write(
      UnsafeBufferPointer(scores.all), rows: images, columns: clusters, to: directory.file("scores.npy"))
    let best = (0..<images).map { scores.base[$0 * clusters + Int(assignments[$0])] }
    let name = catalogue.labels.map { labels in { labels.names[Int(labels.numbers[$0])] } }
    try directory.writeAssignments(assignments, scores: best, labels: name) { catalogue.source(of: $0) }
    let distances = DistanceQuantiles(
      embeddings.base, features: features, assignments: assignments, centres: model.centreValues)
    try model.safeTensors(options, preparation, distances).write(to: directory.file("model.safetensors"))
  }
}
