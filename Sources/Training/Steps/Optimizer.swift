import Lanes

/// Gradient descent over an array of parameters, with PyTorch's arithmetic.
struct Optimizer: ~Copyable {
  /// The method.
  let kind: OptimizerKind
  /// Steps so far.
  private(set) var steps = 0
  /// SGD's velocity, or Adam's first moment: a number per parameter.
  private let first: AlignedBuffer<Float>
  /// Adam's second moment: a number per parameter.
  private let second: AlignedBuffer<Float>

  private static let momentum: Float = 0.9
  private static let (beta1, beta2, epsilon) = (0.9, 0.999, 1e-8)

  /// An optimiser of `count` parameters, a multiple of 16; its moments are zero.
  init(_ kind: OptimizerKind, count: Int) {
    self.kind = kind
    precondition(count % laneCount == 0)
    first = AlignedBuffer(count: count, for: "moments of the optimizer")
    second = AlignedBuffer(count: kind == .adam ? count : 0, for: "moments of the optimizer")
  }

  /// Moves the parameters against `gradient`.
  ///
  /// - Parameters:
  ///   - parts: where the parameters lie, one part behind the other; each a multiple of 16 numbers, aligned to 64 bytes
  ///   - gradient: one number per parameter
  mutating func step(
    _ parts: [(base: UnsafeMutablePointer<Float>, count: Int)], gradient: UnsafePointer<Float>,
    learningRate: Double
  ) {
    steps += 1
    precondition(parts.reduce(0) { $0 + $1.count } == first.count)
    var done = 0
    for part in parts {
      move(
        part.base, part.count, gradient: gradient + done, first.base + done, second.base + done, learningRate)
      done += part.count
    }
  }

  private func move(
    _ parameters: UnsafeMutablePointer<Float>, _ count: Int, gradient: UnsafePointer<Float>,
    _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>, _ learningRate: Double
  ) {
    func lanes(_ floats: UnsafePointer<Float>) -> UnsafeMutablePointer<LaneVector> {
      UnsafeMutableRawPointer(mutating: floats).assumingMemoryBound(to: LaneVector.self)
    }
    let vectors = lanes(parameters)
    let gradients = UnsafePointer(lanes(gradient))
    let means = lanes(first)
    switch kind {
    case .sgd:
      let rate = LaneVector(repeating: Float(learningRate))
      let momentum = LaneVector(repeating: Self.momentum)
      for i in 0..<(count / laneCount) {
        let velocity = momentum * means[i] + gradients[i]
        means[i] = velocity
        vectors[i] -= rate * velocity
      }
    case .adam:
      let squares = lanes(second)
      let beta1 = LaneVector(repeating: Float(Self.beta1))
      let beta2 = LaneVector(repeating: Float(Self.beta2))
      let rate = LaneVector(
        repeating: Float(learningRate / (1 - Elementary.power(Self.beta1, Double(steps)))))
      let correction = LaneVector(
        repeating: Float((1 - Elementary.power(Self.beta2, Double(steps))).squareRoot()))
      let epsilon = LaneVector(repeating: Float(Self.epsilon))
      for i in 0..<(count / laneCount) {
        let g = gradients[i]
        let mean = beta1 * means[i] + (1 - beta1) * g
        let square = beta2 * squares[i] + (1 - beta2) * g * g
        means[i] = mean
        squares[i] = square
        vectors[i] -= rate * mean / (square.laneSquareRoots / correction + epsilon)
      }
    }
  }

  func save(to snapshot: inout Snapshot) {
    snapshot.add("optimizer_steps", scalar: Double(steps))
    snapshot.add("first_moment", first.array)
    if kind == .adam { snapshot.add("second_moment", second.array) }
  }

  mutating func restore(from snapshot: SnapshotReader) throws {
    steps = try snapshot.counter("optimizer_steps")
    first.base.update(from: try snapshot.values("first_moment", count: first.count), count: first.count)
    guard kind == .adam else { return }
    second.base.update(from: try snapshot.values("second_moment", count: second.count), count: second.count)
  }

  func replicated(_ visit: (UnsafeBufferPointer<Float>) -> Void) {
    visit(UnsafeBufferPointer(first.all))
    visit(UnsafeBufferPointer(second.all))
  }
}
