import MPI

extension RankView {
  func name(of count: Int) -> String { "rank \(rank) of \(count) (\(host))" }

  /// Where the rank is in the run, such as `stage I, epoch 2, after step 3, phase forward`.
  var place: String {
    var words = [state.part]
    if state.epoch > 0 { words.append("epoch \(state.epoch)") }
    if state.step > 0 { words.append("after step \(state.step)") }
    if !state.phase.isEmpty { words.append("phase \(state.phase)") }
    if !state.work.isEmpty { words.append(state.work) }
    return words.joined(separator: ", ")
  }

  /// The MPI call that the rank is in, or where between two of them it is.
  var call: String {
    if state.call.isEmpty { return "after collective \(state.sequence)" }
    return state.callIsCounted
      ? "inside \(state.call), collective \(state.sequence)"
      : "inside \(state.call) of some ranks, after collective \(state.sequence)"
  }
}

extension Verdict {
  /// The ranks named at most; of the others, the number.
  private static let most = 4

  /// What is wrong, in one sentence or two.
  package func text(ranks count: Int) -> String {
    func list(_ ranks: [RankView], _ text: (RankView) -> String) -> String {
      var parts = ranks.prefix(Self.most).map(text)
      if ranks.count > Self.most { parts.append("and \(ranks.count - Self.most) more") }
      return parts.joined(separator: "; ")
    }
    func seconds(_ value: Double?) -> String { "\(Int((value ?? 0).rounded())) s" }
    func full(_ rank: RankView) -> String {
      "\(rank.name(of: count)): \(rank.place), \(rank.call) for \(seconds(rank.callSeconds))"
    }
    func others(_ waiting: [RankView]) -> String {
      if waiting.isEmpty { return "" }
      return "; waiting: "
        + list(waiting) { "rank \($0.rank), \($0.place), \($0.call) for \(seconds($0.callSeconds))" }
    }
    switch self {
    case .lost(let ranks, let waiting):
      return "no heartbeat for \(seconds(ranks.map(\.silentSeconds).max())) of "
        + list(ranks) { "\($0.name(of: count)), last seen in \($0.place), \($0.call)" }
        + ": its process is stopped or gone, its host is down, or the link to it is cut" + others(waiting)
    case .late(let late, let waiting):
      return "no progress for \(seconds(late.map(\.stillSeconds).min())): the others wait for "
        + list(late) { "\($0.name(of: count)), in \($0.place), \($0.link == .left ? "gone" : $0.call)" }
        + others(waiting)
    case .apart(let ranks):
      return "no progress for \(seconds(ranks.map(\.stillSeconds).min())): the ranks are in different "
        + "collectives: " + list(ranks, full)
    case .stuck(let ranks):
      return
        "no progress for \(seconds(ranks.map(\.stillSeconds).min())): all ranks are in the same collective, "
        + "which does not end; the network between them may be cut: " + list(ranks, full)
    }
  }
}
