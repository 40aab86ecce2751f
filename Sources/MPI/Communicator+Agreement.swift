import Basics
import FoundationEssentials

// An MPIError inside a body is never agreed on: this rank no longer knows where the others are, so it must take
// the job down.
extension Communicator {
  /// Runs `body` on rank 0 and returns its value on every rank. **Collective.**
  ///
  /// Where the body throws, every rank throws a `CollectiveFailure`, and one message is printed.
  package func onRoot<Value: Codable>(_ body: () throws -> Value) throws -> Value {
    var payload: [UInt8] = []
    let value = try onlyOnRoot {
      let value = try body()
      payload = Array(JSON.line(value).utf8)
      return value
    }
    payload = try broadcast(payload)
    if let value { return value }
    return try JSON.decode(Value.self, from: Data(payload))
  }

  /// Runs `body` on rank 0 while the others wait for its end. **Collective.**
  ///
  /// Where the body throws, every rank throws a `CollectiveFailure`, and one message is printed.
  package func onRoot(_ body: () throws -> Void) throws {
    _ = try onlyOnRoot(body)
  }

  /// Runs `body` on every rank and waits until all have come through. **Collective.**
  ///
  /// Where it throws on some ranks, all ranks throw a `CollectiveFailure` with the message of the lowest of them.
  /// The body does its own work only: a rank that throws must not leave others waiting inside of it.
  package func together<Value: ~Copyable>(_ body: () throws -> Value) throws -> Value {
    var value: Value? = nil
    var failure: (any Error)? = nil
    do {
      value = try body()
    } catch let error as MPIError {
      throw error
    } catch {
      failure = error
    }
    let lowest = Int(try allReduce(Int64(failure == nil ? size : rank), .min))
    guard lowest < size else { return value.take()! }
    throw try agreement(on: failure, of: lowest, naming: true)
  }

  private func onlyOnRoot<Value>(_ body: () throws -> Value) throws -> Value? {
    var value: Value? = nil
    var failure: (any Error)? = nil
    if isRoot {
      do {
        value = try Whereabouts.working("work of rank 0 alone", body)
      } catch let error as MPIError {
        throw error
      } catch {
        failure = error
      }
    }
    let failed = try broadcast(failure == nil ? UInt8(0) : 1)
    guard failed == 0 else { throw try agreement(on: failure, of: 0, naming: false) }
    return value
  }

  // What all ranks throw when `rank` has failed with `error`, which the others do not have.
  private func agreement(
    on error: (any Error)?, of rank: Int, naming: Bool
  ) throws(MPIError) -> CollectiveFailure {
    var message = ""
    if rank == self.rank, let error {
      let named = naming && !(error is CollectiveFailure)
      message = named ? "\(label) \(text(of: error))" : text(of: error)
    }
    let inner = self.rank == rank ? (error as? CollectiveFailure)?.underlying ?? error : nil
    return CollectiveFailure(
      message: try broadcast(message, from: rank),
      worldRank: Int(try broadcast(Int64(worldRank), from: rank)),
      onEveryRank: size == worldSize, underlying: inner)
  }
}

/// An error in words.
func text(of error: any Error) -> String {
  (error as? any LocalizedError)?.errorDescription ?? String(describing: error)
}
