internal import CHDF5

extension HDF5Dataset {
  /// How the numbers of a dataset lie in the file.
  struct Storage {
    /// Items of one chunk, or 1 where there are no chunks.
    private(set) var chunkItems = 1
    /// Where the numbers begin in the file, if they lie there one after another as bytes.
    private(set) var directOffset: Int?
    /// Chunks that were never written.
    private(set) var missingChunks = 0

    private let name: String
    private let sizes: [Int]
    private let total: Int
    private let fileBytes: Int

    /// The largest chunk that is unpacked, in bytes: the library holds one whole.
    private static let largestChunk = 1 << 28
    /// What the strongest filters pack at most, roughly; deflate packs `ZipFile.highestCompression`.
    private static let highestCompression = 1 << 15

    /// Looks at an open dataset and checks what its header says against the file. In a child process.
    ///
    /// - Parameters:
    ///   - name: for messages
    ///   - total: bytes of all numbers, as they are in the file or as they are read, whichever is more
    ///   - readBytes: bytes of one number as it is read
    init(
      _ object: HDF5.Handle, _ properties: HDF5.Handle, _ type: HDF5.Handle, _ name: String, sizes: [Int],
      total: Int, readBytes: Int, fileBytes: Int
    ) throws(DatasetError) {
      (self.name, self.sizes, self.total, self.fileBytes) = (name, sizes, total, fileBytes)
      let layout = H5Pget_layout(properties.id)
      let stored = Int(clamping: H5Dget_storage_size(object.id))
      let storedElement = H5Tget_size(type.id)
      if layout == H5D_CHUNKED {
        try lookAtChunks(object, properties, stored: stored, storedElement)
        return
      }
      guard stored <= fileBytes, total <= fileBytes * max(1, readBytes / max(1, storedElement)) else {
        throw DatasetError(
          .malformed, name,
          "its header promises \(total) bytes, the file has \(fileBytes); it is truncated or damaged")
      }
      try lookAtPlace(object, type, layout)
    }

    private mutating func lookAtChunks(
      _ object: HDF5.Handle, _ properties: HDF5.Handle, stored: Int, _ elementBytes: Int
    ) throws(DatasetError) {
      let chunk = try chunk(properties, elementBytes)
      chunkItems = chunk[0]
      missingChunks = missing(object, chunk)
      let filters = try HDF5.filters(properties, of: name)
      let isKnown = filters.allSatisfy { (1...4).contains($0) }
      let ratio = isKnown ? ZipFile.highestCompression : Self.highestCompression
      guard stored > 0, stored <= fileBytes, total / ratio <= stored else {
        throw DatasetError(
          .malformed, name,
          "its header promises \(total) bytes, the file has \(stored) of it"
            + (stored == 0 ? "; nothing was ever written" : ", more than they can hold; it is damaged"))
      }
    }

    private mutating func lookAtPlace(
      _ object: HDF5.Handle, _ type: HDF5.Handle, _ layout: H5D_layout_t
    ) throws(DatasetError) {
      let place = H5Dget_offset(object.id)
      guard layout == H5D_COMPACT || place != haddr_t.max else {
        throw DatasetError(.malformed, name, "was made but nothing was ever written to it")
      }
      let isByte = H5Tequal(type.id, dbc_h5_native_integer(1, 0)) > 0
      let isThere = layout == H5D_CONTIGUOUS && isByte
      directOffset = isThere && place <= UInt64(fileBytes - total) ? Int(place) : nil
    }

    /// The sizes of a chunk.
    private func chunk(_ properties: HDF5.Handle, _ elementBytes: Int) throws(DatasetError) -> [Int] {
      var chunk = [hsize_t](repeating: 0, count: sizes.count)
      guard H5Pget_chunk(properties.id, Int32(sizes.count), &chunk) == Int32(sizes.count) else {
        throw HDF5Dataset.damaged(name)
      }
      let parts = chunk.map { Int(clamping: $0) }
      guard let bytes = RawArray.total(parts, elementBytes), bytes <= Self.largestChunk else {
        throw DatasetError(
          .malformed, name,
          "has chunks of \(parts), more than \(Self.largestChunk >> 20) MiB each; write it again with smaller ones: "
            + "h5repack -l CHUNK=… in.h5 out.h5")
      }
      return parts
    }

    /// How many of the dataset's chunks were never written.
    private func missing(_ object: HDF5.Handle, _ chunk: [Int]) -> Int {
      let written = dbc_h5_chunk_count(object.id)
      var all = 1
      for (size, part) in zip(sizes, chunk) {
        let (product, overflow) = all.multipliedReportingOverflow(by: (size - 1) / part + 1)
        guard !overflow else { return 0 }
        all = product
      }
      return written >= 0 ? max(0, all - Int(written)) : 0
    }
  }
}
