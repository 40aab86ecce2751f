import Basics
import Glibc
import Report

/// Puts files into folders by cluster. What is there is never overwritten.
final class Sorter {
  private let directory: String
  private let names: [String]
  /// nil: the first that works.
  private let way: SortWay?
  private var isMade: [Bool]
  /// The number that the next file of a name gets.
  private var numbers: [ExactText: Int] = [:]
  private var counts: [SortWay: Int] = [:]
  /// Files that have got another name, and images that are no files of their own.
  private var (renamed, leftOut) = (0, 0)
  private static let mostNameBytes = 255

  /// Makes the directory, which must be new or empty, and must not be within one of the `sources`.
  ///
  /// - Parameter names: the folders of the clusters
  init(_ directory: String, _ way: SortWay?, names: [String], outside sources: [String]) throws(ReportError) {
    (self.directory, self.way, self.names) = (directory, way, names)
    isMade = names.map { _ in false }
    try Self.check(directory, outside: sources)
    if let status = Files.status(directory) {
      guard status.isFolder else {
        throw ReportError(.output, directory, "is a file; --sort must name a directory")
      }
      guard let found = Files.names(in: directory) else {
        throw ReportError(.output, directory, "cannot be listed: \(Files.reason()); choose another --sort")
      }
      guard found.isEmpty else {
        throw ReportError(
          .output, directory,
          "is not empty, and nothing is overwritten there; choose a new directory for --sort")
      }
    } else if Files.makeFolders(directory) != 0 {
      throw ReportError(.output, directory, "cannot be created: \(Files.reason()); choose another --sort")
    }
    let probe = "\(directory)/.probe.\(getpid())"
    guard Files.makeFolder(probe) == 0 else {
      throw ReportError(.output, directory, "cannot be written to: \(Files.reason()); choose another --sort")
    }
    Files.removeFolder(probe)
  }

  /// Throws where `directory`, there or not, is one of `sources` or within one.
  private static func check(_ directory: String, outside sources: [String]) throws(ReportError) {
    let taken = sources.compactMap { source in Files.status(source).map { ($0.identity, source) } }
    var place = FileName.absolute(directory)
    while !Files.exists(place), place != "/" { place = FileName.folder(place) }
    // Up to the root, which is above itself.
    while let here = Files.status(place)?.identity {
      if let (_, source) = taken.first(where: { $0.0 == here }) {
        throw ReportError(
          .output, directory,
          "is within \(FileName.shown(source)), whose images are sorted: what is put there would be read as an image the "
            + "next time; choose a directory elsewhere")
      }
      let above = "\(place)/.."
      if Files.status(above)?.identity == here { break }
      place = above
    }
  }

  /// Puts `file`, or, where an image is none of its own, nothing, into the folder of `cluster`.
  func place(_ file: String?, in cluster: Int) throws(ReportError) {
    guard let file else {
      leftOut += 1
      return
    }
    let folder = "\(directory)/\(names[cluster])"
    if !isMade[cluster] {
      guard Files.makeFolders(folder) == 0 else {
        throw ReportError(.writing, folder, "cannot be created: \(Files.reason())")
      }
      isMade[cluster] = true
    }
    let name = FileName.last(file)
    if try put(file, "\(folder)/\(name)") { return }
    renamed += 1
    let above = FileName.last(FileName.folder(FileName.absolute(file)))
    let long = "\(above)_\(name)"
    if !above.isEmpty, FileName.bytes(of: long).count <= Self.mostNameBytes,
      try put(file, "\(folder)/\(long)")
    {
      return
    }
    let point = name.utf8.lastIndex(of: UInt8(ascii: ".")).flatMap { $0 > name.startIndex ? $0 : nil }
    let (stem, suffix) = point.map { (String(name[..<$0]), String(name[$0...])) } ?? (name, "")
    let key = ExactText("\(folder)/\(name)")
    var number = numbers[key] ?? 2
    while try !put(file, "\(folder)/\(stem)_\(number)\(suffix)") { number += 1 }
    numbers[key] = number + 1
  }

  /// Whether `file` is there now by the name `target`; not so where something else is.
  private func put(_ file: String, _ target: String) throws(ReportError) -> Bool {
    let ways = way.map { [$0] } ?? SortWay.allCases
    for way in ways {
      let code =
        switch way {
        case .link: Files.link(file, as: target)
        case .symlink: Files.symbolicLink(to: FileName.absolute(file), as: target)
        case .copy: Files.copy(file, to: target)
        }
      if code == 0 {
        counts[way, default: 0] += 1
        return true
      }
      if errno == EEXIST { return false }
      // What cannot be done between these file systems, or not at all.
      guard way != ways.last, [EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS].contains(errno) else {
        let hint = self.way == nil || errno == ENOSPC ? "" : "; try --by copy"
        throw ReportError(
          .writing, target, "cannot be made from \(FileName.shown(file)): \(Files.reason())\(hint)")
      }
    }
    return false
  }

  /// What was done, a line each.
  var report: [String] {
    let done = [(SortWay.link, "hard links"), (.symlink, "symbolic links"), (.copy, "copies")].compactMap {
      way, name in counts[way].map { "\($0) \(name)" }
    }
    var lines = [
      "sorted into \(FileName.shown(directory)): \(done.isEmpty ? "no file" : done.joined(separator: ", "))"
    ]
    if renamed > 0 {
      lines.append(
        "\(renamed) files have a name that another one of their cluster has; they got their folder's before it, or a number "
          + "behind it")
    }
    if leftOut > 0 {
      lines.append(
        "\(leftOut) images are no files of their own (of arrays, shards or pages) and were not sorted")
    }
    return lines
  }
}
