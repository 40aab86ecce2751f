import Basics
import Dataset
import Foundation
import Support
import Testing

extension TemporaryDirectory {
  /// Writes a file of any name (`FileName`), and the folders above it, and gives its path.
  @discardableResult
  func putRaw(_ bytes: [UInt8], _ name: String) throws -> String {
    let path = "\(url.path)/\(name)"
    try #require(Files.makeFolders(FileName.folder(path)) == 0, "\(path)")
    let descriptor = Files.open(path, O_WRONLY | O_CREAT | O_TRUNC)
    try #require(descriptor >= 0, "\(path)")
    defer { close(descriptor) }
    #expect(bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } == bytes.count)
    return path
  }

  /// Writes small PNG files of these names.
  func putImages(_ names: [String]) throws {
    for name in names { try putRaw(PNG(width: 1, height: 1, rows: [1]).bytes, name) }
  }
}

extension Listing {
  static func make(_ arguments: [String]) throws(DatasetError) -> Listing { try make(arguments, beat: {}) }

  /// What all images are called.
  var sources: [String] { stills.indices.map(source) }
  /// Where all images are.
  var paths: [String] { stills.indices.map(path) }
}

/// Expects that `arguments` cannot be listed: the kind of the error, its file, texts in its message.
func expectNoListing(
  _ arguments: [String], _ kind: DatasetError.Kind, _ file: String?, _ texts: String...,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation) {
    _ = try Listing.make(arguments)
  }
  guard let error else { return }
  #expect(error.kind == kind && error.file == file, "\(error)", sourceLocation: sourceLocation)
  for text in texts { #expect(error.message.contains(text), "\(error)", sourceLocation: sourceLocation) }
}

/// Expects that `body` fails: the kind of the error, its file, texts in its message.
func expectError(
  _ kind: DatasetError.Kind, _ file: String?, _ texts: String...,
  sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation, performing: body)
  guard let error else { return }
  #expect(error.kind == kind && error.file == file, "\(error)", sourceLocation: sourceLocation)
  for text in texts { #expect(error.message.contains(text), "\(error)", sourceLocation: sourceLocation) }
}
