internal import CHDF5

/// The datasets of an HDF5 file. In a child process.
struct HDF5Search {
  /// What is known of a dataset without looking closer.
  struct Found: Codable {
    let key: String
    /// Empty where they cannot be read.
    let sizes: [Int]
    /// Whether its values are integers, floating-point numbers or truth values.
    let isNumber: Bool
    let isInteger: Bool
  }

  private(set) var datasets: [Found] = []
  /// Groups that were seen: a group may be a part of itself.
  private var seen: Set<UInt64> = []
  private var links = 0

  /// More links than this are not walked.
  private static let mostLinks = 10_000
  /// Deeper groups than this are not walked.
  private static let deepest = 32

  /// Walks the groups from the root on, along links inside the file.
  init(_ file: HDF5.Handle) {
    if let root = HDF5.Handle(dbc_h5_open_object(file.id, "/"), { H5Oclose($0) }) {
      walk(root, "", depth: 0)
    }
  }

  private mutating func walk(_ group: HDF5.Handle, _ path: String, depth: Int) {
    guard depth < Self.deepest, seen.insert(dbc_h5_address(group.id)).inserted else { return }
    for number in 0..<max(0, dbc_h5_link_count(group.id)) {
      links += 1
      guard links <= Self.mostLinks else { return }
      guard let name = Self.name(group, UInt64(number)), dbc_h5_link_type(group.id, name) == 0,
        let object = HDF5.Handle(dbc_h5_open_object(group.id, name), { H5Oclose($0) })
      else { continue }
      let key = "\(path)/\(name)"
      switch H5Iget_type(object.id) {
      case H5I_GROUP: walk(object, key, depth: depth + 1)
      case H5I_DATASET:
        // A dataset may have several names; the first one counts.
        if seen.insert(dbc_h5_address(object.id)).inserted { datasets.append(Self.look(object, key)) }
      default: break
      }
    }
  }

  private static func name(_ group: HDF5.Handle, _ number: UInt64) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { text in
      let length = dbc_h5_link_name(group.id, number, text.baseAddress!, 4096)
      return length > 0 && length < 4096 ? String(cString: text.baseAddress!) : nil
    }
  }

  private static func look(_ object: HDF5.Handle, _ key: String) -> Found {
    var sizes: [hsize_t] = []
    if let space = HDF5.Handle(H5Dget_space(object.id), { H5Sclose($0) }) {
      let rank = Int(H5Sget_simple_extent_ndims(space.id))
      if (1...32).contains(rank) {
        sizes = [hsize_t](repeating: 0, count: rank)
        if H5Sget_simple_extent_dims(space.id, &sizes, nil) < 0 { sizes = [] }
      }
    }
    let type = HDF5.Handle(H5Dget_type(object.id), { H5Tclose($0) })
    let kind = type.map { H5Tget_class($0.id) }
    return Found(
      key: key, sizes: sizes.map { Int(clamping: $0) },
      isNumber: kind == H5T_INTEGER || kind == H5T_FLOAT || kind == H5T_ENUM, isInteger: kind == H5T_INTEGER)
  }
}
