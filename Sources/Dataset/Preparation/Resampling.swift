import Lanes

/// One picture on its way to an image, row by row: rows of the picture as floats, their weighted sum, then weighted sums
/// of its columns.
struct Resampling {
  private let shape: ImageShape
  private let place: Placement
  private let fit: Fit
  private let scratch: PreparationScratch
  private let reader: RowReader
  private let columns: AxisWeights
  private let rows: AxisWeights
  /// Two rows of the picture, the even and the odd one read last, and the weighted sum.
  private let memory: UnsafeMutablePointer<Float>
  /// Floats of a row, all channels.
  private let rowLength: Int

  init(_ preparation: Preparation, _ picture: Picture, _ scratch: PreparationScratch) {
    let (width, height) = picture.header.shownSize
    shape = preparation.shape
    fit = preparation.fit
    place = Placement(width: width, height: height, in: shape, fit)
    self.scratch = scratch
    let (source, target) = (place.source, place.target)
    if !scratch.columns.isFor(source.width, target.width) {
      scratch.columns = AxisWeights(from: source.width, to: target.width)
    }
    if !scratch.rows.isFor(source.height, target.height) {
      scratch.rows = AxisWeights(from: source.height, to: target.height)
    }
    (columns, rows) = (scratch.columns, scratch.rows)
    rowLength = shape.channels * source.width
    memory = scratch.floats(3 * rowLength + source.width)
    reader = RowReader(preparation, picture, source, alpha: memory + 3 * rowLength)
  }

  func write(to planes: UnsafeMutableRawBufferPointer) {
    let bytes = planes.bindMemory(to: UInt8.self).baseAddress!
    if reader.plainRow(0) != nil { writePlain(bytes) } else { writeRead(bytes) }
    if place.target.width < shape.width || place.target.height < shape.height {
      Margins.fill(planes, shape, place)
    }
  }

  /// Rows that need no reading: their sums keep the order `[column][channel]`.
  private func writePlain(_ bytes: UnsafeMutablePointer<UInt8>) {
    let sum = memory + 2 * rowLength
    for row in 0..<place.target.height {
      let first = rows.first[row]
      for (number, weight) in rows.weights[rows.start[row]..<rows.start[row + 1]].enumerated() {
        let line = reader.plainRow(first + number)!
        if number == 0 {
          for place in 0..<rowLength { sum[place] = weight * Float(line[place]) }
        } else {
          for place in 0..<rowLength { sum[place] += weight * Float(line[place]) }
        }
      }
      for channel in 0..<shape.channels { writeRow(row, channel, sum + channel, step: shape.channels, bytes) }
    }
  }

  private func writeRead(_ bytes: UnsafeMutablePointer<UInt8>) {
    let sum = memory + 2 * rowLength
    var (evenRow, oddRow) = (-1, -1)
    for row in 0..<place.target.height {
      let first = rows.first[row]
      let weights = rows.weights[rows.start[row]..<rows.start[row + 1]]
      for (number, weight) in weights.enumerated() {
        let old = first + number
        let isOdd = old & 1 == 1
        let line = memory + (isOdd ? rowLength : 0)
        if (isOdd ? oddRow : evenRow) != old {
          reader.read(old, to: line)
          reader.count(old, in: scratch)
          if isOdd { oddRow = old } else { evenRow = old }
        }
        add(line, weight, to: sum, isFirst: number == 0)
      }
      for channel in 0..<shape.channels {
        writeRow(row, channel, sum + channel * place.source.width, step: 1, bytes)
      }
    }
  }

  @inline(__always)
  private func add(
    _ line: UnsafePointer<Float>, _ weight: Float, to sum: UnsafeMutablePointer<Float>, isFirst: Bool
  ) {
    if isFirst {
      for place in 0..<rowLength { sum[place] = weight * line[place] }
    } else {
      for place in 0..<rowLength { sum[place] += weight * line[place] }
    }
  }

  /// Row `row` of channel `channel` of the image, of the sums over rows of the picture, which are `step` floats apart.
  private func writeRow(
    _ row: Int, _ channel: Int, _ line: UnsafePointer<Float>, step: Int, _ bytes: UnsafeMutablePointer<UInt8>
  ) {
    let total = columns.total * rows.total
    let out = bytes + (channel * shape.height + place.target.top + row) * shape.width + place.target.left
    let width = place.target.width
    columns.weights.withUnsafeBufferPointer { weights in
      columns.start.withUnsafeBufferPointer { starts in
        columns.first.withUnsafeBufferPointer { firsts in
          for column in 0..<width {
            let (start, end) = (starts[column], starts[column + 1])
            let samples = line + firsts[column] * step
            var value = weights[start] * samples[0]
            for number in 1..<max(end - start, 1) {
              value += weights[start + number] * samples[number * step]
            }
            out[column] = UInt8(min(max(value / total + 0.5, 0), 255))
          }
        }
      }
    }
  }
}
