import Dataset
import FCAE
import Images
import Lanes
import MPI
import Training

let pixelChecks = CheckGroup(
  name: "pixels", checks: [Check("distinct-images", distinctImages), Check("moved-images", movedImages)])

private func distinctImages(_ world: borrowing Communicator) throws {
  let nodes = try world.splitByNode()
  // 15 and 16 bytes, so that a part of a word is left and is not.
  for shape in [
    ImageShape(channels: 1, height: 3, width: 5), ImageShape(channels: 1, height: 4, width: 4),
  ] {
    for (count, kinds) in [(1, 1), (2, 1), (100, 1), (100, 37), (100, 100), (1001, 400)] {
      let store = try PixelStore(shape, count: count, node: nodes.node) { image, pixels in
        // Copies lie far from each other, on the shares of different ranks; images differ in one byte, often the last.
        let kind = image % kinds
        for place in pixels.indices { pixels[place] = UInt8(place) }
        pixels[kind % 2 == 0 ? pixels.count - 1 : 0] &+= UInt8(kind & 127)
        pixels[7] = UInt8(kind >> 7)
      }
      let found = try store.distinctImages(node: nodes.node)
      try expectEqual(
        found.distinct, kinds, "different ones of \(count) images of \(shape.byteCount) bytes")
      try expectEqual(found.constant, 0, "of one colour")
    }
  }
  let shape = ImageShape(channels: 1, height: 1, width: 1)
  let empty = try PixelStore(shape, count: 0, node: nodes.node) { _, _ in }
  try expectEqual(try empty.distinctImages(node: nodes.node).distinct, 0, "of no images")
  // Two channels: of one value each, and with one other byte.
  let plain = ImageShape(channels: 2, height: 2, width: 3)
  let store = try PixelStore(plain, count: 30, node: nodes.node) { image, pixels in
    for place in pixels.indices { pixels[place] = UInt8(image + (place < 6 ? 0 : 100)) }
    if image % 3 > 0 { pixels[image % 12] &+= 1 }
  }
  try expectEqual(try store.distinctImages(node: nodes.node).constant, 10, "of one colour")
}

/// Features in the mean over an image and moved copies are those of images that hold the moved pixels.
private func movedImages(_ world: borrowing Communicator) throws {
  let (shape, numbers) = (ImageShape(channels: 1, height: 16, width: 16), (0..<20).map { Int32($0) })
  let nodes = try world.splitByNode()
  func store(moved columns: Int) throws -> PixelStore {
    try PixelStore(shape, count: 20, node: nodes.node) { image, pixels in
      for place in pixels.indices {
        // The border is continued outwards.
        let column = min(place % 16 + columns, 15)
        pixels[place] = UInt8(truncatingIfNeeded: (place / 16 * 16 + column) * (image + 3))
      }
    }
  }
  var network = AutoEncoder(
    try Architecture.named("usps", channels: 1, rows: 16, columns: 16), activation: .linear, capacity: 1)
  network.initialize(seed: 3)
  network.refreshWeights()
  let evaluation = network.evaluationTransforms()
  func features(_ images: borrowing PixelStore, _ group: [Int32], _ maps: [AffineMap] = []) -> [Float] {
    let lanes = AlignedBuffer<LaneVector>(count: network.features)
    network.encode(images, group, moved: maps, evaluation, to: lanes.base)
    return Array(lanes.all.floats)
  }
  let images = try store(moved: 0)
  let right = try store(moved: 1)
  let map = AffineMap(matrix: (1, 0, 0, 1), rows: 16, columns: 16, shift: (1, 0))
  for group in [Array(numbers[..<16]), Array(numbers[16...])] {
    let own = features(images, group)
    try expectEqual(features(images, group, [.identity]), own, "not moved")
    let mean = zip(own, features(right, group)).map { ($0 + $1) / 2 }
    try expectEqual(features(images, group, [map]), mean, "moved by a column")
  }
}
