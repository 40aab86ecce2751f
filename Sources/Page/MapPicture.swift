/// All images as points in a square, as a picture and as numbers.
struct MapPoints {
  /// The images that are shown: all, or of many an even sample.
  let images: [Int32]
  /// Places of theirs, 0 … 65535 from the left and from the top.
  let x: [UInt16]
  /// From the top.
  let y: [UInt16]

  /// Points of more images would make the page slow.
  static let most = 200_000

  /// Points of a map `[images][2]`, with the same scale in both directions.
  init(_ map: [Float], most: Int = MapPoints.most) {
    images = spread((0..<Int32(map.count / 2)).map { $0 }, most)
    let points = images.map { SIMD2(map[2 * Int($0)], map[2 * Int($0) + 1]) }
    let low = points.reduce(points[0]) { pointwiseMin($0, $1) }
    let high = points.reduce(points[0]) { pointwiseMax($0, $1) }
    let size = max((high - low).max(), .leastNormalMagnitude)
    let middle = low * 0.5 + high * 0.5
    // A margin of 2 % on each side.
    func place(_ offset: Float) -> UInt16 { UInt16(min(max((0.5 + 0.96 * offset / size) * 65535, 0), 65535)) }
    x = points.map { place($0.x - middle.x) }
    y = points.map { place(middle.y - $0.y) }
  }

  /// Both coordinates of all points and then their clusters, as little-endian 16-bit numbers.
  func bytes(clusters: [Int32]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(6 * images.count)
    func add(_ value: UInt16) {
      bytes.append(UInt8(value & 255))
      bytes.append(UInt8(value >> 8))
    }
    x.forEach(add)
    y.forEach(add)
    for image in images { add(UInt16(truncatingIfNeeded: clusters[Int(image)])) }
    return bytes
  }

  /// A picture of all points, transparent where there are none.
  ///
  /// - Parameter clusters: of all images
  func picture(side: Int, clusters: [Int32], _ palette: Palette) -> Raster {
    picture(side: side, part: images.indices, clusters: images.map { clusters[Int($0)] }, palette)
  }

  /// A picture of the points `part`.
  ///
  /// - Parameter clusters: of these points
  func picture(side: Int, part: Range<Int>, clusters: [Int32], _ palette: Palette) -> Raster {
    var raster = Raster(width: side, height: side, channels: 4)
    let radius = part.count < 3000 ? 2 : part.count < 50_000 ? 1 : 0
    for (point, cluster) in zip(part, clusters) {
      let colour = palette.colours[Int(cluster)]
      let (column, row) = (Int(x[point]) * (side - 1) / 65535, Int(y[point]) * (side - 1) / 65535)
      for dy in -radius...radius {
        for dx in -radius...radius where dx * dx + dy * dy <= radius * radius + 1 {
          let (px, py) = (column + dx, row + dy)
          guard (0..<side).contains(px), (0..<side).contains(py) else { continue }
          let place = 4 * (py * side + px)
          (raster.samples[place], raster.samples[place + 1]) = (colour.x, colour.y)
          (raster.samples[place + 2], raster.samples[place + 3]) = (colour.z, 255)
        }
      }
    }
    return raster
  }
}
