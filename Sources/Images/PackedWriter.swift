import Basics
import Dataset
import Glibc
import Lanes
import MPI

extension ImageSet {
  /// Decodes every image into a packed file: one for all ranks where all nodes see the folder, otherwise one per node. The file
  /// gets its name when it is complete. **Collective.** nil where no file can be made and the user has not
  /// asked for it.
  ///
  /// - Parameter isNeeded: whether the images need too much of the memory without it
  func packed(
    in folder: PackingFolder, isNeeded: Bool, _ world: borrowing Communicator, _ nodes: NodeCommunicators,
    progress: Progress, warn: (String) -> Void
  ) throws -> PixelStore? {
    let name = "\(folder.path)/\(PackedFile.name(try world.onRoot { catalogue!.key }))"
    let own = "\(name).\(world.host).\(getpid()).tmp"
    let temporary = try world.broadcast(own)
    let imageBytes = plan.count * plan.shape.byteCount + PackedFile.margin
    var refusal: ImageStoreError?
    let isMade = try world.onRoot {
      PackedFile.removeLeftovers(in: folder.path, host: world.host)
      do throws(ImageStoreError) {
        try PackedWriter.create(temporary, bytes: imageBytes, folder: folder.path)
      } catch {
        if folder.isNamed || isNeeded { throw error }
        refusal = error
      }
      return refusal == nil
    }
    guard isMade else {
      warn(
        "\(refusal.map { "\($0)" } ?? ""); the images stay in memory, and are decoded again by the next run")
      return nil
    }
    // Removed however this ends, unless it has got its name.
    defer { if world.isRoot { Files.unlink(temporary) } }
    let isSeen = Files.status(temporary).map { Int($0.st_size) == imageBytes } ?? false
    let isShared = try world.allReduce(Int64(isSeen ? 1 : 0), .min) == 1
    if isShared {
      return try packed(
        temporary, name, folder, world, world, nodes, isLeader: world.isRoot, progress: progress, warn: warn)
    }
    let local = try nodes.node.broadcast(own)
    let isLeader = nodes.node.isRoot
    defer { if isLeader { Files.unlink(local) } }
    try world.together {
      if isLeader, !world.isRoot { try PackedWriter.create(local, bytes: imageBytes, folder: folder.path) }
    }
    return try packed(
      local, name, folder, nodes.node, world, nodes, isLeader: isLeader, progress: progress, warn: warn)
  }

  /// Removes the packed file that `decoded` has made in a `scratch` folder, if it has; nobody looks at the images any more.
  /// **Collective.**
  package func removeScratch(
    _ folder: PackingFolder, _ world: borrowing Communicator, _ nodes: NodeCommunicators
  ) throws {
    guard case .scratch(let path) = folder, packed == nil else { return }
    let name = "\(path)/\(PackedFile.name(try world.onRoot { catalogue!.key }))"
    if nodes.node.isRoot { Files.unlink(name) }
  }

  /// The same into `temporary`, which the ranks of `ranks` divide.
  private func packed(
    _ temporary: String, _ name: String, _ folder: PackingFolder, _ ranks: borrowing Communicator,
    _ world: borrowing Communicator, _ nodes: NodeCommunicators, isLeader: Bool, progress: Progress,
    warn: (String) -> Void
  ) throws -> PixelStore {
    let writer = try world.together { try PackedWriter(temporary, plan.shape.byteCount) }
    let decoder = try decode(ranks, world, into: writer, progress: progress)
    let total = plan.count
    try note(notFinite: decoder, ranks, world)
    let places = try settle(decoder.failures, world)
    try world.together { if isLeader { try writer.remove(places, of: total) } }
    let warnings = try warnings(decoder, ranks)
    warnings.forEach(warn)
    let mapped = try Self.mapped(temporary, plan, nodes, world)
    let facts = try store(nil, mapped).facts(node: ranks)
    let imageBytes = plan.count * plan.shape.byteCount + PackedFile.margin
    var tail =
      catalogue.map { PackedFile.tail($0.packed(facts, warnings: warnings), imageBytes: imageBytes) } ?? []
    // With one file, rank 0 alone writes it.
    if ranks.size < world.size { try nodes.betweenNodes { tail = try $0.broadcast(tail) } }
    try world.together {
      // A run needs one file only; another folder may serve many runs.
      if isLeader, folder.isRun { PackedFile.removeAll(in: folder.path) }
      if isLeader { try writer.finish(tail, at: imageBytes, name) }
    }
    try forget()
    return store(facts, mapped)
  }
}

/// Decoded images that go into a packed file, each when it is there.
final class PackedWriter: ImageSink {
  private let file: SystemFile
  private let imageBytes: Int
  private let room: AlignedBuffer<UInt8>
  private var failure: ImageStoreError?

  /// Makes the file, as long as all images need it.
  static func create(_ path: String, bytes: Int, folder: String) throws(ImageStoreError) {
    guard Files.makeFolders(folder) == 0 else {
      throw ImageStoreError(folder, "cannot be made: \(Files.reason())")
    }
    do throws(ImageStoreError) {
      try SystemFile(path, O_RDWR | O_CREAT | O_TRUNC).reserve(bytes)
    } catch {
      Files.unlink(path)
      throw error
    }
  }

  /// Images of `imageBytes` bytes for the file at `path`, which is there.
  init(_ path: String, _ imageBytes: Int) throws(ImageStoreError) {
    file = try SystemFile(path, O_RDWR)
    self.imageBytes = imageBytes
    room = AlignedBuffer(count: imageBytes, for: "a decoded image")
  }

  func memory(_ image: Int) -> UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(room.all) }

  func done(_ image: Int) {
    guard failure == nil else { return }
    do throws(ImageStoreError) {
      try file.write(UnsafeRawBufferPointer(room.all), at: image * imageBytes)
    } catch { failure = error }
  }

  func check() throws {
    if let failure { throw failure }
  }

  func finish() throws { try file.synchronize() }

  /// Moves the images together that stay when those at `places`, in order, go from `total`.
  func remove(_ places: [Int], of total: Int) throws(ImageStoreError) {
    guard var to = places.first else { return }
    let gone = Set(places)
    for image in to..<total where !gone.contains(image) {
      Whereabouts.beat()
      let bytes = try file.read(imageBytes, at: image * imageBytes)
      for (place, byte) in bytes.enumerated() { room.base[place] = byte }
      try file.write(UnsafeRawBufferPointer(room.all), at: to * imageBytes)
      to += 1
    }
    try file.cut(to: to * imageBytes + PackedFile.margin)
  }

  /// Adds what follows the images, and gives the file its name.
  func finish(_ tail: [UInt8], at place: Int, _ name: String) throws(ImageStoreError) {
    try tail.withUnsafeBufferPointer { (bytes) throws(ImageStoreError) in
      try file.write(UnsafeRawBufferPointer(bytes), at: place)
    }
    try file.synchronize()
    guard Files.rename(file.path, to: name) == 0 else {
      throw ImageStoreError(name, "cannot be made: \(Files.reason())")
    }
  }
}
