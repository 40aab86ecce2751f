import ArgumentParser
import FCAE
import Lanes
import MPI

/// Every kernel at every layer shape of the paper's networks, for one lane group of 16 images.
struct KernelBenchmark: Benchmark {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Every kernel at every layer shape: time of 16 images, GFLOP/s, percent of the measured peak.",
    discussion: """
      Convolutions are counted as two operations per multiply-add of the plain loop, products with padding zeros left \
      out: minimal filtering does with fewer, so that its rate may exceed the peak. Bytes are those that a kernel must \
      read and write once; operands of one group mostly stay in the caches.
      """)

  @OptionGroup var common: CommonOptions

  @Option(help: "A network of the paper, or auto, the default one for 28 × 28 pixels; without it all.")
  var architecture: BenchmarkNetwork?

  func measure(_ world: borrowing Communicator) throws {
    guard world.isRoot else { return }
    let output = Output("kernels", common, world)
    let peak = fusedMultiplyAddPeak(common.repetitions).median
    for network in architecture.map({ [$0] }) ?? BenchmarkNetwork.allCases {
      for layer in try network.architecture().layers {
        let kernels = LayerKernels(layer.shape, layer.pool)
        for kernel in kernels.convolutions + kernels.elementwise {
          add(kernel, network, layer.name, peak: peak, to: output)
        }
      }
    }
    output.finish(
      "Peak of one core: \(Int(peak.rounded())) GFLOP/s of fused multiply-adds. Times are of one group of 16 images."
    )
  }

  private func add(
    _ kernel: LayerKernels.Kernel, _ network: BenchmarkNetwork, _ layer: String, peak: Double,
    to output: Output
  ) {
    let seconds = secondsPerCall(common.repetitions, kernel.run)
    let rate = Double(kernel.flops) / seconds.median * 1e-9
    output.add([
      ("network", .text(network.rawValue)), ("layer", .text(layer)), ("kernel", .text(kernel.name)),
      ("time [µs]", .spread(seconds.map { $0 * 1e6 })), ("GFLOP/s", .number(rate)),
      ("% of peak", .number(100 * rate / peak)), ("KiB", .count(kernel.bytes >> 10)),
      ("GB/s", .number(Double(kernel.bytes) / seconds.median * 1e-9)),
    ])
  }
}
