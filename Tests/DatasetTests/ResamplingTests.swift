import Dataset
import Support
import Testing

@Suite struct ResamplingTests {
  /// One line of samples brought to another length, in the plainest way.
  private static func reference(_ line: [Double], _ count: Int) -> [Double] {
    let scale = Double(line.count) / Double(count)
    return (0..<count).map { new in
      if line.count >= count {
        let (low, high) = (Double(new) * scale, Double(new + 1) * scale)
        var sum = 0.0
        for (old, value) in line.enumerated() {
          sum += value * max(0, min(high, Double(old + 1)) - max(low, Double(old)))
        }
        return sum / scale
      }
      let place = min(max((Double(new) + 0.5) * scale - 0.5, 0), Double(line.count - 1))
      let old = min(Int(place), line.count - 1)
      let next = min(old + 1, line.count - 1)
      return line[old] + (line[next] - line[old]) * (place - Double(old))
    }
  }

  private static func reference(
    _ bytes: [UInt8], _ width: Int, _ height: Int, _ newWidth: Int, _ newHeight: Int
  )
    -> [Double]
  {
    let rows = (0..<height).map { row in
      reference((0..<width).map { Double(bytes[row * width + $0]) }, newWidth)
    }
    var image = [Double](repeating: 0, count: newWidth * newHeight)
    for column in 0..<newWidth {
      for (row, value) in reference(rows.map { $0[column] }, newHeight).enumerated() {
        image[row * newWidth + column] = value
      }
    }
    return image
  }

  @Test(
    "Sums of every length are those of a plain loop in double precision",
    arguments: [
      [1, 1, 7, 5], [7, 5, 1, 1], [16, 16, 8, 8], [17, 31, 8, 8], [8, 8, 17, 31], [64, 48, 63, 47],
      [5, 40, 20, 10], [40, 5, 10, 20], [31, 29, 31, 7], [3, 3, 3, 3], [200, 150, 64, 48], [2, 2, 128, 128],
    ])
  func plain(_ sizes: [Int]) {
    let (width, height, newWidth, newHeight) = (sizes[0], sizes[1], sizes[2], sizes[3])
    let bytes = randomBytes(width * height, seed: UInt64(width * 1000 + height))
    let image = Preparation(newWidth, newHeight).image(picture(width, height, bytes))
    for (byte, value) in zip(image, Self.reference(bytes, width, height, newWidth, newHeight)) {
      #expect(abs(Double(byte) - value) <= 0.5001)
    }
  }

  @Test(
    "A picture of one colour keeps it", arguments: [[7, 300], [300, 7], [64, 64], [1, 1], [999, 998]])
  func constant(_ size: [Int]) {
    for value: UInt8 in [0, 1, 127, 254, 255] {
      let one = picture(size[0], size[1], [UInt8](repeating: value, count: size[0] * size[1]))
      for fit in Fit.allCases {
        #expect(Preparation(48, 32, fit).image(one) == [UInt8](repeating: value, count: 48 * 32), "\(fit)")
      }
    }
  }

  @Test("Averages over whole pixels are exact, and a half is rounded up", arguments: [2, 3, 4, 6, 7, 16])
  func wholePixels(_ ratio: Int) {
    let (width, height) = (5, 3)
    let bytes = randomBytes(width * height * ratio * ratio, seed: UInt64(ratio))
    let image = Preparation(width, height).image(picture(width * ratio, height * ratio, bytes))
    for row in 0..<height {
      for column in 0..<width {
        var sum = 0
        for y in 0..<ratio {
          for x in 0..<ratio { sum += Int(bytes[(row * ratio + y) * width * ratio + column * ratio + x]) }
        }
        let area = ratio * ratio
        #expect(Int(image[row * width + column]) == (2 * sum + area) / (2 * area))
      }
    }
  }

  @Test("Between two pixels the way is straight")
  func line() {
    #expect(Preparation(8, 1).image(picture(2, 1, [0, 160])) == [0, 0, 20, 60, 100, 140, 160, 160])
    #expect(Preparation(1, 4).image(picture(1, 2, [0, 160])) == [0, 40, 120, 160])
    #expect(Preparation(3, 1).image(picture(1, 1, [9])) == [9, 9, 9])
  }

  @Test("Memory of pictures before does not show")
  func scratch() {
    let scratch = PreparationScratch()
    var random = SplitMix(state: 4)
    for _ in 0..<60 {
      let (width, height) = (Int.random(in: 1...40, using: &random), Int.random(in: 1...40, using: &random))
      let channels = [1, 3].randomElement(using: &random)!
      let bytes = randomBytes(width * height * channels, seed: random.next())
      let preparation = Preparation(
        Int.random(in: 1...40, using: &random), Int.random(in: 1...40, using: &random),
        channels: [1, 3].randomElement(using: &random)!, Fit.allCases.randomElement(using: &random)!)
      let one = picture(width, height, channels: channels, bytes)
      #expect(preparation.image(one, scratch) == preparation.image(one))
    }
  }
}
