import Foundation
import Lanes
import Support
import Testing

extension FaultTests {
  /// Few representative runs in an environment that is legal and unusual: the bits and the messages stay.
  @Suite(.serialized) struct HostileEnvironmentTests {
    /// A folder for temporary files with a space in its name, and the environment.
    private struct Surroundings: ~Copyable {
      let folder: TemporaryDirectory
      let variables: [String: String]

      init(locale: String = "de_DE.UTF-8", _ more: [String: String] = [:]) throws {
        let folder = try TemporaryDirectory()
        let temporary = folder.path("with a space")
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        variables = [
          "OMP_NUM_THREADS": "5",
          // Messages by TCP in small pieces, simple collectives, ranks bound to nothing.
          "OMPI_MCA_btl": "self,tcp", "OMPI_MCA_btl_tcp_if_include": "lo", "OMPI_MCA_coll": "^tuned",
          "OMPI_MCA_btl_tcp_eager_limit": "1024", "OMPI_MCA_hwloc_base_binding_policy": "none",
          "OMPI_MCA_mpi_leave_pinned": "0", "OMPI_MCA_mpi_yield_when_idle": "0",
          // Of batch jobs that are over.
          "SLURM_JOB_END_TIME": "1000000000", "SLURM_PROCID": "3", "SLURM_NTASKS": "64",
          "SLURM_CPUS_PER_TASK": "8", "SLURM_MEM_PER_NODE": "1", "PBS_JOBID": "1.nowhere",
          "PBS_NODEFILE": folder.path("no-such-file"), "PBS_WALLTIME": "60", "DBC_JOB_START": "1000000000",
          "LC_ALL": locale, "LANG": locale, "LANGUAGE": "de", "TZ": "Pacific/Kiritimati",
          "TMPDIR": temporary, "COLUMNS": "20", "TERM": "dumb", "HOME": "",
        ].merging(more) { $1 }
        self.folder = folder
      }

      /// Runs `program` in these surroundings.
      func launch(
        _ arguments: [String], program: String = "dbc-train", fault: String = ""
      ) throws -> ProcessResult {
        try ProcessRunner.mpirun(
          ranks: 2, program: program, arguments: arguments,
          environment: variables.merging(["DBC_FAULT": fault]) { $1 }, timeLimitSeconds: 120)
      }
    }

    @Test(
      "a run, and one that is stopped and resumed, have the bits of any other", arguments: ["de_DE", "tr_TR"])
    func sameBits(locale: String) throws {
      let around = try Surroundings(locale: "\(locale).UTF-8")
      let whole = try FaultRun()
      let result = try around.launch(FaultRun.options + ["--output", whole.path])
      #expect(result.exitCode == 0 && result.errors.isEmpty && result.output.isEmpty, "\(result)")
      #expect(try whole.results() == FaultRun.undisturbed)

      let parts = try FaultRun()
      let stopped = try around.launch(
        FaultRun.options + ["--output", parts.path],
        fault: "usr1:rank=1:at=step:stage=dbc:epoch=2:step=2")
      FaultRun.expectDiagnosis(stopped, 75, ["stopped at stage II, epoch 2", "--resume"])
      let resumed = try around.launch(FaultRun.options + ["--output", parts.path, "--resume"])
      #expect(resumed.exitCode == 0 && resumed.errors.isEmpty, "\(resumed)")
      #expect(try parts.results() == FaultRun.undisturbed)
    }

    @Test("a hang, a killed rank and a wrong option end with the documented codes and messages")
    func messages() throws {
      let around = try Surroundings(["OMPI_MCA_odls_base_sigkill_timeout": "0"])
      let run = try FaultRun()
      let own = FaultRun.options + ["--output", run.path]
      let hang = try around.launch(
        own + ["--hang-timeout", "3s"], fault: "sleep:ms=600000:rank=1:at=step:stage=fcae:epoch=2:step=1")
      #expect(hang.exitCode == 80, "\(hang)")
      #expect(hang.errors.split(separator: "\n").count == 1, "\(hang)")
      for text in ["no progress for 3 s: the others wait for rank 1 of 2 (", "in stage I, epoch "] {
        #expect(hang.errors.contains(text), "\(text): \(hang)")
      }
      let killed = try around.launch(
        own + ["--resume"], fault: "kill:rank=1:at=step:stage=dbc:epoch=1:step=2")
      #expect(killed.exitCode == 137, "\(killed)")
      let wrong = try around.launch(own + ["--resume", "--batch-size", "100"])
      FaultRun.expectDiagnosis(wrong, 64, ["--batch-size", "multiple of 16", "100"])
    }

    @Test("numbers, tables and help are written as everywhere")
    func output() throws {
      let around = try Surroundings()
      let run = ["encode", "--architecture", "mnist", "--images", "100", "--repeat", "2"]
      let json = try around.launch(run + ["--format", "json"], program: "dbc-bench")
      #expect(json.exitCode == 0 && json.errors.isEmpty, "\(json)")
      for line in json.output.split(separator: "\n") {
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect((object?["images_per_s"] as? Double ?? 0) > 0, "\(line)")
      }
      let table = try around.launch(run, program: "dbc-bench")
      #expect(table.exitCode == 0 && table.errors.isEmpty, "\(table)")
      #expect(table.output.contains(/\d\.\d/) && !table.output.contains(/\d,\d/), "\(table)")
      let help = try around.launch(["--help"])
      #expect(help.exitCode == 0 && help.errors.isEmpty, "\(help)")
      #expect(help.output.components(separatedBy: "OVERVIEW").count == 2, "\(help)")
    }
  }
}
