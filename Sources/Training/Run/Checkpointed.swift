/// A part of a run's state: it knows what a checkpoint has to hold of it.
protocol Checkpointed: AnyObject {
  /// Adds what the rest of the run depends on. **Collective** where it has to be gathered.
  func save(to snapshot: inout Snapshot) throws

  /// Goes back to the state that `snapshot` holds. **Collective.** Throws on all ranks where it is not what `save` writes.
  func restore(from snapshot: SnapshotReader) throws

  /// Shows `visit` the numbers that all ranks hold alike.
  func replicated(_ visit: (UnsafeBufferPointer<Float>) -> Void)
}

extension Checkpointed {
  func replicated(_ visit: (UnsafeBufferPointer<Float>) -> Void) {}
}
