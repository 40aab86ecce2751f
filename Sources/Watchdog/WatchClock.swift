import Basics
import MPI

/// Seconds that a watchdog has been awake: while its own process is stopped, or gets no core, its clock stands, so
/// that it does not blame others for that time.
package struct WatchClock: Sendable {
  /// What one tick counts at most.
  package let longestTick: Double
  /// Seconds that the watch has run, pauses of the process left out.
  package private(set) var seconds = 0.0
  private var last: Double

  /// A clock at zero; a tick counts as `longestTick` seconds at most.
  package init(longestTick: Double, now: Double = monotonicSeconds()) {
    self.longestTick = longestTick
    last = now
  }

  /// Goes on to `now`.
  package mutating func tick(now: Double = monotonicSeconds()) {
    seconds += min(max(now - last, 0), longestTick)
    last = now
  }
}

/// What rank 0 remembers of a rank's heartbeats.
package struct HeartbeatRecord: Sendable {
  private var view: RankView
  private var heard = 0.0
  private var moved = 0.0
  private var changedCall = 0.0

  /// Nothing heard of it yet.
  package init(rank: Int, host: String, isWatched: Bool) {
    view = RankView(rank: rank, host: host, link: isWatched ? .live : .absent)
  }

  /// Takes a heartbeat that came at `now`.
  package mutating func note(_ state: RankState, at now: Double) {
    heard = now
    if state.beats != view.state.beats { moved = now }
    if (state.call, state.sequence) != (view.state.call, view.state.sequence) { changedCall = now }
    view.state = state
  }

  /// It has ended in order.
  package mutating func leave() { view.link = .left }

  /// What is known of it at `now`.
  package func view(at now: Double) -> RankView {
    var view = view
    view.silentSeconds = now - heard
    view.stillSeconds = now - moved
    view.callSeconds = now - changedCall
    return view
  }
}
