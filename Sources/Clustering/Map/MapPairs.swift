import Lanes
import MPI

/// Pairs of images that attract each other: as many partners for every image.
///
/// Images are called by their places in a random order.
struct MapPairs {
  /// Partners of each.
  let count: Int
  /// `[images][count]`
  let partners: [Int32]

  /// Of every image its `most` nearest neighbours, or as many as the table has.
  ///
  /// Where the table lacks one, which is where distances were not finite, the image is its own partner, without force.
  init(near table: NeighbourTable, most: Int, order: [Int32]) {
    let count = min(most, table.count)
    let places = Self.places(order)
    var partners: [Int32] = []
    partners.reserveCapacity(order.count * count)
    for (place, image) in order.enumerated() {
      let first = Int(image) * table.count
      for other in table.images[first..<(first + count)] {
        partners.append(other < 0 ? Int32(place) : places[Int(other)])
      }
    }
    self.count = count
    self.partners = partners
  }

  /// Of every image `count` others, each the second nearest of six random ones.
  ///
  /// - Parameter features: `[images][dimensions]`
  init(
    middle count: Int, features: UnsafeBufferPointer<Float>, dimensions: Int, order: [Int32], seed: UInt64
  ) {
    let places = Self.places(order)
    var partners: [Int32] = []
    partners.reserveCapacity(order.count * count)
    for image in order {
      Whereabouts.beat()
      let row = features.baseAddress! + Int(image) * dimensions
      var random = CounterRandom(
        seed: seed, purpose: .map, epoch: MapDraw.middle.rawValue, index: Int(image))
      for _ in 0..<count {
        var nearest = (distance: Float.infinity, image: image)
        var second = nearest
        for _ in 0..<6 {
          let number = Int32(random.below(order.count - 1))
          let other = number < image ? number : number + 1
          let distance = squaredDistance(
            row, features.baseAddress! + Int(other) * dimensions, count: dimensions)
          if distance < nearest.distance {
            (nearest, second) = ((distance, other), nearest)
          } else if distance < second.distance {
            second = (distance, other)
          }
        }
        partners.append(places[Int(second.image)])
      }
    }
    self.count = count
    self.partners = partners
  }

  /// The place of every image in `order`.
  private static func places(_ order: [Int32]) -> [Int32] {
    var places = order
    for (place, image) in order.enumerated() { places[Int(image)] = Int32(place) }
    return places
  }
}

extension CounterRandom {
  /// A number in 0..<`limit` from 32 random bits.
  mutating func below(_ limit: Int) -> Int {
    Int(next32().multipliedFullWidth(by: UInt32(limit)).high)
  }
}

/// Σ (a − b)² of two rows, in sixteen partial sums.
private func squaredDistance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
  var sum = LaneVector.zero
  let whole = count / laneCount * laneCount
  for first in stride(from: 0, to: whole, by: laneCount) {
    let difference =
      UnsafeRawPointer(a + first).loadUnaligned(as: LaneVector.self)
      - UnsafeRawPointer(b + first).loadUnaligned(as: LaneVector.self)
    sum = sum.addingProduct(difference, difference)
  }
  for i in whole..<count { sum[i - whole] = sum[i - whole].addingProduct(a[i] - b[i], a[i] - b[i]) }
  return sum.sum()
}
