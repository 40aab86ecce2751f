import Lanes

/// An HDF5 file, whose datasets are arrays.
struct HDF5File {
  let path: String
  private let fileBytes: Int

  /// Takes note of the file; throws where it is not there.
  init(_ path: String) throws(DatasetError) {
    self.path = path
    fileBytes = try FileStream(path).fileBytes
  }

  /// The dataset `key`, by its path from the root on.
  func dataset(_ key: String) throws(DatasetError) -> HDF5Dataset {
    try HDF5Process.value(path) { () throws(DatasetError) in
      let file = try HDF5.file(path)
      return try HDF5Dataset(file, path, key.hasPrefix("/") ? key : "/" + key, fileBytes: fileBytes)
    }
  }

  /// The dataset of images where none is named.
  func images() throws(DatasetError) -> (dataset: HDF5Dataset, remark: String?) {
    let found = try datasets().map { NamedArray(key: $0.key, sizes: $0.sizes, isNumber: $0.isNumber) }
    let (key, remark) = try NamedArray.images(among: found, in: path)
    return (try dataset(key), remark)
  }

  /// The labels beside the images `key`: a dataset of `count` integers in the same group whose name says so, or nil.
  func labels(of key: String, count: Int) throws(DatasetError) -> HDF5Dataset? {
    let found = try datasets().filter(\.isInteger).map {
      NamedArray(key: $0.key, sizes: $0.sizes, isNumber: true)
    }
    guard let label = NamedArray.labels(of: key, count: count, among: found).first else { return nil }
    return try dataset(label)
  }

  private func datasets() throws(DatasetError) -> [HDF5Search.Found] {
    try HDF5Process.value(path) { () throws(DatasetError) in HDF5Search(try HDF5.file(path)).datasets }
  }
}

extension HDF5Dataset {
  /// One text per item of a dataset of one dimension, or of a column.
  func labelTexts() throws(DatasetError) -> [String] {
    try ArrayLabels.check(sizes, name)
    var texts: [String] = []
    MemoryShortage.require(count, of: String.self, for: "labels")
    try read(0..<count) { _, items throws(DatasetError) in
      try ArrayLabels.append(items, .numbers(element), to: &texts, name)
    }
    return texts
  }
}
