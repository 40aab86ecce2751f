/// An array of a file that holds several, such as `.npz` and HDF5.
struct NamedArray {
  let key: String
  let sizes: [Int]
  /// Whether it holds numbers, as images do.
  let isNumber: Bool

  /// The key without the groups above it.
  var lastName: String { key.split(separator: "/").last.map(String.init) ?? key }
  /// Key and sizes, as in a message.
  var text: String { "\(key) \(sizes)" }

  /// Keys that say of one array among several that it holds the images.
  private static let imageKeys: Set<String> = [
    "x", "X", "images", "image", "imgs", "data", "arr_0", "pixels", "samples",
  ]

  /// The one of `arrays` that holds the images, where none is named: the only one that may, or the only one whose key says so.
  ///
  /// - Parameter bad: what cannot be read, for the message
  static func images(
    among arrays: [NamedArray], bad: [DatasetError] = [], in path: String
  ) throws(DatasetError) -> (key: String, remark: String?) {
    let numbers = arrays.filter(\.isNumber)
    var candidates = numbers.filter { (3...4).contains($0.sizes.count) }
    if candidates.isEmpty { candidates = numbers.filter { $0.sizes.count == 2 && $0.sizes[1] > 1 } }
    if let only = candidates.first, candidates.count == 1 { return (only.key, nil) }
    let named = candidates.filter { imageKeys.contains($0.lastName) }
    if let only = named.first, named.count == 1 {
      let others = candidates.filter { $0.key != only.key }
      return (only.key, "array \(only.key) taken; \(listed(others.map(\.text))) left out")
    }
    guard let first = candidates.first else {
      let all = arrays.map(\.text) + bad.map { "one that cannot be read (\($0))" }
      throw DatasetError(
        .malformed, path,
        "expected an array of images (two to four dimensions), found \(all.isEmpty ? "none" : listed(all))")
    }
    throw DatasetError(
      .mismatch, path,
      "holds several arrays that may be images: \(listed(candidates.map(\.text))); "
        + "name one, as in \(path):\(first.key)")
  }

  /// The keys under which labels of the images `key` may be, the likeliest first, without the groups above.
  private static func labelKeys(_ key: String) -> [String] {
    var keys: [String] = []
    for (image, label) in [
      ("x", "y"), ("X", "y"), ("X", "Y"), ("images", "labels"), ("image", "label"), ("data", "labels"),
      ("data", "target"), ("imgs", "labels"),
    ] {
      let parts = key.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
      if parts.contains(image) {
        keys.append(parts.map { $0 == image ? label : $0 }.joined(separator: "_"))
      }
    }
    if key == "arr_0" { keys.append("arr_1") }
    return keys + ["y", "Y", "label", "labels", "target", "targets", "class", "classes"]
  }

  /// The arrays beside the images `key` that may be labels of `count` images, by name and size, the likeliest first.
  static func labels(of key: String, count: Int, among arrays: [NamedArray]) -> [String] {
    let last = key.split(separator: "/").last.map(String.init) ?? key
    let group = key.dropLast(last.count)
    return labelKeys(last).map { group + $0 }.filter { label in
      label != key
        && arrays.contains {
          $0.key == label && $0.sizes.first == count && $0.sizes.dropFirst().allSatisfy { $0 == 1 }
        }
    }
  }
}

/// Up to 20 names, and how many more there are.
func listed(_ names: [String]) -> String {
  names.prefix(20).joined(separator: ", ") + (names.count > 20 ? " and \(names.count - 20) more" : "")
}
