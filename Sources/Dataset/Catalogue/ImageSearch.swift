import Basics

/// What the arguments name, before the headers of still images and shards are read; on one rank.
package struct ImageSearch: Sendable {
  package let request: DatasetRequest
  let listing: Listing
  /// The arrays and shards of the inputs, in their order.
  let arrays: [ArrayFile]
  let shards: [TarShard]
  /// The still images that are looked at: all, or as many as are asked for.
  let stillCount: Int

  /// Lists folders and lists, and opens arrays and shards. Throws where an argument is none of these.
  ///
  /// - Parameter beat: called for every file of a folder, which are many and may be on a slow disk
  package init(_ request: DatasetRequest, beat: () -> Void = {}) throws(DatasetError) {
    try Self.check(request)
    self.request = request
    listing = request.images.isEmpty ? Listing() : try Listing.make(request.images, beat: beat)
    var (arrays, shards): ([ArrayFile], [TarShard]) = ([], [])
    for input in listing.inputs {
      switch input {
      case .stills: continue
      case .array(let path): arrays.append(try ArrayFile(path, layout: request.layout))
      case .shards(let paths): for path in paths { shards.append(try TarShard(path)) }
      }
    }
    (self.arrays, self.shards) = (arrays, shards)
    // Every file has a picture at least. A label file is for all of them, and what is skipped makes room for others.
    let isCut = !request.skipsUnreadable && !request.labels.areFiles
    stillCount = min(listing.stills.count, isCut ? request.limit ?? .max : .max)
  }

  private static func check(_ request: DatasetRequest) throws(DatasetError) {
    if let limit = request.limit, limit < 1 {
      throw DatasetError(.options, nil, "--limit must be at least 1, found \(limit)")
    }
    let (count, most) = (request.builtInCount, Int(Int32.max))
    guard (1...most).contains(count) || !request.images.isEmpty else {
      throw DatasetError(
        .options, nil,
        "--built-in-images must be \(count < 1 ? "at least 1" : "at most \(most)"), found \(count)")
    }
  }

  /// What an array or a shard is called in results: its name, or, where several files are given, its path.
  func source(ofFile path: String) -> String { listing.hasOneRoot ? FileName.last(path) : path }

  /// What was given, for the header.
  var sourceNames: [String] {
    listing.inputs.flatMap { input -> [String] in
      switch input {
      case .array(let path): return [path]
      case .shards(let paths): return paths.count > 3 ? ["\(paths.count) shards, \(paths[0]) …"] : paths
      case .stills(let path, let entries):
        guard path.isEmpty else { return [Files.isFolder(path) ? FileName.withoutSlashes(path) + "/" : path] }
        let files = entries.map { listing.path(of: $0) }
        return files.count > 3 ? ["\(files.count) files, \(files[0]) …"] : files
      }
    }
  }

  /// The still images' paths, for `ScanJobs`.
  package var stillPaths: [UInt8] { PathTable.bytes(stillCount) { listing.path(of: $0) } }

  /// The shards, for `ScanJobs`.
  package var shardFiles: [TarShard] { shards }
}
