import Dataset
import Testing

@Suite struct PreparationRuleTests {
  private func rule(
    _ sizes: [SizeRule.Found], _ choice: SizeChoice = .auto, _ fit: Fit? = nil
  ) throws -> String {
    let rule = try SizeRule.resolve(sizes, choice, fit)
    return "\(rule.width)×\(rule.height) \(rule.fit) \(rule.line ?? "-")"
  }

  @Test("One size up to 128 pixels stays")
  func small() throws {
    #expect(try rule([(28, 28, 9)]) == "28×28 pad -")
    #expect(try rule([(128, 96, 9), (128, 96, 1)]) == "128×96 pad -")
    #expect(try rule([(1, 1, 1)]) == "1×1 pad -")
  }

  @Test("One larger size is scaled, with its aspect")
  func large() throws {
    #expect(try rule([(4000, 3000, 5)]) == "64×48 pad all 4000×3000, scaled to 64×48")
    #expect(try rule([(640, 427, 5)]) == "64×43 pad all 640×427, scaled to 64×43")
    #expect(try rule([(129, 3, 5)]) == "64×3 stretch all 129×3, stretched to 64×3")
    #expect(try rule([(200, 4000, 5)]) == "16×64 stretch all 200×4000, stretched to 16×64")
    #expect(try rule([(200, 4000, 5)], .auto, .pad) == "16×64 pad all 200×4000, padded to 16×64")
  }

  @Test("Several sizes become one: the median longer side, square where aspects differ")
  func several() throws {
    #expect(
      try rule([(32, 32, 10), (48, 32, 10), (33, 47, 10), (32, 31, 10)])
        == "48×48 pad four sizes from 32×31 to 48×32, padded to 48×48")
    #expect(
      try rule([(32, 32, 2), (256, 256, 1)]) == "32×32 pad two sizes from 32×32 to 256×256, scaled to 32×32")
    #expect(
      try rule([(400, 300, 95), (300, 400, 5)], .auto, .crop)
        == "64×48 crop two sizes from 300×400 to 400×300, cropped to 64×48")
    #expect(
      try rule([(400, 300, 89), (300, 400, 11)], .auto, .stretch)
        == "64×64 stretch two sizes from 300×400 to 400×300, stretched to 64×64")
    #expect(try rule([(8, 8, 1), (9, 9, 1)]) == "9×9 pad two sizes from 8×8 to 9×9, scaled to 9×9")
    let many = (1...20).map { (width: $0, height: $0, count: 1) }
    #expect(try rule(many) == "11×11 pad 20 sizes from 1×1 to 20×20, scaled to 11×11")
    #expect(try rule(many.reversed()) == rule(many))
  }

  @Test("A size that is asked for")
  func asked() throws {
    #expect(try rule([(32, 32, 1)], .square(32)) == "32×32 pad -")
    #expect(try rule([(32, 32, 1)], .square(64)) == "64×64 pad all 32×32, scaled to 64×64")
    #expect(
      try rule([(32, 32, 1)], .exact(width: 64, height: 32)) == "64×32 pad all 32×32, padded to 64×32")
    #expect(try rule([(500, 400, 3)], .keep) == "500×400 pad -")
  }

  @Test("--size keep refuses several sizes and names them")
  func keep() {
    expect("--size keep needs pictures of one size, found two sizes: 48×32 (30), 32×32 (10); ", .mismatch) {
      _ = try SizeRule.resolve([(32, 32, 10), (48, 32, 30)], .keep, nil)
    }
    expect(
      "found seven sizes: 1×7 (9), 1×1 (1), 1×2 (1), 1×3 (1), 1×4 (1) and 2 more; --size auto brings them to one, "
        + "--size WxH to that one", .mismatch
    ) {
      let sizes = (1...7).map { (width: 1, height: $0, count: $0 == 7 ? 9 : 1) }
      _ = try SizeRule.resolve(sizes, .keep, nil)
    }
  }

  @Test("Channels: grey where all are, RGB where one is, others as they are")
  func channels() throws {
    func resolve(
      _ kinds: [ColourRule.Found], _ choice: ColourChoice = .auto, _ background: Background = .white
    ) throws -> Int { try ColourRule.resolve(kinds, choice, background) }
    #expect(try resolve([(1, false, 3), (2, true, 1)]) == 1)
    #expect(try resolve([(1, false, 3), (2, true, 1)], .auto, Background("1,2,3")!) == 3)
    #expect(try resolve([(1, false, 3), (4, true, 1)]) == 3)
    #expect(try resolve([(3, false, 3)], .grey) == 1)
    #expect(try resolve([(1, false, 3)], .rgb) == 3)
    #expect(try resolve([(5, false, 3)]) == 5)
    expect("images need one number of channels, found 1 (7), 2 (3); only 1 (grey) and 3", .mismatch) {
      _ = try resolve([(2, false, 3), (1, false, 7)])
    }
    expect("--colour grey needs images of 1 (grey) or 3 (RGB) channels, found 4; ", .options) {
      _ = try resolve([(4, false, 3)], .grey)
    }
  }
}

/// Expects an error of this kind that says `text`.
func expect(
  _ text: String, _ kind: DatasetError.Kind, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  guard let error = #expect(throws: DatasetError.self, sourceLocation: sourceLocation, performing: body)
  else { return }
  #expect(error.kind == kind && error.message.contains(text), "\(error)", sourceLocation: sourceLocation)
}
