internal import CArchive
import Lanes

/// The members of a tar file in order, and the bytes of the one at hand.
///
/// Tar files that were joined are read to the end of the last. Nothing is written to disk: names are only text.
struct TarReader: ~Copyable {
  /// A member larger than this is refused where it is to be read.
  static let mostMemberBytes = 1 << 30
  /// More members than any tar file of pictures has.
  private static let mostMembers = 1 << 26

  private let source: ShardBytes
  private let archive: OpaquePointer
  /// The member at hand, or the last one.
  private var member: TarMember?
  private var isInside = false
  private var memberCount = 0
  private var buffer = AlignedBuffer<UInt8>(count: 0)
  private var readCount = 0

  /// Opens the file; throws where that fails or where it is no tar file.
  init(_ path: String) throws(DatasetError) {
    let source = try ShardBytes(path)
    let archive = try Self.open(source)
    (self.source, self.archive) = (source, archive)
  }

  private static func open(_ source: ShardBytes) throws(DatasetError) -> OpaquePointer {
    guard let archive = archive_read_new() else {
      throw DatasetError(.missing, source.path, "cannot be read: out of memory")
    }
    archive_read_support_format_tar(archive)
    archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1")
    guard source.open(archive) == ARCHIVE_OK else {
      let reason = archive_error_string(archive).map { String(cString: $0) } ?? "no more is known"
      archive_read_free(archive)
      throw source.failure ?? DatasetError(.malformed, source.path, damage(reason))
    }
    return archive
  }

  deinit { archive_read_free(archive) }

  /// Goes to the next member; nil at the end.
  mutating func next() throws(DatasetError) -> TarMember? {
    // What is missing of a member that was passed over is noticed while it is still at hand.
    if isInside, archive_read_data_skip(archive) != ARCHIVE_OK { throw failure() }
    isInside = false
    var entry: OpaquePointer?
    let code = archive_read_next_header(archive, &entry)
    if code == ARCHIVE_EOF {
      try checkEnd()
      return nil
    }
    guard code == ARCHIVE_OK || code == ARCHIVE_WARN, let entry else { throw failure() }
    // Names are not converted, which is a warning; a header that is passed over may have had the size or the name.
    guard code == ARCHIVE_OK || !reason.contains("alformed") else { throw failure() }
    let found = TarMember(entry)
    memberCount += 1
    guard memberCount <= Self.mostMembers else {
      throw failure("expected at most \(Self.mostMembers) members, found more; split the file")
    }
    member = found
    isInside = true
    readCount = 0
    return found
  }

  /// The first `count` bytes of the member at hand, fewer only where it has fewer; valid until the next call.
  mutating func read(_ count: Int) throws(DatasetError) -> UnsafeRawBufferPointer {
    let count = min(count, member!.byteCount)
    guard count <= Self.mostMemberBytes else {
      throw failure("is \(count) bytes long; expected at most \(Self.mostMemberBytes) bytes in one picture")
    }
    guard !member!.isSparse else {
      throw failure("is stored with its holes left out; pack the tar file again without --sparse")
    }
    while readCount < count {
      if readCount == buffer.count { grow(to: count) }
      let step = min(count, buffer.count) - readCount
      let done = archive_read_data(archive, buffer.base + readCount, step)
      guard done >= 0 else { throw failure() }
      guard done > 0 else {
        throw failure(
          "promises \(member!.byteCount) bytes, but only \(readCount) are there; fetch the file again")
      }
      readCount += done
    }
    return UnsafeRawBufferPointer(start: buffer.base, count: count)
  }

  /// More room, in steps: a header may promise far more than there is.
  private mutating func grow(to count: Int) {
    let larger = AlignedBuffer<UInt8>(
      count: min(max(count, 1 << 16), max(1 << 20, 2 * buffer.count)), for: "a member of a tar file")
    larger.base.update(from: buffer.base, count: readCount)
    buffer = larger
  }

  /// A whole tar file ends with empty blocks; without them it may have been cut between two members.
  private func checkEnd() throws(DatasetError) {
    guard archive_filter_bytes(archive, 0) <= archive_read_header_position(archive) else { return }
    throw failure(
      "the empty blocks that end a tar file are missing: it was cut, or its writer did not close it; "
        + "fetch it again, or add them (head -c 1024 /dev/zero >> FILE) if nothing is missing")
  }

  private var reason: String {
    archive_error_string(archive).map { String(cString: $0) } ?? "no more is known"
  }

  private static func damage(_ reason: String) -> String {
    reason.hasPrefix("Truncated")
      ? "the file ends too early: it was cut; fetch it again"
      : "the tar file is damaged (\(reason)); fetch it again"
  }

  /// An error that says where in the tar file it was.
  func failure(_ message: String? = nil) -> DatasetError {
    let place =
      member.map { "\(isInside ? "in" : "after") member \(memberCount), \($0.quotedName)" } ?? "at its start"
    let cause = message ?? source.failure?.message ?? Self.damage(reason)
    return DatasetError(
      message == nil ? source.failure?.kind ?? .malformed : .malformed, source.path, "\(place): \(cause)")
  }
}
