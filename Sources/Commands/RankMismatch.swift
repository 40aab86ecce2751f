import Basics
import Lanes
import MPI
import Report
import Training

/// Ranks of one job that do not belong together.
package struct RankMismatch: Error, CustomStringConvertible {
  /// What differs, where.
  package let description: String

  /// All ranks must say the same of `what`. **Collective.** Throws on all ranks, naming the first that differs.
  package static func check(_ world: borrowing Communicator, _ what: String, _ own: String, hint: String = "")
    throws
  {
    let first = try world.broadcast(own)
    try world.together {
      guard own == first else {
        throw RankMismatch(description: "\(what): \(own) here, but \(first) on rank 0\(hint)")
      }
    }
  }

  /// All ranks must run the same program with the same options. **Collective.**
  package static func requireOneProgram(_ world: borrowing Communicator) throws {
    try check(
      world, "the version of \(Program.name)", BuildInformation.version, hint: "; install one on all nodes")
    try check(
      world, "the options", FileName.arguments.joined(separator: " "),
      hint: "; start all ranks with the same ones")
  }
}
