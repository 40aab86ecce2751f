import Lanes

/// The places of all images in the plane, in a random order, what pulls and pushes them, and Adam's memory of it.
///
/// d is 1 + the squared distance of two places. Every sum has a fixed order.
struct MapForces: ~Copyable {
  private let images: Int
  private let seed: UInt64
  private let points: AlignedBuffer<SIMD2<Float>>
  /// Gradients of the pairs that attract.
  private let pulls: AlignedBuffer<SIMD2<Float>>
  /// Gradients of those that repel, `[2][axis]`.
  private let pushes: AlignedBuffer<Float>
  /// The places once more, `[2][axis]`.
  private let coordinates: AlignedBuffer<Float>
  /// The images, and room for a vector that begins at the last one.
  private let axis: Int
  /// Adam's running means of gradients and of their squares.
  private let means: AlignedBuffer<SIMD2<Float>>
  private let squares: AlignedBuffer<SIMD2<Float>>
  /// How much of these means is still their start at zero.
  private var startShare = SIMD2<Double>(1, 1)

  /// - Parameters:
  ///   - start: where the images are at first, `[images]`
  ///   - order: which image is first, second and so on here
  init(start: [SIMD2<Float>], order: [Int32], seed: UInt64) {
    images = order.count
    self.seed = seed
    axis = images + laneCount
    points = AlignedBuffer(order.map { start[Int($0)] })
    pulls = AlignedBuffer(count: images)
    pushes = AlignedBuffer(count: 2 * axis)
    coordinates = AlignedBuffer(count: 2 * axis)
    means = AlignedBuffer(count: images)
    squares = AlignedBuffer(count: images)
  }

  /// The places, `[images][2]`, in the images' own order.
  func result(_ order: [Int32]) -> [Float] {
    var result = [Float](repeating: 0, count: 2 * images)
    for (place, image) in order.enumerated() {
      result[2 * Int(image)] = points.base[place].x
      result[2 * Int(image) + 1] = points.base[place].y
    }
    return result
  }

  /// Adds the gradient of weight·d/(scale + d) over `pairs`.
  func attract(_ pairs: MapPairs, weight: Float, scale: Float) {
    // Locals, as the compiler does not know that forces are not written over them.
    let (points, pulls, count) = (self.points.base, self.pulls.base, pairs.count)
    let factor = 2 * weight * scale
    pairs.partners.withUnsafeBufferPointer { partners in
      for image in 0..<images {
        let own = points[image]
        var sum = SIMD2<Float>.zero
        for entry in (image &* count)..<(image &* count &+ count) {
          let partner = Int(partners[entry])
          let difference = own - points[partner]
          let square = difference * difference
          let width = scale + 1 + (square.x + square.y)
          let force = difference * (factor / (width * width))
          sum += force
          pulls[partner] -= force
        }
        pulls[image] += sum
      }
    }
  }

  /// Adds the gradient of 1/(1 + d) over `count` pairs per image, other ones in every step.
  ///
  /// They are all images and those that stand a random number of places behind them, around the end: the order is
  /// random, so that any two images may meet, and yet sixteen pairs at a time lie side by side.
  func repel(_ count: Int, step: Int) {
    let (x, y) = (coordinates.base, coordinates.base + axis)
    for image in 0..<images { (x[image], y[image]) = (points.base[image].x, points.base[image].y) }
    var random = CounterRandom(seed: seed, purpose: .map, epoch: MapDraw.further.rawValue, index: step)
    for _ in 0..<count {
      let shift = 1 + random.below(images - 1)
      repel(0, shift, count: images - shift)
      repel(images - shift, 0, count: shift)
    }
  }

  /// The pairs of `count` images from the place `a` on with those from `b` on.
  private func repel(_ a: Int, _ b: Int, count: Int) {
    let whole = count / laneCount * laneCount
    for done in stride(from: 0, to: whole, by: laneCount) {
      repelLanes(a &+ done, b &+ done, LaneVector(repeating: -2))
    }
    if whole < count { repelLanes(a + whole, b + whole, -2 * laneMask(images: count - whole)) }
  }

  /// - Parameter factor: −2 for every lane that is a pair, or zero
  @inline(__always)
  private func repelLanes(_ a: Int, _ b: Int, _ factor: LaneVector) {
    let (x, y) = (coordinates.base, coordinates.base + axis)
    let dx = lanes(x + a) - lanes(x + b)
    let dy = lanes(y + a) - lanes(y + b)
    let width = (dx * dx + 2).addingProduct(dy, dy)
    let force = factor / (width * width)
    // One after the other, as the two stretches may overlap.
    let (pushX, pushY) = (pushes.base, pushes.base + axis)
    setLanes(pushX + a, lanes(pushX + a) + force * dx)
    setLanes(pushY + a, lanes(pushY + a) + force * dy)
    setLanes(pushX + b, lanes(pushX + b) - force * dx)
    setLanes(pushY + b, lanes(pushY + b) - force * dy)
  }

  /// One step of Adam (Kingma and Ba 2015) at the rate 1 along the gradients so far, which it clears.
  mutating func move() {
    startShare *= SIMD2(0.9, 0.999)
    let rate = Float((1 - startShare.y).squareRoot() / (1 - startShare.x))
    let (pushX, pushY) = (pushes.base, pushes.base + axis)
    for image in 0..<images {
      let gradient = pulls.base[image] + SIMD2(pushX[image], pushY[image])
      let mean = means.base[image] * 0.9 + gradient * 0.1
      let square = squares.base[image] * 0.999 + gradient * gradient * 0.001
      means.base[image] = mean
      squares.base[image] = square
      points.base[image] -= mean * rate / (square.squareRoot() + 1e-7)
    }
    pulls.clear()
    pushes.clear()
  }
}

@inline(__always)
private func lanes(_ floats: UnsafePointer<Float>) -> LaneVector {
  UnsafeRawPointer(floats).loadUnaligned(as: LaneVector.self)
}

@inline(__always)
private func setLanes(_ floats: UnsafeMutablePointer<Float>, _ value: LaneVector) {
  UnsafeMutableRawPointer(floats).storeBytes(of: value, as: LaneVector.self)
}
