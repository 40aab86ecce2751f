import Foundation
import Support
import Testing

@Suite(.serialized) struct TraceTests {
  private static let step = [
    "data", "forward", "norm_exchange", "backward", "waiting", "gradient_exchange", "optimizer",
  ]

  @Test("dbc-bench step --trace: both ranks, all phases, in order and without overlap")
  func benchTrace() throws {
    let folder = try TemporaryDirectory()
    let run = ["step", "--architecture", "usps", "--steps", "3", "--repeat", "1"]
    let result = try bench(run + ["--trace", folder.path("trace.json")], ranks: 2)
    #expect(result.exitCode == 0, "\(result)")
    let trace = try Trace(folder.path("trace.json"))
    try trace.check(ranks: 2, phases: Self.step + ["encode", "kmeans", "target", "checkpoint"])
    #expect(trace.metadata["program"] as? String == "dbc-bench")
    // Two epochs of three steps in each stage.
    for rank in 0..<2 {
      #expect(trace.events.count { $0.rank == rank && $0.name == "optimizer" } == 12)
    }
  }

  @Test("dbc-train --trace: the same of a whole run")
  func trainTrace() throws {
    let folder = try TemporaryDirectory()
    let result = try ProcessRunner.mpirun(
      ranks: 2, program: "dbc-train",
      arguments: [
        "--recipe", "paper", "--built-in-images", "64", "--batch-size", "64", "--pretrain-epochs", "1",
        "--chain-epochs", "1",
        "--kmeans-restarts", "1", "--quiet", "--output", folder.path("run"), "--trace",
        folder.path("trace.json"),
      ])
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result)")
    let trace = try Trace(folder.path("trace.json"))
    try trace.check(ranks: 2, phases: Self.step + ["encode", "kmeans", "target", "checkpoint"])
    #expect(trace.metadata["program"] as? String == "dbc-train")
  }

  @Test("a trace that cannot be written is an error before the work begins")
  func unwritable() throws {
    let folder = try TemporaryDirectory()
    let file = folder.path("missing/trace.json")
    let train = try ProcessRunner.mpirun(
      ranks: 2, program: "dbc-train", arguments: ["--output", folder.path("run"), "--trace", file])
    for result in [train, try bench(["step", "--trace", file], ranks: 2)] {
      #expect(result.exitCode == 74 && result.errors.contains("\(file): cannot be written"), "\(result)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path("run")))
  }
}

/// A trace file, read back.
private struct Trace {
  struct Event {
    let rank: Int
    let track: Int
    let name: String
    let start: Double
    let end: Double
  }

  let metadata: [String: Any]
  let events: [Event]
  /// The names of processes, and of tracks by process.
  private let processes: [Int: String]
  private let tracks: [Int: [Int: String]]

  init(_ path: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let file = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    metadata = try #require(file["otherData"] as? [String: Any])
    var events: [Event] = []
    var processes: [Int: String] = [:]
    var tracks: [Int: [Int: String]] = [:]
    for entry in try #require(file["traceEvents"] as? [[String: Any]]) {
      let process = try #require(entry["pid"] as? Int)
      let name = try #require(entry["name"] as? String)
      let title = (entry["args"] as? [String: Any])?["name"] as? String
      switch (entry["ph"] as? String, name) {
      case ("M", "process_name"): processes[process] = title
      case ("M", "thread_name"): tracks[process, default: [:]][try #require(entry["tid"] as? Int)] = title
      case ("M", _): break
      case ("X", _):
        let start = try entry.number("ts")
        events.append(
          Event(
            rank: process, track: try #require(entry["tid"] as? Int), name: name, start: start,
            end: start + (try entry.number("dur"))))
      default: Issue.record("unexpected \(entry)")
      }
    }
    (self.events, self.processes, self.tracks) = (events, processes, tracks)
  }

  /// Expects `ranks` processes with names, exactly `phases` on each, one track per phase, and no two events of a rank
  /// at one time.
  func check(ranks: Int, phases: [String]) throws {
    #expect(metadata["ranks"] as? Int == ranks)
    #expect(metadata["events_dropped"] as? [Int] == Array(repeating: 0, count: ranks))
    #expect(metadata["note"] == nil)
    #expect(processes.keys.sorted() == Array(0..<ranks))
    for rank in 0..<ranks {
      #expect(processes[rank]?.hasPrefix("rank \(rank), ") == true)
      let own = events.filter { $0.rank == rank }
      #expect(Set(own.map(\.name)) == Set(phases))
      for event in own {
        #expect(tracks[rank]?[event.track] == event.name.replacingOccurrences(of: "_", with: " "))
        #expect(event.start >= 0 && event.end > event.start)
      }
      // A nanosecond is lost in reading the numbers back.
      for (before, after) in zip(own, own.dropFirst()) { #expect(after.start > before.end - 2e-3) }
    }
    #expect(events.contains { $0.start == 0 })
  }
}
