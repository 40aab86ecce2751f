import Dataset
import FCAE
import Images
import Lanes
import MPI
import Report
import Training
import Watchdog

/// The exit codes of the programs, those of sysexits.h where one fits.
package enum ExitCodes {
  /// The code with which a program ends for `error`.
  package static func code(for error: any Error) -> Int32 {
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
    case let error as ReportError: return error.exitCode
    case is MPIError, is LoneRank, is SharedMemoryError, is MemoryShortage, is WatchdogError, is RankMismatch:
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
