import Dataset
import Foundation
import Support
import Testing

@Suite struct PreparationTests {
  /// What is shown of the stored rows `1 2 3` and `4 5 6`, by orientation.
  private static let turned: [(orientation: Int, width: Int, shown: [UInt8])] = [
    (1, 3, [1, 2, 3, 4, 5, 6]), (2, 3, [3, 2, 1, 6, 5, 4]), (3, 3, [6, 5, 4, 3, 2, 1]),
    (4, 3, [4, 5, 6, 1, 2, 3]), (5, 2, [1, 4, 2, 5, 3, 6]), (6, 2, [4, 1, 5, 2, 6, 3]),
    (7, 2, [6, 3, 5, 2, 4, 1]), (8, 2, [3, 6, 2, 5, 1, 4]),
  ]

  @Test("All eight orientations are turned upright", arguments: 0..<8)
  func orientation(_ number: Int) {
    let (orientation, width, shown) = Self.turned[number]
    let stored: [UInt8] = [1, 2, 3, 4, 5, 6]
    let preparation = Preparation(width, 6 / width)
    #expect(preparation.image(picture(3, 2, orientation: orientation, stored)) == shown)
    let rgb = stored.flatMap { [$0, $0 + 10, $0 + 20] }
    #expect(
      Preparation(width, 6 / width, channels: 3).image(
        picture(3, 2, channels: 3, orientation: orientation, rgb))
        == shown + shown.map { $0 + 10 } + shown.map { $0 + 20 })
    let floats = picture(3, 2, orientation: orientation, .uint16, stored.map(Float.init))
    #expect(Preparation(width, 6 / width, range: 0...255).image(floats) == shown)
  }

  @Test("A turned picture gives the bytes of the upright one, whatever its size becomes", arguments: 2...8)
  func turnedAlike(_ orientation: Int) {
    let (width, height) = (23, 17)
    let shown = randomBytes(width * height * 3, seed: 5)
    let isAcross = orientation >= 5
    let (storedWidth, storedHeight) = isAcross ? (height, width) : (width, height)
    var stored = [UInt8](repeating: 0, count: shown.count)
    for row in 0..<height {
      for column in 0..<width {
        let (x, y) =
          switch orientation {
          case 2: (width - 1 - column, row)
          case 3: (width - 1 - column, height - 1 - row)
          case 4: (column, height - 1 - row)
          case 5: (row, column)
          case 6: (row, width - 1 - column)
          case 7: (height - 1 - row, width - 1 - column)
          default: (height - 1 - row, column)
          }
        for channel in 0..<3 {
          stored[(y * storedWidth + x) * 3 + channel] = shown[(row * width + column) * 3 + channel]
        }
      }
    }
    let upright = picture(width, height, channels: 3, shown)
    let turned = picture(storedWidth, storedHeight, channels: 3, orientation: orientation, stored)
    for fit in Fit.allCases {
      for size in [(23, 17), (8, 8), (40, 9), (9, 40)] {
        let preparation = Preparation(size.0, size.1, channels: 3, fit)
        #expect(preparation.image(turned) == preparation.image(upright), "\(fit) \(size)")
      }
    }
  }

  @Test("Pictures that are ready keep their bytes", arguments: [1, 2, 3, 4, 5, 7])
  func ready(_ channels: Int) {
    let (width, height) = (37, 29)
    let bytes = randomBytes(width * height * channels, seed: 9)
    let image = Preparation(width, height, channels: channels, .pad).image(
      picture(width, height, channels: channels, bytes))
    let expected = (0..<channels).flatMap { channel in
      (0..<(width * height)).map { bytes[$0 * channels + channel] }
    }
    #expect(image == expected)
  }

  @Test("Grey is repeated, and RGB becomes grey as Pillow's mode L, scaled, turned or not")
  func colours() {
    let grey = randomBytes(30, seed: 1)
    #expect(Preparation(6, 5, channels: 3).image(picture(6, 5, grey)) == grey + grey + grey)
    let rgb = randomBytes(3000, seed: 2) + [255, 255, 255, 0, 0, 0]
    let luma = stride(from: 0, to: rgb.count, by: 3).map { (place: Int) -> UInt8 in
      let sum = 19595 * Int(rgb[place]) + 38470 * Int(rgb[place + 1]) + 7471 * Int(rgb[place + 2])
      return UInt8((sum + 32768) >> 16)
    }
    #expect(Preparation(1002, 1).image(picture(1002, 1, channels: 3, rgb)) == luma)
    #expect(Preparation(1, 1002).image(picture(1, 1002, channels: 3, orientation: 4, rgb)) == luma.reversed())
    // Two pixels into one: the mean of the luma, rounded once.
    let two: [UInt8] = [255, 0, 0, 0, 0, 255]
    #expect(Preparation(1, 1).image(picture(2, 1, channels: 3, two)) == [53])
  }

  @Test("Alpha is composed onto the background, before the size changes")
  func alpha() {
    let rgba: [UInt8] = [200, 100, 0, 255, 10, 20, 30, 0, 0, 0, 0, 51]
    let red = Background(red: 250, green: 0, blue: 0)
    func image(_ background: Background, _ channels: Int, _ width: Int) -> [UInt8] {
      Preparation(width, 1, channels: channels, background: background).image(
        picture(3, 1, channels: 4, hasAlpha: true, rgba))
    }
    #expect(image(.white, 3, 3) == [200, 255, 204, 100, 255, 204, 0, 255, 204])
    #expect(image(red, 3, 3) == [200, 250, 200, 100, 0, 0, 0, 0, 0])
    #expect(image(red, 3, 1) == [217, 33, 0])
    // What lies under alpha 0 does not reach the average, and grey sees the background as grey.
    let greyAlpha = picture(2, 1, channels: 2, hasAlpha: true, [7, 255, 200, 0])
    #expect(Preparation(1, 1, background: Background("black")!).image(greyAlpha) == [4])
    #expect(Preparation(2, 1, background: red).image(greyAlpha) == [7, 75])
    #expect(Preparation(2, 1, channels: 3, background: red).image(greyAlpha) == [7, 250, 7, 0, 7, 0])
    let deep = picture(2, 1, channels: 2, hasAlpha: true, .uint16, [1000, 65535, 500, 13107])
    #expect(Preparation(2, 1, background: Background("black")!, range: 0...1000).image(deep) == [255, 26])
    let odd = picture(1, 1, channels: 2, hasAlpha: true, .float32, [1, .nan])
    #expect(Preparation(1, 1, background: Background("grey")!, range: 0...1).image(odd) == [128])
  }

  @Test("Padded, cropped, stretched")
  func fits() {
    let wide: [UInt8] = [10, 20, 30, 40, 50, 60, 70, 80]
    func image(_ fit: Fit, _ width: Int, _ height: Int) -> [UInt8] {
      Preparation(width, height, fit).image(picture(4, 2, wide))
    }
    // The lower median of all eight pixels is 40.
    #expect(image(.pad, 4, 4) == [40, 40, 40, 40] + wide + [40, 40, 40, 40])
    #expect(image(.pad, 7, 2) == [40, 10, 20, 30, 40, 40, 40, 40, 50, 60, 70, 80, 40, 40])
    #expect(image(.crop, 2, 2) == [20, 30, 60, 70])
    #expect(image(.crop, 4, 1) == [10, 20, 30, 40])
    #expect(image(.stretch, 2, 2) == [15, 35, 55, 75])
    // What is inside does not count for the margin.
    let framed: [UInt8] = [9, 9, 9, 9, 200, 9, 9, 200, 9, 9, 9, 9]
    #expect(Preparation(3, 6, .pad).image(picture(3, 4, framed)) == [9, 9, 9] + framed + [9, 9, 9])
  }

  @Test("Samples that are no bytes: the range becomes 0…255, NaN and what is below the least")
  func range() {
    let scratch = PreparationScratch()
    let samples: [Float] = [-1, 0, 1, 3, -9, .nan, .infinity, -.infinity]
    let image = Preparation(8, 1, range: -1...1).image(picture(8, 1, .float32, samples), scratch)
    #expect(image == [0, 128, 255, 255, 0, 0, 0, 0] && scratch.notFinite == 3)
    #expect(
      Preparation(8, 1, range: 1...1).image(picture(8, 1, .float32, samples))
        == [UInt8](repeating: 0, count: 8))
    let deep = (0...65535).map(Float.init)
    let bytes = Preparation(256, 256, range: 0...65535).image(picture(256, 256, .uint16, deep))
    let rounded = (0...65535).map { (sample: Int) -> UInt8 in UInt8((510 * sample + 65535) / 131070) }
    #expect(bytes == rounded)
    let counts = Preparation(256, 1, range: 0...255).image(picture(256, 1, .int32, (0...255).map(Float.init)))
    #expect(counts == Array(0...255))
    // Every bad sample counts once, also where rows are used for two rows of the image.
    scratch.notFinite = 0
    let large = picture(3, 3, .float64, [Float](repeating: .nan, count: 9))
    for size in [2, 3, 7] { _ = Preparation(size, size, range: 0...1).image(large, scratch) }
    #expect(scratch.notFinite == 27 && scratch.samples == 8 + 27)
  }

  @Test("Samples are counted as for the range: no bytes, no alpha, nothing that is transparent")
  func counts() {
    let samples: [[Float]] = [
      [1, 2, .nan, 1], [3, .infinity, 5, 0.5], [.nan, .nan, .nan, 0], [.nan, 0, 0, .nan], [6, 7, 8, -1],
    ]
    for orientation in 1...8 {
      let colours = picture(
        5, 1, channels: 4, hasAlpha: true, orientation: orientation, .float32, samples.flatMap(\.self))
      var statistics = RangeStatistics()
      statistics.add(colours)
      for channels in [1, 3] {
        let scratch = PreparationScratch()
        _ = Preparation(5, 4, channels: channels, range: 0...9).image(colours, scratch)
        #expect(scratch.samples == 6 && scratch.notFinite == 2)
        #expect(statistics.finiteCount == 4 && statistics.notFiniteCount == 2)
      }
    }
    let scratch = PreparationScratch()
    _ = Preparation(5, 5).image(picture(2, 2, [1, 2, 3, 4]), scratch)
    #expect(scratch.samples == 0 && scratch.notFinite == 0)
  }

  @Test("Pictures at the limits of floats do not trap")
  func extremes() {
    let most = Float.greatestFiniteMagnitude
    let one = picture(4, 1, .float32, [-most, most, 0, .leastNonzeroMagnitude])
    #expect(Preparation(4, 1, range: Double(-most)...Double(most)).image(one) == [0, 255, 128, 128])
    #expect(Preparation(3, 5, .pad, range: -1e300...1e300).image(one).count == 15)
  }

  @Test("What can be prepared is known from the header")
  func accepts() {
    func header(_ channels: Int, hasAlpha: Bool = false, _ samples: SampleType = .uint8) -> PictureHeader {
      PictureHeader(width: 2, height: 2, channels: channels, hasAlpha: hasAlpha, samples: samples)
    }
    let rgb = Preparation(4, 4, channels: 3)
    #expect(rgb.accepts(header(1)) && rgb.accepts(header(3)) && rgb.accepts(header(4, hasAlpha: true)))
    #expect(!rgb.accepts(header(4)) && !rgb.accepts(header(2)) && !rgb.accepts(header(1, .uint16)))
    #expect(Preparation(4, 4, range: 0...1).accepts(header(1, .uint16)))
    #expect(
      Preparation(4, 4, channels: 5).accepts(header(5)) && !Preparation(4, 4, channels: 5).accepts(header(1)))
    #expect(!rgb.accepts(PictureHeader(width: Preparation.longestSide + 1, height: 2, channels: 1)))
    #expect(!rgb.accepts(PictureHeader(width: 0, height: 2, channels: 1)))
    #expect(!rgb.accepts(PictureHeader(width: 2, height: 2, channels: 1, orientation: 9)))
  }

  @Test("JPEGs may be decoded at a fraction that has four times the columns and rows")
  func atLeast() throws {
    let large = PictureHeader(width: 4000, height: 3000, channels: 3)
    #expect(try #require(Preparation(64, 48, channels: 3).atLeast(large)) == (256, 192))
    #expect(try #require(Preparation(64, 64, channels: 3, .pad).atLeast(large)) == (256, 192))
    #expect(try #require(Preparation(64, 64, channels: 3, .crop).atLeast(large)) == (342, 256))
    #expect(try #require(Preparation(64, 64, channels: 3).atLeast(large)) == (256, 256))
    let turned = PictureHeader(width: 4000, height: 3000, channels: 3, orientation: 6)
    #expect(try #require(Preparation(48, 64, channels: 3).atLeast(turned)) == (256, 192))
    #expect(Preparation(64, 64).atLeast(PictureHeader(width: 256, height: 900, channels: 1)) == nil)
  }

  @Test("A preparation is kept in JSON")
  func kept() throws {
    for range in [nil, -1.5...2.25] as [ClosedRange<Double>?] {
      let preparation = Preparation(
        64, 48, channels: 3, .crop, background: Background(red: 1, green: 2, blue: 255), range: range)
      let json = try JSONEncoder().encode(preparation)
      #expect(try JSONDecoder().decode(Preparation.self, from: json) == preparation)
      for (old, new) in [("64", "0"), ("48", "-1"), ("64", "9999999999"), ("crop", "cut"), ("[-1.5", "[3.5")]
      {
        let damaged = String(decoding: json, as: UTF8.self).replacingOccurrences(of: old, with: new)
        guard damaged != String(decoding: json, as: UTF8.self) else { continue }
        #expect(throws: DecodingError.self) {
          try JSONDecoder().decode(Preparation.self, from: Data(damaged.utf8))
        }
      }
    }
  }
}
