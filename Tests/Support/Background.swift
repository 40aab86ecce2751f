import Foundation
import Synchronization

/// Work on a thread of its own, such as waiting for a process that the test is to stop.
///
/// Tasks have as many threads as there are cores: two tests whose tasks wait for processes would fill them, and
/// neither test could go on to stop its own.
package final class Background<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)

  /// Starts `body`.
  package init(_ body: @escaping @Sendable () throws -> Value) {
    Thread.detachNewThread {
      let found = Result { try body() }
      self.result.withLock { $0 = found }
    }
  }

  /// What it has come to, once it has.
  package var value: Value {
    get async throws {
      while true {
        if let found = result.withLock({ $0 }) { return try found.get() }
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }
}
