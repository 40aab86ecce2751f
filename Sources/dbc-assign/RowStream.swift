import Basics
import Glibc
import MPI
import Report

/// Rows on standard output.
struct RowStream {
  private let form: ResultForm
  private var buffer: [UInt8] = []
  private var table = CSVRow()

  /// - Parameter named: whether clusters have names
  init(_ form: ResultForm, named: Bool) {
    self.form = form
    if form == .csv { buffer = Array(Row.header(named: named).utf8) }
  }

  /// Adds `count` rows.
  mutating func write(_ count: Int, _ row: (Int) -> Row) throws {
    table.clear()
    for place in 0..<count {
      let row = row(place)
      guard form == .csv else {
        buffer += row.json
        continue
      }
      row.addFirst(to: &table)
      row.addDetails(to: &table)
      table.end()
    }
    buffer += table.bytes
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Hands on what there is. A reader that is gone ends the program quietly.
  mutating func flush() throws {
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeBytes {
        Glibc.write(STDOUT_FILENO, $0.baseAddress! + done, $0.count - done)
      }
      if count > 0 {
        done += count
      } else if errno == EAGAIN {
        var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        poll(&output, 1, -1)
      } else if errno == EPIPE {
        throw EarlyExit(code: 0, text: "")
      } else if errno != EINTR {
        throw ReportError(.writing, "standard output", "cannot be written: \(Files.reason())")
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
