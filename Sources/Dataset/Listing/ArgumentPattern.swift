import Basics
import Glibc

/// One of the files or folders that the arguments of `--images` stand for.
struct ExpandedArgument {
  /// Where it is, as far as the argument says.
  let path: String
  /// The number of the argument that stands for it.
  let argument: Int
  /// Whether it was found by a pattern, which may find files that are no images.
  var isMatch = false
  /// Whether it is a list of files, a path a line.
  var isPlainList = false
}

/// Arguments with `*`, `?`, `[…]`, `**`, `{a,b}` and `{000..146}`, which shells expand where they are not quoted.
enum ArgumentPattern {
  /// More than this an argument in braces does not stand for.
  static let mostAlternatives = 100_000
  /// More braces than this nobody writes.
  private static let mostBraces = 100

  /// What the arguments stand for, in their order; that of one pattern in natural order. What exists under the very name of
  /// the argument is meant itself.
  static func expand(_ arguments: [String], _ beat: () -> Void) throws(DatasetError) -> [ExpandedArgument] {
    var expanded: [ExpandedArgument] = []
    for (number, argument) in arguments.enumerated() {
      if argument.isEmpty { throw DatasetError(.options, nil, "--images '' names no file") }
      if Files.linkStatus(argument) != nil || fileOfDataset(argument) != nil {
        expanded.append(ExpandedArgument(path: argument, argument: number))
      } else if argument.hasPrefix("@") {
        expanded.append(
          ExpandedArgument(path: String(argument.dropFirst()), argument: number, isPlainList: true))
      } else {
        expanded += try matches(argument, number, beat)
      }
    }
    return expanded
  }

  /// The file of `file.h5:/path/to/dataset` or `file.npz:member`; nil where there is none.
  static func fileOfDataset(_ argument: String) -> String? {
    let (file, inner) = ArrayFile.split(argument)
    return inner == nil ? nil : file
  }

  private static func matches(
    _ argument: String, _ number: Int, _ beat: () -> Void
  ) throws(DatasetError) -> [ExpandedArgument] {
    guard argument.utf8.count(where: { $0 == UInt8(ascii: "{") }) <= mostBraces,
      let alternatives = alternatives(argument)
    else {
      throw DatasetError(
        .options, argument, "stands for more than \(mostAlternatives) files; check its braces")
    }
    var found: [ExpandedArgument] = []
    var missing: [String] = []
    for path in alternatives {
      if Files.linkStatus(path) != nil || fileOfDataset(path) != nil {
        found.append(ExpandedArgument(path: path, argument: number))
      } else if hasWildcard(path) {
        var names = paths(path, beat)
        if names.isEmpty { missing.append(path) }
        names.sort(by: naturallyOrdered)
        found += names.map { ExpandedArgument(path: $0, argument: number, isMatch: true) }
      } else {
        missing.append(path)
      }
    }
    if missing.isEmpty { return found }
    let names =
      missing.prefix(20).map(FileName.shown).joined(separator: ", ") + (missing.count > 20 ? ", …" : "")
    if alternatives.count > 1 {
      throw DatasetError(
        .missing, argument,
        "\(missing.count) of the \(alternatives.count) files that it stands for are not there: \(names)")
    }
    throw DatasetError(
      .missing, argument,
      hasWildcard(argument)
        ? "no file or folder has a name like this; check --images" : "no such file or folder; check --images")
  }

  private static func hasWildcard(_ path: String) -> Bool { path.utf8.contains { "*?[".utf8.contains($0) } }

  /// The files and folders that a pattern matches, in no order; what is hidden only where the pattern says so.
  private static func paths(_ pattern: String, _ beat: () -> Void) -> [String] {
    var found: [String] = []
    var known: Set<ExactText> = []
    func look(in folder: String, _ parts: ArraySlice<Substring>) {
      guard let part = parts.first else {
        if known.insert(ExactText(folder)).inserted { found.append(folder) }
        return
      }
      let rest = parts.dropFirst()
      if !hasWildcard(String(part)) {
        let path = FileName.join(folder, String(part))
        if Files.linkStatus(path) != nil { look(in: path, rest) }
        return
      }
      if part == "**", !rest.isEmpty { look(in: folder, rest) }
      for name in Files.names(in: folder.isEmpty ? "." : folder) ?? [] {
        beat()
        let path = FileName.join(folder, name)
        if part == "**" {
          if name.utf8.first == UInt8(ascii: ".") { continue }
          // Not behind links, which may lead back.
          let isFolder = Files.linkStatus(path)?.isFolder == true
          if isFolder { look(in: path, parts) } else if rest.isEmpty { look(in: path, []) }
        } else if isMatch(name, String(part)), rest.isEmpty || Files.isFolder(path) {
          look(in: path, rest)
        }
      }
    }
    let parts = pattern.split(separator: "/")
    look(in: pattern.utf8.first == UInt8(ascii: "/") ? "/" : "", parts[...])
    return found
  }

  private static func isMatch(_ name: String, _ pattern: String) -> Bool {
    FileName.withPath(name) { name in FileName.withPath(pattern) { fnmatch($0, name, FNM_PERIOD) == 0 } }
  }
}

extension ArgumentPattern {
  /// What braces stand for, in their order; nil where that is too much.
  static func alternatives(_ text: String) -> [String]? {
    var results = [""]
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "{") {
      guard let close = closing(rest, open) else { break }
      let inner = rest[rest.index(after: open)..<close]
      var choices = range(inner)
      if choices == nil, let parts = parts(inner) {
        choices = []
        for part in parts {
          guard let inner = alternatives(String(part)) else { return nil }
          choices! += inner
        }
      }
      let front = rest[..<open]
      rest = rest[rest.index(after: close)...]
      let found = choices ?? ["{\(inner)}"]
      guard found.count <= mostAlternatives, results.count * found.count <= mostAlternatives else {
        return nil
      }
      results = results.flatMap { result in found.map { result + front + $0 } }
    }
    return results.map { $0 + rest }
  }

  private static func closing(_ text: Substring, _ open: Substring.Index) -> Substring.Index? {
    var depth = 0
    for place in text[open...].indices {
      if text[place] == "{" { depth += 1 }
      if text[place] == "}" {
        depth -= 1
        if depth == 0 { return place }
      }
    }
    return nil
  }

  /// The parts between commas that are in no further braces; nil where there is only one.
  private static func parts(_ text: Substring) -> [Substring]? {
    var parts: [Substring] = []
    var (depth, start) = (0, text.startIndex)
    for place in text.indices {
      if text[place] == "{" { depth += 1 }
      if text[place] == "}" { depth -= 1 }
      if text[place] == ",", depth == 0 {
        parts.append(text[start..<place])
        start = text.index(after: place)
      }
    }
    return parts.isEmpty ? nil : parts + [text[start...]]
  }

  /// The numbers of `000..146`, all with the digits of the longer one where either begins with 0.
  private static func range(_ text: Substring) -> [String]? {
    let ends = text.split(separator: ".", omittingEmptySubsequences: false)
    let isDigits = { (text: Substring) in !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
    guard ends.count == 3, ends[1].isEmpty, isDigits(ends[0]), isDigits(ends[2]), let first = Int(ends[0]),
      let last = Int(ends[2])
    else { return nil }
    // One more than is allowed: the caller refuses it.
    let count = min(abs(last - first), mostAlternatives) + 1
    let isPadded = [ends[0], ends[2]].contains { $0.count > 1 && $0.first == "0" }
    let width = isPadded ? max(ends[0].count, ends[2].count) : 0
    return (0..<count).map { step in
      let number = "\(first <= last ? first + step : first - step)"
      return String(repeating: "0", count: max(0, width - number.count)) + number
    }
  }
}
