import Dataset
import FCAE
import Images
import Lanes
import MPI
import Report
import Training
import Watchdog

/// The exit codes of dbc-train, those of sysexits.h where one fits.
enum ExitCodes {
  static let description = """
    Exit codes: 0 done; 64 wrong options; 65 a file is not what it should be, or no checkpoint fits; 66 a file cannot \
    be read; 70 internal error; 71 MPI or the system failed, memory ran out, or ranks do not belong together; 73 the \
    output directory or --cache cannot be used; 74 writing failed; 75 stopped by a signal or by time, --resume continues; 76 the loss or the \
    features became NaN, infinite or too large; 78 compiled for another CPU; 79 a rank's parameters drifted from the \
    others'; 80 a rank hangs or is lost, and is named; 137 a rank was killed, or mpirun after 80.
    """

  static func code(for error: any Error) -> Int32 {
    switch error {
    case let error as TrainingError:
      switch error {
      case .options: return 64
      case .diverged, .notFinite: return 76
      case .drifted: return 79
      case .snapshot: return 65
      case .stoppedUnsaved: return 74
      }
    case is ArchitectureError: return 64
    case is ImageStoreError: return 73
    case let error as DatasetError: return code(for: error)
    case let error as ReportError:
      switch error.kind {
      case .malformed: return 65
      case .unreadable: return 66
      case .output: return 73
      case .writing: return 74
      }
    case is MPIError, is SharedMemoryError, is MemoryShortage, is WatchdogError, is RankMismatch:
      return 71
    default: return 70
    }
  }

  private static func code(for error: DatasetError) -> Int32 {
    switch error.kind {
    case .missing: return 66
    case .options: return 64
    default: return 65
    }
  }
}
