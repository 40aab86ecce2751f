import Foundation
import Support
import Testing
import Training

/// config.json and the identity of a run, of this version and of others.
@Suite(.serialized) struct RunConfigTests {
  @Test("config.json of a run is read back as it was written")
  func config() throws {
    let run = try TrainRun(ranks: 1, TrainRun.small + ["--chain-epochs", "0", "--neighbours", "4"])
    #expect(run.result.exitCode == 0, "\(run.result)")
    let config = try JSONDecoder().decode(RunConfig.self, from: run.data("config.json"))
    #expect(config.ranks == 1 && config.hosts?.count == 1 && config.parameters ?? 0 > 1000)
    #expect(config.data?.hasPrefix("203 images") == true)
    #expect(config.options?["batch_size"]?.int == 128 && config.options?["neighbours"]?.int == 4)
    #expect(config.options?["boost"]?.double == 2 && config.options?["recipe"]?.string == "paper")
    let identity = try #require(config.identity)
    #expect(identity.options["--batch-size"] == "128" && identity.data.contains("labels CRC-32"))
    #expect(identity.program == RunIdentity.currentProgram)
  }

  @Test("a file with fewer fields, or more, is read all the same")
  func otherVersions() throws {
    func read(_ text: String) throws -> RunConfig {
      try JSONDecoder().decode(RunConfig.self, from: Data(text.utf8))
    }
    #expect(try read("{}") == RunConfig())
    let config = try read(
      #"{"ranks": 3, "colour": {"a": [1, null]}, "options": {"x": {"y": [1, 2.5, "t", true, null]}}}"#)
    #expect(config.ranks == 3 && config.identity == nil)
    let x = JSONValue.object(["y": .list([.integer(1), .number(2.5), .text("t"), .truth(true), .null])])
    #expect(config.options?["x"] == x)
    #expect(try JSONDecoder().decode(RunConfig.self, from: JSONEncoder().encode(config)) == config)
  }

  @Test("a number that is not finite is written as null")
  func notFinite() throws {
    #expect(String(decoding: try JSONEncoder().encode([JSONValue.number(.nan)]), as: UTF8.self) == "[null]")
  }

  @Test("another version is told; what an older program did not write down is not")
  func program() throws {
    let current = try #require(RunIdentity.currentProgram["version"])
    let now = RunIdentity(options: ["--seed": "1"], data: "d")
    var then = now
    then.program["version"] = "0.0.1"
    #expect(now.programDifferences(from: then) == ["version was 0.0.1 and is \(current)"])
    #expect(now.differences(from: then).isEmpty)
    let older = try JSONDecoder().decode(
      RunIdentity.self, from: Data(#"{"options": {"--seed": "2"}, "data": "d", "program": {}}"#.utf8))
    #expect(now.programDifferences(from: older).isEmpty && older.programDifferences(from: now).isEmpty)
    #expect(now.differences(from: older) == ["--seed was 2 and is 1"])
  }
}
