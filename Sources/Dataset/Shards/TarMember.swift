import Basics
internal import CArchive
import Glibc

/// What a tar file says of one member.
struct TarMember {
  enum Kind { case file, folder, link, device }

  /// The whole name, which is only text: it may begin with a slash or have `..` in it.
  let name: String
  let kind: Kind
  let byteCount: Int
  /// Stored without its holes, by which a small file can promise a giant.
  let isSparse: Bool

  init(_ entry: OpaquePointer) {
    name = archive_entry_pathname(entry).map { FileName.text(of: $0) } ?? ""
    byteCount = Int(archive_entry_size(entry))
    isSparse = archive_entry_sparse_count(entry) > 0
    if archive_entry_hardlink(entry) != nil {
      kind = .link
    } else {
      kind =
        switch mode_t(archive_entry_filetype(entry)) {
        case S_IFREG: .file
        case S_IFDIR: .folder
        case S_IFLNK: .link
        default: .device
        }
    }
  }

  /// As errors name it.
  var quotedName: String { "'\(FileName.shown(name))'" }

  /// The name up to the first point behind the last slash: what a picture and its label share.
  var key: Substring.UTF8View { Self.key(of: name) }

  /// The key of a member that is called `name`.
  static func key(of name: String) -> Substring.UTF8View {
    name.utf8.dropLast(name.utf8.count - keyLength(of: name))
  }

  /// What stands behind that point, in small letters: `jpg`, `cls`, `seg.png`; empty where there is no point.
  var ending: String {
    String(decoding: name.utf8.dropFirst(keyLength + 1), as: UTF8.self).lowercased()
  }

  /// What stands behind the last point: the kind of file, to people.
  var suffix: String {
    let ending = ending
    return ending.utf8.lastIndex(of: UInt8(ascii: ".")).map { String(ending[ending.index(after: $0)...]) }
      ?? ending
  }

  private var keyLength: Int { Self.keyLength(of: name) }

  private static func keyLength(of name: String) -> Int {
    let utf8 = name.utf8
    let start = utf8.lastIndex(of: UInt8(ascii: "/")).map { utf8.index(after: $0) } ?? utf8.startIndex
    let point = utf8[start...].firstIndex(of: UInt8(ascii: ".")) ?? utf8.endIndex
    return utf8.distance(from: utf8.startIndex, to: point)
  }

  /// Whether it is hidden as files on a disk are, or lies in a folder that is, or is something that storage boxes and systems
  /// add.
  var isHidden: Bool {
    let parts = name.split(separator: "/").map(String.init)
    let last = (parts.last ?? "").lowercased()
    return parts.contains { $0.utf8.first == UInt8(ascii: ".") && $0 != "." && $0 != ".." }
      || parts.dropLast().contains(where: FileKind.rubbishFolders.contains)
      || FileKind.rubbishNames.contains(last)
  }
}
