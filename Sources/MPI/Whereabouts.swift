import Synchronization

/// What this rank is doing, for threads that look on from outside of MPI.
///
/// The main thread alone writes, by plain stores, a few nanoseconds each; any thread reads. What is read together may
/// be a step apart. Names are literals, so that a pointer is all that is stored.
package enum Whereabouts {
  private static let beats = Atomic<UInt>(0)
  private static let sequence = Atomic<UInt>(0)
  private static let call = Atomic<UInt>(0)
  private static let callIsCounted = Atomic<Bool>(false)
  private static let work = Atomic<UInt>(0)
  private static let part = Atomic<UInt>(0)
  private static let phase = Atomic<UInt>(0)
  private static let epoch = Atomic<Int>(0)
  private static let step = Atomic<Int>(0)

  /// Says that work goes on: called for every piece of work that may be one of many.
  @inline(__always)
  package static func beat() {
    beats.store(beats.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
  }

  /// The part of the run, such as `stage I`, its epoch, and the steps of it that are over.
  package static func place(_ name: StaticString, epoch: Int, step: Int) {
    part.store(address(name), ordering: .relaxed)
    self.epoch.store(epoch, ordering: .relaxed)
    self.step.store(step, ordering: .relaxed)
    beat()
  }

  /// What the time is being spent on, such as `forward`.
  package static func phase(_ name: StaticString?) {
    phase.store(name.map(address) ?? 0, ordering: .relaxed)
    beat()
  }

  /// Runs `body`, work that may take long without a sign of life while the other ranks wait.
  package static func working<Value, Failure: Error>(
    _ name: StaticString, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let outer = work.load(ordering: .relaxed)
    work.store(address(name), ordering: .relaxed)
    beat()
    defer {
      work.store(outer, ordering: .relaxed)
      beat()
    }
    return try body()
  }

  /// Runs `body`, the MPI call or other collective `name`, which may make others.
  ///
  /// - Parameter counted: whether all ranks of the job make it; these calls are numbered alike on all ranks
  static func inside<Value, Failure: Error>(
    _ name: StaticString, counted: Bool = false, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let outer = (call.load(ordering: .relaxed), callIsCounted.load(ordering: .relaxed))
    if counted { sequence.store(sequence.load(ordering: .relaxed) &+ 1, ordering: .relaxed) }
    callIsCounted.store(counted, ordering: .relaxed)
    call.store(address(name), ordering: .relaxed)
    beat()
    defer {
      callIsCounted.store(outer.1, ordering: .relaxed)
      call.store(outer.0, ordering: .relaxed)
      beat()
    }
    return try body()
  }

  /// A literal lives as long as the program, and ends with a zero.
  private static func address(_ name: StaticString) -> UInt { UInt(bitPattern: name.utf8Start) }

  /// What the main thread has written last.
  package static var current: RankState {
    func text(_ address: UInt) -> String {
      UnsafePointer<UInt8>(bitPattern: address).map { String(cString: $0) } ?? ""
    }
    let place = text(part.load(ordering: .relaxed))
    return RankState(
      beats: beats.load(ordering: .relaxed), sequence: sequence.load(ordering: .relaxed),
      call: text(call.load(ordering: .relaxed)), callIsCounted: callIsCounted.load(ordering: .relaxed),
      work: text(work.load(ordering: .relaxed)), part: place.isEmpty ? "start-up" : place,
      epoch: epoch.load(ordering: .relaxed), step: step.load(ordering: .relaxed),
      phase: text(phase.load(ordering: .relaxed)))
  }
}

/// What a rank was doing at one moment.
package struct RankState: Equatable, Sendable {
  /// Grows with every step, phase, collective and other piece of work.
  package var beats: UInt
  /// Collectives over all ranks that this rank has entered; the number of the last one.
  package var sequence: UInt
  /// The MPI call that the rank is inside of; empty where it is in none.
  package var call: String
  /// Whether that call is the collective `sequence`, not one of a part of the ranks.
  package var callIsCounted: Bool
  /// Work of this rank alone that may take long; empty where there is none.
  package var work: String
  /// Where in the run.
  package var part: String
  /// The epoch of the stage that runs.
  package var epoch: Int
  /// Steps of the epoch that are over.
  package var step: Int
  /// What the time is spent on.
  package var phase: String

  /// A state with these parts.
  package init(
    beats: UInt = 0, sequence: UInt = 0, call: String = "", callIsCounted: Bool = true, work: String = "",
    part: String = "", epoch: Int = 0, step: Int = 0, phase: String = ""
  ) {
    (self.beats, self.sequence, self.call, self.callIsCounted) = (beats, sequence, call, callIsCounted)
    (self.work, self.part, self.epoch, self.step, self.phase) = (work, part, epoch, step, phase)
  }
}
