import Foundation
import Lanes

/// One gradient descent over a contiguous range of the parameters, with PyTorch's arithmetic.
package struct Optimizer: ~Copyable {
  /// The method.
  package let kind: OptimizerKind
  /// The size of the next step.
  package var learningRate: Double
  /// The parameters that are trained.
  package let range: Range<Int>
  /// Steps so far.
  package private(set) var steps = 0
  /// SGD's velocity, or Adam's first moment, `[range]`.
  private let first: AlignedBuffer<Float>
  /// Adam's second moment, `[range]`.
  private let second: AlignedBuffer<Float>

  private static let momentum: Float = 0.9
  private static let (beta1, beta2, epsilon) = (0.9, 0.999, 1e-8)

  /// An optimiser of the parameters `range`, whose bounds are multiples of 16; its moments are zero.
  package init(_ kind: OptimizerKind, learningRate: Double, range: Range<Int>) {
    self.kind = kind
    self.learningRate = learningRate
    precondition(range.lowerBound % laneCount == 0 && range.count % laneCount == 0)
    self.range = range
    first = AlignedBuffer(count: range.count, for: "the optimiser's moments")
    second = AlignedBuffer(count: kind == .adam ? range.count : 0, for: "the optimiser's moments")
  }

  /// Its memory, by name.
  package var moments: [(name: String, values: [Float])] {
    kind == .adam
      ? [("first_moment", first.array), ("second_moment", second.array)] : [("first_moment", first.array)]
  }

  /// The same memory, as it lies.
  var momentBuffers: [UnsafeMutableBufferPointer<Float>] { [first.all, second.all] }

  /// Goes back to a state that `steps` and `moments` have told.
  package mutating func restore(steps: Int, _ moments: [[Float]]) {
    self.steps = steps
    for (buffer, values) in zip(momentBuffers, moments) {
      precondition(buffer.count == values.count)
      _ = buffer.update(from: values)
    }
  }

  /// Moves the parameters against `gradient`.
  ///
  /// - Parameters:
  ///   - parameters: the whole arena
  ///   - gradient: `[range]`
  package mutating func step(_ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>) {
    steps += 1
    func lanes(_ floats: UnsafePointer<Float>) -> UnsafeMutablePointer<LaneVector> {
      UnsafeMutableRawPointer(mutating: floats).assumingMemoryBound(to: LaneVector.self)
    }
    // Entries of the arena begin at multiples of 16 floats, so that ranges do, too.
    let vectors = lanes(parameters + range.lowerBound)
    let gradients = UnsafePointer(lanes(gradient))
    let means = lanes(first.base)
    let squares = lanes(second.base)
    switch kind {
    case .sgd:
      let rate = LaneVector(repeating: Float(learningRate))
      let momentum = LaneVector(repeating: Self.momentum)
      for i in 0..<(range.count / laneCount) {
        let velocity = momentum * means[i] + gradients[i]
        means[i] = velocity
        vectors[i] -= rate * velocity
      }
    case .adam:
      let beta1 = LaneVector(repeating: Float(Self.beta1))
      let beta2 = LaneVector(repeating: Float(Self.beta2))
      let rate = LaneVector(repeating: Float(learningRate / (1 - pow(Self.beta1, Double(steps)))))
      let correction = LaneVector(repeating: Float((1 - pow(Self.beta2, Double(steps))).squareRoot()))
      let epsilon = LaneVector(repeating: Float(Self.epsilon))
      for i in 0..<(range.count / laneCount) {
        let g = gradients[i]
        let mean = beta1 * means[i] + (1 - beta1) * g
        let square = beta2 * squares[i] + (1 - beta2) * g * g
        means[i] = mean
        squares[i] = square
        vectors[i] -= rate * mean / (square.laneSquareRoots / correction + epsilon)
      }
    }
  }
}
