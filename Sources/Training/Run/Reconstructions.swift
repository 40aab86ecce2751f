import Dataset
import FCAE
import Images
import Lanes
import MPI

/// Some images, and what the auto-encoder makes of them after an epoch, in evaluation mode.
package struct Reconstructions: Sendable {
  /// The size of every image.
  package let shape: ImageShape
  /// The images, `[channel][row][column]` bytes each.
  package let originals: [[UInt8]]
  /// What the network makes of each, the same way: 0…1 as 0…255, cut off at the ends.
  package let reconstructions: [[UInt8]]

  /// Bytes of all pictures at most; so many of one image there are in any case.
  private static let mostBytes = 2_000_000

  /// Images and what became of them, all of the size `shape`.
  package init(shape: ImageShape, originals: [[UInt8]], reconstructions: [[UInt8]]) {
    (self.shape, self.originals, self.reconstructions) = (shape, originals, reconstructions)
  }

  /// Passes an even sample of `images` through the network: a lane group, or fewer large images. Neither parameters nor
  /// running statistics change.
  init(_ network: borrowing AutoEncoder, of images: borrowing PixelStore) {
    let shape = images.shape
    let count = min(images.count, max(1, min(laneCount, Self.mostBytes / (2 * shape.byteCount))))
    let numbers = (0..<count).map { Int32($0 * images.count / count) }
    images.gather(numbers, to: network.imageGroup(0))
    network.refreshWeights()
    let output = network.layers(mask: laneMask(images: count)).last!.values
    self.shape = shape
    originals = numbers.map { number in
      var bytes: [UInt8] = []
      images.withBytes(of: Int(number)) { bytes = Array($0) }
      return bytes
    }
    reconstructions = numbers.indices.map { lane in
      (0..<shape.byteCount).map { pixel in
        let value = output[pixel][lane]
        return value.isFinite ? UInt8((min(max(value, 0), 1) * 255).rounded()) : 0
      }
    }
  }
}

extension RunContext {
  /// Shows reconstructions to an observer that asks for them. Rank 0 alone works: every node has all images.
  func showReconstructions(_ model: Model, _ stage: Stage, epoch: Int) {
    guard reduction.communicator.isRoot, observer.wantsReconstructions else { return }
    Whereabouts.working("reconstructions") {
      observer.didReconstruct(Reconstructions(model.network, of: images), stage, epoch: epoch)
    }
  }
}
