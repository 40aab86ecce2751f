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
  /// The weighted sums of a row of the image, all channels.
  private let sums: UnsafeMutablePointer<Float>
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
    let sumLength = shape.channels * target.width
    // A vector of the last column reaches beyond its end.
    memory = scratch.floats(3 * rowLength + source.width + sumLength + 4)
    reader = RowReader(preparation, picture, source, alpha: memory + 3 * rowLength)
    sums = memory + 3 * rowLength + source.width
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
      let weights = rows.weights[rows.start[row]..<rows.start[row + 1]]
      var number = 0
      // Two rows at a time: the sums are read and written half as often.
      while number < weights.count {
        let (line, weight) = (reader.plainRow(first + number)!, weights[weights.startIndex + number])
        if number + 1 < weights.count {
          let (next, nextWeight) = (
            reader.plainRow(first + number + 1)!, weights[weights.startIndex + number + 1]
          )
          if number == 0 {
            for place in 0..<rowLength {
              sum[place] = weight * Float(line[place]) + nextWeight * Float(next[place])
            }
          } else {
            for place in 0..<rowLength {
              sum[place] = sum[place] + weight * Float(line[place]) + nextWeight * Float(next[place])
            }
          }
        } else if number == 0 {
          for place in 0..<rowLength { sum[place] = weight * Float(line[place]) }
        } else {
          for place in 0..<rowLength { sum[place] += weight * Float(line[place]) }
        }
        number += 2
      }
      writeRow(row, sum, isInterleaved: true, bytes)
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
      writeRow(row, sum, isInterleaved: false, bytes)
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

  /// Row `row` of the image, of the weighted sums over rows of the picture: `[column][channel]` or `[channel][column]`.
  private func writeRow(
    _ row: Int, _ line: UnsafePointer<Float>, isInterleaved: Bool, _ bytes: UnsafeMutablePointer<UInt8>
  ) {
    let (channels, width) = (shape.channels, place.target.width)
    let isColour = isInterleaved && channels == 3
    if isColour {
      sumColours(line)
    } else {
      for channel in 0..<channels {
        let first = isInterleaved ? line + channel : line + channel * place.source.width
        sumColumns(first, step: isInterleaved ? channels : 1, to: sums + channel * width)
      }
    }
    let total = columns.total * rows.total
    for place in 0..<(channels * width) {
      // Half up; no sum is negative.
      sums[place] = min(sums[place] / total + 0.5, 255).rounded(.down)
    }
    for channel in 0..<channels {
      let out = bytes + (channel * shape.height + place.target.top + row) * shape.width + place.target.left
      let (first, step) = isColour ? (sums + channel, channels) : (sums + channel * width, 1)
      for column in 0..<width { out[column] = Self.byte(first[column * step]) }
    }
  }

  /// A whole number 0…255: above 2²³ the last bits of a float are those of the number.
  @inline(__always)
  private static func byte(_ whole: Float) -> UInt8 {
    UInt8(truncatingIfNeeded: (whole + 8_388_608).bitPattern)
  }

  /// The weighted sums of columns, of samples that are `step` floats apart.
  private func sumColumns(_ line: UnsafePointer<Float>, step: Int, to sums: UnsafeMutablePointer<Float>) {
    eachColumn { column, first, weights in
      let samples = line + first * step
      var value = weights[0] * samples[0]
      for number in 1..<max(weights.count, 1) { value += weights[number] * samples[number * step] }
      sums[column] = value
    }
  }

  /// The same for three channels at once, `[column][channel]`: the fourth number of a vector belongs to the next column.
  private func sumColours(_ line: UnsafePointer<Float>) {
    func colour(_ place: Int) -> SIMD4<Float> {
      UnsafeRawPointer(line + place).loadUnaligned(as: SIMD4<Float>.self)
    }
    eachColumn { column, first, weights in
      var value = weights[0] * colour(3 * first)
      for number in 1..<max(weights.count, 1) { value += weights[number] * colour(3 * (first + number)) }
      UnsafeMutableRawPointer(sums + 3 * column).storeBytes(of: value, as: SIMD4<Float>.self)
    }
  }

  /// Calls `body` with every column of the image, the first of the picture's columns that make it, and their weights.
  @inline(__always)
  private func eachColumn(_ body: (Int, Int, UnsafeBufferPointer<Float>) -> Void) {
    columns.weights.withUnsafeBufferPointer { weights in
      columns.start.withUnsafeBufferPointer { starts in
        columns.first.withUnsafeBufferPointer { firsts in
          for column in 0..<place.target.width {
            let (start, end) = (starts[column], starts[column + 1])
            body(column, firsts[column], UnsafeBufferPointer(rebasing: weights[start..<end]))
          }
        }
      }
    }
  }
}
