import Basics
import Glibc

/// Fills a listing, one argument after the other.
struct ListingMaker {
  private(set) var listing = Listing()
  private let arguments: [ExpandedArgument]
  private var leftOut = LeftOut()
  /// The folders that were entered, and by which root.
  private var entered: [FileIdentity: Int32] = [:]
  /// Files that were found, where there are several arguments or lists, by which one file may be found twice. Those of arrays
  /// and shards have no root.
  private var found: [Found: (root: Int32?, name: String)] = [:]
  private var repeated: (count: Int, example: String) = (0, "")
  private let mayRepeat: Bool
  /// The labels that lists have given so far, for the first of `listing.stills`.
  private var labels: [String?] = []
  private var lastShardArgument: Int?
  /// The folders that are arguments themselves.
  private var rootsOfFolders: [FileIdentity: Int32] = [:]

  /// A file, or the array in it that is named behind a colon.
  private struct Found: Hashable {
    let file: FileIdentity
    let inner: ExactText?
  }

  init(arguments: [ExpandedArgument]) {
    self.arguments = arguments
    mayRepeat = arguments.count > 1
  }

  /// Takes all arguments.
  mutating func run(_ beat: () -> Void) throws(DatasetError) {
    for argument in arguments {
      beat()
      try take(argument, beat)
    }
    listing.remarks += leftOut.remarks
    if repeated.count > 0 {
      remark(
        "copies",
        "\(repeated.count) file\(repeated.count == 1 ? " is" : "s are") reached twice, such as \(repeated.example)"
      )
    }
    takeLabels()
    guard listing.inputs.isEmpty, listing.failures.isEmpty else { return }
    let text = [leftOut.fileText, leftOut.folderText].compactMap { $0 }.joined(separator: ", ")
    throw DatasetError(.missing, nil, "--images names no image; left out: \(text)")
  }

  private mutating func take(_ argument: ExpandedArgument, _ beat: () -> Void) throws(DatasetError) {
    let path = argument.path
    if argument.isPlainList { return try addList(path, isPlain: true, beat) }
    // That of `file.h5:/path` is no path of a file.
    let dataset = Files.linkStatus(path) == nil ? ArgumentPattern.fileOfDataset(path) : nil
    let file = dataset ?? path
    guard let status = Files.status(file) else { throw .unreached(file) }
    if status.isFolder { return try addFolder(path, status, isMatch: argument.isMatch, beat) }
    guard status.isFile else {
      throw DatasetError(.malformed, path, "is no regular file and no folder; check --images")
    }
    if argument.isMatch, isLeftOut(path) { return }
    let kind = try ArgumentKind.of(file)
    guard dataset == nil || kind == .array else {
      let inner = FileName.shown(ArrayFile.split(path).inner ?? "")
      throw DatasetError(
        .malformed, file, "holds no arrays; :\(inner) behind its name is for .npz and HDF5 files")
    }
    switch kind {
    case .still: try addStill(path, status)
    case .array:
      try note(nil, path, status, inner: dataset == nil ? nil : ArrayFile.split(path).inner)
      listing.inputs.append(.array(path: path))
    case .list: try addList(path, isPlain: false, beat)
    case .shard:
      try note(nil, path, status)
      if argument.argument == lastShardArgument, case .shards(let paths)? = listing.inputs.last {
        listing.inputs[listing.inputs.count - 1] = .shards(paths: paths + [path])
      } else {
        listing.inputs.append(.shards(paths: [path]))
      }
      lastShardArgument = argument.argument
    }
  }

  /// Whether a file that a pattern has found is of a kind that is left out, which is then counted.
  private mutating func isLeftOut(_ path: String) -> Bool {
    let suffix = FileName.suffix(path)
    if FileKind.rubbishNames.contains(FileName.last(path).lowercased()) { return true }
    switch FileKind.of(suffix: suffix) {
    case .other(.arrays), .other(.archives), .still: return false
    case .other(let kind):
      leftOut.add(kind, suffix: suffix)
      return true
    case .rubbish: return true
    case .unknown:
      if (try? ArgumentKind.of(path)) != nil { return false }
      leftOut.add(.unknown, suffix: suffix)
      return true
    }
  }

  private mutating func remark(_ title: String, _ text: String) {
    listing.remarks.append(Listing.Remark(title: title, text: text))
  }

  private mutating func addStill(_ path: String, _ status: stat) throws(DatasetError) {
    let root = listing.begin(path, .file)
    try note(root, "", status)
    listing.stills.append(.init(root: root, name: "", bytes: Int(status.st_size), modified: status.modified))
    let end = listing.stills.count
    if case .stills(path: "", let entries)? = listing.inputs.last {
      listing.inputs[listing.inputs.count - 1] = .stills(path: "", entries: entries.lowerBound..<end)
    } else {
      listing.inputs.append(.stills(path: "", entries: (end - 1)..<end))
    }
  }
}

extension ListingMaker {
  private mutating func addFolder(
    _ path: String, _ status: stat, isMatch: Bool, _ beat: () -> Void
  ) throws(DatasetError) {
    if let other = entered[status.identity] { throw nested(path, in: other) }
    let root = listing.begin(path, .folder)
    let first = listing.stills.count
    var walk = FolderWalk(path)
    try walk.run(beat: beat) { file throws(DatasetError) in
      try note(root, file.name, file.status)
      listing.stills.append(
        .init(
          root: root, name: file.name, bytes: Int(file.status.st_size), modified: file.status.modified))
    }
    listing.failures += walk.failures
    leftOut.add(walk.leftOut)
    for (identity, _) in walk.entered {
      if let other = rootsOfFolders[identity] { throw nested(listing.roots[Int(other)].path, in: root) }
      entered[identity] = entered[identity] ?? root
    }
    rootsOfFolders[status.identity] = root
    let count = listing.stills.count - first
    if count == 0, walk.failures.isEmpty, !isMatch { throw empty(path, walk.leftOut) }
    sort(from: first, beat)
    if count > 0 { listing.inputs.append(.stills(path: path, entries: first..<listing.stills.count)) }
  }

  private mutating func sort(from first: Int, _ beat: () -> Void) {
    func isBefore(_ a: Listing.StillEntry, _ b: Listing.StillEntry) -> Bool {
      beat()
      return naturallyOrdered(a.name, b.name)
    }
    // A part is sorted in a copy, which may be large.
    if first == 0 { listing.stills.sort(by: isBefore) } else { listing.stills[first...].sort(by: isBefore) }
  }

  private func empty(_ path: String, _ leftOut: LeftOut) -> DatasetError {
    let found = [leftOut.fileText, leftOut.folderText].compactMap { $0 }.joined(separator: ", ")
    return DatasetError(
      .missing, path,
      "holds no still image (PNG, JPEG, WebP, TIFF, GIF, BMP, PNM)\(found.isEmpty ? "" : "; left out: \(found)"); expected "
        + "a folder of images")
  }

  private func nested(_ path: String, in root: Int32) -> DatasetError {
    let other = listing.roots[Int(root)].path
    return DatasetError(
      .options, path, "is read already, as a part of --images \(FileName.shown(other)); leave one of them out"
    )
  }

  /// Notes a file, where it may be reached twice; of an array also what is named behind its colon.
  private mutating func note(
    _ root: Int32?, _ name: String, _ status: stat, inner: String? = nil
  ) throws(DatasetError) {
    // Datasets may be named with or without their first slash.
    let plain = inner.map { ExactText($0.utf8.first == UInt8(ascii: "/") ? String($0.dropFirst()) : $0) }
    let key = Found(file: status.identity, inner: plain)
    guard mayRepeat, let other = found.updateValue((root, name), forKey: key) else { return }
    func source(_ root: Int32?, _ name: String) -> String {
      guard let root else { return name }
      let path = listing.roots[Int(root)].path
      return name.isEmpty ? path : FileName.join(path, name)
    }
    let (here, there) = (source(root, name), source(other.root, other.name))
    guard ExactText(here) != ExactText(there) else {
      throw DatasetError(.options, here, "is named twice by --images; leave it out once")
    }
    if repeated.count == 0 { repeated.example = "\(FileName.shown(here)), which is \(FileName.shown(there))" }
    repeated.count += 1
  }
}

extension ListingMaker {
  private mutating func addList(_ path: String, isPlain: Bool, _ beat: () -> Void) throws(DatasetError) {
    let list = try FileList(path, isPlain: isPlain)
    let root = listing.begin(path, .list)
    let first = listing.stills.count
    while labels.count < first { labels.append(nil) }
    for entry in list.entries {
      beat()
      let file = FileName.join(FileName.folder(path), entry.name)
      guard let status = status(file, entry, of: path) else { continue }
      try note(root, entry.name, status)
      listing.stills.append(
        .init(root: root, name: entry.name, bytes: Int(status.st_size), modified: status.modified))
      labels.append(entry.label.flatMap { $0.isEmpty ? nil : $0 })
    }
    if !list.unused.isEmpty {
      remark(
        "list",
        "\(FileName.shown(path)): not used: column\(list.unused.count == 1 ? "" : "s") "
          + list.unused.map(FileName.shown).joined(separator: ", "))
    }
    listing.inputs.append(.stills(path: path, entries: first..<listing.stills.count))
  }

  /// What the system says of a file that a list names; nil where it is none that may be an image, which is then a failure.
  private mutating func status(_ file: String, _ entry: FileList.Entry, of list: String) -> stat? {
    func fail(_ kind: DatasetError.Kind, _ message: String) -> stat? {
      listing.failures.append(
        DatasetError(kind, file, "\(message) (line \(entry.line) of \(FileName.shown(list)))"))
      return nil
    }
    if entry.name.contains("://") { return fail(.missing, "is an address; fetch the file and list its path") }
    guard let status = Files.status(file) else {
      let error = DatasetError.unreached(file)
      return fail(.missing, error.message)
    }
    if status.isFolder { return fail(.malformed, "is a folder; give folders to --images by themselves") }
    guard status.isFile else { return fail(.malformed, "is no regular file") }
    if case .other(let kind) = FileKind.of(suffix: FileName.suffix(entry.name)) {
      return fail(.malformed, "is no still image, but a file of the kind '\(kind.one)'; leave it out")
    }
    return status
  }

  /// The labels of the lists, where they have one for every image.
  private mutating func takeLabels() {
    let known = labels.count { $0 != nil }
    let isWhole = listing.inputs.allSatisfy { if case .stills = $0 { true } else { false } }
    if known == listing.stills.count, known > 0, isWhole {
      listing.listLabels = labels.map { $0! }
    } else if known > 0 {
      remark(
        "list",
        "labels of the list are not used: they are there for \(known) of \(listing.stills.count) pictures"
          + (isWhole ? "" : " and not for what is no list"))
    }
  }
}
