import Dataset
import Foundation
import Support
import Testing

/// A file of images read to its end.
struct LoadedArray {
  let file: ArrayFile
  /// All samples `[image][row][column][channel]`, bytes as they are.
  let samples: [Float]

  init(_ path: String, layout: ArrayLayout = .auto, units: Bool = true) throws(DatasetError) {
    file = try ArrayFile(path, layout: layout)
    var samples: [Float] = []
    let step = units ? file.unitSize : file.count
    for first in stride(from: 0, to: file.count, by: step) {
      samples += try Self.samples(file, first..<min(first + step, file.count))
    }
    self.samples = samples
  }

  /// The samples of images `range`.
  static func samples(_ file: ArrayFile, _ range: Range<Int>) throws(DatasetError) -> [Float] {
    var samples: [Float] = []
    var next = range.lowerBound
    try file.read(range) { image, picture in
      #expect(image == next && picture.header == file.header)
      next += 1
      if picture.header.samples.isByte {
        samples += picture.bytes.map(Float.init)
      } else {
        samples += picture.floats
      }
    }
    #expect(next == range.upperBound)
    return samples
  }

  /// Images, rows, columns and channels.
  var sizes: [Int] {
    [file.count, Int(file.header.height), Int(file.header.width), Int(file.header.channels)]
  }
}

/// Expects that `body` throws: texts in the description of the error.
@discardableResult
func expectError(
  _ texts: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> DatasetError? {
  let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation) { try body() }
  for text in texts where !text.isEmpty {
    #expect(
      error?.description.contains(text) == true, "\(String(describing: error))",
      sourceLocation: sourceLocation)
  }
  return error
}

/// Files in NumPy's format.
enum NPYSample {
  /// A file as `numpy.save` writes it.
  static func file(
    _ descr: String, _ sizes: [Int], _ items: [UInt8], fortran: Bool = false, version: UInt8 = 1
  ) -> [UInt8] {
    let shape = sizes.map { "\($0)," }.joined(separator: " ")
    let header =
      "{'descr': '\(descr)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': (\(shape)), }\n"
    return raw(header, items, version: version)
  }

  /// A file with any header.
  static func raw(_ header: String, _ items: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let count = header.utf8.count
    var file: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0, UInt8(count & 255), UInt8(count >> 8)]
    if version > 1 { file += [0, 0] }
    return file + Array(header.utf8) + items
  }
}
