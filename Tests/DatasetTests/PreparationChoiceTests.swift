import Dataset
import Foundation
import Testing

@Suite struct PreparationChoiceTests {
  @Test("--size")
  func size() {
    #expect(SizeChoice("auto") == .auto && SizeChoice("keep") == .keep && SizeChoice("64") == .square(64))
    #expect(SizeChoice("64x48") == .exact(width: 64, height: 48))
    #expect(SizeChoice("64×48") == .exact(width: 64, height: 48))
    for text in [
      "", "0", "-1", "+5", "x", "64x", "x64", "64x48x3", "4097", "64x0", "6.5", "Auto", " 64",
      "99999999999999999999",
    ] { #expect(SizeChoice(text) == nil, "\(text)") }
  }

  @Test("--range")
  func range() {
    #expect(RangeChoice("auto") == .auto && RangeChoice("type") == .type)
    #expect(RangeChoice("-1,1") == .values(-1, 1) && RangeChoice("0,4095.5") == .values(0, 4095.5))
    #expect(RangeChoice("1%") == .percentile(1) && RangeChoice("0.1%") == .percentile(0.1))
    for text in [
      "", "1", "1,1", "2,1", "1,2,3", "a,b", "nan,1", "0,inf", "-1e308,1e308", "50%", "-1%", "%", "nan%", ",",
      "1,",
    ] { #expect(RangeChoice(text) == nil, "\(text)") }
  }

  @Test("--background")
  func background() {
    #expect(
      Background("white") == .white && Background("#ff0080") == Background(red: 255, green: 0, blue: 128))
    #expect(Background("black") == Background("0,0,0") && Background("grey") == Background("128,128,128"))
    for text in [
      "", "red", "#fff", "#fffffg", "#+1+1+1", "#-10000", "1,2", "1,2,3,4", "256,0,0", "-1,0,0", "ffffff",
      "#ffffff0",
    ] { #expect(Background(text) == nil, "\(text)") }
  }

  @Test("Every choice reads its own text, also from JSON")
  func text() throws {
    try check([SizeChoice.auto, .keep, .square(7), .exact(width: 1, height: 4096)])
    try check([RangeChoice.auto, .type, .values(-0.25, 1e-9), .percentile(0.5)])
    try check([Background.white, Background(red: 0, green: 10, blue: 200)])
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([SizeChoice].self, from: Data(#"["0x0"]"#.utf8))
    }
  }

  private func check<Choice: TextChoice>(_ choices: [Choice]) throws {
    for choice in choices { #expect(Choice(choice.text) == choice) }
    #expect(try JSONDecoder().decode([Choice].self, from: JSONEncoder().encode(choices)) == choices)
  }
}
