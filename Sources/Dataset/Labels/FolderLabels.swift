import Basics

/// Sub-folders as classes: that of an image is the deepest one above it, leaving out folders that divide a data set into parts
/// (`train`, `test`, …) or merely hold its images.
struct FolderLabels {
  private let images: LabelledImages
  /// The place in `folders` of every image's folder; nil outside of all.
  private var places: [Int?] = []
  /// The different folders, without those that divide the data set.
  private var folders: [[String]] = []
  /// Images outside of all folders: how many, and the first one.
  private var outside: (count: Int, first: Int) = (0, 0)

  /// Folders that are no classes, in small letters.
  private static let parts: Set<String> = [
    "train", "test", "val", "valid", "validation", "training", "testing", "dev", "eval", "images", "img",
  ]

  init(_ images: LabelledImages) {
    self.images = images
    // Neighbours in the order of names mostly lie in one folder.
    var known: [ExactText: Int?] = [:]
    for image in 0..<images.count {
      let name = images.name(image) ?? ""
      let folder = ExactText(name.utf8.contains(UInt8(ascii: "/")) ? FileName.folder(name) : "")
      let place = known[folder] ?? add(folder.text)
      known[folder] = .some(place)
      if place == nil {
        if outside.count == 0 { outside.first = image }
        outside.count += 1
      }
      places.append(place)
    }
  }

  private var numbers: [[ExactText]: Int] = [:]

  private mutating func add(_ folder: String) -> Int? {
    let parts = folder.split(separator: "/").map(String.init).filter {
      !Self.parts.contains($0.lowercased()) && $0 != "." && $0 != ".."
    }
    guard !parts.isEmpty else { return nil }
    let key = parts.map(ExactText.init)
    if let known = numbers[key] { return known }
    numbers[key] = folders.count
    folders.append(parts)
    return folders.count - 1
  }

  private var values: [String] { places.map { $0.map { folders[$0].last! } ?? "" } }
  private var classes: Set<ExactText> { Set(folders.map { ExactText($0.last!) }) }

  /// The labels where nobody has asked for them: only where every sub-folder looks like a class.
  var automatic: (labels: ClassLabels?, line: String) {
    if folders.isEmpty { return (nil, "none (no labels were given, and no sub-folders name classes)") }
    if let reason = doubt { return (nil, "none: \(reason)") }
    let labels = ClassLabels(values, from: "sub-folders")
    return (labels, labels.origin)
  }

  /// The labels where `--labels folders` asks for them.
  ///
  /// - Throws: naming the first image outside of all folders.
  func asked() throws(DatasetError) -> (labels: ClassLabels?, line: String) {
    guard outside.count == 0 else {
      throw DatasetError(
        .mismatch, images.source(outside.first),
        "lies in no sub-folder that names a class (train, test, images and the like do not), as --labels folders wants"
          + (outside.count == 1 ? "" : "; nor do \(outside.count - 1) more pictures")
          + "; move it into one, or give --labels FILE or none")
    }
    let labels = ClassLabels(values, from: "sub-folders (--labels folders)")
    let remark = merged.map { "; \($0.name) stands for \($0.several) alike" }
    return (labels, labels.origin + (remark ?? ""))
  }

  /// Why sub-folders do not look like classes; nil where they do.
  private var doubt: String? {
    let count = images.count
    if outside.count > 0 {
      let first = FileName.shown(images.source(outside.first))
      return
        "\(outside.count) of \(count) pictures \(outside.count == 1 ? "lies" : "lie") in no sub-folder that names a class "
        + "(\(outside.count == 1 ? "" : "the first is ")\(first))"
    }
    let ask = "; --labels folders takes them for classes"
    let classes = classes
    if classes.count == 1 {
      return "all pictures lie in one sub-folder (\(FileName.shown(folders[0].last!)))"
    }
    if folders.allSatisfy(Self.isDate) { return "sub-folders are dates (\(Self.text(folders[0])), …)\(ask)" }
    if let merged {
      return "sub-folders lie within others (\(merged.several) would be one class, \(merged.name))\(ask)"
    }
    if let (outer, inner) = nested {
      return "pictures lie in \(outer) and also in \(inner)\(ask)"
    }
    if 2 * classes.count > count { return "\(classes.count) sub-folders for \(count) pictures\(ask)" }
    return nil
  }

  /// Two folders that have the same name in different ones.
  private var merged: (name: String, several: String)? {
    var first: [ExactText: [String]] = [:]
    for folder in folders {
      guard let other = first.updateValue(folder, forKey: ExactText(folder.last!)) else { continue }
      return (FileName.shown(folder.last!), "\(Self.text(other)) and \(Self.text(folder))")
    }
    return nil
  }

  /// A folder of pictures and one in it.
  private var nested: (outer: String, inner: String)? {
    for folder in folders {
      for length in 1..<folder.count where numbers[folder.prefix(length).map(ExactText.init)] != nil {
        return (Self.text(Array(folder.prefix(length))), Self.text(folder))
      }
    }
    return nil
  }

  private static func text(_ folder: [String]) -> String { FileName.shown(folder.joined(separator: "/")) }

  /// Whether a path says when pictures were taken: a year, perhaps a month, perhaps a day, in one name or in several.
  private static func isDate(_ folder: [String]) -> Bool {
    let text = folder.joined(separator: "-")
    let digits = text.filter { $0.isASCII && $0.isNumber }
    guard text.allSatisfy({ ($0.isASCII && $0.isNumber) || "-_. ".contains($0) }),
      let year = Int(digits.prefix(4)),
      (1900...2099).contains(year), [4, 6, 8].contains(digits.count) || folder.count > 1
    else { return false }
    guard digits.count >= 6 else { return digits.count == 4 }
    guard let month = Int(digits.dropFirst(4).prefix(2)), (1...12).contains(month) else { return false }
    let day = digits.dropFirst(6).prefix(2)
    return day.isEmpty || (1...31).contains(Int(day) ?? 0)
  }
}
