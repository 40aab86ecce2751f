import Foundation
import Support
import Testing

extension WatchdogTests {
  /// A link between two hosts that is cut.
  @Suite(.serialized) struct LinkTests {
    private static let endless = WatchedRun.options + ["--pretrain-epochs", "100000"]

    /// Two hosts; nil, with a message, where they cannot be made.
    private func pair() throws -> NetworkPair? {
      let pair = try NetworkPair.make()
      if pair == nil { print("skipped: a cut link, as this user may not make network namespaces (ip netns)") }
      return pair
    }

    @Test(
      "a link cut for good: the lost host's rank is named, and the job ends on both hosts, mpirun included",
      arguments: [true, false])
    func cut(mayTakeSockets: Bool) async throws {
      guard let pair = try pair() else { return }
      defer { pair.remove() }
      let folder = try TemporaryDirectory()
      let path = folder.path("run")
      // Without the capabilities that mpirun has, a rank may not take its sockets: mpirun has to be killed.
      let wrapper = mayTakeSockets ? [] : ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
      let running = Background {
        try pair.train(Self.endless + ["--hang-timeout", "5s", "--output", path], wrapper: wrapper)
      }
      try await epochs(2, path)
      // So that every rank has sent a heartbeat from its training.
      try await Task.sleep(for: .seconds(1.5))
      try pair.setLink(up: false)
      let cut = ContinuousClock.now
      let result = try await running.value
      let seconds = (ContinuousClock.now - cut) / .seconds(1)
      print("a cut link: exit code \(result.exitCode) after \(seconds) s")
      #expect(result.exitCode == (mayTakeSockets ? 80 : 137) && !result.timedOut, "\(result)")
      #expect(seconds > 4 && seconds < 30, "\(seconds) s: \(result)")
      #expect(WatchedRun.alarms(result).count == 1, "\(result)")
      for text in [
        "no heartbeat for ", " s of rank 2 of 3 (\(pair.names[1]))", "last seen in stage I, epoch ",
        "the link to it is cut", "; waiting: rank 0, stage I, epoch ", "inside MPI_",
      ] {
        #expect(result.errors.contains(text), "\(text): \(result)")
      }
      let silent = try #require(WatchedRun.silentSeconds(result))
      #expect(silent >= 5 && Double(silent) < seconds + 1)
      // On the other host, out of reach, rank and daemon have ended by themselves.
      for _ in 0..<300 where !pair.names.allSatisfy({ pair.processes(on: $0).isEmpty }) {
        try await Task.sleep(for: .milliseconds(100))
      }
      for name in pair.names { #expect(pair.processes(on: name).isEmpty) }
    }

    @Test("a link that is mended within the limit: the run goes on to its end")
    func mended() async throws {
      guard let pair = try pair() else { return }
      defer { pair.remove() }
      let folder = try TemporaryDirectory()
      let path = folder.path("run")
      let running = Background {
        try pair.train(
          WatchedRun.options + ["--pretrain-epochs", "30", "--hang-timeout", "30s", "--output", path])
      }
      try await epochs(2, path)
      try pair.setLink(up: false)
      try await Task.sleep(for: .seconds(3))
      try pair.setLink(up: true)
      let result = try await running.value
      #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result)")
    }

    /// Waits until `count` epochs are over.
    private func epochs(_ count: Int, _ path: String) async throws {
      for _ in 0..<600 {
        let text = (try? String(contentsOfFile: "\(path)/metrics.jsonl", encoding: .utf8)) ?? ""
        if text.split(separator: "\n").count > count { return }
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }
}
