import Lanes
import Testing

@Suite struct AffineGatherTests {
  static let grids = [(1, 28, 28), (3, 17, 19), (2, 5, 33), (1, 2, 2), (1, 1, 7)].map {
    PixelGrid(channels: $0.0, rows: $0.1, columns: $0.2)
  }

  /// `count` images of random bytes, and readable bytes behind them.
  private func pixels(_ grid: PixelGrid, count: Int) -> [UInt8] {
    var random = CounterRandom(seed: 5, purpose: .weights, index: grid.count)
    return (0..<(count * grid.count + 4)).map { _ in UInt8(truncatingIfNeeded: random.next32()) }
  }

  private func gather(
    _ pixels: [UInt8], _ grid: PixelGrid, _ images: [Int32], _ maps: [AffineMap]
  ) -> [LaneVector] {
    let group = AlignedBuffer<LaneVector>(count: grid.count)
    group.all.update(repeating: LaneVector(repeating: .nan))
    let scratch = AlignedBuffer<Float>(count: grid.scratchCount)
    images.withUnsafeBufferPointer {
      gatherImages(pixels, grid, images: $0, maps: maps, to: group.base, scratch: scratch.base)
    }
    return Array(group.all)
  }

  @Test(
    "the identity gives the bits of images as they are, and zero in lanes without an image", arguments: grids)
  func identity(grid: PixelGrid) {
    let pixels = pixels(grid, count: 20)
    let images: [Int32] = [3, 19, 0, 3, 7, 11, 2]
    let moved = gather(pixels, grid, images, images.map { _ in .identity })
    let plain = AlignedBuffer<LaneVector>(count: grid.count)
    images.withUnsafeBufferPointer {
      gatherImages(pixels, pixelsPerImage: grid.count, images: $0, to: plain.base)
    }
    #expect(moved == Array(plain.all))
  }

  @Test("every pixel is interpolated between its four neighbours, the border continued", arguments: grids)
  func bilinear(grid: PixelGrid) {
    guard grid.rows > 1 else { return }
    let pixels = pixels(grid, count: 16)
    let maps = (0..<16).map { image in
      let turn = Double(image - 8) / 20
      return AffineMap(
        matrix: (1 - turn / 3, -turn, turn + 0.1, 1.1), rows: grid.rows, columns: grid.columns,
        shift: (Double(image) / 5, -1.5))
    }
    let found = gather(pixels, grid, Array(0..<16), maps)
    var worst = 0.0
    for lane in 0..<16 {
      for place in 0..<grid.count {
        let (channel, pixel) = place.quotientAndRemainder(dividingBy: grid.rows * grid.columns)
        let (row, column) = pixel.quotientAndRemainder(dividingBy: grid.columns)
        let map = maps[lane]
        let x = Double(map.xx) * Double(column) + Double(map.xy) * Double(row) + Double(map.x)
        let y = Double(map.yx) * Double(column) + Double(map.yy) * Double(row) + Double(map.y)
        let clampedX = min(max(x, 0), Double(grid.columns - 1))
        let clampedY = min(max(y, 0), Double(grid.rows - 1))
        let left = min(Int(clampedX), grid.columns - 2)
        let top = min(Int(clampedY), grid.rows - 2)
        func byte(_ row: Int, _ column: Int) -> Double {
          let first = lane * grid.count + channel * grid.rows * grid.columns
          return Double(pixels[first + row * grid.columns + column]) / 255
        }
        let (right, down) = (clampedX - Double(left), clampedY - Double(top))
        let value =
          (1 - down) * ((1 - right) * byte(top, left) + right * byte(top, left + 1))
          + down * ((1 - right) * byte(top + 1, left) + right * byte(top + 1, left + 1))
        worst = max(worst, abs(value - Double(found[place][lane])))
      }
    }
    #expect(worst < 2e-5, "\(worst)")
  }
}
