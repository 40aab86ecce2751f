import Dataset
import Foundation

// picture-dump [--at-least WIDTH HEIGHT] FILE…: what the program reads from still image files, for launch/check-pillow.
// For each file, a line of JSON, {"error": text} or {"pages": [header, …]}, and behind it the samples of the pages, one after
// another, [row][column][channel], as bytes, or as floats of this machine's byte order where a header's type is not "uint8".

struct Page: Encodable {
  let width, height, channels: Int
  let hasAlpha: Bool
  let orientation: Int
  let type: String
  let remarks: Int
}

struct Line: Encodable {
  var pages: [Page]?
  var error: String?
}

var files = Array(CommandLine.arguments.dropFirst())
var atLeast: (width: Int, height: Int)?
if files.first == "--at-least", files.count >= 3, let width = Int(files[1]), let height = Int(files[2]) {
  atLeast = (width, height)
  files.removeFirst(3)
}

/// The headers and the samples of all pages.
func read(_ path: String, atLeast: (width: Int, height: Int)?, with reader: StillReader) throws(DatasetError)
  -> (pages: [Page], samples: Data)
{
  let picture = Picture()
  var (pages, samples) = ([Page](), Data())
  for (number, header) in try reader.headers(path).pages.enumerated() {
    try reader.decode(path, page: number, atLeast: atLeast, into: picture)
    let found = picture.header
    precondition(atLeast != nil || found == header, "\(path): \(header), decoded \(found)")
    pages.append(
      Page(
        width: Int(found.width), height: Int(found.height), channels: Int(found.channels),
        hasAlpha: found.hasAlpha, orientation: Int(found.orientation), type: "\(found.samples)",
        remarks: Int(picture.remarks.rawValue)))
    samples.append(found.samples.isByte ? Data(buffer: picture.bytes) : Data(buffer: picture.floats))
  }
  return (pages, samples)
}

let reader = StillReader()
let encoder = JSONEncoder()
encoder.outputFormatting = .sortedKeys
for path in files {
  var (line, samples) = (Line(), Data())
  do throws(DatasetError) {
    (line.pages, samples) = try read(path, atLeast: atLeast, with: reader)
  } catch {
    line.error = error.description
  }
  FileHandle.standardOutput.write(try encoder.encode(line) + Data("\n".utf8) + samples)
}
