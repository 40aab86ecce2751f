import Glibc

extension FileName {
  /// What stands behind the last slash of a path; slashes at its end do not count.
  package static func last(_ path: String) -> String {
    let path = withoutSlashes(path)
    let utf8 = path.utf8
    guard let slash = utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[utf8.index(after: slash)...])
  }

  /// The folder that a path lies in: `.` where it names none.
  package static func folder(_ path: String) -> String {
    let path = withoutSlashes(path)
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    let folder = withoutSlashes(String(path[..<slash]))
    return folder.isEmpty ? "/" : folder
  }

  /// `name` as seen from `folder`: itself where it begins with a slash.
  package static func join(_ folder: String, _ name: String) -> String {
    if name.utf8.first == UInt8(ascii: "/") || folder.isEmpty { return name }
    return folder.utf8.last == UInt8(ascii: "/") ? folder + name : "\(folder)/\(name)"
  }

  /// A path without the slashes at its end; of the root, nothing is left.
  package static func withoutSlashes(_ path: String) -> String {
    var end = path.utf8.endIndex
    while end > path.utf8.startIndex, path.utf8[path.utf8.index(before: end)] == UInt8(ascii: "/") {
      end = path.utf8.index(before: end)
    }
    return String(path[..<end])
  }

  /// What stands behind the last point of a name, in small letters: empty where there is no point, or only one in front.
  package static func suffix(_ name: String) -> String {
    var name = name
    return name.withUTF8 { bytes in
      var end = bytes.count
      while end > 0, bytes[end - 1] == UInt8(ascii: "/") { end -= 1 }
      var point = end - 1
      while point >= 0, bytes[point] != UInt8(ascii: "."), bytes[point] != UInt8(ascii: "/") { point -= 1 }
      guard point > 0, bytes[point] == UInt8(ascii: "."), bytes[point - 1] != UInt8(ascii: "/") else {
        return ""
      }
      let suffix = UnsafeBufferPointer(rebasing: bytes[(point + 1)..<end])
      guard suffix.allSatisfy({ $0 < 0x80 }) else {
        return String(decoding: suffix, as: UTF8.self).lowercased()
      }
      return String(unsafeUninitializedCapacity: suffix.count) { small in
        for (place, byte) in suffix.enumerated() {
          small[place] = (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
        }
        return suffix.count
      }
    }
  }

  /// A path from the root: seen from the working folder, without `.` as a part.
  package static func absolute(_ path: String) -> String {
    var path = path
    if path.utf8.first != UInt8(ascii: "/"), let folder = getcwd(nil, 0) {
      defer { free(folder) }
      path = join(text(of: UnsafePointer(folder)), path)
    }
    return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }
}

/// A text that is the same as another only where all bytes are. Swift takes two spellings of é for the same; file systems
/// do not.
package struct ExactText: Hashable, Sendable {
  /// The text.
  package let text: String

  /// To be compared by its bytes.
  package init(_ text: String) { self.text = text }

  package static func == (a: ExactText, b: ExactText) -> Bool {
    a.text.utf8.count == b.text.utf8.count && a.text.utf8.elementsEqual(b.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
