import Basics
import Glibc
import Synchronization

/// Memory that cannot be had.
package struct MemoryShortage: Error, Equatable, CustomStringConvertible {
  /// What it was for, such as `features`.
  package let purpose: String
  /// The bytes that were asked for; nil where they are too many to count.
  package let needed: Int?
  /// What there is, as far as it is known.
  package let available: SystemMemory.Available?

  /// `needed` bytes for `purpose`, where there are only `available`.
  package init(_ purpose: String, needed: Int?, available: SystemMemory.Available?) {
    (self.purpose, self.needed, self.available) = (purpose, needed, available)
  }

  /// What was asked for, what there is, and what to do.
  package var description: String {
    let amount = needed.map(mebibytes) ?? "more memory than a machine can have"
    let left = available.map { "\($0)" } ?? "less is left"
    return """
      out of memory: \(amount) for \(purpose), but \(left); use smaller or fewer images, fewer ranks per node or a \
      smaller --batch-size, or nodes or limits (ulimit -v, the batch job's) with more memory
      """
  }

  /// Smaller pieces are asked for without a look at what there is.
  private static let largePiece = 1 << 26

  /// The shortage that an allocation of `count` elements of `stride` bytes would meet; nil where it may be tried.
  ///
  /// Linux gives away more memory than there is, and kills who uses it: only a look ahead can tell in time.
  package static func expected(count: Int, stride: Int, for purpose: StaticString) -> MemoryShortage? {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: stride)
    guard !overflow, bytes < Int.max / 2 else {
      return MemoryShortage("\(purpose)", needed: nil, available: SystemMemory.available())
    }
    guard bytes >= largePiece, let available = SystemMemory.available(), bytes > available.bytes else {
      return nil
    }
    return MemoryShortage("\(purpose)", needed: bytes, available: available)
  }

  /// Ends the program where there is no room for `count` elements, of an array that is about to be made.
  package static func require<Element>(_ count: Int, of _: Element.Type, for purpose: StaticString) {
    expected(count: count, stride: MemoryLayout<Element>.stride, for: purpose)?.end()
  }

  private struct Ending {
    var handler: (@Sendable (MemoryShortage) -> Never)?
    /// Given back before the handler runs, which needs some memory itself.
    var reserve: UnsafeMutableRawPointer?
  }

  private static let ending = Mutex(Ending())

  /// What ends the program, set once by whoever starts it; without it a line on standard error and the code 71.
  package static func atEnd(_ handler: @escaping @Sendable (MemoryShortage) -> Never) {
    ending.withLock {
      $0.handler = handler
      if $0.reserve == nil { $0.reserve = malloc(1 << 20) }
    }
  }

  /// Ends the program with this message.
  package func end() -> Never {
    let handler = Self.ending.withLock { ending in
      free(ending.reserve)
      ending.reserve = nil
      return ending.handler
    }
    if let handler { handler(self) }
    Files.write("\(self)\n", to: STDERR_FILENO)
    exit(71)
  }
}
