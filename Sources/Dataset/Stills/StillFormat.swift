/// The formats of still images that are read.
package enum StillFormat: String, Codable, Sendable, CaseIterable {
  case png, jpeg, webp, tiff, gif, bmp, pnm

  /// The format by a file's first bytes, never by its suffix; nil where they are of none.
  package static func of(_ start: UnsafeRawBufferPointer) -> StillFormat? {
    if start.starts(with: [0x89, 0x50, 0x4e, 0x47]) { return .png }
    if start.starts(with: [0xff, 0xd8]) { return .jpeg }
    if start.starts(with: "RIFF".utf8), start.dropFirst(8).starts(with: "WEBP".utf8) { return .webp }
    if start.starts(with: "GIF8".utf8) { return .gif }
    // Classic and BigTIFF, in either byte order.
    if ["II*\0", "II+\0", "MM\0*", "MM\0+"].contains(where: { start.starts(with: $0.utf8) }) { return .tiff }
    if BMPFile.isBMP(start) { return .bmp }
    return PNMFile.isPNM(start) ? .pnm : nil
  }

  /// What users call it.
  package var name: String { self == .webp ? "WebP" : rawValue.uppercased() }
}
