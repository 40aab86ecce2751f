import Dataset
import Foundation
import Testing

@Suite struct GlyphTests {
  private func glyphs(_ count: Int, seed: UInt64 = 1, limit: Int? = nil) throws -> LoadedSet {
    try LoadedSet(DatasetRequest(images: [], limit: limit, seed: seed, builtInCount: count))
  }

  @Test("Equal seeds give equal images and labels, other seeds others", arguments: [0, 1, UInt64.max])
  func seeds(_ seed: UInt64) throws {
    let (a, b) = (try glyphs(50, seed: seed), try glyphs(50, seed: seed))
    let other = try glyphs(50, seed: seed ^ 2)
    #expect(a.pixels == b.pixels && a.labels == b.labels)
    #expect(a.labels != other.labels)
    for image in 0..<50 { #expect(Array(a[image]) != Array(other[image])) }
  }

  @Test("An image does not depend on how many are asked for, nor on a limit")
  func count() throws {
    let many = try glyphs(600)
    #expect(many.units == [0..<512, 512..<600])
    for few in [try glyphs(1), try glyphs(513), try glyphs(600, limit: 530), try glyphs(5, limit: 600)] {
      #expect(few.pixels == Array(many.pixels.prefix(few.count * 784)))
      #expect(few.classes == many.classes.map { Array($0.prefix(few.count)) })
    }
    #expect(try glyphs(600, limit: 530).count == 530 && glyphs(5, limit: 600).count == 5)
  }

  @Test("The images are 28 × 28, grey, with names")
  func shape() throws {
    let set = try glyphs(12, seed: 3)
    #expect((set.shape.channels, set.shape.height, set.shape.width) == (1, 28, 28))
    #expect(set.sources.first == "glyphs#0" && set.sources.last == "glyphs#11")
    #expect(set.catalogue.summary == "12 images 28×28×1 from built-in glyphs, seed 3")
  }

  @Test("Ten classes, each about a tenth of the images")
  func classes() throws {
    let set = try ScannedSet(DatasetRequest(images: [], seed: 1, builtInCount: 10_000))
    let labels = try #require(set.catalogue.labels?.numbers)
    #expect(labels.count == 10_000 && labels.allSatisfy { (0..<10).contains($0) })
    for label in Int32(0)..<10 {
      let share = labels.count { $0 == label }
      // Six standard deviations of the binomial distribution are 180.
      #expect(abs(share - 1000) < 180, "class \(label): \(share)")
    }
  }

  @Test("No two images are equal, and each is dark ground with a bright figure")
  func range() throws {
    let set = try glyphs(300)
    #expect(Set((0..<300).map { Array(set[$0]) }).count == 300)
    #expect(set.pixels.min() == 0 && set.pixels.max() == 255)
    for image in 0..<300 {
      let pixels = set[image]
      let bright = pixels.count { $0 > 128 }
      #expect(pixels.max()! > 170 && (20..<400).contains(bright), "image \(image): \(bright) bright pixels")
    }
  }

  @Test("The labels belong to the images: the nearest class mean is mostly the right one")
  func labels() throws {
    let set = try glyphs(800)
    let labels = try #require(set.labels)
    var sums = [[Float]](repeating: [Float](repeating: 0, count: 784), count: 10)
    var counts = [Float](repeating: 0, count: 10)
    for image in 0..<600 {
      let label = Int(labels[image])
      counts[label] += 1
      for (place, pixel) in set[image].enumerated() { sums[label][place] += Float(pixel) }
    }
    var right = 0
    for image in 600..<800 {
      let distances = (0..<10).map { label in
        zip(set[image], sums[label]).reduce(Float(0)) { sum, pair in
          let difference = Float(pair.0) - pair.1 / counts[label]
          return sum + difference * difference
        }
      }
      if distances.indices.min(by: { distances[$0] < distances[$1] }) == Int(labels[image]) { right += 1 }
    }
    #expect(right > 80, "\(right) of 200")
  }
}
