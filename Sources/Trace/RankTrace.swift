import Basics
import MPI
import Training

/// What one rank recorded, on the clock of rank 0.
struct RankTrace: Sendable {
  let rank: Int
  let host: String
  /// In the order of time; events of one phase do not overlap.
  let events: [PhaseEvent]
  /// Events beyond the limit, which were not kept.
  let dropped: Int
  /// How far the clock may be off against rank 0's, in seconds.
  let clockUncertainty: Double

  /// Every rank's events, on rank 0; empty elsewhere. **Collective.**
  static func gather(
    _ clock: PhaseClock, _ world: borrowing Communicator
  ) throws(MPIError) -> [RankTrace] {
    let hosts = try world.hosts()
    let clocks = try clockOffsets(hosts, world)
    let codes = Dictionary(uniqueKeysWithValues: Phase.allCases.enumerated().map { ($1, UInt8($0)) })
    let phases = try world.gather(clock.events.map { codes[$0.phase] ?? 0 })
    let times = try world.gather(clock.events.flatMap { [$0.start, $0.end] })
    let dropped = try world.gather(Int64(clock.droppedEvents))
    return phases.indices.map { rank in
      let offset = clocks.offsets[rank]
      let events = phases[rank].indices.map { event in
        PhaseEvent(
          phase: Phase.allCases[Int(phases[rank][event])], start: times[rank][2 * event] - offset,
          end: times[rank][2 * event + 1] - offset)
      }
      return RankTrace(
        rank: rank, host: hosts[rank], events: events, dropped: Int(dropped[rank]),
        clockUncertainty: hosts[rank] == hosts[0] ? 0 : clocks.uncertainty)
    }
  }

  /// How far every rank's clock is ahead of rank 0's. **Collective.**
  ///
  /// At one moment all ranks are inside a barrier, and each reads its clock before and after it. Of many tries the
  /// one with the shortest barriers, whose length bounds the error, is believed. Ranks of one host share a clock.
  private static func clockOffsets(
    _ hosts: [String], _ world: borrowing Communicator
  ) throws(MPIError) -> (offsets: [Double], uncertainty: Double) {
    var best: (offsets: [Double], uncertainty: Double) = (hosts.map { _ in 0 }, .infinity)
    for _ in 0..<100 {
      try world.barrier()
      let before = monotonicSeconds()
      try world.barrier()
      let after = monotonicSeconds()
      let middles = try world.allGather((before + after) / 2)
      let uncertainty = try world.allReduce(after - before, .max)
      if uncertainty < best.uncertainty { best = (middles.map { $0 - middles[0] }, uncertainty) }
    }
    for rank in hosts.indices where hosts[rank] == hosts[0] { best.offsets[rank] = 0 }
    return best
  }
}
