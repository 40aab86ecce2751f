import Glibc
import MPI

extension PixelStore {
  /// The number of images that differ from each other in some byte, and of those whose channels are all of one value each.
  /// **Collective** over `node`, whose ranks divide the work and get the same answer.
  ///
  /// Exact: images of one hash are compared byte by byte.
  ///
  /// - Complexity: every byte is read once, and those of copies once more; 8 bytes of memory per image and rank.
  package func distinctImages(node: borrowing Communicator) throws -> (distinct: Int, constant: Int) {
    let shares = (0...node.size).map { $0 * count / node.size }
    var constant = 0
    let own = (shares[node.rank]..<shares[node.rank + 1]).map { image in
      Whereabouts.beat()
      let pixels = pixels(looking: 1, at: shape.byteCount) + image * shape.byteCount
      if isConstant(pixels) { constant += 1 }
      return hash(of: UnsafeRawBufferPointer(start: pixels, count: shape.byteCount))
    }
    let hashes = try node.allGatherJoined(own)
    // Copies have one hash, so one rank sees all of them.
    let mine = hashes.indices.filter { hashes[$0] % UInt64(node.size) == UInt64(node.rank) }
      .sorted { (hashes[$0], $0) < (hashes[$1], $1) }
    var distinct = 0
    // The different images of one hash: hardly ever more than one.
    var kinds: [Int] = []
    for image in mine {
      Whereabouts.beat()
      if let first = kinds.first, hashes[first] != hashes[image] { kinds = [] }
      if !kinds.contains(where: { isSame($0, image) }) {
        kinds.append(image)
        distinct += 1
      }
    }
    let sums = try node.allReduce([Int64(distinct), Int64(constant)], .sum)
    return (Int(sums[0]), Int(sums[1]))
  }

  private func isSame(_ a: Int, _ b: Int) -> Bool {
    let pixels = pixels(looking: 2, at: shape.byteCount)
    return memcmp(pixels + a * shape.byteCount, pixels + b * shape.byteCount, shape.byteCount) == 0
  }

  /// Whether every channel of the image has one value only.
  private func isConstant(_ image: UnsafePointer<UInt8>) -> Bool {
    let plane = shape.height * shape.width
    return (0..<shape.channels).allSatisfy { channel in
      // Every byte is that before it.
      plane < 2 || memcmp(image + channel * plane, image + channel * plane + 1, plane - 1) == 0
    }
  }

  /// Eight bytes at a time, mixed as MurmurHash3 mixes its words.
  private func hash(of bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0
    let whole = bytes.count / 8 * 8
    for place in stride(from: 0, to: whole, by: 8) {
      hash = Self.mixed(hash, bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
    }
    for place in whole..<bytes.count { hash = Self.mixed(hash, UInt64(bytes[place])) }
    return hash
  }

  private static func mixed(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    var mixed = (hash ^ word) &* 0xff51_afd7_ed55_8ccd
    mixed ^= mixed >> 33
    mixed = mixed &* 0xc4ce_b9fe_1a85_ec53
    return mixed ^ mixed >> 29
  }
}
