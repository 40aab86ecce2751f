import Basics
import ArgumentParser
import FoundationEssentials
import Lanes
import Training

/// A time such as `90s`, `55m`, `2h`, `1h30m`, or `90`, which is in seconds.
struct TimeSpan: ExpressibleByArgument, CustomStringConvertible {
  let seconds: Double

  init?(argument: String) {
    var total = 0.0
    var digits = ""
    for character in argument {
      if character.isASCII, character.isNumber || character == "." {
        digits.append(character)
        continue
      }
      guard let unit = ["s": 1.0, "m": 60, "h": 3600, "d": 86400][character], let number = Double(digits)
      else {
        return nil
      }
      total += number * unit
      digits = ""
    }
    if !digits.isEmpty {
      // Seconds need no unit, unless one stands before them.
      guard total == 0, let number = Double(digits) else { return nil }
      total += number
    }
    guard !argument.isEmpty, total > 0, total.isFinite else { return nil }
    seconds = total
  }

  var description: String { "\(seconds) s" }
}

/// How long a job may be without progress.
struct HangTimeout: ExpressibleByArgument, CustomStringConvertible {
  /// Nil: for ever.
  let seconds: Double?

  init(seconds: Double?) { self.seconds = seconds }

  init?(argument: String) {
    if argument == "never" || argument == "0" {
      seconds = nil
    } else if let span = TimeSpan(argument: argument) {
      seconds = span.seconds
    } else {
      return nil
    }
  }

  var description: String { seconds.map { "\(Int($0)) s" } ?? "never" }
  var defaultValueDescription: String { seconds.map { "\(Int($0 / 60))m" } ?? "never" }
}

extension CheckpointInterval: ExpressibleByArgument {
  /// `never`, a number of epochs, or a time with its unit.
  package init?(argument: String) {
    if argument == "never" {
      self = .never
    } else if let epochs = Int(argument) {
      guard epochs >= 1 else { return nil }
      self = .epochs(epochs)
    } else if let span = TimeSpan(argument: argument) {
      self = .seconds(span.seconds)
    } else {
      return nil
    }
  }

  /// What `--help` shows.
  package var defaultValueDescription: String {
    switch self {
    case .epochs(let count): "\(count)"
    case .seconds(let seconds): "\(seconds)s"
    case .never: "never"
    }
  }
}

extension Deadline {
  /// The earliest of `--max-time` and the end of the batch job, as far as they are known.
  ///
  /// Before a job's end two minutes are kept for the checkpoint and for the scheduler, of short jobs a tenth.
  static func first(
    maximum: TimeSpan?, environment: [String: String] = ProcessInfo.processInfo.environment,
    started: Double = monotonicSeconds()
  ) -> Deadline? {
    var found: [Deadline] = []
    // A job's end is a time of day: how far it is from here, which may be long after the start.
    let (now, clock) = (Date().timeIntervalSince1970, monotonicSeconds())
    if let maximum { found.append(Deadline(seconds: started + maximum.seconds, reason: "--max-time")) }
    func job(endsAt end: Double?, _ reason: String) {
      guard let end, end > now else { return }
      let left = end - now
      found.append(Deadline(seconds: clock + left - min(120, left / 10), reason: reason))
    }
    job(endsAt: environment["SLURM_JOB_END_TIME"].flatMap { Double($0) }, "the end of the Slurm job")
    if let limit = environment["PBS_WALLTIME"].flatMap({ Double($0) }) {
      let start = environment["DBC_JOB_START"].flatMap { Double($0) } ?? now
      job(endsAt: start + limit, "the end of the PBS job")
    }
    return found.min { $0.seconds < $1.seconds }
  }
}
