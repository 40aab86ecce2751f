internal import CHDF5
import Basics

/// The HDF5 library. It is used in child processes only, see `HDF5Process`.
enum HDF5 {
  /// What the library says of its last error.
  static var cause: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { text in
      dbc_h5_cause(text.baseAddress!)
      return String(cString: text.baseAddress!)
    }
  }

  /// What the library has opened, and closes together with its owner.
  final class Handle {
    let id: hid_t
    private let close: (hid_t) -> Void

    /// Takes over `id`; nil where it is an error.
    init?(_ id: hid_t, _ close: @escaping (hid_t) -> Void) {
      guard id >= 0 else { return nil }
      (self.id, self.close) = (id, close)
    }

    deinit { close(id) }
  }

  /// Opens a file for reading.
  static func file(_ path: String) throws(DatasetError) -> Handle {
    guard let file = Handle(FileName.withPath(path) { dbc_h5_open_file($0) }, { H5Fclose($0) }) else {
      throw DatasetError(
        .malformed, path, "cannot be read as HDF5 (\(cause)): it is damaged or truncated; fetch it again")
    }
    return file
  }

  /// What kinds of filters are called, and where one gets them.
  private static let filters: [Int32: String] = [
    4: "szip", 307: "bzip2", 32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle",
    32013: "zfp", 32015: "zstd", 32026: "blosc2",
  ]

  /// The numbers of a dataset's filters; throws where one is not there, with what to install.
  static func filters(_ properties: Handle, of name: String) throws(DatasetError) -> [Int32] {
    var found: [Int32] = []
    for place in 0..<UInt32(max(0, H5Pget_nfilters(properties.id))) {
      let (filter, label) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
        let filter = dbc_h5_filter(properties.id, place, text.baseAddress!)
        text[63] = 0
        return (filter, String(cString: text.baseAddress!))
      }
      found.append(filter)
      guard H5Zfilter_avail(filter) > 0 else {
        let known = filters[filter] ?? (label.isEmpty ? "unknown" : label)
        throw DatasetError(
          .malformed, name,
          "is packed by the filter \(known) (\(filter)), which the HDF5 library here does not have; install "
            + "hdf5plugin (pip install hdf5plugin) and set HDF5_PLUGIN_PATH to its folder plugins, or write it again "
            + "with gzip: h5repack -f GZIP=4 in.h5 out.h5")
      }
    }
    return found
  }
}
