import MPI

/// A property of the MPI module that is checked on the ranks of a real job.
struct Check: Sendable {
  let name: String
  /// Throws where the property does not hold.
  let body: @Sendable (borrowing Communicator) throws -> Void

  init(_ name: String, _ body: @escaping @Sendable (borrowing Communicator) throws -> Void) {
    self.name = name
    self.body = body
  }
}

/// Checks that run together under one name.
struct CheckGroup: Sendable {
  let name: String
  let checks: [Check]
}

/// A check that does not hold, on one rank.
struct CheckFailure: Error, CustomStringConvertible {
  let description: String
}

/// An error that wants an exit code of its own.
struct CodedError: Error, CustomStringConvertible {
  let code: Int32
  let description: String
}

/// Throws with `message` where `condition` does not hold.
func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
  guard condition else { throw CheckFailure(description: message()) }
}

/// Throws where `found` is not `wanted`.
func expectEqual<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String) throws {
  try expect(found == wanted, "\(what): \(wanted) was expected, \(found) was found")
}

/// The check, or the checks of the group, called `name`.
func checks(named name: String, in groups: [CheckGroup]) throws -> [Check] {
  if let group = groups.first(where: { $0.name == name }) { return group.checks }
  if let check = groups.lazy.flatMap(\.checks).first(where: { $0.name == name }) { return [check] }
  throw EarlyExit(code: 2, text: "no check is called \(name)\n\(usage(of: groups))")
}

/// All groups and their checks.
func usage(of groups: [CheckGroup]) -> String {
  let lines = groups.map { "  \($0.name): \($0.checks.map(\.name).joined(separator: " "))" }
  return (["usage: mpirun -np N mpi-checks NAME…"] + lines).joined(separator: "\n")
}
