import Lanes

/// What the bits of a run's result depend on. A checkpoint carries it, and a run that resumes must have the same options
/// and data; of another program it is warned.
package struct RunIdentity: Codable, Equatable, Sendable {
  /// The values of the options that matter, by flag. Paths, output and the ways to compute the same bits are not here.
  package var options: [String: String]
  /// The images and labels.
  package var data: String
  /// The program and what it computes with: another one may round otherwise.
  package var program: [String: String]

  /// What is given.
  package init(
    options: [String: String], data: String, program: [String: String] = RunIdentity.currentProgram
  ) {
    (self.options, self.data, self.program) = (options, data, program)
  }

  /// This program.
  package static var currentProgram: [String: String] { ["version": BuildInformation.version] }

  /// What differs from the run that `then` describes, in words; empty where nothing does.
  package func differences(from then: RunIdentity) -> [String] {
    var found = Self.differences(options, then.options)
    if data != then.data { found.append("the data were \(then.data) and are \(data)") }
    return found
  }

  /// What may make the last bits differ, in words. What only one of the two versions wrote down is left out.
  package func programDifferences(from then: RunIdentity) -> [String] {
    let known = Set(program.keys).intersection(then.program.keys)
    return Self.differences(
      program.filter { known.contains($0.key) }, then.program.filter { known.contains($0.key) })
  }

  private static func differences(_ now: [String: String], _ then: [String: String]) -> [String] {
    Set(now.keys).union(then.keys).sorted().filter { now[$0] != then[$0] }.map {
      "\($0) was \(then[$0] ?? "not given") and is \(now[$0] ?? "not given")"
    }
  }
}
