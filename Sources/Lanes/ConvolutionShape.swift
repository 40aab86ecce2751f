/// The geometry of a convolution with stride 1 from a large map `[inChannels][inRows][inColumns]` to a small
/// one `[outChannels][outRows][outColumns]`, with weights `[outChannels][inChannels][kernelRows][kernelColumns]`.
///
/// A deconvolution (transposed convolution) is the same geometry walked from the small map to the large one.
package struct ConvolutionShape: Equatable, Sendable {
  /// Channels of the large map.
  package let inChannels: Int
  /// Channels of the small map.
  package let outChannels: Int
  /// The kernel's rows.
  package let kernelRows: Int
  /// The kernel's columns.
  package let kernelColumns: Int
  /// Zero rows above and below the large map.
  package let paddingRows: Int
  /// Zero columns on either side of the large map.
  package let paddingColumns: Int
  /// Rows of the large map.
  package let inRows: Int
  /// Columns of the large map.
  package let inColumns: Int

  /// - Precondition: 0 ≤ padding < kernel, and the kernel fits into the padded map.
  package init(
    inChannels: Int, outChannels: Int, kernelRows: Int, kernelColumns: Int, paddingRows: Int = 0,
    paddingColumns: Int = 0, inRows: Int, inColumns: Int
  ) {
    precondition(inChannels > 0 && outChannels > 0 && kernelRows > 0 && kernelColumns > 0)
    precondition(paddingRows >= 0 && paddingRows < kernelRows)
    precondition(paddingColumns >= 0 && paddingColumns < kernelColumns)
    precondition(inRows + 2 * paddingRows >= kernelRows && inColumns + 2 * paddingColumns >= kernelColumns)
    self.inChannels = inChannels
    self.outChannels = outChannels
    self.kernelRows = kernelRows
    self.kernelColumns = kernelColumns
    self.paddingRows = paddingRows
    self.paddingColumns = paddingColumns
    self.inRows = inRows
    self.inColumns = inColumns
  }

  /// Rows of the small map.
  package var outRows: Int { inRows + 2 * paddingRows - kernelRows + 1 }
  /// Columns of the small map.
  package var outColumns: Int { inColumns + 2 * paddingColumns - kernelColumns + 1 }
  /// Weights of one pair of channels.
  package var taps: Int { kernelRows * kernelColumns }
  /// Elements of the large map.
  package var inCount: Int { inChannels * inRows * inColumns }
  /// Elements of the small map.
  package var outCount: Int { outChannels * outRows * outColumns }
  /// All weights.
  package var weightCount: Int { outChannels * inChannels * taps }

  /// Multiply-adds per image of one pass (forward, data gradient or weight gradient), products with padding
  /// zeros not counted.
  package var multiplyAdds: Int {
    func taps(_ inSize: Int, _ outSize: Int, _ kernel: Int, _ padding: Int) -> Int {
      (0..<outSize).reduce(0) { sum, out in
        sum + (0..<kernel).count { (0..<inSize).contains(out + $0 - padding) }
      }
    }
    return inChannels * outChannels * taps(inRows, outRows, kernelRows, paddingRows)
      * taps(inColumns, outColumns, kernelColumns, paddingColumns)
  }

  /// This shape with another number of output channels.
  package func with(outChannels: Int) -> ConvolutionShape {
    ConvolutionShape(
      inChannels: inChannels, outChannels: outChannels, kernelRows: kernelRows, kernelColumns: kernelColumns,
      paddingRows: paddingRows, paddingColumns: paddingColumns, inRows: inRows, inColumns: inColumns)
  }

  /// This operation as a matrix product where the small map is one pixel without padding: every element of
  /// the large map is a channel of a 1 × 1 map, the weights keep their layout.
  package var canonical: ConvolutionShape {
    guard paddingRows == 0, paddingColumns == 0, outRows == 1, outColumns == 1 else { return self }
    return ConvolutionShape(
      inChannels: inCount, outChannels: outChannels, kernelRows: 1, kernelColumns: 1, inRows: 1, inColumns: 1)
  }

  /// The correlation that walks from the small map to the large one: channels swapped, weights turned by
  /// 180°, padded by what the kernel overlaps.
  var transposed: ConvolutionShape {
    ConvolutionShape(
      inChannels: outChannels, outChannels: inChannels, kernelRows: kernelRows, kernelColumns: kernelColumns,
      paddingRows: kernelRows - 1 - paddingRows, paddingColumns: kernelColumns - 1 - paddingColumns,
      inRows: outRows, inColumns: outColumns)
  }

  /// Lane vectors of the column-padded input.
  var paddedCount: Int { inChannels * inRows * paddedColumns }

  var paddedColumns: Int { inColumns + 2 * paddingColumns }

  /// Whether this is a product with a matrix: one pixel in, one pixel out.
  var isMatrix: Bool { taps == 1 && inRows == 1 && inColumns == 1 }
}
