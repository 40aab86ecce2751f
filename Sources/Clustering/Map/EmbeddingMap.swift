import Lanes
import MPI

/// A place in the plane for every image, near those of its neighbours: PaCMAP's objective (Wang, Huang, Rudin, Shaposhnik:
/// "Understanding How Dimension Reduction Tools Work", JMLR 22, 2021).
///
/// With d = 1 + the squared distance of two places, the sum of weight·d/(10 + d) over near pairs, weight·d/(10000 + d) over
/// mid-near pairs and 1/(1 + d) over further pairs is made small by Adam. Units have no meaning.
package struct EmbeddingMap: Sendable {
  /// `[images][2]`, always finite.
  package let points: [Float]

  /// More images than this are too many for one rank: a `GroupSample` of so many is mapped, and the others are `placed`.
  package static let mostImages = 100_000

  /// Of more neighbours only so many nearest are used.
  private static let mostNear = 15
  /// Mid-near pairs and further pairs per near pair. PaCMAP has 2 of the latter, and the same ones in all steps.
  private static let (middlePart, furtherPart) = (0.5, 4.0)
  /// Steps of the three phases.
  private static let (firstSteps, secondSteps, lastSteps) = (50, 50, 150)

  /// The map of all images, by one rank alone: its bits follow from the arguments.
  ///
  /// - Parameters:
  ///   - features: `[images][dimensions]`
  ///   - neighbours: of all images
  package init(
    features: UnsafeBufferPointer<Float>, dimensions: Int, neighbours: NeighbourTable, seed: UInt64
  ) {
    precondition(dimensions >= 1 && features.count % dimensions == 0)
    let images = features.count / dimensions
    precondition(neighbours.images.count == images * neighbours.count)
    guard images > 1 else {
      points = [Float](repeating: 0, count: 2 * images)
      return
    }
    // In this order images that stand beside each other have nothing to do with each other.
    let order = randomPermutation(count: images, seed: seed, purpose: .map, epoch: MapDraw.order.rawValue)
    let near = MapPairs(near: neighbours, most: Self.mostNear, order: order)
    let middle = MapPairs(
      middle: max(1, Int((Self.middlePart * Double(near.count)).rounded())), features: features,
      dimensions: dimensions, order: order, seed: seed)
    let further = max(1, Int(Self.furtherPart * Double(near.count)))
    let start = MapStart(features: features, dimensions: dimensions, seed: seed)
    var forces = MapForces(start: start.points, order: order, seed: seed)
    for step in 0..<(Self.firstSteps + Self.secondSteps + Self.lastSteps) {
      Whereabouts.beat()
      let weights = Self.weights(step: step)
      forces.attract(near, weight: weights.near, scale: 10)
      if weights.middle > 0 { forces.attract(middle, weight: weights.middle, scale: 10000) }
      forces.repel(further, step: step)
      forces.move()
    }
    points = forces.result(order)
  }

  /// First the large distances, then the near ones, then without the mid-near pairs.
  private static func weights(step: Int) -> (near: Float, middle: Float) {
    if step < firstSteps {
      let done = Float(step) / Float(firstSteps)
      return (2, 1000 * (1 - done) + 3 * done)
    }
    return step < firstSteps + secondSteps ? (3, 3) : (1, 0)
  }
}

/// What a map's random numbers are drawn for: the epoch of their streams.
enum MapDraw: Int {
  case order, middle, further, start
}
