import Lanes
import MPI

/// How strongly two parts of a graph are linked.
package enum PartLink: String, CaseIterable, Codable, Sendable {
  /// The weight between them over the product of their volumes (average linkage, Sokal and Michener 1958): small parts are merged
  /// before large ones, and clusters become about equally large.
  case average
  /// The weight over the root of that product: how large the parts are makes no difference where each has the same share of
  /// its weight between them.
  case root

  func strength(weight: Double, _ volume: Double, _ other: Double) -> Double {
    switch self {
    case .average: weight / (volume * other)
    case .root: weight / (volume * other).squareRoot()
    }
  }
}

extension NeighbourGraph {
  /// Merges parts of a partition until `clusters` are left: again and again the two with the strongest link.
  ///
  /// - Parameters:
  ///   - assignments: `[nodes]`, the part of every node
  ///   - parts: their number; some may be empty
  /// - Returns: the cluster of every part, `[parts]`, in `0..<clusters`.
  package func merging(_ assignments: [Int32], parts: Int, into clusters: Int, by link: PartLink) -> [Int32] {
    precondition(assignments.count == nodes && clusters >= 1)
    var links = [Double](repeating: 0, count: parts * parts)
    var volumes = [Double](repeating: 0, count: parts)
    for node in 0..<nodes {
      Whereabouts.beat()
      let part = Int(assignments[node])
      volumes[part] += degrees[node]
      for entry in starts[node]..<starts[node + 1] {
        links[part * parts + Int(assignments[Int(columns[entry])])] += Double(weights[entry])
      }
    }
    var clusterOfPart = (0..<parts).map { $0 }
    // Empty parts need no cluster of their own.
    var live = (0..<parts).filter { volumes[$0] > 0 }
    func strength(_ a: Int, _ b: Int) -> Double {
      link.strength(weight: links[a * parts + b], volumes[a], volumes[b])
    }
    // Of every part the strongest link to a later one, the first of equals; −1 of the last part.
    var strongest = [Double](repeating: -1, count: parts)
    var partners = [Int](repeating: 0, count: parts)
    func findPartner(ofLive number: Int) {
      let a = live[number]
      strongest[a] = -1
      for b in live[(number + 1)...] {
        let strength = strength(a, b)
        if strength > strongest[a] { (strongest[a], partners[a]) = (strength, b) }
      }
    }
    for number in live.indices { findPartner(ofLive: number) }
    while live.count > max(1, clusters) {
      Whereabouts.beat()
      var first = live[0]
      for a in live where strongest[a] > strongest[first] { first = a }
      let second = partners[first]
      for other in live {
        links[first * parts + other] += links[second * parts + other]
        links[other * parts + first] = links[first * parts + other]
      }
      volumes[first] += volumes[second]
      live.removeAll { $0 == second }
      for (number, a) in live.enumerated() where a < second {
        if a == first || partners[a] == first || partners[a] == second {
          findPartner(ofLive: number)
        } else if a < first {
          let strength = strength(a, first)
          if (strength, -first) > (strongest[a], -partners[a]) {
            (strongest[a], partners[a]) = (strength, first)
          }
        }
      }
      for part in 0..<parts where clusterOfPart[part] == second { clusterOfPart[part] = first }
    }
    var numbers = [Int: Int32]()
    for part in live { numbers[part] = Int32(numbers.count) }
    return clusterOfPart.map { numbers[$0] ?? 0 }
  }
}
