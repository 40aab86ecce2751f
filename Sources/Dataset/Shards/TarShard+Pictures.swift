import Basics

/// Labels by the name that a picture shares with its label.
package struct ShardLabels {
  // By bytes: two spellings of one letter are two names.
  private var texts: [[UInt8]: String] = [:]

  /// The label of a picture; nil where there is none.
  package subscript(key: Substring.UTF8View) -> String? { texts[Array(key)] }

  /// Adds a label; gives the other one where there is one that differs.
  mutating func insert(_ label: String, _ key: Substring.UTF8View) -> String? {
    let other = texts.updateValue(label, forKey: Array(key))
    return other == label ? nil : other
  }
}

/// Gives pictures of one name different ones, which depend on nothing but the order of the members.
private struct MemberNames {
  /// All that were given, and of a name that came again, the last number.
  private var known: [ExactText: Int] = [:]

  mutating func different(_ name: String) -> String {
    guard var number = known[ExactText(name)] else {
      known[ExactText(name)] = 1
      return name
    }
    var other: String
    // A member may be called like that itself.
    repeat {
      number += 1
      other = "\(name)#\(number)"
    } while known[ExactText(other)] != nil
    known[ExactText(name)] = number
    known[ExactText(other)] = 1
    return other
  }
}

extension TarShard {
  /// Text that WebDataset stores beside a picture.
  private static let companions: Set = ["cls", "txt", "json"]

  /// Calls `visit` for every picture, in order: its number from 0, name, bytes (valid within the call), and label.
  ///
  /// A member is a picture by its name, so that a damaged one is seen as such, or by its first bytes where its name says
  /// nothing. Numbers and names are the same in every pass. No two names are the same: where a tar file has several pictures of
  /// one name, the second is called `NAME#2`, the third `NAME#3`. Labels are those of `labels()`.
  /// - Parameters:
  ///   - labelled: whether labels are looked for, which takes a pass of its own
  ///   - wanting: says by the number which pictures are read; the others are passed over
  /// - Returns: how many members were left out, by kind: a suffix in small letters (`mp4`), `links`, `devices`, or
  ///   `files without a suffix`. Labels, captions and other text that belongs to pictures (.cls, .txt, .json) is not among
  ///   them, nor is what is hidden.
  @discardableResult
  package func forEachPicture(
    labelled: Bool = true, wanting: (_ number: Int) -> Bool = { _ in true },
    _ visit: (_ number: Int, _ name: String, _ data: UnsafeRawBufferPointer, _ label: String?)
      throws(DatasetError) -> Void
  ) throws(DatasetError) -> [String: Int] {
    let labels = labelled ? try self.labels() : ShardLabels()
    var leftOut: [String: Int] = [:]
    var number = 0
    var names = MemberNames()
    var reader = try TarReader(path)
    while let member = try reader.next() {
      guard try Self.isPicture(member, &reader) else {
        if let kind = Self.kindLeftOut(member) { leftOut[kind, default: 0] += 1 }
        continue
      }
      // Also of those that are not wanted: the names of the others depend on them.
      let name = names.different(member.name)
      if wanting(number) {
        try visit(number, name, try reader.read(member.byteCount), labels[member.key])
      }
      number += 1
    }
    return leftOut
  }

  private static func isPicture(_ member: TarMember, _ reader: inout TarReader) throws(DatasetError) -> Bool {
    guard member.kind == .file, !member.isHidden, !companions.contains(member.suffix) else { return false }
    if let isStill = FileKind.of(suffix: member.suffix).isStill { return isStill }
    // What is stored with holes is no picture unless its name says so; reading it would be an error.
    return member.isSparse ? false : StillFormat.of(try reader.read(64)) != nil
  }

  /// The kind that a member without a picture is counted as; nil where nothing is lost.
  private static func kindLeftOut(_ member: TarMember) -> String? {
    if member.isHidden { return nil }
    switch member.kind {
    case .folder: return nil
    case .link: return "links"
    case .device: return "devices"
    case .file where companions.contains(member.suffix): return nil
    case .file: return member.suffix.isEmpty ? "files without a suffix" : member.suffix
    }
  }

  /// The labels: the text of every member `x.cls`, without spaces and line ends around it, by the name `x` that it shares
  /// with its pictures, wherever they are in the file.
  /// - Throws: where a label is empty or longer than 4096 bytes, or where a name has two that differ
  package func labels() throws(DatasetError) -> ShardLabels {
    var labels = ShardLabels()
    var reader = try TarReader(path)
    while let member = try reader.next() {
      guard member.kind == .file, !member.isHidden, member.ending == "cls" else { continue }
      guard member.byteCount <= 4096 else {
        throw reader.failure("expected a label of at most 4096 bytes, found \(member.byteCount)")
      }
      let bytes = try reader.read(member.byteCount)
      let isSpace = { (byte: UInt8) in byte <= 0x20 }
      let start = bytes.firstIndex { !isSpace($0) } ?? bytes.endIndex
      let end = bytes.lastIndex { !isSpace($0) } ?? start
      guard start < bytes.endIndex else { throw reader.failure("expected a label, found nothing but spaces") }
      let label = FileName.text(of: Array(bytes[start...end]))
      if let other = labels.insert(label, member.key) {
        throw reader.failure(
          "is the label '\(FileName.shown(label))', but another member of that name is "
            + "'\(FileName.shown(other))'; give every picture one label")
      }
    }
    return labels
  }
}
