/// What a layer has made of one image, as grey pictures of one size.
package struct LayerPictures {
  /// The layer's name, such as `encoder.conv1`.
  package let name: String
  /// How many maps of which size it has made, and how many are shown.
  package let summary: String
  /// The first maps, `[rows][columns]` each. Black is 0, or the smallest value where that is negative; white is the largest
  /// value of the layer. Between them brightness goes with the root: few values are near the largest.
  package let pictures: [[UInt8]]
  /// The columns of a picture: those of the map, or a whole fraction where these are many.
  package let columns: Int
  /// The rows of a picture.
  package let rows: Int
  /// Pixels of the page, in each direction, for one of a picture.
  package let zoom: Int

  /// Pixels of the page for eight pictures in a row.
  var pageWidth: Int { 8 * (zoom * columns + 3) }

  /// Maps at most, and the longest side of a picture.
  private static let (mostMaps, side) = (16, 40)
  /// Pixels of the page for a picture, about, and for the features.
  private static let (pictureSide, featureSide) = (48, 240)

  /// Maps.
  ///
  /// - Parameter values: `[maps][rows][columns]`, finite
  package init(_ name: String, maps: Int, rows: Int, columns: Int, _ values: [Float]) {
    let shown = maps > Self.mostMaps ? "\(Self.mostMaps) of " : ""
    self.init(
      name, "\(shown)\(Numbers.count(maps, "map")) of \(columns)×\(rows)", maps: maps, rows: rows,
      columns: columns, values, shownSide: Self.pictureSide)
  }

  /// Features in rows, one picture.
  ///
  /// - Parameter features: finite
  package init(_ name: String, features: [Float]) {
    let columns = (16...Self.side).last { features.count % $0 == 0 } ?? min(features.count, Self.side)
    let rows = (features.count + columns - 1) / columns
    let missing = rows * columns - features.count
    self.init(
      name, "\(Numbers.count(features.count, "feature")) in rows of \(columns)", maps: 1, rows: rows,
      columns: columns, features + [Float](repeating: 0, count: missing), shownSide: Self.featureSide)
  }

  private init(
    _ name: String, _ summary: String, maps: Int, rows: Int, columns: Int, _ values: [Float], shownSide: Int
  ) {
    precondition(values.count == maps * rows * columns)
    (self.name, self.summary) = (name, summary)
    let block = max(1, (max(rows, columns) + Self.side - 1) / Self.side)
    (self.columns, self.rows) = ((columns + block - 1) / block, (rows + block - 1) / block)
    let longest = max(self.columns, self.rows)
    zoom = max(1, (shownSide + longest / 2) / longest)
    let low = values.reduce(0, min)
    let range = values.reduce(0, max) - low
    pictures = (0..<min(maps, Self.mostMaps)).map { map in
      let plane = values[(map * rows * columns)..<((map + 1) * rows * columns)]
      return Self.means(Array(plane), rows: rows, columns: columns, block: block).map {
        range > 0 ? UInt8(max(0, min(255, (255 * (($0 - low) / range).squareRoot()).rounded()))) : 0
      }
    }
  }

  /// The means of square blocks, those at the right and lower edge being smaller.
  private static func means(_ plane: [Float], rows: Int, columns: Int, block: Int) -> [Float] {
    guard block > 1 else { return plane }
    var result: [Float] = []
    for y in stride(from: 0, to: rows, by: block) {
      for x in stride(from: 0, to: columns, by: block) {
        let (height, width) = (min(block, rows - y), min(block, columns - x))
        var sum: Float = 0
        for row in y..<(y + height) { for column in x..<(x + width) { sum += plane[row * columns + column] } }
        result.append(sum / Float(height * width))
      }
    }
    return result
  }
}

/// Grey pictures of several sizes on one sheet.
package struct MapSheet {
  /// Columns of the sheet.
  private static let width = 480
  private var samples: [UInt8] = []

  /// An empty sheet.
  package init() {}

  /// The sheet.
  package var raster: Raster {
    var raster = Raster(width: Self.width, height: samples.count / Self.width, channels: 1)
    raster.samples = samples
    return raster
  }

  /// Adds pictures of one size below what is there; returns their left and upper edges.
  ///
  /// - Parameters:
  ///   - pictures: `[rows][columns]` each
  ///   - columns: of each picture, no more than 480
  ///   - rows: of each picture
  package mutating func add(_ pictures: [[UInt8]], columns: Int, rows: Int) -> [(x: Int, y: Int)] {
    let perLine = Self.width / columns
    let top = samples.count / Self.width
    let lines = (pictures.count + perLine - 1) / perLine
    samples += [UInt8](repeating: 0, count: lines * rows * Self.width)
    return pictures.enumerated().map { number, picture in
      let (x, y) = (number % perLine * columns, top + number / perLine * rows)
      for row in 0..<rows {
        let first = (y + row) * Self.width + x
        samples.replaceSubrange(
          first..<(first + columns), with: picture[(row * columns)..<((row + 1) * columns)])
      }
      return (x, y)
    }
  }
}
