import Basics

/// What the arguments of `--images` name: files and folders, before anything is read of the images. Made on one rank.
package struct Listing: Sendable {
  /// A file that may hold still images.
  package struct StillEntry: Sendable {
    /// The number of its argument in `roots`.
    package var root: Int32
    /// Relative to the argument where that is a folder, as listed where it is a list, empty where it is the file itself.
    package var name: String
    /// The length of the file.
    package var bytes: Int
    /// When it was changed, in nanoseconds since 1970.
    package var modified: Int
  }

  /// One or more arguments that are read in the same way.
  package enum Input: Sendable {
    /// Still images: a folder's, a list's, or (with an empty path) single files.
    case stills(path: String, entries: Range<Int>)
    /// A file of arrays, with `:NAME` of the member or dataset behind it, where it was given.
    case array(path: String)
    /// Archives of images.
    case shards(paths: [String])
  }

  /// One line of the header.
  package struct Remark: Equatable, Sendable {
    /// Such as `left out`.
    package let title: String
    /// What is to be said.
    package let text: String

    /// A line.
    package init(title: String, text: String) { (self.title, self.text) = (title, text) }
  }

  /// An argument, or one of the files that its pattern stands for.
  struct Root: Sendable {
    enum Kind: Sendable { case folder, list, file }
    let path: String
    let kind: Kind
  }

  /// In the order of the arguments.
  package var inputs: [Input] = []
  /// All still images, in order: a folder's by name, runs of digits as numbers; a list's as it names them.
  package var stills: [StillEntry] = []
  /// What a list says of each of `stills`; nil where there is no list that does, or it does not do so for all.
  package var listLabels: [String]?
  /// Lines for the header.
  package var remarks: [Remark] = []
  /// What was found and cannot be read; all of it.
  package var failures: [DatasetError] = []
  /// The arguments, patterns replaced by what they stand for.
  private(set) var roots: [Root] = []

  /// Looks for what the arguments name: folders, still images, arrays, archives, lists, and patterns of these.
  ///
  /// - Parameter beat: called for every name that is looked at, which are many and may be on a slow disk
  /// - Throws: where an argument names nothing that can be read.
  package static func make(_ arguments: [String], beat: () -> Void) throws(DatasetError) -> Listing {
    var maker = ListingMaker(arguments: try ArgumentPattern.expand(arguments, beat))
    try maker.run(beat)
    return maker.listing
  }

  init() {}

  /// Takes an argument, whose files are added next; gives its number.
  mutating func begin(_ path: String, _ kind: Root.Kind) -> Int32 {
    roots.append(Root(path: path, kind: kind))
    return Int32(roots.count - 1)
  }

  /// Where file `still` is.
  package func path(of still: Int) -> String {
    let entry = stills[still]
    let root = roots[Int(entry.root)]
    switch root.kind {
    case .folder: return FileName.join(root.path, entry.name)
    case .list: return FileName.join(FileName.folder(root.path), entry.name)
    case .file: return root.path
    }
  }

  /// What file `still` is called in results; no two are called the same: relative to the argument where there is only one,
  /// and behind the argument where there are several.
  package func source(of still: Int) -> String {
    let entry = stills[still]
    let root = roots[Int(entry.root)]
    if root.kind == .file { return hasOneRoot ? FileName.last(root.path) : root.path }
    return hasOneRoot ? entry.name : FileName.join(root.path, entry.name)
  }

  /// The name in which folders of classes are looked for: relative to the argument; of several folders with the name of each, and of
  /// single files, or those of a pattern, the whole path.
  func labelName(of still: Int) -> String {
    let entry = stills[still]
    let root = roots[Int(entry.root)]
    switch root.kind {
    case .file: return root.path
    case .folder where !hasOneRoot: return FileName.join(FileName.last(root.path), entry.name)
    case .folder, .list: return entry.name
    }
  }

  /// Whether there is one folder, list or file; a pattern counts as all the files that it stands for.
  package var hasOneRoot: Bool {
    let files = inputs.reduce(0) { sum, input in
      switch input {
      // Those of stills are among the roots.
      case .stills: sum
      case .array: sum + 1
      case .shards(let paths): sum + paths.count
      }
    }
    return roots.count + files == 1
  }
}
