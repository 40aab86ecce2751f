import Lanes

/// How far the training images of every cluster are from its centre: what a new image's distance is judged by.
package struct DistanceQuantiles: Sendable {
  /// Order statistics of a cluster: minimum, 99 in between, maximum.
  package static let count = 101

  /// The training images in each cluster.
  package let sizes: [Int]
  /// `[clusters][count]`: number j of a cluster is the distance at place `place(j, of: size)` among its images' distances in
  /// ascending order; zeros where a cluster is empty.
  package let values: [Float]

  /// What a file holds.
  package init(sizes: [Int], values: [Float]) {
    precondition(values.count == sizes.count * Self.count)
    (self.sizes, self.values) = (sizes, values)
  }

  /// The table of images whose features are known.
  ///
  /// - Parameters:
  ///   - rows: `[images][features]`
  ///   - assignments: the cluster of every image
  ///   - centres: `[clusters][features]`
  package init(
    _ rows: UnsafePointer<Float>, features: Int, assignments: [Int32], centres: [Float]
  ) {
    let clusters = centres.count / features
    var distances = [[Float]](repeating: [], count: clusters)
    for (image, cluster) in assignments.enumerated() {
      distances[Int(cluster)].append(
        centres.withUnsafeBufferPointer {
          distance(rows + image * features, $0.baseAddress! + Int(cluster) * features, count: features)
        })
    }
    sizes = distances.map(\.count)
    values = distances.flatMap { distances in
      let sorted = distances.sorted()
      return (0..<Self.count).map {
        sorted.isEmpty ? 0 : sorted[Self.place($0, of: sorted.count)]
      }
    }
  }

  /// The place, from 0, of order statistic `number` among `size` distances.
  private static func place(_ number: Int, of size: Int) -> Int {
    (number * (size - 1) + (count - 1) / 2) / (count - 1)
  }

  /// The share of the training images in `cluster` that are nearer to its centre than `distance`: 1 where all are, and where there
  /// are none. Exact at the order statistics; linear in the distance between two of them.
  package func shareNearer(than distance: Float, in cluster: Int) -> Float {
    let (start, size) = (cluster * Self.count, sizes[cluster])
    guard size > 0, distance <= values[start + Self.count - 1] else { return 1 }
    // The first one that is not nearer.
    var (number, high) = (0, Self.count - 1)
    while number < high {
      let middle = (number + high) / 2
      if values[start + middle] < distance { number = middle + 1 } else { high = middle }
    }
    guard number > 0 else { return 0 }
    let (before, after) = (Double(values[start + number - 1]), Double(values[start + number]))
    // That before it is nearer itself, and so are all at lower places.
    let least = Double(Self.place(number - 1, of: size) + 1)
    let most = Double(Self.place(number, of: size))
    let fraction = (Double(distance) - before) / (after - before)
    return Float((least + fraction * (most - least)) / Double(size))
  }
}

/// The Euclidean distance of two rows of `count` numbers, in double precision by four partial sums, rounded at the end.
package func distance(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
  var sums = SIMD4<Double>.zero
  var place = 0
  while place &+ 4 <= count {
    var difference = SIMD4<Double>.zero
    for part in 0..<4 { difference[part] = Double(a[place &+ part]) - Double(b[place &+ part]) }
    sums += difference * difference
    place &+= 4
  }
  while place < count {
    let difference = Double(a[place]) - Double(b[place])
    sums[0] += difference * difference
    place &+= 1
  }
  return Float(((sums[0] + sums[1]) + (sums[2] + sums[3])).squareRoot())
}
