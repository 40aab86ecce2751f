import CPUTarget
import Lanes
import MPI

/// Independent chains of multiply-adds: enough to fill the units, and few enough to stay in registers.
private let chains = DBC_LANE_REGISTERS < 32 ? 5 : 16

/// The rate of fused multiply-adds of one core, in GFLOP/s: what no kernel can exceed.
func fusedMultiplyAddPeak(_ repetitions: Int) -> Spread {
  var state = AlignedBuffer<LaneVector>(count: 18)
  let rounds = 1 << 14
  let seconds = secondsPerCall(repetitions) { multiplyAdd(&state, rounds: rounds) }
  return seconds.map { Double(rounds * chains * laneCount * 2) / $0 * 1e-9 }
}

/// One core's peak in GFLOP/s, the best of the ranks' medians, all measured at once. **Collective.**
func fusedMultiplyAddPeak(_ repetitions: Int, _ world: borrowing Communicator) throws -> Double {
  try world.barrier()
  return try world.allReduce(fusedMultiplyAddPeak(repetitions).median, .max)
}

/// `chains` chains of multiply-adds in registers, `rounds` links each.
@inline(never)
private func multiplyAdd(_ state: inout AlignedBuffer<LaneVector>, rounds: Int) {
  var sums = InlineArray<16, LaneVector>(repeating: .zero)
  for i in 0..<chains { sums[i] = state.base[i] }
  let factor = state.base[16]
  let term = state.base[17]
  for _ in 0..<rounds {
    for i in 0..<chains { sums[i] = sums[i].addingProduct(factor, term) }
  }
  for i in 0..<chains { state.base[i] = sums[i] }
}

/// The bandwidth of `a = b + s·c` on arrays far larger than any cache, in GB/s, as the STREAM benchmark counts:
/// two arrays read, one written.
func memoryBandwidth(_ repetitions: Int) -> Spread {
  let count = 1 << 20
  let a = AlignedBuffer<LaneVector>(count: count)
  let b = AlignedBuffer<LaneVector>(count: count)
  let c = AlignedBuffer<LaneVector>(count: count)
  let scale = LaneVector(repeating: 3)
  let seconds = secondsPerCall(repetitions) {
    for i in 0..<count { a.base[i] = b.base[i].addingProduct(scale, c.base[i]) }
  }
  return seconds.map { Double(3 * count * MemoryLayout<LaneVector>.stride) / $0 * 1e-9 }
}
