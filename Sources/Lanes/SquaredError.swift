/// Σ ‖x − x̂‖² of one lane group, and its gradient with respect to x̂ (Li et al., section 3.1).
///
/// - Parameters:
///   - target: `[count]`, x
///   - output: `[count]`, x̂
///   - gradient: `[count]`, overwritten with 2·`scale`·(x̂ − x), zero in padding lanes; may be `output`
///   - scale: factor of the gradient, 1/images for the mean over a mini-batch
/// - Returns: the sum over elements and images, not scaled.
package func squaredError(
  target: UnsafePointer<LaneVector>, output: UnsafePointer<LaneVector>,
  gradient: UnsafeMutablePointer<LaneVector>, count: Int, scale: Float, mask: LaneVector
) -> Double {
  let factor = LaneVector(repeating: 2 * scale)
  var total = SIMD16<Double>.zero
  var index = 0
  while index < count {
    let end = min(index &+ 64, count)
    var sum = LaneVector.zero
    while index < end {
      let difference = (output[index] - target[index]) * mask
      sum = sum.plusProduct(difference, difference)
      gradient[index] = difference * factor
      index &+= 1
    }
    total += sum.doubles
  }
  return total.sum()
}
