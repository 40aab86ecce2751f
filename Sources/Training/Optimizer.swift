import Foundation
import Lanes

/// One gradient descent over a contiguous range of the parameters, with PyTorch's arithmetic.
package struct Optimizer: ~Copyable {
  package let kind: OptimizerKind
  package let learningRate: Double
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

  package init(_ kind: OptimizerKind, learningRate: Double, range: Range<Int>) {
    self.kind = kind
    self.learningRate = learningRate
    self.range = range
    first = AlignedBuffer(count: range.count)
    second = AlignedBuffer(count: kind == .adam ? range.count : 0)
  }

  /// Moves the parameters against `gradient`.
  ///
  /// - Parameters:
  ///   - parameters: the whole arena
  ///   - gradient: `[range]`
  package mutating func step(_ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>) {
    steps += 1
    let values = parameters + range.lowerBound
    switch kind {
    case .sgd:
      let rate = Float(learningRate)
      for i in 0..<range.count {
        let velocity = Self.momentum * first.base[i] + gradient[i]
        first.base[i] = velocity
        values[i] -= rate * velocity
      }
    case .adam:
      let beta1 = Float(Self.beta1)
      let beta2 = Float(Self.beta2)
      let rate = Float(learningRate / (1 - pow(Self.beta1, Double(steps))))
      let correction = Float((1 - pow(Self.beta2, Double(steps))).squareRoot())
      let epsilon = Float(Self.epsilon)
      for i in 0..<range.count {
        let g = gradient[i]
        let mean = beta1 * first.base[i] + (1 - beta1) * g
        let square = beta2 * second.base[i] + (1 - beta2) * g * g
        first.base[i] = mean
        second.base[i] = square
        values[i] -= rate * mean / (square.squareRoot() / correction + epsilon)
      }
    }
  }
}
