import MPI
import Report
import Training

/// The phases of all ranks as a file for Perfetto: a process per rank, a track per phase, one clock.
package enum PhaseTrace {
  /// Events that a rank's clock should record at most: memory stays below 6 MB on a rank, 100 MB over all ranks.
  package static func eventLimit(ranks: Int) -> Int { min(1 << 18, (1 << 22) / ranks) }

  /// Writes what the `clock` of every rank recorded to `path`, on rank 0. **Collective.**
  ///
  /// Throws on all ranks where the file cannot be written.
  package static func write(
    _ clock: PhaseClock, to path: String, program: String, _ world: borrowing Communicator
  ) throws {
    let ranks = try RankTrace.gather(clock, world)
    try world.onRoot {
      let zero = ranks.compactMap(\.events.first?.start).min() ?? 0
      func nanoseconds(_ time: Double) -> Int { Int(((time - zero) * 1e9).rounded()) }
      let tracks = Dictionary(uniqueKeysWithValues: Phase.allCases.enumerated().map { ($1, $0) })
      var file = try TraceFile(path, metadata: metadata(ranks, program))
      for rank in ranks {
        try file.add(
          process: rank.rank, name: "rank \(rank.rank), \(rank.host)", tracks: Phase.allCases.map(\.title))
        for event in rank.events {
          try file.add(
            process: rank.rank, track: tracks[event.phase] ?? 0, name: event.phase.rawValue,
            start: nanoseconds(event.start), end: nanoseconds(event.end))
        }
      }
      try file.finish()
    }
  }

  private static func metadata(_ ranks: [RankTrace], _ program: String) -> JSONLine {
    var metadata = JSONLine()
    metadata.add("program", program)
    metadata.add("ranks", ranks.count)
    metadata.add("clock_uncertainty_us", ranks.map { $0.clockUncertainty * 1e6 }.max() ?? 0)
    let dropped = ranks.map(\.dropped)
    metadata.add("events_dropped", dropped)
    if dropped.contains(where: { $0 > 0 }) {
      let limit = eventLimit(ranks: ranks.count)
      metadata.add("note", "the trace ends early: a rank records \(limit) events at most")
    }
    return metadata
  }
}
