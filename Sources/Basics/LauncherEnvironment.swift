import FoundationEssentials

/// What a launcher of MPI programs tells the processes that it starts, before MPI is up.
package enum LauncherEnvironment {
  /// This process's rank, as Open MPI, PMIx or PMI2 say; nil where none of them has started it.
  package static let rank: Int? = {
    let environment = ProcessInfo.processInfo.environment
    return ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"].lazy.compactMap {
      environment[$0].flatMap { Int($0) }
    }
    .first
  }()
}
