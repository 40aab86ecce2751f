import Basics
import Testing
import Training

@Suite struct PhaseClockTests {
  @Test("a phase inside another one interrupts it: events follow each other, and seconds are their sums")
  func nesting() {
    let clock = PhaseClock(recording: 100)
    clock.start(.forward)
    spend()
    clock.start(.normExchange)
    spend()
    clock.stop()
    spend()
    clock.next(.backward)
    spend()
    clock.stop()
    #expect(clock.events.map(\.phase) == [.forward, .normExchange, .forward, .backward])
    for (before, after) in zip(clock.events, clock.events.dropFirst()) { #expect(before.end == after.start) }
    for (phase, seconds) in clock.take() {
      let events = clock.events.filter { $0.phase == phase }
      #expect(abs(events.reduce(0) { $0 + $1.end - $1.start } - seconds) < 1e-9, "\(phase)")
    }
    #expect(clock.take().isEmpty)
  }

  @Test("events beyond the limit are counted, not kept; a clock records nothing unless it is asked to")
  func limit() {
    let clock = PhaseClock(recording: 2)
    let silent = PhaseClock()
    for _ in 0..<5 {
      for clock in [clock, silent] {
        clock.start(.data)
        spend()
        clock.stop()
      }
    }
    #expect(clock.events.count == 2 && clock.droppedEvents == 3)
    #expect(silent.events.isEmpty && silent.droppedEvents == 0 && silent.take().map(\.phase) == [.data])
  }

  /// Lets the clock move on.
  private func spend() {
    let start = monotonicSeconds()
    while monotonicSeconds() <= start {}
  }
}
