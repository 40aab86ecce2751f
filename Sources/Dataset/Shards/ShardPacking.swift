internal import CArchive

/// How a tar file is packed, by its first bytes.
enum ShardPacking: String, CaseIterable {
  case none, gzip, zstd, xz, bzip2, lz4, lzip

  /// The packing of a file that starts with `start`; six bytes tell.
  static func of(start: some Collection<UInt8>) -> Self {
    let isSkippable =
      start.count >= 4 && start.first! & 0xf0 == 0x50 && start.dropFirst().starts(with: [0x2a, 0x4d, 0x18])
    // What the writers of seekable zstd files put first is a frame to be skipped.
    if isSkippable { return .zstd }
    return allCases.first { $0 != .none && start.starts(with: $0.magic) } ?? .none
  }

  private var magic: [UInt8] {
    switch self {
    case .none: []
    case .gzip: [0x1f, 0x8b]
    case .zstd: [0x28, 0xb5, 0x2f, 0xfd]
    case .xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]
    case .bzip2: [0x42, 0x5a, 0x68]
    case .lz4: [0x04, 0x22, 0x4d, 0x18]
    case .lzip: [0x4c, 0x5a, 0x49, 0x50]
    }
  }

  /// Adds what unpacks it to a reader of libarchive: ARCHIVE_OK, or another code where libarchive was built without it
  /// and would start a program instead.
  func addFilter(_ archive: OpaquePointer) -> Int32 {
    switch self {
    // zlib unpacks gzip here: libarchive does not compare the checksum.
    case .none, .gzip: ARCHIVE_OK
    case .zstd: archive_read_support_filter_zstd(archive)
    case .xz: archive_read_support_filter_xz(archive)
    case .bzip2: archive_read_support_filter_bzip2(archive)
    case .lz4: archive_read_support_filter_lz4(archive)
    case .lzip: archive_read_support_filter_lzip(archive)
    }
  }

  /// What an error says where libarchive was built without it.
  var missing: String {
    "is packed with \(self), which this libarchive was built without "
      + "(\(String(cString: archive_version_details()))); unpack it with \(self) -d, "
      + "or install a libarchive that has it"
  }
}
