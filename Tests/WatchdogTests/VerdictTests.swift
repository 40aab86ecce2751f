import MPI
import Testing
import Watchdog

/// The judgement alone: from what rank 0 knows of the ranks to a verdict and its words.
struct VerdictTests {
  private let limits = HangLimits(seconds: 10)

  /// A rank that has been in a call, or outside of all, for as long as it has been still.
  private func rank(
    _ rank: Int, _ call: String, _ sequence: UInt, still: Double, silent: Double = 0.3,
    link: RankView.Link = .live, work: String = "", counted: Bool = true
  ) -> RankView {
    RankView(
      rank: rank, host: "node\(rank)", link: link,
      state: RankState(
        sequence: sequence, call: call, callIsCounted: counted, work: work, part: "stage I", epoch: 2,
        step: 3,
        phase: "forward"),
      silentSeconds: silent, stillSeconds: still, callSeconds: still)
  }

  private func verdict(_ ranks: RankView...) -> Verdict? { Verdict(ranks, limits) }

  @Test("a job that gets on is not judged")
  func progress() {
    #expect(verdict(rank(0, "", 5, still: 0.1), rank(1, "MPI_Bcast", 6, still: 1)) == nil)
    #expect(verdict(rank(0, "MPI_Bcast", 6, still: 9.9), rank(1, "", 5, still: 9.9)) == nil)
    #expect(verdict() == nil)
  }

  @Test("one slow rank that gets on acquits all, however long the others wait")
  func slowRank() {
    #expect(
      verdict(
        rank(0, "MPI_Bcast", 6, still: 500), rank(1, "", 5, still: 0.4), rank(2, "MPI_Bcast", 6, still: 500))
        == nil)
  }

  @Test("declared work of one rank has six times as long")
  func work() {
    let waiting = rank(1, "MPI_Bcast", 6, still: 59)
    #expect(verdict(rank(0, "", 5, still: 59, work: "target R"), waiting) == nil)
    #expect(verdict(rank(0, "", 5, still: 59), waiting) != nil)
    let late = verdict(rank(0, "", 5, still: 60, work: "target R"), rank(1, "MPI_Bcast", 6, still: 61))
    #expect(late?.text(ranks: 2).contains("phase forward, target R") == true)
    // A process that is stopped in its work does not get more time for that.
    let silent = rank(0, "", 5, still: 10, silent: 10, work: "target R")
    #expect(verdict(silent, waiting) == .lost([silent], waiting: [waiting]))
  }

  @Test("the rank that has not entered the collective is late")
  func late() {
    let ranks = [
      rank(0, "MPI_Allgatherv", 6, still: 11), rank(1, "", 5, still: 12),
      rank(2, "MPI_Allgatherv", 6, still: 11),
    ]
    #expect(Verdict(ranks, limits) == .late([ranks[1]], waiting: [ranks[0], ranks[2]]))
    #expect(
      Verdict(ranks, limits)!.text(ranks: 3)
        == "no progress for 12 s: the others wait for rank 1 of 3 (node1), in stage I, epoch 2, after step 3, phase "
        + "forward, after collective 5; waiting: rank 0, stage I, epoch 2, after step 3, phase forward, inside "
        + "MPI_Allgatherv, collective 6 for 11 s; rank 2, stage I, epoch 2, after step 3, phase forward, inside "
        + "MPI_Allgatherv, collective 6 for 11 s")
  }

  @Test("a rank that has left a collective early and computes is late, not those still inside of it")
  func root() {
    let ranks = [rank(0, "", 6, still: 11), rank(1, "MPI_Bcast", 6, still: 11)]
    #expect(Verdict(ranks, limits) == .late([ranks[0]], waiting: [ranks[1]]))
  }

  @Test("of ranks that are all in calls, those in the earliest are late")
  func behind() {
    let ranks = [
      rank(0, "MPI_Bcast", 7, still: 11), rank(1, "MPI_Bcast", 6, still: 11, counted: false),
      rank(2, "MPI_Bcast", 7, still: 11),
    ]
    #expect(Verdict(ranks, limits) == .late([ranks[1]], waiting: [ranks[0], ranks[2]]))
    #expect(
      Verdict(ranks, limits)!.text(ranks: 3).contains("inside MPI_Bcast of some ranks, after collective 6"))
  }

  @Test("different calls with one number, and one call that does not end, are told apart")
  func apart() {
    let different = [rank(0, "MPI_Bcast", 7, still: 11), rank(1, "MPI_Barrier", 7, still: 11)]
    #expect(Verdict(different, limits) == .apart(different))
    let text = Verdict(different, limits)!.text(ranks: 2)
    #expect(
      text.contains("different collectives") && text.contains("inside MPI_Barrier, collective 7 for 11 s"))
    let same = [rank(0, "MPI_Bcast", 7, still: 11), rank(1, "MPI_Bcast", 7, still: 11)]
    #expect(Verdict(same, limits) == .stuck(same))
    #expect(Verdict(same, limits)!.text(ranks: 2).contains("which does not end"))
  }

  @Test("silence is judged alone; all that fell silent together are named, four at most")
  func silence() {
    let ranks = [
      rank(0, "MPI_Bcast", 6, still: 2), rank(1, "", 5, still: 10, silent: 10),
      rank(2, "", 5, still: 10, silent: 9.6), rank(3, "MPI_Bcast", 6, still: 2, silent: 1),
    ]
    #expect(Verdict(ranks, limits) == .lost([ranks[1], ranks[2]], waiting: [ranks[0], ranks[3]]))
    let text = Verdict(ranks, limits)!.text(ranks: 4)
    #expect(text.hasPrefix("no heartbeat for 10 s of rank 1 of 4 (node1), last seen in stage I, epoch 2"))
    #expect(text.contains("the link to it is cut; waiting: rank 0"))
    let many = [rank(0, "MPI_Bcast", 6, still: 1)] + (1...9).map { rank($0, "", 5, still: 10, silent: 10) }
    #expect(Verdict(many, limits)!.text(ranks: 10).contains("rank 4 of 10 (node4), last seen"))
    #expect(Verdict(many, limits)!.text(ranks: 10).contains("and 5 more"))
  }

  @Test("nothing follows from the silence of a rank that was never heard, or has left in order")
  func noHeartbeats() {
    #expect(
      verdict(
        rank(0, "MPI_Bcast", 6, still: 1), rank(1, "", 0, still: 99, silent: 99, link: .absent),
        rank(2, "", 9, still: 99, silent: 99, link: .left)) == nil)
    let left = rank(1, "", 9, still: 99, silent: 99, link: .left)
    let waiting = rank(0, "MPI_Bcast", 10, still: 11)
    #expect(verdict(waiting, left) == .late([left], waiting: [waiting]))
    #expect(verdict(waiting, left)!.text(ranks: 2).contains("phase forward, gone"))
  }

  @Test("a watch that was stopped itself does not count that time")
  func clock() {
    var clock = WatchClock(longestTick: 2, now: 100)
    clock.tick(now: 100.5)
    clock.tick(now: 4000)
    clock.tick(now: 4001)
    #expect(clock.seconds == 3.5)
    var record = HeartbeatRecord(rank: 1, host: "node", isWatched: true)
    record.note(RankState(beats: 1, sequence: 1, call: "MPI_Bcast"), at: 1)
    record.note(RankState(beats: 1, sequence: 1, call: "MPI_Bcast"), at: 3)
    let view = record.view(at: 4)
    #expect((view.silentSeconds, view.stillSeconds, view.callSeconds) == (1, 3, 3))
  }

  @Test("what the main thread writes is what another thread reads, and costs nanoseconds")
  func whereabouts() {
    let count = 1_000_000
    let start = ContinuousClock.now
    for step in 0..<count {
      Whereabouts.place("stage II", epoch: 4, step: step)
      Whereabouts.phase("forward")
    }
    let nanoseconds = (ContinuousClock.now - start) / .nanoseconds(2 * count)
    print("whereabouts: \(nanoseconds) ns")
    #expect(nanoseconds < 500)
    let state = Whereabouts.working("target R") { Whereabouts.current }
    #expect((state.part, state.epoch, state.step) == ("stage II", 4, count - 1))
    #expect((state.phase, state.work, state.call) == ("forward", "target R", ""))
    #expect(Whereabouts.current.work.isEmpty && Whereabouts.current.beats > state.beats)
  }

  @Test("frames come back as they were; others' are refused")
  func frames() {
    let state = RankState(
      beats: .max, sequence: 7, call: "MPI_Allgatherv", callIsCounted: false, work: "target R",
      part: String(repeating: "é", count: 40), epoch: 3, step: -1, phase: "")
    let bytes = Frame(.leave, rank: 12, state).bytes(token: 99)
    #expect(bytes.count == Frame.byteCount)
    var expected = state
    expected.part = String(repeating: "é", count: 24)
    #expect(Frame(bytes[...], token: 99) == Frame(.leave, rank: 12, expected))
    #expect(Frame(bytes[...], token: 98) == nil && Frame(bytes.dropLast(), token: 99) == nil)
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 0xFF
      _ = Frame(damaged[...], token: 99)
    }
  }
}
