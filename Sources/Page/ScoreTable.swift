/// What the scores say of every image, and which images a cluster has.
package struct ScoreTable {
  /// An image's score is doubtful where another cluster's is at least this part of it.
  static let doubtfulShare: Float = 0.5

  /// The cluster of every image.
  let clusters: [Int32]
  /// The score of every image in its cluster.
  package private(set) var own: [Float]
  /// The cluster of the highest score but that; with one cluster, this one.
  package private(set) var second: [Int32]
  /// That score; with one cluster 0.
  package private(set) var secondScore: [Float]
  /// The images of every cluster, those of higher scores first.
  package private(set) var members: [[Int32]]
  /// The doubtful images, those of a smaller margin first.
  package private(set) var doubtful: [Int32]

  /// - Complexity: O(n·K + n log n)
  package init(_ scores: FloatRows, assignments: [Int32]) {
    clusters = assignments
    var own = [Float](repeating: 0, count: scores.rows)
    var second = assignments
    var secondScore = own
    for image in 0..<scores.rows {
      let row = scores[image]
      let cluster = Int(assignments[image])
      own[image] = row[cluster]
      var (best, place) = (-Float.infinity, -1)
      for column in 0..<row.count where column != cluster && row[column] > best {
        (best, place) = (row[column], column)
      }
      if place >= 0 { (second[image], secondScore[image]) = (Int32(place), best) }
    }
    (self.own, self.second, self.secondScore) = (own, second, secondScore)
    var members = [[Int32]](repeating: [], count: scores.columns)
    for (image, cluster) in assignments.enumerated() { members[Int(cluster)].append(Int32(image)) }
    for cluster in members.indices {
      members[cluster].sort { (-own[Int($0)], $0) < (-own[Int($1)], $1) }
    }
    self.members = members
    let margins = zip(own, secondScore).map { $0 - $1 }
    doubtful = (0..<Int32(scores.rows)).filter {
      secondScore[Int($0)] > 0 && secondScore[Int($0)] >= Self.doubtfulShare * own[Int($0)]
    }
    .sorted { (margins[Int($0)], $0) < (margins[Int($1)], $1) }
  }

  /// The mean score of a cluster's images in it; NaN where it has none.
  func meanScore(_ cluster: Int) -> Double {
    mean(members[cluster].lazy.map { own[Int($0)] })
  }

  /// The mean over all images of the score in their cluster.
  var meanScore: Double { mean(own) }

  private func mean(_ values: some Collection<Float>) -> Double {
    values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
  }
}

/// At most `count` of `items`, in even steps from the first to the last.
func spread<Item>(_ items: [Item], _ count: Int) -> [Item] {
  guard items.count > count else { return items }
  guard count > 1 else { return Array(items.prefix(count)) }
  return (0..<count).map { items[$0 * (items.count - 1) / (count - 1)] }
}
