import Lanes

/// One image's map `[channels][rows][columns]` in double precision: what the plain loops work on.
struct PlainMap {
  let channels: Int
  let rows: Int
  let columns: Int
  var values: [Double]

  init(channels: Int, rows: Int, columns: Int) {
    (self.channels, self.rows, self.columns) = (channels, rows, columns)
    values = Array(repeating: 0, count: channels * rows * columns)
  }

  /// Lane `lane` of a map of lane vectors.
  init(_ lanes: UnsafePointer<LaneVector>, lane: Int, channels: Int, rows: Int, columns: Int) {
    self.init(channels: channels, rows: rows, columns: columns)
    for i in values.indices { values[i] = Double(lanes[i][lane]) }
  }

  func contains(_ row: Int, _ column: Int) -> Bool {
    (0..<rows).contains(row) && (0..<columns).contains(column)
  }

  subscript(_ channel: Int, _ row: Int, _ column: Int) -> Double {
    get { values[(channel * rows + row) * columns + column] }
    set { values[(channel * rows + row) * columns + column] = newValue }
  }
}

/// Calls `body` for every product of a convolution: (weight index, large position, small position).
func forEachTap(_ s: ConvolutionShape, _ body: (Int, (Int, Int, Int), (Int, Int, Int)) -> Void) {
  for o in 0..<s.outChannels {
    for i in 0..<s.inChannels {
      for kr in 0..<s.kernelRows {
        for kc in 0..<s.kernelColumns {
          let weight = ((o * s.inChannels + i) * s.kernelRows + kr) * s.kernelColumns + kc
          for r in 0..<s.outRows {
            for c in 0..<s.outColumns {
              let row = r + kr - s.paddingRows
              let column = c + kc - s.paddingColumns
              guard (0..<s.inRows).contains(row), (0..<s.inColumns).contains(column) else { continue }
              body(weight, (i, row, column), (o, r, c))
            }
          }
        }
      }
    }
  }
}

func plainConvolution(_ large: PlainMap, _ weights: [Float], _ s: ConvolutionShape) -> PlainMap {
  var small = PlainMap(channels: s.outChannels, rows: s.outRows, columns: s.outColumns)
  forEachTap(s) { w, l, o in small[o.0, o.1, o.2] += Double(weights[w]) * large[l.0, l.1, l.2] }
  return small
}

func plainDeconvolution(_ small: PlainMap, _ weights: [Float], _ s: ConvolutionShape) -> PlainMap {
  var large = PlainMap(channels: s.inChannels, rows: s.inRows, columns: s.inColumns)
  forEachTap(s) { w, l, o in large[l.0, l.1, l.2] += Double(weights[w]) * small[o.0, o.1, o.2] }
  return large
}

func plainWeightGradient(
  _ large: PlainMap, _ small: PlainMap, _ s: ConvolutionShape, into sums: inout [Double]
) {
  forEachTap(s) { w, l, o in sums[w] += large[l.0, l.1, l.2] * small[o.0, o.1, o.2] }
}

/// Lane vectors of normal numbers.
func randomLanes(_ count: Int, seed: UInt64) -> AlignedBuffer<LaneVector> {
  let buffer = AlignedBuffer<LaneVector>(count: count)
  var random = CounterRandom(seed: seed, purpose: .weights)
  for i in 0..<count {
    for lane in 0..<laneCount { buffer.base[i][lane] = Float(random.normal()) }
  }
  return buffer
}

/// Normal numbers.
func randomFloats(_ count: Int, seed: UInt64) -> [Float] {
  var random = CounterRandom(seed: seed, purpose: .weights, index: 1)
  return (0..<count).map { _ in Float(random.normal()) }
}

/// The largest |a − b| relative to the largest |b|.
func relativeError<A: Sequence<Double>>(_ a: A, _ b: [Double]) -> Double {
  let scale = max(b.map(abs).max() ?? 0, 1e-30)
  return zip(a, b).map { abs($0 - $1) / scale }.max() ?? 0
}
