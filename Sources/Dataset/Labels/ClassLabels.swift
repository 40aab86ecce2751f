import Basics

/// The class of every image of a data set.
package struct ClassLabels: Codable, Equatable, Sendable {
  /// Of image i the place of its class in `names`.
  package let numbers: [Int32]
  /// The classes in natural order; whole numbers in the order of their values, so that the labels 0 … 9 keep their numbers.
  package let names: [String]
  /// How many classes there are, their names, and where they come from: for the header.
  package let origin: String

  /// Numbers the classes.
  ///
  /// - Parameters:
  ///   - values: the name of every image's class; names are different where any byte is
  ///   - source: where they come from, such as `sub-folders`
  package init(_ values: [String], from source: String) {
    var found: [ExactText: Int32] = [:]
    var names: [String] = []
    let provisional = values.map { value in
      let text = ExactText(value)
      if let number = found[text] { return number }
      found[text] = Int32(names.count)
      names.append(value)
      return Int32(names.count - 1)
    }
    let order = Self.order(of: names)
    var numbers = [Int32](repeating: 0, count: names.count)
    for (number, place) in order.enumerated() { numbers[place] = Int32(number) }
    self.numbers = provisional.map { numbers[Int($0)] }
    self.names = order.map { names[$0] }
    origin = "\(Self.count(self.names)) from \(source)"
  }

  /// Classes of other images with the same names.
  init(numbers: [Int32], _ names: [String], _ origin: String) {
    (self.numbers, self.names, self.origin) = (numbers, names, origin)
  }

  /// The number of every name in their order.
  private static func order(of names: [String]) -> [Int] {
    // "07" is not the number 7, beside which it may stand.
    let values = names.compactMap { name in Int(name).flatMap { "\($0)" == name ? $0 : nil } }
    if values.count == names.count { return names.indices.sorted { values[$0] < values[$1] } }
    return names.indices.sorted { naturallyOrdered(names[$0], names[$1]) }
  }

  /// Such as `4 classes (cat, dog, horse, zebra)`.
  private static func count(_ names: [String]) -> String {
    let most = 12
    // A name may be a whole text.
    let shown = names.prefix(most).map { name in
      let name = FileName.shown(name)
      return name.count > 40 ? "\(name.prefix(39))…" : name
    }
    let list = shown.joined(separator: ", ") + (names.count > most ? ", …" : "")
    return "\(names.count) class\(names.count == 1 ? "" : "es") (\(list))"
  }
}

/// Labels that came with the images: in a list, beside an array, in an archive.
package struct FoundLabels: Sendable {
  /// The name of every image's class.
  package let values: [String]
  /// Where they are from, such as `list.csv`.
  package let source: String

  /// The labels of all images.
  package init(_ values: [String], from source: String) { (self.values, self.source) = (values, source) }
}

/// The images that are to have labels.
package struct LabelledImages {
  /// The images that are used.
  package let count: Int
  /// All images, those behind a limit included: as many labels as this a file must have.
  package let total: Int
  /// The name of an image's file, relative to the folder that was given; nil of an image that has no file of its own.
  package let name: (Int) -> String?
  /// What the image is called in results, and in messages.
  package let source: (Int) -> String

  /// The first `count` of `total` images.
  package init(
    count: Int, total: Int? = nil, name: @escaping (Int) -> String?, source: @escaping (Int) -> String
  ) {
    (self.count, self.total) = (count, total ?? count)
    (self.name, self.source) = (name, source)
  }
}
