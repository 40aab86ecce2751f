import Lanes
import MPI

/// The leading eigenvectors of a graph's normalised adjacency D^(−1/2) A D^(−1/2).
///
/// Subspace iteration with a Chebyshev filter (Zhou, Saad, Tiago, Chelikowsky 2006): a block of vectors goes through a
/// polynomial that is small on the unwanted part of the spectrum, then the eigenproblem is solved within the block.
package struct SpectralBasis: Sendable {
  /// Eigenvalues, descending: `[count]`.
  package let values: [Double]
  /// Unit eigenvectors as columns, `[nodes][count]`; empty on other ranks of a team than the first.
  package let vectors: [Float]
  /// The number of eigenvectors.
  package var count: Int { values.count }
  /// Rounds of the iteration; 0 where the whole matrix was solved.
  package let rounds: Int
  /// The largest ‖Av − λv‖; 0 where the whole matrix was solved.
  package let residual: Double
  /// Whether all of them are there, to the `tolerance` of `residual`.
  package let converged: Bool

  /// Up to this many nodes the whole matrix is solved.
  package static let denseLimit = 600
  /// Up to this many nodes it does where the iteration does not converge: half a minute and 200 MB.
  package static let patientDenseLimit = 2500
  /// The largest ‖Av − λv‖ of an eigenvector that has converged: somewhat more than single precision leaves.
  package static let tolerance = 1e-5

  /// The `count` leading eigenvectors, found by the ranks of `team` together. **Collective** over the team.
  ///
  /// - Parameter graph: of `nodes` nodes, on the first rank of the team
  package init(
    _ graph: NeighbourGraph?, nodes: Int, count: Int, seed: UInt64, effort: Effort = .patient,
    team: NodeTeam? = nil
  ) throws {
    let wanted = min(count, nodes)
    let isTiny = nodes <= Self.denseLimit || nodes < 4 * wanted
    if !isTiny {
      let isSmall = nodes <= Self.patientDenseLimit
      let found = try SpectralBasis(
        iterating: graph, nodes: nodes, count: wanted, seed: seed,
        effort: isSmall ? Effort(rounds: effort.rounds, moreRounds: 0) : effort, team: team)
      if !isSmall || found.converged {
        self = found
        return
      }
    }
    self = graph.map { SpectralBasis(dense: $0, count: wanted) } ?? .elsewhere
  }

  /// What the other ranks have of vectors that one finds alone.
  private static let elsewhere = SpectralBasis()

  private init() {
    (values, vectors, rounds, residual, converged) = ([], [], 0, 0, true)
  }

  /// By the whole matrix.
  package init(dense graph: NeighbourGraph, count: Int) {
    let size = graph.nodes
    var matrix = [Double](repeating: 0, count: size * size)
    let weights = graph.normalizedWeights
    for row in 0..<size {
      Whereabouts.beat()
      for entry in graph.starts[row]..<graph.starts[row + 1] {
        matrix[row * size + Int(graph.columns[entry])] = Double(weights[entry])
      }
    }
    let (values, vectors) = symmetricEigen(matrix, size: size)
    var columns = [Float](repeating: 0, count: size * count)
    for vector in 0..<count {
      for row in 0..<size {
        columns[row * count + vector] = Float(vectors[(size - 1 - vector) * size + row])
      }
    }
    self.values = values.suffix(count).reversed()
    self.vectors = columns
    rounds = 0
    residual = 0
    converged = true
  }

  /// How long the iteration goes on where it does not converge.
  package struct Effort: Sendable {
    /// Rounds with the usual block and filter.
    let rounds: Int
    /// Rounds with a block of twice the width, and a filter of up to `mostDegree`.
    let moreRounds: Int
    /// Products with the matrix in one round: to tell eigenvalues apart that differ by δ takes some 1/√δ of them.
    static let mostDegree = 256

    /// So many rounds.
    package init(rounds: Int = 40, moreRounds: Int) {
      (self.rounds, self.moreRounds) = (rounds, moreRounds)
    }

    /// No more than the usual.
    package static let usual = Effort(moreRounds: 0)
    /// Twice as many rounds, the second half of them up to sixteen times as long.
    package static let patient = Effort(moreRounds: 40)

    /// The degree of a filter that makes the largest eigenvalue, 1, a thousand times as strong as `cutoff`: with more,
    /// single precision keeps too little of the others.
    static func degree(cutoff: Double) -> Int {
      let edge = Elementary.inverseHyperbolicCosine(1 + 2 * (1 - cutoff) / (1 + cutoff))
      return min(max(4, Int(7.6 / edge)), mostDegree)
    }
  }

  /// By subspace iteration from random vectors. **Collective** over the team.
  package init(
    iterating graph: NeighbourGraph?, nodes: Int, count: Int, seed: UInt64, effort: Effort = .patient,
    team: NodeTeam? = nil
  ) throws {
    let memory = TeamMemory(team)
    let matrix = try SharedMatrix(graph, nodes: nodes, memory, team)
    var block = try FilteredBlock(
      matrix, width: Self.width(count: count), seed: seed, memory, team)
    var cutoff = 0.0
    var degree = 16
    var rounds = 0
    var converged = false
    while true {
      // The first filters know little of the spectrum.
      block.filter(degree: rounds == 0 ? 6 : degree, cutoff: cutoff)
      block.diagonalize()
      rounds += 1
      if block.rank == 0 { break }
      cutoff = min(max(block.values[block.rank - 1], -0.5), rounds < effort.rounds ? 0.999 : 0.999999)
      converged = block.rank >= count && block.residual(count) < Self.tolerance
      if converged || rounds >= effort.rounds + effort.moreRounds { break }
      if rounds >= effort.rounds {
        // Eigenvalues lie so close that the filter hardly parts them: a longer one does, and among more vectors the gap to
        // the first one that is left out is wider.
        if rounds == effort.rounds { block = try FilteredBlock(block, width: 2 * block.width, memory) }
        degree = Effort.degree(cutoff: cutoff)
        if block.rank < block.width { block.refill() }
      } else if block.rank < block.width {
        // So much larger than the rest are a few eigenvalues that a strong filter leaves only them in single precision.
        block.refill()
        degree = max(4, degree / 2)
      }
    }
    values = Array(block.values.prefix(count))
    residual = block.residual(count)
    self.converged = converged
    self.rounds = rounds
    var columns = [Float](repeating: 0, count: graph == nil ? 0 : nodes * count)
    if graph != nil {
      for row in 0..<nodes {
        for vector in 0..<count { columns[row * count + vector] = block.row(row)[vector] }
      }
    }
    vectors = columns
    try memory.free()
  }

  /// Vectors of the block in which `count` are looked for.
  private static func width(count: Int) -> Int { (count + max(6, count / 4) + 15) / 16 * 16 }

  /// Bytes of shared memory that a team needs at most, beside the graph.
  static func bytes(nodes: Int, count: Int) -> Int {
    FilteredBlock.bytes(nodes: nodes, width: width(count: count))
  }
}
