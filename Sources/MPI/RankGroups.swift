/// Equal groups of ranks that follow each other, for work of several pieces: each piece is done whole by one group, and nothing but
/// results goes from group to group.
package final class RankGroups {
  /// The number of groups: the largest divisor of `most` that the number of ranks can be divided by, so that all groups are equally
  /// large, and get equally many of a dozen pieces.
  package let count: Int
  /// Sums over the ranks of this rank's group.
  package let reduction: GroupReduction
  private let whole: GroupReduction
  private let number: Int
  private static let most = 12

  /// Divides the ranks of `whole`. **Collective.**
  package init(_ whole: GroupReduction) throws {
    let (rank, ranks) = (whole.communicator.rank, whole.communicator.size)
    count = Self.count(ranks: ranks)
    number = rank / (ranks / count)
    let group = try whole.communicator.split(color: number, key: rank)!
    reduction = try GroupReduction(group, mode: whole.mode)
    self.whole = whole
  }

  /// The number of groups of `ranks` ranks.
  package static func count(ranks: Int) -> Int {
    (1...most).last { most % $0 == 0 && ranks % $0 == 0 } ?? 1
  }

  /// The numbers of the pieces that each of `groups` groups does: the most expensive first, dealt to and fro.
  ///
  /// - Parameter costs: of every piece, in any unit
  package static func deal(_ costs: [Int], groups: Int) -> [[Int]] {
    let order = costs.indices.sorted { costs[$0] > costs[$1] || (costs[$0] == costs[$1] && $0 < $1) }
    var dealt = Array(repeating: [Int](), count: groups)
    for (place, piece) in order.enumerated() {
      let (round, turn) = (place / groups, place % groups)
      dealt[round % 2 == 0 ? turn : groups - 1 - turn].append(piece)
    }
    return dealt
  }

  /// Does `piece` for every piece, each on one group. **Collective.**
  ///
  /// - Parameters:
  ///   - costs: of every piece, in any unit
  ///   - piece: does the piece of this number with the group's other ranks (`reduction`), and gives this rank's part of the result, which
  ///     is as long for every piece
  /// - Returns: on rank 0 the result of every piece, its ranks' parts one behind the other; elsewhere an empty one for each
  package func map(_ costs: [Int], _ piece: (Int) throws -> [Int32]) throws -> [[Int32]] {
    let dealt = Self.deal(costs, groups: count)
    let all = try whole.communicator.gather(try dealt[number].flatMap(piece))
    var results = Array(repeating: [Int32](), count: costs.count)
    for (rank, parts) in all.enumerated() {
      let pieces = dealt[rank / (whole.communicator.size / count)]
      let length = parts.count / max(1, pieces.count)
      for (place, piece) in pieces.enumerated() {
        results[piece] += parts[(place * length)..<((place + 1) * length)]
      }
    }
    return results
  }
}
