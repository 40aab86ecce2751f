/// A trace in the JSON format of Chrome, which Perfetto (ui.perfetto.dev) and chrome://tracing show: a process per
/// rank, a track per phase.
package struct TraceFile: ~Copyable {
  private var file: AtomicFile
  private var isFirst = true

  /// Begins `path`.
  ///
  /// - Parameter metadata: shown with the trace
  package init(_ path: String, metadata: JSONLine) throws(ReportError) {
    var file = try AtomicFile(path)
    try file.write("{\"displayTimeUnit\":\"ms\",\"otherData\":\(metadata.text),\"traceEvents\":[")
    self.file = file
  }

  /// Throws where `path` cannot be written, to be asked before the work that is traced.
  package static func check(_ path: String) throws(ReportError) { _ = try AtomicFile(path) }

  /// Names a process and its tracks, which are shown in this order.
  package mutating func add(process: Int, name: String, tracks: [String]) throws(ReportError) {
    try addName("process_name", process: process, track: nil, "name", .text(name))
    try addName("process_sort_index", process: process, track: nil, "sort_index", .number(process))
    for (track, title) in tracks.enumerated() {
      try addName("thread_name", process: process, track: track, "name", .text(title))
      try addName("thread_sort_index", process: process, track: track, "sort_index", .number(track))
    }
  }

  /// Adds an event, in nanoseconds since the beginning of the trace.
  package mutating func add(
    process: Int, track: Int, name: String, start: Int, end: Int
  ) throws(ReportError) {
    var event = JSONLine()
    event.add("name", name)
    event.add("ph", "X")
    event.add("ts", microseconds: start)
    event.add("dur", microseconds: end - start)
    event.add("pid", process)
    event.add("tid", track)
    try add(event)
  }

  /// Ends the file and gives it its name.
  package consuming func finish() throws(ReportError) {
    try file.write("\n]}\n")
    try file.finish()
  }

  private enum Value {
    case text(String)
    case number(Int)
  }

  private mutating func addName(
    _ kind: String, process: Int, track: Int?, _ key: String, _ value: Value
  ) throws(ReportError) {
    var arguments = JSONLine()
    switch value {
    case .text(let text): arguments.add(key, text)
    case .number(let number): arguments.add(key, number)
    }
    var event = JSONLine()
    event.add("name", kind)
    event.add("ph", "M")
    event.add("pid", process)
    if let track { event.add("tid", track) }
    event.add("args", arguments)
    try add(event)
  }

  private mutating func add(_ event: JSONLine) throws(ReportError) {
    try file.write(isFirst ? "\n" : ",\n")
    try file.write(event.text)
    isFirst = false
  }
}
