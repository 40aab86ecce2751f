internal import COpenMPI
import Basics
import FoundationEssentials
import Glibc
import Lanes

/// This process is the only rank, although its launcher has started others with it.
package struct LoneRank: Error, CustomStringConvertible {
  /// What has started the processes.
  enum Launcher {
    case srun
    /// One of MPICH's family, such as Intel MPI's.
    case otherMPI
  }
  let launcher: Launcher
  /// The processes that were started.
  let tasks: Int
  /// The MPI library of this program.
  let library: String

  /// What has happened, and what to do.
  package var description: String {
    switch launcher {
    case .srun:
      "srun has started \(tasks) processes, and each of them is alone: srun and \(library) do not find each other. Start them with "
        + "srun --mpi=pmix (srun --mpi=list shows what there is), or with mpirun"
    case .otherMPI:
      "\(tasks) processes have been started by another MPI's mpirun, and each of them is alone: this program runs with \(library). "
        + "Start it with the mpirun of that"
    }
  }
}

/// The life of MPI in a program: started once, ended in order or, after an error, with the whole job.
package enum MPIRuntime {
  /// The name and version of the MPI library: `Open MPI v4.1.4`.
  package static var libraryName: String {
    let text = mpiText(capacity: Int(MPI_MAX_LIBRARY_VERSION_STRING)) { MPI_Get_library_version($0, $1) }
    return String(text.prefix { !",\n\0".contains($0) })
  }

  /// What is to be said where the program runs with another series of Open MPI than it was built with; nil where it does not.
  ///
  /// - Parameters:
  ///   - built: the version of the header files, as `4.1.4`
  ///   - library: the name and version of the library, as `libraryName`
  package static func versionWarning(built: String, library: String) -> String? {
    let found = library.split(separator: " ").last.map { $0.drop { !$0.isNumber } } ?? ""
    let series = { (version: Substring) in version.split(separator: ".").prefix(2) }
    if library.hasPrefix("Open MPI"), series(found) == series(built[...]) { return nil }
    return
      "built with Open MPI \(built), but runs with \(library); if it fails, load the module of the former, or build it anew"
  }

  /// Starts MPI, runs `body` with a communicator of all ranks, ends MPI and the program; called by `main`, once.
  ///
  /// How the program ends:
  /// - the body returns: all ranks finalize, exit code 0;
  /// - it throws an `EarlyExit`, on all ranks alike or on rank 0 inside `onRoot`: rank 0 prints the text, all ranks exit with its code;
  /// - it throws a `CollectiveFailure` (of `onRoot` or `together`): one rank prints the message, all ranks exit
  ///   with the code of the error behind it;
  /// - it throws anything else: this rank prints `[rank r of N, host] message` and aborts the whole job, as the
  ///   others may be waiting for it. Where mpirun is to be gone within the second, too, tell it not to wait a
  ///   second for ranks that do not end by themselves: `--mca odls_base_sigkill_timeout 0`.
  ///
  /// Memory that runs out where nothing can be thrown ends the job like any other error of one rank; of the ranks that
  /// run out at the same time, the lowest speaks.
  ///
  /// - Parameter exitCode: the code for an error, 1 … 255; asked on the rank that the error happened on.
  package static func run(
    exitCode: @escaping @Sendable (any Error) -> Int32 = { _ in 1 },
    _ body: (borrowing Communicator) throws -> Void
  ) -> Never {
    do {
      let world = try start()
      if world.size == 1, let problem = whyAlone() { throw problem }
      let built = "\(OMPI_MAJOR_VERSION).\(OMPI_MINOR_VERSION).\(OMPI_RELEASE_VERSION)"
      if world.isRoot, let warning = versionWarning(built: built, library: libraryName) {
        write("\(programName): warning: \(warning)", to: STDERR_FILENO)
      }
      let (label, rank) = (world.label, world.rank)
      MemoryShortage.atEnd { abort(after: rank, "\(label) \($0)", exitCode($0)) }
      let status = outcome(of: body, in: world, exitCode)
      _ = consume world
      finish(status)
    } catch {
      write("\(programName): error: \(text(of: error))", to: STDERR_FILENO)
      exit(failing(exitCode(error)))
    }
  }

  /// As `run` without `command`; `body` also gets what `command` makes of the command line. Where it throws in a process that no
  /// launcher has started, the program ends with its text before MPI is up: that alone would take longer than the rest.
  package static func run<Command>(
    exitCode: @escaping @Sendable (any Error) -> Int32 = { _ in 1 },
    command: () throws(EarlyExit) -> Command, _ body: (Command, borrowing Communicator) throws -> Void
  ) -> Never {
    let found: Result<Command, EarlyExit>
    do throws(EarlyExit) { found = .success(try command()) } catch { found = .failure(error) }
    if case .failure(let end) = found, LauncherEnvironment.rank == nil, whyAlone() == nil {
      report(end)
      exit(end.code)
    }
    run(exitCode: exitCode) { world in
      try body(try world.commandLine { () throws(EarlyExit) in try found.get() }, world)
    }
  }

  /// Why this process is the only rank although a launcher has started others with it: each would do the same work. nil where that is not so.
  private static func whyAlone() -> LoneRank? {
    let environment = ProcessInfo.processInfo.environment
    guard environment["OMPI_COMM_WORLD_SIZE"] == nil else { return nil }
    func alone(_ launcher: LoneRank.Launcher, _ variable: String) -> LoneRank? {
      guard let tasks = environment[variable].flatMap({ Int($0) }), tasks > 1 else { return nil }
      return LoneRank(launcher: launcher, tasks: tasks, library: libraryName)
    }
    return alone(.srun, "SLURM_STEP_NUM_TASKS") ?? alone(.otherMPI, "PMI_SIZE")
  }

  private static func start() throws(MPIError) -> Communicator {
    var provided: Int32 = 0
    let wanted = Int32(MPI_THREAD_FUNNELED)
    let guardian = StartGuard(program: programName)
    try check(MPI_Init_thread(nil, nil, wanted, &provided), "MPI_Init_thread")
    guard provided >= wanted else {
      throw MPIError(
        call: "MPI_Init_thread", errorClass: Int(MPI_ERR_OTHER),
        message: "the library does not allow a program with threads (level \(provided) of \(wanted))")
    }
    guardian?.initialized()
    let world = dbc_comm_world()
    try check(MPI_Comm_set_errhandler(world, dbc_errors_return()), "MPI_Comm_set_errhandler")
    var copy: MPI_Comm? = nil
    try check(MPI_Comm_dup(world, &copy), "MPI_Comm_dup")
    try check(MPI_Barrier(copy), "MPI_Barrier")
    guardian?.up()
    return try Communicator(owning: copy!)
  }

  private static func outcome(
    of body: (borrowing Communicator) throws -> Void, in world: borrowing Communicator,
    _ exitCode: (any Error) -> Int32
  ) -> Int32 {
    do {
      try body(world)
      return 0
    } catch let end as EarlyExit {
      if world.isRoot { report(end) }
      return end.code
    } catch let failure as CollectiveFailure {
      return settle(failure, in: world, exitCode)
    } catch {
      abort("\(world.label) \(text(of: error))", exitCode(error))
    }
  }

  // Prints the failure on its rank and returns the code that all ranks exit with.
  private static func settle(
    _ failure: CollectiveFailure, in world: borrowing Communicator, _ exitCode: (any Error) -> Int32
  ) -> Int32 {
    let isMine = failure.worldRank == world.rank
    let line = "\(programName): error: \(failure.message)"
    guard failure.onEveryRank else {
      if isMine { abort(line, failure.underlying.map(exitCode) ?? 1) }
      // The rank that reports is about to take this one down; should it be gone, nobody waits for ever.
      sleep(5)
      abort(line, 1)
    }
    var code: Int32 = 1
    if isMine {
      if let end = failure.underlying as? EarlyExit {
        report(end)
        code = end.code
      } else {
        write(line, to: STDERR_FILENO)
        code = failing(failure.underlying.map(exitCode) ?? 1)
      }
    }
    do {
      return try world.broadcast(code, from: failure.worldRank)
    } catch {
      abort("\(world.label) \(error)", code)
    }
  }

  private static func finish(_ status: Int32) -> Never {
    fflush(nil)
    MPI_Finalize()
    exit(status)
  }

  private static func abort(_ line: String, _ code: Int32) -> Never {
    fflush(nil)
    write(line, to: STDERR_FILENO)
    MPI_Abort(dbc_comm_world(), failing(code))
    exit(failing(code))
  }

  // Ranks that do the same run out of memory together. Lower ones are given some time to speak; on one host only the first
  // one speaks, and stays until the others have seen that it does; they wait to be ended.
  private static func abort(after rank: Int, _ line: String, _ code: Int32) -> Never {
    signal(SIGTERM, SIG_DFL)
    usleep(UInt32(min(rank * 200_000, 2_000_000)))
    guard speaksFirst() else {
      sleep(10)
      MPI_Abort(dbc_comm_world(), failing(code))
      exit(failing(code))
    }
    fflush(nil)
    write(line, to: STDERR_FILENO)
    sleep(3)
    MPI_Abort(dbc_comm_world(), failing(code))
    exit(failing(code))
  }

  /// Whether no other rank of this job on this host has called it: a name without a file that only one process can have,
  /// and that goes with the process.
  private static func speaksFirst() -> Bool {
    let job = getenv("PMIX_NAMESPACE").map { String(cString: $0) } ?? "\(getppid())"
    let name = [0] + Array("dbc out of memory \(job)".utf8.prefix(100))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + name.count
    let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let bound = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, socklen_t(length)) }
    }
    return bound == 0 || errno != EADDRINUSE
  }

  private static func report(_ end: EarlyExit) {
    fflush(nil)
    write(end.text, to: end.code == 0 ? STDOUT_FILENO : STDERR_FILENO)
  }

  // A code that a shell sees as a failure.
  private static func failing(_ code: Int32) -> Int32 { (1...255).contains(code) ? code : 1 }

  private static var programName: String {
    FileName.last(CommandLine.arguments.first ?? "program")
  }

  // In one piece, so that the lines of different ranks do not mix.
  static func write(_ text: String, to file: Int32) {
    Files.write("\(FileName.printable(text))\n", to: file)
  }
}
