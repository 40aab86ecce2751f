import Lanes
import Testing

@Suite struct ThumbnailTests {
  @Test(
    "every pixel of a thumbnail is the mean of its block, at the edges of what is there",
    arguments: [
      (1, 28, 28, 2), (3, 128, 128, 8), (1, 16, 16, 1), (2, 17, 5, 2), (1, 1, 90, 6), (1, 33, 100, 7),
    ])
  func means(channels: Int, rows: Int, columns: Int, block: Int) {
    let grid = PixelGrid(channels: channels, rows: rows, columns: columns)
    let small = grid.thumbnail
    #expect(small.channels == channels && max(small.rows, small.columns) <= 16)
    var random = CounterRandom(seed: 3, purpose: .weights, index: grid.count)
    let images = AlignedBuffer<LaneVector>(count: grid.count)
    for pixel in 0..<grid.count {
      for lane in 0..<laneCount { images.base[pixel][lane] = Float(random.next32() % 256) / 255 }
    }
    let thumbnails = AlignedBuffer<LaneVector>(count: small.count)
    thumbnails.all.update(repeating: LaneVector(repeating: .nan))
    grid.makeThumbnails(images.base, to: thumbnails.base)
    for channel in 0..<channels {
      for row in 0..<small.rows {
        for column in 0..<small.columns {
          for lane in [0, 15] {
            var values: [Double] = []
            for y in (row * block)..<min((row + 1) * block, rows) {
              for x in (column * block)..<min((column + 1) * block, columns) {
                values.append(Double(images.base[(channel * rows + y) * columns + x][lane]))
              }
            }
            let found = Double(thumbnails.base[(channel * small.rows + row) * small.columns + column][lane])
            #expect(abs(found - values.reduce(0, +) / Double(values.count)) < 1e-5)
          }
        }
      }
    }
  }
}
