import Basics
import Dataset
import Glibc
import Lanes
import MPI

/// Where decoded images are kept for the next run.
package enum PackingFolder: Sendable {
  /// A folder that the user names: they are always kept.
  case named(String)
  /// The run's directory: they are kept there when decoding takes more than a few seconds, or they need much of the memory.
  case run(String)
  /// A folder for images that need much of the memory, from which `ImageSet.removeScratch` takes them at the end.
  case scratch(String)

  /// Whether the user has named it.
  var isNamed: Bool {
    if case .named = self { true } else { false }
  }

  /// Whether it is a run's, where one packed file is enough.
  var isRun: Bool {
    if case .run = self { true } else { false }
  }

  /// The folder.
  package var path: String {
    switch self {
    case .named(let path), .run(let path), .scratch(let path): path
    }
  }
}

extension ImageSet {
  /// Decodes every image once on each node, or once in all where the nodes see one packed file, or takes the file of an earlier
  /// run. **Collective.** Throws on all ranks where some cannot be decoded and are not to be left out.
  ///
  /// - Parameter warn: told of what is odd, on rank 0
  package func decoded(
    keeping folder: PackingFolder, _ world: borrowing Communicator, _ nodes: NodeCommunicators,
    progress: Progress, warn: (String) -> Void
  ) throws -> PixelStore {
    if let packed {
      warnings.forEach(warn)
      let mapped = try Self.mapped(packed.path, plan, nodes, world)
      let found = try store(nil, mapped).fingerprint(node: nodes.node)
      try world.together {
        guard found == packed.facts.fingerprint else { throw ImageStoreError(damaged: packed.path) }
      }
      return store(packed.facts, mapped)
    }
    let isLarge = try world.onRoot {
      plan.count * plan.shape.byteCount > (SystemMemory.available()?.bytes ?? .max) / 4
    }
    if isLarge, let (path, offset) = plan.directArray {
      _ = try settle([], world)
      try forget()
      return try store(nil, Self.mapped(path, plan, offset: offset, nodes, world))
    }
    let isFile = try world.onRoot {
      catalogue!.wantsFile(
        ranks: world.size, isLarge: isLarge, isNamed: folder.isNamed, isKept: folder.isRun)
    }
    if isFile,
      let store = try packed(
        in: folder, isNeeded: isLarge, world, nodes, progress: progress, warn: warn)
    {
      return store
    }
    let window = try SharedWindow<UInt8>(
      count: plan.count * plan.shape.byteCount + PixelStore.margin, on: nodes.node, for: "images")
    let memory = ImageMemory(window.all, plan.shape.byteCount)
    let decoder = try decode(nodes.node, world, into: memory, progress: progress)
    try window.fence()
    try note(notFinite: decoder, nodes.node, world)
    let places = try settle(decoder.failures, world)
    if !places.isEmpty {
      if nodes.node.isRoot { memory.remove(places) }
      try window.fence()
    }
    try warnings(decoder, nodes.node).forEach(warn)
    try forget()
    return PixelStore(plan.shape, count: plan.count, window)
  }

  /// Decodes the units that fall to this rank of `ranks`. Throws on all ranks of `world` where an image cannot be stored.
  /// **Collective.**
  func decode(
    _ ranks: borrowing Communicator, _ world: borrowing Communicator, into images: some ImageSink,
    progress: Progress
  ) throws -> PictureDecoder {
    let decoder = decoder()
    let (rank, size, count) = (ranks.rank, ranks.size, plan.count)
    var done = 0
    var stop: (any Error)?
    try world.together {
      for unit in stride(from: rank, to: decoder.units.count, by: size) {
        decoder.decode(unit, into: images.memory) { image in
          images.done(image)
          done += 1
          do { try progress("reading images", min(done * size, count), count) } catch { stop = error }
        }
        try images.check()
        if let stop { throw stop }
      }
      try images.finish()
    }
    return decoder
  }

  /// What is odd about files whose images are whole. **Collective** over the ranks that have divided the units.
  func warnings(_ decoder: PictureDecoder, _ ranks: borrowing Communicator) throws -> [String] {
    let counts = try ranks.allReduce(decoder.remarks.counts, .sum)
    return catalogue == nil ? [] : PictureRemarks.warnings(counts)
  }

  /// The plan's images as a file holds them. **Collective.**
  static func mapped(
    _ path: String, _ plan: ReadingPlan, offset: Int = 0, _ nodes: NodeCommunicators,
    _ world: borrowing Communicator
  ) throws -> MappedBytes {
    let bytes = plan.count * plan.shape.byteCount
    let ranks = nodes.node.size
    return try world.together {
      try SystemFile(path, O_RDONLY).mapped(offset: offset, bytes: bytes, sharing: ranks)
    }
  }

  /// The plan's images, in a mapped file.
  func store(_ facts: PixelFacts?, _ mapped: MappedBytes) -> PixelStore {
    PixelStore(plan.shape, count: plan.count, mapped, facts: facts)
  }
}

/// Where decoded images go.
protocol ImageSink {
  /// Room for the image at a position among all.
  func memory(_ image: Int) -> UnsafeMutableRawBufferPointer
  /// The image at that position is in its room.
  func done(_ image: Int)
  /// Throws where an image could not be stored.
  func check() throws
  /// Everything is done: other nodes may read it.
  func finish() throws
}

/// Decoded images in memory.
struct ImageMemory: ImageSink {
  private let all: UnsafeMutableRawBufferPointer
  private let imageBytes: Int

  init(_ all: UnsafeMutableBufferPointer<UInt8>, _ imageBytes: Int) {
    (self.all, self.imageBytes) = (UnsafeMutableRawBufferPointer(all), imageBytes)
  }

  func memory(_ image: Int) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: all[(image * imageBytes)..<((image + 1) * imageBytes)])
  }

  func done(_ image: Int) {}

  func check() {}

  func finish() {}

  /// Moves the images together that stay when those at `places`, in order, go.
  func remove(_ places: [Int]) {
    var to = places[0]
    for (number, place) in places.enumerated() {
      Whereabouts.beat()
      let end = number + 1 < places.count ? places[number + 1] : (all.count - PixelStore.margin) / imageBytes
      let count = end - place - 1
      guard count > 0 else { continue }
      memmove(
        all.baseAddress! + to * imageBytes, all.baseAddress! + (place + 1) * imageBytes, count * imageBytes)
      to += count
    }
  }
}
