import ArgumentParser
import FCAE

/// The networks of the paper with the images that they are made for, and the default one for MNIST's.
enum BenchmarkNetwork: String, CaseIterable, ExpressibleByArgument {
  case mnist, usps, auto
  case coil20 = "coil-20"
  case coil100 = "coil-100"

  var channels: Int { self == .coil100 ? 3 : 1 }
  /// Rows and columns of an image.
  var size: Int {
    switch self {
    case .mnist, .auto: 28
    case .usps: 16
    case .coil20, .coil100: 128
    }
  }
  var clusters: Int {
    switch self {
    case .mnist, .usps, .auto: 10
    case .coil20: 20
    case .coil100: 100
    }
  }
  /// Images of a mini-batch as the peer benchmark takes them.
  var batchSize: Int { size == 128 ? 32 : 256 }

  func architecture() throws -> Architecture {
    try Architecture.named(size == 128 ? "coil" : rawValue, channels: channels, rows: size, columns: size)
  }
}
