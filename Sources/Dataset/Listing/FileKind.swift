import Basics

/// What the end of a file's name says that it is.
enum FileKind {
  /// A still image that may be read.
  case still
  /// Something else that people keep in folders of images: left out, and counted.
  case other(Other)
  /// What systems leave behind: left out without a word.
  case rubbish
  /// Nothing: the file's first bytes tell.
  case unknown

  /// A kind of files that are left out.
  enum Other: String, CaseIterable {
    case videos, audio, text, documents, archives, raw, heic, avif, jpegXL, jpeg2000, layered, arrays,
      scientific,
      programs, unknown

    /// One of them, several of them, and what to do with them.
    private var words: (one: String, several: String, hint: String?) {
      switch self {
      case .videos: ("video", "videos", nil)
      case .audio: ("audio file", "audio files", nil)
      case .text: ("text file", "text files", nil)
      case .documents: ("document", "documents", nil)
      case .archives: ("archive", "archives", "unpack them, or give a tar to --images by itself")
      case .raw: ("camera RAW file", "camera RAW files", "convert them")
      case .heic: ("HEIC", "HEIC", "convert them")
      case .avif: ("AVIF", "AVIF", "convert them")
      case .jpegXL: ("JPEG XL", "JPEG XL", "convert them")
      case .jpeg2000: ("JPEG 2000", "JPEG 2000", "convert them")
      case .layered: ("drawing", "drawings", "convert them")
      case .arrays: ("array", "arrays", "give each to --images by itself")
      case .scientific: ("scientific image", "scientific images", "convert them")
      case .programs: ("program or library", "programs and libraries", nil)
      case .unknown: ("other file", "other files", nil)
      }
    }

    /// What one file is called.
    var one: String { words.one }
    /// What to do with them.
    var hint: String? { words.hint }

    /// How many were left out, with the ends of their names.
    func text(_ count: Int, suffixes: some Collection<String>) -> String {
      let most = 6
      let shown = suffixes.prefix(most).map { $0.isEmpty ? "without a suffix" : ".\(FileName.shown($0))" }
      let list = shown.joined(separator: ", ") + (suffixes.count > most ? ", …" : "")
      let hint = words.hint.map { ": \($0)" } ?? ""
      return "\(count) \(count == 1 ? words.one : words.several) (\(list)\(hint))"
    }
  }

  /// The kind of a file whose name ends with `suffix`, in small letters.
  static func of(suffix: String) -> FileKind { table[suffix] ?? .unknown }

  /// Whether a file of this kind is taken for a still image by its name alone; nil where its first bytes must tell.
  var isStill: Bool? {
    switch self {
    case .still: true
    case .other, .rubbish: false
    case .unknown: nil
    }
  }

  private static let table: [String: FileKind] = {
    var table: [String: FileKind] = [:]
    func add(_ kind: FileKind, _ suffixes: String) {
      for suffix in suffixes.split(separator: " ") { table[String(suffix)] = kind }
    }
    add(.still, "png jpg jpeg jpe jfif webp tif tiff gif bmp dib pnm pbm pgm ppm pam pfm")
    add(.other(.videos), "mp4 m4v mov avi mkv webm mpg mpeg wmv flv 3gp mts m2ts ogv vob")
    add(.other(.audio), "mp3 wav flac ogg oga m4a aac wma opus aiff mid")
    add(
      .other(.text),
      "txt md csv tsv json jsonl xml yaml yml html htm log ini cfg toml py ipynb c h cpp js css rst tex sh url bib "
        + "xmp aae srt geojson sql r m lst")
    add(.other(.documents), "pdf doc docx odt ppt pptx xls xlsx ods odp epub ps eps rtf")
    add(.other(.archives), "zip 7z rar tar tgz gz bz2 xz zst tbz tbz2 txz tzst lz4 lz tlz")
    add(
      .other(.raw),
      "cr2 cr3 crw nef nrw arw srf sr2 dng raf orf rw2 pef srw x3f rwl iiq 3fr raw erf mrw kdc dcr")
    add(.other(.heic), "heic heif hif heics")
    add(.other(.avif), "avif avifs")
    add(.other(.jpegXL), "jxl")
    add(.other(.jpeg2000), "jp2 j2k j2c jpx jpf jpm")
    add(.other(.layered), "psd psb svg svgz ai xcf kra ico icns cdr")
    add(
      .other(.arrays),
      "npy npz h5 hdf5 hdf he5 mat pt pth pkl pickle parquet tfrecord safetensors nc zarr lmdb")
    add(.other(.scientific), "dcm nii fits fit mrc czi nd2 lif oib oif mha mhd nrrd exr hdr tga")
    add(.other(.programs), "exe dll so dylib o a pyc class jar bat")
    add(.rubbish, "ds_store")
    return table
  }()

  /// Files that systems leave behind, in small letters.
  static let rubbishNames: Set<String> = ["thumbs.db", "ehthumbs.db", "desktop.ini", "picasa.ini", "icon\r"]

  /// Folders of small copies and of deleted files, which storage boxes, cameras and systems make.
  static let rubbishFolders: Set<String> = [
    "@eaDir", "@eadir", "@__thumb", ".@__thumb", "#recycle", "@Recycle", "@Recently-Snapshot", "__MACOSX",
    ".thumbnails",
    "$RECYCLE.BIN", "System Volume Information", "lost+found",
  ]
}

/// What was left out of folders.
struct LeftOut {
  private var files: [FileKind.Other: (count: Int, suffixes: Set<String>)] = [:]
  private var folders: [String: Int] = [:]

  /// Counts a file.
  mutating func add(_ kind: FileKind.Other, suffix: String) {
    files[kind, default: (0, [])].count += 1
    // Files that are numbered by their suffix would fill the set.
    if files[kind]!.suffixes.count < 100 { files[kind]!.suffixes.insert(suffix) }
  }

  /// Counts the files of a folder.
  mutating func add(folder: String, files: Int) { folders[folder, default: 0] += files }

  /// Takes what was left out elsewhere.
  mutating func add(_ other: LeftOut) {
    for (kind, part) in other.files {
      files[kind, default: (0, [])].count += part.count
      files[kind]!.suffixes.formUnion(part.suffixes)
    }
    for (folder, count) in other.folders { add(folder: folder, files: count) }
  }

  /// Lines for the header: none where nothing was left out.
  var remarks: [Listing.Remark] {
    [fileText, folderText].compactMap { $0 }.map { Listing.Remark(title: "left out", text: $0) }
  }

  /// The files that were left out, by kind; nil where there are none.
  var fileText: String? {
    let texts = FileKind.Other.allCases.compactMap { kind in
      files[kind].map { kind.text($0.count, suffixes: $0.suffixes.sorted()) }
    }
    return texts.isEmpty ? nil : texts.joined(separator: ", ")
  }

  /// The folders that were left out; nil where there are none.
  var folderText: String? {
    guard !folders.isEmpty else { return nil }
    let count = folders.values.reduce(0, +)
    return
      "folders \(folders.keys.sorted().map(FileName.shown).joined(separator: ", ")) (\(count) file\(count == 1 ? "" : "s"))"
  }
}
