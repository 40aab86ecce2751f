import Foundation
import Lanes

/// The environment in which tests start programs: what is set here, and nothing of the shell that started the tests.
///
/// A test that wants more says so, with the parameter `environment` of `ProcessRunner.run`. What Open MPI needs on a
/// machine belongs in `~/.openmpi/mca-params.conf`.
package enum CleanEnvironment {
  /// What is passed on as it is: where programs, their libraries and the user's files are.
  package static let inherited = ["PATH", "LD_LIBRARY_PATH", "HOME"]

  /// All variables.
  package static let variables = variables(of: ProcessInfo.processInfo.environment)

  /// The same for tests that were started in the environment `outer`.
  package static func variables(of outer: [String: String]) -> [String: String] {
    var clean = outer.filter { inherited.contains($0.key) }
    clean["TMPDIR"] = FileManager.default.temporaryDirectory.path
    clean["LANG"] = "C.UTF-8"
    // mpirun refuses to work for root, which is what one is in most containers.
    clean["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
    clean["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    // Without a core for each rank, a rank that waits should let the others work.
    clean["OMPI_MCA_mpi_yield_when_idle"] = "1"
    // As launch/env.sh does: with epoll, mpirun now and then prints a line of its own when ranks end.
    clean["EVENT_NOEPOLL"] = "1"
    return clean
  }
}
