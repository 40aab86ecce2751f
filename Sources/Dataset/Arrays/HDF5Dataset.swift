internal import CHDF5

/// A dataset of numbers in an HDF5 file.
///
/// Links to other files and datasets that are put together from other files are refused: only the file that was named is read.
struct HDF5Dataset: Codable, Sendable {
  let path: String
  /// The dataset in the file, from its root on.
  let key: String
  let sizes: [Int]
  /// The type of the numbers in the file.
  let samples: SampleType
  /// How the library gives them.
  let element: ArrayElement
  /// Items of one chunk, or 1 where there are no chunks.
  let chunkItems: Int
  /// Where the numbers begin in the file, if they lie there one after another as bytes.
  let directOffset: Int?
  /// Chunks that were never written; the library gives a fill value for them.
  let missingChunks: Int

  /// The path and the dataset, for messages.
  var name: String { "\(path):\(key)" }
  /// Images or labels.
  var count: Int { sizes[0] }
  /// Bytes of one item, as the library gives them.
  var itemBytes: Int { sizes.dropFirst().reduce(1, *) * element.byteCount }

  /// Looks at the dataset `key` of an open file and checks what its header says against the file. In a child process.
  init(_ file: HDF5.Handle, _ path: String, _ key: String, fileBytes: Int) throws(DatasetError) {
    (self.path, self.key) = (path, key)
    let name = "\(path):\(key)"
    let object = try Self.open(file, path, key)
    guard let space = HDF5.Handle(H5Dget_space(object.id), { H5Sclose($0) }),
      let properties = HDF5.Handle(H5Dget_create_plist(object.id), { H5Pclose($0) }),
      let type = HDF5.Handle(H5Dget_type(object.id), { H5Tclose($0) })
    else { throw Self.damaged(name) }
    sizes = try Self.sizes(space, name)
    (samples, element) = try Self.type(type, name)
    let fileElement = H5Tget_size(type.id)
    guard let total = RawArray.total(sizes, max(fileElement, element.byteCount)) else {
      throw DatasetError(.malformed, name, "has a header with impossible sizes: \(sizes)")
    }
    try Self.refuseOthers(properties, key, name)
    let storage = try Storage(
      object, properties, type, name, sizes: sizes, total: total, readBytes: element.byteCount,
      fileBytes: fileBytes)
    (chunkItems, directOffset, missingChunks) = (
      storage.chunkItems, storage.directOffset, storage.missingChunks
    )
  }

  /// Refuses numbers that are in other files.
  private static func refuseOthers(
    _ properties: HDF5.Handle, _ key: String, _ name: String
  ) throws(DatasetError) {
    let isVirtual = H5Pget_layout(properties.id) == H5D_VIRTUAL
    guard isVirtual || H5Pget_external_count(properties.id) > 0 else { return }
    throw DatasetError(
      .malformed, name,
      "is put together from other files (\(isVirtual ? "a virtual dataset" : "external storage")), "
        + "which are not read; write its numbers into one dataset, in Python: g['x'] = f['\(key)'][:]")
  }

  static func damaged(_ name: String) -> DatasetError {
    DatasetError(
      .malformed, name,
      "cannot be read (\(HDF5.cause)): the HDF5 file is damaged or truncated; fetch it again")
  }

  /// Opens the dataset; says where a link leads out of the file, or that there is no such dataset.
  static func open(
    _ file: HDF5.Handle, _ path: String, _ key: String
  ) throws(DatasetError) -> HDF5.Handle {
    guard let object = HDF5.Handle(dbc_h5_open_object(file.id, key), { H5Oclose($0) }) else {
      let cause = HDF5.cause
      var prefix = ""
      for part in key.split(separator: "/") {
        prefix += "/\(part)"
        let link = dbc_h5_link_type(file.id, prefix)
        if link == Int32(H5L_TYPE_EXTERNAL.rawValue) {
          throw DatasetError(
            .malformed, "\(path):\(prefix)",
            "is a link to another file, which is not followed; name that file and its dataset")
        }
        if link < 0 { break }
      }
      let found = HDF5Search(file).datasets.map(\.key)
      guard !found.contains(key) else {
        throw DatasetError(
          .malformed, "\(path):\(key)",
          "cannot be read (\(cause)): the HDF5 file is damaged or truncated; fetch it again")
      }
      throw DatasetError(
        .missing, path, "has no dataset \(key); it holds \(found.isEmpty ? "none" : listed(found))")
    }
    guard H5Iget_type(object.id) == H5I_DATASET else {
      let found = HDF5Search(file).datasets.map(\.key)
      throw DatasetError(
        .mismatch, path,
        "\(key) is a group, expected a dataset; the file holds \(found.isEmpty ? "none" : listed(found))")
    }
    return object
  }

  static func sizes(_ space: HDF5.Handle, _ name: String) throws(DatasetError) -> [Int] {
    let rank = Int(H5Sget_simple_extent_ndims(space.id))
    guard rank >= 0, rank <= 32 else { throw damaged(name) }
    guard rank > 0 else {
      throw DatasetError(.malformed, name, "is one value, expected an array of images or labels")
    }
    var sizes = [hsize_t](repeating: 0, count: rank)
    guard H5Sget_simple_extent_dims(space.id, &sizes, nil) == Int32(rank) else { throw damaged(name) }
    return sizes.map { Int(clamping: $0) }
  }

  /// The type of the numbers in the file, and how they are read.
  static func type(
    _ type: HDF5.Handle, _ name: String
  ) throws(DatasetError) -> (SampleType, ArrayElement) {
    let size = H5Tget_size(type.id)
    var samples: SampleType?
    var found = "values of an unknown kind"
    switch H5Tget_class(type.id) {
    case H5T_INTEGER:
      let isSigned = H5Tget_sign(type.id) == H5T_SGN_2
      samples =
        isSigned
        ? [1: .int8, 2: .int16, 4: .int32, 8: .int64][size]
        : [1: .uint8, 2: .uint16, 4: .uint32, 8: .uint64][size]
      found = "integers of \(size) bytes"
    case H5T_FLOAT:
      samples = [2: .float16, 4: .float32, 8: .float64][size]
      found = "floating-point numbers of \(size) bytes"
    case H5T_ENUM:
      // What h5py makes of bool: an enumeration of one byte.
      samples = size == 1 && H5Tget_nmembers(type.id) == 2 ? .bool : nil
      found = "an enumeration"
    case H5T_COMPOUND: found = "records of several fields, or complex numbers"
    case H5T_STRING: found = "texts"
    case H5T_VLEN: found = "arrays of varying length"
    case H5T_REFERENCE: found = "references"
    case H5T_OPAQUE: found = "opaque bytes"
    case H5T_BITFIELD: found = "bit fields"
    case H5T_ARRAY: found = "arrays as elements"
    default: break
    }
    guard let samples else {
      throw DatasetError(
        .malformed, name,
        "holds \(found), expected integers or floating-point numbers of 1, 2, 4 or 8 bytes; "
          + "convert it, for instance by x.astype('float32'), and save it again")
    }
    // The library has no numbers of 16 bits in floating point, but makes floats of them.
    let given = samples == .float16 ? SampleType.float32 : samples
    return (samples, ArrayElement(samples: given, isBigEndian: false))
  }
}
