import Basics
import Testing

@Suite struct CoreTimeTests {
  @Test("the share of waiting comes from Linux's nanoseconds; other text is none")
  func share() throws {
    let time = try #require(CoreTime("3000000000 1000000000 17\n"))
    #expect(time.running == 3 && time.waiting == 1 && time.shareWaiting == 0.25)
    #expect(try #require(CoreTime("0 0 0\n")).shareWaiting == 0)
    for text in ["", "1 2", "1 2 3 4", "a b c"] { #expect(CoreTime(text) == nil, "\(text)") }
    #expect(try #require(CoreTime.now).running > 0)
  }
}
