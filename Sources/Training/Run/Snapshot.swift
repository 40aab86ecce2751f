import MPI

/// The whole state of a run at one point between two steps, on rank 0.
package struct Snapshot: Sendable {
  /// Numbers under a name.
  package struct Tensor: Sendable {
    /// Unique in its snapshot.
    package let name: String
    /// The numbers, in the order that their owner defines.
    package let values: [Float]

    /// The numbers `values` under `name`.
    package init(name: String, values: [Float]) { (self.name, self.values) = (name, values) }
  }

  /// Where the run is.
  package let state: RunState
  /// What the parts of the run have added.
  package private(set) var tensors: [Tensor] = []
  /// Single numbers that the parts have added, by name.
  package private(set) var scalars: [String: Double] = [:]
  /// Whether anything is kept; on the other ranks nothing is.
  private let isRoot: Bool

  /// A snapshot without contents.
  init(_ state: RunState, isRoot: Bool) { (self.state, self.isRoot) = (state, isRoot) }

  /// A snapshot that was read.
  package init(state: RunState, tensors: [Tensor], scalars: [String: Double]) {
    (self.state, self.tensors, self.scalars, isRoot) = (state, tensors, scalars, true)
  }

  /// Adds `values`, which are only made where they are kept.
  mutating func add(_ name: String, _ values: @autoclosure () -> [Float]) {
    if isRoot { tensors.append(Tensor(name: name, values: values())) }
  }

  /// Adds whole numbers below 2²⁴, which are exact as floats.
  mutating func add(_ name: String, _ values: @autoclosure () -> [Int32]) {
    add(name, values().map { Float($0) })
  }

  /// Adds a single number.
  mutating func add(_ name: String, scalar value: Double) { scalars[name] = value }
}

/// A snapshot that is on rank 0, read by all ranks together. Every function is **collective**, and throws on all ranks a
/// `CollectiveFailure` of `TrainingError.snapshot` where the snapshot does not hold what is asked for.
struct SnapshotReader {
  private let snapshot: Snapshot?
  private let reduction: GroupReduction

  /// - Parameter snapshot: on rank 0
  init(_ snapshot: Snapshot?, _ reduction: GroupReduction) {
    (self.snapshot, self.reduction) = (snapshot, reduction)
  }

  /// Whether there is a tensor of this name.
  func has(_ name: String) throws -> Bool {
    let found = snapshot?.tensors.contains { $0.name == name } ?? false
    return try reduction.communicator.broadcast(UInt8(found ? 1 : 0)) == 1
  }

  /// The `count` values of the tensor `name`, on rank 0; empty on the other ranks.
  ///
  /// - Parameter isValid: what must hold for every value
  func valuesOnRoot(_ name: String, count: Int, _ isValid: (Float) -> Bool = { _ in true }) throws -> [Float]
  {
    var values: [Float] = []
    try reduction.communicator.onRoot {
      guard let snapshot else { return }
      let found = snapshot.tensors.first { $0.name == name }?.values
      guard let found, found.count == count else {
        throw Self.refused("tensor \(name) has \(found?.count ?? 0) numbers, expected \(count)")
      }
      guard found.allSatisfy(isValid) else { throw Self.refused("\(name) has values that no run writes") }
      values = found
    }
    return values
  }

  /// The `count` values of the tensor `name`, on all ranks.
  func values(_ name: String, count: Int) throws -> [Float] {
    try reduction.communicator.broadcast(try valuesOnRoot(name, count: count))
  }

  /// The `count` whole numbers of the tensor `name`, each in `0..<limit`, on rank 0; empty on the other ranks.
  func numbersOnRoot(_ name: String, count: Int, below limit: Int) throws -> [Int32] {
    try valuesOnRoot(name, count: count) { $0 >= 0 && $0 < Float(limit) && $0 == $0.rounded() }.map {
      Int32($0)
    }
  }

  /// The `count` whole numbers of the tensor `name`, each in `0..<limit`, on all ranks.
  func numbers(_ name: String, count: Int, below limit: Int) throws -> [Int32] {
    try reduction.communicator.broadcast(try numbersOnRoot(name, count: count, below: limit))
  }

  /// The number of values of the tensor `name`; 0 where there is none.
  func count(_ name: String) throws -> Int {
    let found = snapshot?.tensors.first { $0.name == name }?.values.count
    return Int(try reduction.communicator.broadcast(Int64(found ?? 0)))
  }

  /// A single number.
  func scalar(_ name: String) throws -> Double {
    try reduction.communicator.broadcast(
      try reduction.communicator.onRoot {
        guard let value = snapshot?.scalars[name] else { throw Self.refused("\(name) is missing") }
        return value
      })
  }

  /// A count, which is neither negative nor beyond what can be counted.
  func counter(_ name: String) throws -> Int {
    let value = try scalar(name)
    try reduction.communicator.onRoot {
      guard value >= 0, value <= 0x1p40, value == value.rounded() else {
        throw Self.refused("\(name) is \(value), which no run writes")
      }
    }
    return Int(value)
  }

  private static func refused(_ what: String) -> TrainingError {
    .snapshot("the checkpoint's \(what); begin anew with --overwrite")
  }
}
