import Basics
import Clustering
import Glibc
import Lanes
import MPI
import Report

/// A value of a measurement.
enum Measure {
  case text(String)
  case count(Int)
  /// A number, and how many digits a table shows behind the point.
  case number(Double, digits: Int = 1)
  /// Minimum, median and maximum.
  case spread(Spread, digits: Int = 1)
}

/// Prints measurements on rank 0: as a table at the end, or as JSON lines at once, each with host, CPU, BLAS class,
/// commit and number of ranks.
final class Output {
  private let benchmark: String
  private let options: CommonOptions
  private let ranks: Int
  private let host: String
  private let isRoot: Bool
  private var columns: [(String, TextTable.Alignment)] = []
  private var rows: [[String]] = []

  init(_ benchmark: String, _ options: CommonOptions, _ world: borrowing Communicator) {
    self.benchmark = benchmark
    self.options = options
    ranks = world.size
    host = world.host
    isRoot = world.isRoot
  }

  /// Takes one line of measurements. All lines have the same names in the same order; a unit stands in the name's
  /// brackets, `time [ms]`, and becomes part of the JSON key, `time_ms`.
  func add(_ row: [(name: String, value: Measure)]) {
    guard isRoot else { return }
    switch options.format {
    case .json: print(json(row).text)
    case .table:
      if columns.isEmpty { columns = row.flatMap(Self.columns) }
      rows.append(row.flatMap { Self.cells($0.value) })
    }
  }

  /// Prints the table, where one was asked for.
  func finish(_ remark: String? = nil) {
    defer { fflush(nil) }
    guard isRoot, options.format == .table else { return }
    var table = TextTable(columns)
    for row in rows { table.add(row) }
    print(
      "dbc-bench \(benchmark) \(BuildInformation.version), \(ranks) rank\(ranks == 1 ? "" : "s"), "
        + "\(BuildInformation.cpu), OpenBLAS \(BLAS.coreName)")
    print(table.text)
    if let remark { print(remark) }
  }

  private static func columns(_ cell: (name: String, value: Measure)) -> [(String, TextTable.Alignment)] {
    switch cell.value {
    case .text: [(cell.name, .left)]
    case .count, .number: [(cell.name, .right)]
    case .spread: [("min", .right), (cell.name, .right), ("max", .right)]
    }
  }

  private static func cells(_ value: Measure) -> [String] {
    func fixed(_ value: Double, _ digits: Int) -> String { String(printf: "%.\(digits)f", value) }
    switch value {
    case .text(let text): return [text]
    case .count(let count): return ["\(count)"]
    case .number(let number, let digits): return [fixed(number, digits)]
    case .spread(let spread, let digits):
      return [spread.minimum, spread.median, spread.maximum].map { fixed($0, digits) }
    }
  }

  private func json(_ row: [(name: String, value: Measure)]) -> JSONLine {
    var line = JSONLine()
    line.add("benchmark", benchmark)
    for (name, value) in row {
      let key = Self.key(name)
      switch value {
      case .text(let text): line.add(key, text)
      case .count(let count): line.add(key, count)
      case .number(let number, _): line.add(key, number)
      case .spread(let spread, _):
        line.add("\(key)_min", spread.minimum)
        line.add(key, spread.median)
        line.add("\(key)_max", spread.maximum)
      }
    }
    line.add("ranks", ranks)
    line.add("host", host)
    line.add("cpu", BuildInformation.cpu)
    line.add("vectors", BuildInformation.vectorInstructions)
    line.add("blas", BLAS.coreName)
    line.add("version", BuildInformation.version)
    return line
  }

  /// `images/s` becomes `images_per_s`, `time [ms]` `time_ms`, `% of peak` `percent_of_peak`.
  private static func key(_ name: String) -> String {
    var key = name.replacing("/s", with: "_per_s").replacing("%", with: "percent")
    key = key.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
    return key.split(separator: "_").joined(separator: "_")
  }
}
