import Basics
import Glibc

/// A walk through a folder and everything below it, also behind links; what is hidden is left out. Every folder is entered
/// once.
///
/// Files that may be still images are found, as their names or else their first bytes say; the others are counted.
struct FolderWalk {
  /// A file that may be a still image.
  struct File {
    /// Relative to the root.
    let name: String
    let status: stat
  }

  /// The folder, without a slash at its end.
  let root: String
  /// The folders that were entered, and how they were reached.
  private(set) var entered: [FileIdentity: String] = [:]
  /// What cannot be read: links that lead nowhere, folders that cannot be listed, files that are none.
  private(set) var failures: [DatasetError] = []
  /// What was left out.
  private(set) var leftOut = LeftOut()
  /// Folders that are yet to be entered, relative to the root, with a slash in front.
  private var waiting = [""]

  /// A walk through `root`.
  init(_ root: String) { self.root = FileName.withoutSlashes(root) }

  /// Calls `found` with every file that may be a still image, in no order, and `beat` for every name.
  ///
  /// - Throws: where the root itself cannot be listed.
  mutating func run(
    beat: () -> Void, found: (File) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    while let folder = waiting.popLast() {
      do throws(DatasetError) {
        try enter(folder, beat, found)
      } catch {
        if folder.isEmpty { throw error }
        failures.append(error)
      }
    }
  }

  private mutating func enter(
    _ folder: String, _ beat: () -> Void, _ found: (File) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let path = root + folder
    guard let directory = FileName.withPath(path.isEmpty ? "/" : path, { opendir($0) }) else {
      throw Self.unlisted(path)
    }
    defer { closedir(directory) }
    var status = stat()
    guard fstat(dirfd(directory), &status) == 0 else { throw Self.unlisted(path) }
    guard entered.updateValue(path, forKey: status.identity) == nil else { return }
    errno = 0
    while let entry = readdir(directory) {
      beat()
      try look(Entry(entry, in: directory), folder, found)
      errno = 0
    }
    guard errno == 0 else { throw Self.unlisted(path) }
  }

  private mutating func look(
    _ entry: Entry, _ folder: String, _ found: (File) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let name = entry.name
    if entry.isFolder, FileKind.rubbishFolders.contains(name) {
      leftOut.add(folder: name, files: Self.files(below: "\(root)\(folder)/\(name)"))
      return
    }
    guard name.utf8.first != UInt8(ascii: ".") else { return }
    if entry.isFolder { return waiting.append("\(folder)/\(name)") }
    let suffix = FileName.suffix(name)
    let path = folder.isEmpty ? name : "\(folder.dropFirst())/\(name)"
    switch FileKind.of(suffix: suffix) {
    case .still:
      if let status = usable(entry, path) { try found(File(name: path, status: status)) }
    case .rubbish: return
    case _ where FileKind.rubbishNames.contains(entry.smallName): return
    case .other(let kind): leftOut.add(kind, suffix: suffix)
    case .unknown:
      guard entry.status?.isFile != false, let status = usable(entry, path) else {
        if entry.status != nil { leftOut.add(.unknown, suffix: suffix) }
        return
      }
      if let start = Files.start("\(root)/\(path)", atMost: 64),
        start.withUnsafeBytes({ StillFormat.of($0) }) != nil
      {
        try found(File(name: path, status: status))
      } else {
        leftOut.add(.unknown, suffix: suffix)
      }
    }
  }

  /// What the system says of a file; nil where it is none, which is then a failure.
  private mutating func usable(_ entry: Entry, _ name: String) -> stat? {
    let path = "\(root)/\(name)"
    guard let status = entry.status else {
      failures.append(.unreached(path))
      return nil
    }
    guard status.isFile else {
      failures.append(DatasetError(.malformed, path, "is no regular file; remove it"))
      return nil
    }
    return status
  }

  private static func unlisted(_ folder: String) -> DatasetError {
    DatasetError(
      .missing, folder.isEmpty ? "/" : folder, "cannot be listed: \(Files.reason()); check its permissions"
    )
  }

  /// How many files there are in a folder and those below it.
  private static func files(below folder: String) -> Int {
    guard let names = Files.names(in: folder) else { return 0 }
    return names.reduce(0) { sum, name in
      let path = "\(folder)/\(name)"
      return sum + (Files.linkStatus(path)?.isFolder == true ? files(below: path) : 1)
    }
  }
}

extension FolderWalk {
  /// A name in a folder that is being listed.
  private struct Entry {
    let name: String
    private let entry: UnsafeMutablePointer<dirent>
    private let directory: Int32

    init(_ entry: UnsafeMutablePointer<dirent>, in directory: OpaquePointer) {
      name = Files.name(of: entry)
      (self.entry, self.directory) = (entry, dirfd(directory))
    }

    /// Behind links; nil where that leads nowhere.
    var status: stat? {
      var status = stat()
      let found = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: 1) { fstatat(directory, $0, &status, 0) }
      }
      return found == 0 ? status : nil
    }

    var isFolder: Bool {
      switch Int(entry.pointee.d_type) {
      case Int(DT_DIR): true
      case Int(DT_REG): false
      default: status?.isFolder ?? false
      }
    }

    var smallName: String { name.utf8.count > 16 ? "" : name.lowercased() }
  }
}
