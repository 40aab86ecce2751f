import Clustering
import Lanes

/// Which pairs of clusters have images that might belong to both.
package struct ClusterPairs {
  /// Two clusters, and how much their scores overlap.
  package struct Pair: Equatable {
    /// The clusters, the smaller number first.
    package let first: Int
    /// The other one.
    package let second: Int
    /// 0: no image has a score in both; 1: all images have the same scores in both.
    package let overlap: Double

    /// Two clusters.
    package init(_ first: Int, _ second: Int, overlap: Double) {
      (self.first, self.second, self.overlap) = (first, second, overlap)
    }
  }

  /// Images that are looked at; of more, every m-th is.
  static let mostImages = 50_000
  private static let block = 512

  /// The pairs of the largest overlap, which is the sum over images of s_a·s_b, divided by the root of that of s_a² times that
  /// of s_b².
  ///
  /// - Complexity: O(n·K²) multiply-adds, n at most 50 000
  package static func most(_ scores: FloatRows, count: Int) -> [Pair] {
    let width = scores.columns
    let step = (scores.rows + mostImages - 1) / mostImages
    let rows = AlignedBuffer<Double>(count: block * width, for: "overlaps")
    var sums = [Double](repeating: 0, count: width * width)
    for first in stride(from: 0, to: scores.rows, by: block * step) {
      let images = stride(from: first, to: min(first + block * step, scores.rows), by: step)
      var count = 0
      for image in images {
        for (column, score) in scores[image].enumerated() {
          rows.base[count * width + column] = Double(score)
        }
        count += 1
      }
      addInnerProducts(rows.base, rows.base, to: &sums, rows: count, width: width)
    }
    var pairs: [Pair] = []
    for a in 0..<width {
      for b in (a + 1)..<width {
        let norm = (sums[a * width + a] * sums[b * width + b]).squareRoot()
        if norm > 0 { pairs.append(Pair(a, b, overlap: min(1, sums[a * width + b] / norm))) }
      }
    }
    pairs.sort { (-$0.overlap, $0.first, $0.second) < (-$1.overlap, $1.first, $1.second) }
    return Array(pairs.prefix(count))
  }

  /// The images between two clusters: those of the largest s_a·s_b.
  static func between(_ pair: Pair, _ scores: FloatRows, count: Int) -> [Int32] {
    var best: [(value: Float, image: Int32)] = []
    for image in 0..<scores.rows {
      let value = scores[image, pair.first] * scores[image, pair.second]
      if best.count < count || value > best[best.count - 1].value {
        best.insert((value, Int32(image)), at: best.firstIndex { $0.value < value } ?? best.count)
        if best.count > count { best.removeLast() }
      }
    }
    return best.map(\.image)
  }
}
