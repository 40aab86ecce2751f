import MPI
import Testing

@Suite struct LibraryVersionTests {
  @Test("another series of Open MPI than at build time, and another MPI, are named with their versions")
  func warning() throws {
    for library in ["Open MPI v4.1.4", "Open MPI v4.1.6rc1"] {
      #expect(MPIRuntime.versionWarning(built: "4.1.4", library: library) == nil)
    }
    for library in ["Open MPI v4.0.5", "Open MPI v5.0.3", "MPICH Version: 4.1.4", "", "Open MPI"] {
      let warning = try #require(MPIRuntime.versionWarning(built: "4.1.4", library: library))
      #expect(warning.contains("built with Open MPI 4.1.4, but runs with \(library)"))
    }
    #expect(MPIRuntime.libraryName.hasPrefix("Open MPI v"))
  }
}
