import MPI

extension EmbeddingMap {
  /// Places for images that are not among those of a map, where their nearest neighbours are, `[images][2]`.
  ///
  /// A place is a mean of the neighbours' places with weights in inverse proportion to their squared distance. Where they
  /// stand at several places of the map, one that has the most weight around it is chosen, and the others hardly count:
  /// the plain mean would lie between, where none of them is.
  ///
  /// - Parameters:
  ///   - neighbours: of these images among the map's
  ///   - points: the map's, `[images][2]`
  package static func placed(_ neighbours: NeighbourTable, among points: [Float]) -> [Float] {
    let count = neighbours.count
    var result: [Float] = []
    result.reserveCapacity(count > 0 ? 2 * neighbours.images.count / count : 0)
    for first in stride(from: 0, to: neighbours.images.count, by: max(count, 1)) {
      Whereabouts.beat()
      var nearest: [(place: SIMD2<Float>, weight: Float)] = []
      let least = neighbours.distances[first]
      // None where distances were not finite.
      for entry in first..<(first + count) where neighbours.images[entry] >= 0 {
        let image = Int(neighbours.images[entry])
        let distance = neighbours.distances[entry]
        nearest.append(
          (SIMD2(points[2 * image], points[2 * image + 1]), distance > least ? least / distance : 1))
      }
      let place = meanAround(mode(of: nearest), nearest)
      result += [place.x, place.y]
    }
    return result
  }

  /// The first of the places with the most weight around it.
  private static func mode(of nearest: [(place: SIMD2<Float>, weight: Float)]) -> SIMD2<Float> {
    var best = (place: SIMD2<Float>.zero, weight: Float(-1))
    for centre in nearest {
      let weight = nearest.reduce(Float(0)) { $0 + $1.weight * closeness($1.place, centre.place) }
      if weight > best.weight { best = (centre.place, weight) }
    }
    return best.place
  }

  private static func meanAround(
    _ centre: SIMD2<Float>, _ nearest: [(place: SIMD2<Float>, weight: Float)]
  ) -> SIMD2<Float> {
    var (sum, total) = (SIMD2<Float>.zero, Float(0))
    for (place, weight) in nearest {
      let share = weight * closeness(place, centre)
      sum += share * (place - centre)
      total += share
    }
    return total > 0 ? centre + sum / total : centre
  }

  /// One for equal places; it falls with the fourth power of large distances.
  private static func closeness(_ a: SIMD2<Float>, _ b: SIMD2<Float>) -> Float {
    let width = 1 + ((a - b) * (a - b)).sum()
    return 1 / (width * width)
  }
}
