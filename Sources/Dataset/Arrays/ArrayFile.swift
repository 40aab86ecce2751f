import Basics

/// An array of images in a file: IDX, .npy, a member of .npz, a dataset of an HDF5 file.
package struct ArrayFile: Codable, Sendable {
  /// As the user gave it, with the member or dataset behind a colon.
  package let path: String
  package let count: Int
  /// Of every image; no channel is alpha.
  package let header: PictureHeader
  /// Images that are best read together: the whole file where it has to be unpacked from its start.
  package let unitSize: Int
  /// What was guessed, one line each.
  package let remarks: [String]
  private let isPlanar: Bool
  /// Whether the whole array is one image.
  private let isOneImage: Bool
  private let source: Source

  /// Where the numbers are.
  private enum Source: Codable, Sendable {
    case raw(RawArray, ArrayElement, key: String?)
    case hdf5(HDF5Dataset)
  }

  /// Looks at the header of the file and checks it; reads no images.
  ///
  /// - Parameter argument: a path; for a member of an `.npz` file or a dataset of an HDF5 file with its name behind a colon
  package init(_ argument: String, layout: ArrayLayout) throws(DatasetError) {
    let (path, inner) = Self.split(argument)
    let kind = try Self.kind(path)
    if let inner, kind == .idx || kind == .npy {
      throw DatasetError(.malformed, path, "holds one array; :\(inner) is for .npz and HDF5 files")
    }
    var remarks: [String] = []
    let found: (source: Source, sizes: [Int], samples: SampleType)
    switch kind {
    case .idx:
      let file = try IDXFile(path, dimensions: [3, 4], of: "images")
      found = (.raw(file.array, file.element, key: nil), file.sizes, file.element.samples)
    case .npy: found = try Self.numpy(try NPYArray(path), key: nil)
    case .npz: found = try Self.member(try NPZFile(path), inner, &remarks)
    case .hdf5: found = try Self.dataset(try HDF5File(path), inner, &remarks)
    case nil: throw Self.unknown(path)
    }
    try Self.refuseResults(path, found.sizes)
    let shape = try ArrayShape(found.sizes, layout, file: argument, isIDX: kind == .idx)
    if let remark = shape.remark { remarks.append(remark) }
    self.path = argument
    self.remarks = remarks
    count = shape.count
    header = PictureHeader(
      width: shape.width, height: shape.height, channels: shape.channels, samples: found.samples)
    isPlanar = shape.isPlanar && shape.channels > 1
    isOneImage = shape.isOneImage
    switch found.source {
    case .raw(let raw, let element, let key):
      let items = shape.isOneImage ? raw.asOneItem : raw
      source = .raw(items, element, key: key)
      unitSize = items.unitSize
    case .hdf5(let dataset):
      source = found.source
      unitSize = shape.isOneImage ? 1 : dataset.unitSize
    }
  }

  private static func numpy(
    _ file: NPYArray, key: String?
  ) throws(DatasetError) -> (Source, [Int], SampleType) {
    let element = try numbers(file)
    return (.raw(file.array, element, key: key), file.array.sizes, element.samples)
  }

  /// The member `key` of an `.npz` file, or the only one that may be images.
  private static func member(
    _ file: NPZFile, _ key: String?, _ remarks: inout [String]
  ) throws(DatasetError) -> (Source, [Int], SampleType) {
    if let key { return try numpy(try file.array(key), key: key) }
    let images = try file.images()
    if let remark = images.remark { remarks.append(remark) }
    return try numpy(images.array, key: images.key)
  }

  /// The dataset `key` of an HDF5 file, or the only one that may be images.
  private static func dataset(
    _ file: HDF5File, _ key: String?, _ remarks: inout [String]
  ) throws(DatasetError) -> (Source, [Int], SampleType) {
    let dataset: HDF5Dataset
    if let key {
      dataset = try file.dataset(key)
    } else {
      let images = try file.images()
      if let remark = images.remark { remarks.append(remark) }
      dataset = images.dataset
    }
    if dataset.missingChunks > 0 {
      remarks.append(
        "\(dataset.missingChunks) chunks of \(dataset.key) were never written; they are read as its fill value"
      )
    }
    if isMATLAB(file.path) {
      remarks.append(
        "\(dataset.key) is of MATLAB, where its size is \(Array(dataset.sizes.reversed())): "
          + "rows and columns of the images are exchanged")
    }
    return (.hdf5(dataset), dataset.sizes, dataset.samples)
  }

  private static func numbers(_ file: NPYArray) throws(DatasetError) -> ArrayElement {
    guard let element = file.element else {
      throw DatasetError(
        .malformed, file.array.name, "holds texts, expected the numbers of images; labels are for --labels")
    }
    return element
  }

  /// dbc's own results are rows of features or scores.
  private static func refuseResults(_ path: String, _ sizes: [Int]) throws(DatasetError) {
    guard sizes.count == 2, ["embeddings.npy", "scores.npy"].contains(FileName.last(path)) else { return }
    let folder = FileName.folder(path)
    let isRun = ["assignments.csv", "config.json"].contains { Files.exists(FileName.join(folder, $0)) }
    guard isRun else { return }
    throw DatasetError(
      .malformed, path,
      "is a result of dbc, \(sizes[0]) rows of \(sizes[1]) numbers, and no images; "
        + "give the images that were clustered")
  }

  private static func unknown(_ path: String) -> DatasetError {
    do {
      let start = try ByteStream(path).read(4)
      return DatasetError(
        .malformed, path,
        "is not a file of arrays: expected IDX (plain or gzip), .npy, .npz or HDF5, found "
          + (start.count < 4 ? "\(start.count) bytes in all" : ByteStream.hex(start)))
    } catch { return error }
  }

  /// Reads images `range`, in order. `visit` gets a picture that is used again for the next image.
  package func read(
    _ range: Range<Int>, _ visit: (_ image: Int, _ picture: Picture) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let picture = Picture()
    func visitAll(
      _ first: Int, _ items: UnsafeRawBufferPointer, _ element: ArrayElement
    ) throws(DatasetError) {
      let bytes = header.sampleCount * element.byteCount
      for item in 0..<(items.count / bytes) {
        picture.begin(header)
        element.decode(items.baseAddress! + item * bytes, isPlanar: isPlanar, into: picture)
        try visit(first + item, picture)
      }
    }
    switch source {
    case .raw(let raw, let element, _):
      try raw.read(range) { first, items throws(DatasetError) in try visitAll(first, items, element) }
    case .hdf5(let dataset):
      if isOneImage {
        guard !range.isEmpty else { return }
        let bytes = try dataset.readAll(for: "an image")
        return try visitAll(0, UnsafeRawBufferPointer(bytes.all), dataset.element)
      }
      try dataset.read(range) { first, items throws(DatasetError) in
        try visitAll(first, items, dataset.element)
      }
    }
  }

  /// Where image 0 begins in the file, if all images lie there one after another as bytes `[channel][row][column]`; nil where
  /// they do not.
  package var directOffset: Int? {
    guard header.samples.isByte, isPlanar || header.channels == 1 else { return nil }
    switch source {
    case .raw(let raw, _, _): return raw.directOffset
    case .hdf5(let dataset): return dataset.directOffset
    }
  }

  /// The file that `directOffset` is in.
  package var filePath: String {
    switch source {
    case .raw(let raw, _, _): raw.path
    case .hdf5(let dataset): dataset.path
    }
  }

  /// Labels found beside the images, one text per image, and where they are from; nil where there are none.
  package func labels() throws(DatasetError) -> (texts: [String], origin: String)? {
    switch source {
    case .raw(let raw, _, let key):
      guard let key, let found = try NPZFile(raw.path).labels(of: key, count: count) else { return nil }
      return (try found.array.labelTexts(), found.array.array.name)
    case .hdf5(let dataset):
      let found = try HDF5File(dataset.path).labels(of: dataset.key, count: count)
      return try found.map { labels throws(DatasetError) in (try labels.labelTexts(), labels.name) }
    }
  }
}
