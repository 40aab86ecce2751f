import ArgumentParser
import Clustering
import Lanes
import MPI

/// The limits that everything else is compared with.
struct MachineBenchmark: Benchmark {
  static let configuration = CommandConfiguration(
    commandName: "machine",
    abstract:
      "Peak of fused multiply-adds, memory bandwidth, matrix products, and all-reduce between the ranks.")

  @OptionGroup var common: CommonOptions

  func measure(_ world: borrowing Communicator) throws {
    let output = Output("machine", common, world)
    func add(_ limit: String, _ unit: String, _ values: Spread) {
      output.add([("limit", .text(limit)), ("value", .spread(values)), ("unit", .text(unit))])
    }
    // One core, while the other ranks wait.
    if world.isRoot {
      add("fused multiply-add peak, one core", "GFLOP/s", fusedMultiplyAddPeak(common.repetitions))
      for size in [256, 1024] {
        let shape = "\(size) × \(size) × \(size), one core"
        add(
          "products of lane groups, \(shape)", "GFLOP/s",
          matrixProduct(size) { a, b, c in
            laneProducts(
              UnsafeRawPointer(b).assumingMemoryBound(to: LaneVector.self), groupCount: size / laneCount,
              rows: a,
              rowCount: size, features: size,
              to: UnsafeMutableRawPointer(c).assumingMemoryBound(to: LaneVector.self))
          })
        add(
          "OpenBLAS's sgemm, \(shape)", "GFLOP/s",
          matrixProduct(size) { a, b, c in
            BLAS.multiply(a, b, to: c, rows: size, columns: size, inner: size)
          })
      }
      add("memory bandwidth (triad), one core", "GB/s", memoryBandwidth(common.repetitions))
    }
    try world.barrier()
    add("memory bandwidth (triad), per rank, all ranks at once", "GB/s", memoryBandwidth(common.repetitions))
    if world.size > 1 {
      add("all-reduce of 8 bytes", "µs", try allReduce(world, floats: 2).map { $0 * 1e6 })
      let floats = 1 << 20
      add(
        "all-reduce of 4 MiB", "GB/s",
        try allReduce(world, floats: floats).map { Double(4 * floats) / $0 * 1e-9 })
    }
    output.finish()
  }

  /// The rate of `product` of two matrices `[size][size]` of floats to a third one.
  private func matrixProduct(
    _ size: Int,
    _ product: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> Spread {
    let a = AlignedBuffer<Float>(count: size * size)
    let b = AlignedBuffer<Float>(count: size * size)
    let c = AlignedBuffer<Float>(count: size * size)
    for i in 0..<(size * size) { (a.base[i], b.base[i]) = (Float(i % 7), Float(i % 5)) }
    let seconds = secondsPerCall(common.repetitions) {
      product(a.base, b.base, c.base)
    }
    return seconds.map { 2 * Double(size * size * size) / $0 * 1e-9 }
  }

  private func allReduce(_ world: borrowing Communicator, floats: Int) throws -> Spread {
    let buffer = AlignedBuffer<Float>(count: floats)
    return try collectiveSeconds(common.repetitions, world) { try world.allReduce(inPlace: buffer.all, .sum) }
  }
}
