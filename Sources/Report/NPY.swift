/// NumPy's array format, version 1.0: little-endian float32 in C order.
package enum NPY {
  /// Writes the array `[rows][columns]` to `path`, straight from `values`.
  package static func write(
    _ values: UnsafeBufferPointer<Float>, rows: Int, columns: Int, to path: String
  ) throws(ReportError) {
    var file = try NPYFile(path, rows: rows, columns: columns)
    try file.write(values)
    try file.finish()
  }
}

/// An array `[rows][columns]` that is written part by part, and has its name when all of it is there.
package struct NPYFile: ~Copyable {
  private var file: AtomicFile
  /// Values that are still to come.
  private var missing: Int

  /// Begins the file.
  package init(_ path: String, rows: Int, columns: Int) throws(ReportError) {
    var file = try AtomicFile(path)
    let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    // Magic, version, length and dictionary with its line end fill a multiple of 64 bytes.
    let padding = 63 - (10 + dictionary.utf8.count) % 64
    let header = dictionary + String(repeating: " ", count: padding) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes += [UInt8(header.utf8.count & 0xff), UInt8(header.utf8.count >> 8)]
    bytes += header.utf8
    try file.write(bytes)
    self.file = file
    missing = rows * columns
  }

  /// Adds the next values.
  package mutating func write(_ values: UnsafeBufferPointer<Float>) throws(ReportError) {
    missing -= values.count
    try file.write(values)
  }

  /// Lets the system begin to bring the file to the disk.
  package mutating func startSync() throws(ReportError) { try file.startSync() }

  /// Gives the file its name.
  package consuming func finish() throws(ReportError) {
    precondition(missing == 0, "an array has rows × columns values")
    try file.finish()
  }
}
