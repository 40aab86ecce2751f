import MPI

/// What rank 0 knows of a rank.
package struct RankView: Equatable, Sendable {
  /// Whether the rank sends heartbeats.
  package enum Link: Sendable {
    /// It does, or should.
    case live
    /// It has said that its run is over.
    case left
    /// It never could: nothing follows from its silence.
    case absent
  }

  /// The rank's number.
  package let rank: Int
  /// The rank's host.
  package let host: String
  /// Whether it is heard of.
  package var link: Link
  /// Where it was when last heard of.
  package var state: RankState
  /// Seconds since the last heartbeat.
  package var silentSeconds: Double
  /// Seconds since the rank's last sign of progress.
  package var stillSeconds: Double
  /// Seconds since the rank has entered the call that it is in, or left the last one.
  package var callSeconds: Double

  /// What is known of a rank.
  package init(
    rank: Int, host: String, link: Link, state: RankState = RankState(), silentSeconds: Double = 0,
    stillSeconds: Double = 0, callSeconds: Double = 0
  ) {
    (self.rank, self.host, self.link, self.state) = (rank, host, link, state)
    self.silentSeconds = silentSeconds
    self.stillSeconds = stillSeconds
    self.callSeconds = callSeconds
  }
}

/// How long a rank may be silent, or all ranks without progress.
package struct HangLimits: Equatable, Sendable {
  /// In general.
  package var seconds: Double
  /// While a rank does work that the others wait for.
  package var workSeconds: Double

  /// Work of one rank alone (reading the catalogue, R, metrics, files) may take six times as long.
  package init(seconds: Double) { (self.seconds, workSeconds) = (seconds, 6 * seconds) }
}

/// That a job does not get on, and who is to blame.
package enum Verdict: Equatable, Sendable {
  /// No heartbeats of the first ranks; the others wait for them.
  case lost([RankView], waiting: [RankView])
  /// The first ranks are late; the others wait for them.
  case late([RankView], waiting: [RankView])
  /// The ranks are in different calls that have the same number.
  case apart([RankView])
  /// All ranks are in the same call, and it does not end.
  case stuck([RankView])

  /// Judges the ranks of a job; nil as long as there is nothing to complain of.
  ///
  /// Any rank that gets on acquits all of them: a slow rank, or a slow root, is not late.
  package init?(_ ranks: [RankView], _ limits: HangLimits) {
    let live = ranks.filter { $0.link == .live }
    guard !live.isEmpty else { return nil }
    let limit = live.contains { !$0.state.work.isEmpty } ? limits.workSeconds : limits.seconds
    let isLost = live.contains { $0.silentSeconds >= limits.seconds }
    guard isLost || live.allSatisfy({ $0.stillSeconds >= limit }) else { return nil }
    // Those behind one link fall silent together, but their last heartbeats are not of the same moment.
    let silent = live.filter { $0.silentSeconds >= 0.75 * limits.seconds }
    if silent.isEmpty {
      self = Self.standstill(of: ranks.filter { $0.link != .absent })
    } else {
      self = .lost(silent, waiting: Self.others(silent, in: live))
    }
  }

  private static func standstill(of ranks: [RankView]) -> Verdict {
    let outside = ranks.filter { $0.state.call.isEmpty }
    // A rank outside of all calls keeps the others waiting; of several, those that have come least far.
    let suspects = outside.isEmpty ? ranks : outside
    let least = suspects.map(\.state.sequence).min()!
    let late = suspects.filter { $0.state.sequence == least }
    let waiting = others(late, in: ranks)
    if !outside.isEmpty || !waiting.isEmpty { return .late(late, waiting: waiting) }
    return Set(ranks.map(\.state.call)).count > 1 ? .apart(ranks) : .stuck(ranks)
  }

  private static func others(_ some: [RankView], in ranks: [RankView]) -> [RankView] {
    ranks.filter { rank in !some.contains { $0.rank == rank.rank } }
  }
}
