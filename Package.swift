// swift-tools-version: 6.2
import PackageDescription

// The CPU the program is compiled for: any name that clang's -march accepts. "native" uses all that this
// machine has; name the weakest node of a mixed cluster instead, for example
//   DBC_CPU=x86-64-v3 swift build -c release
// A binary started on a CPU that lacks what it was compiled for says so and exits (Sources/CPUGuard).
let cpu = Context.environment["DBC_CPU"] ?? "native"
let swiftFlags: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=\(cpu)"])]
let cFlags: [CSetting] = [.unsafeFlags(["-march=\(cpu)"])]

// The commit goes into the version that the program prints.
let commit =
  Context.gitInformation.map { $0.currentCommit.prefix(12) + ($0.hasUncommittedChanges ? "+" : "") } ?? ""

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "dbc",
  products: [
    .executable(name: "dbc-train", targets: ["dbc-train"]),
    .executable(name: "dbc-assign", targets: ["dbc-assign"]),
    .executable(name: "dbc-bench", targets: ["dbc-bench"]),
    .executable(name: "dbc-report", targets: ["dbc-report"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0")
  ],
  targets: [
    .systemLibrary(name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .target(
      name: "CImageCodecs", cSettings: cFlags,
      linkerSettings: ["png", "jpeg", "webp", "webpdemux", "tiff", "gif"].map { .linkedLibrary($0) }),
    .target(name: "CPUTarget", cSettings: cFlags + [.define("DBC_COMMIT", to: "\"\(commit)\"")]),
    .target(name: "CPUGuard", dependencies: ["CPUTarget"]),
    .target(name: "CLanes", cSettings: cFlags),
    .target(name: "CSignals", cSettings: cFlags),
    .target(name: "CLinux", cSettings: cFlags),
    .target(name: "Basics", swiftSettings: swiftFlags),
    .target(name: "Faults", dependencies: ["Basics"], swiftSettings: swiftFlags),

    .target(
      name: "Lanes", dependencies: ["Basics", "CLanes", "CPUTarget", "CPUGuard"], swiftSettings: swiftFlags),
    .target(name: "MPI", dependencies: ["Basics", "COpenMPI", "Lanes"], swiftSettings: swiftFlags),
    .target(
      name: "Dataset", dependencies: ["Basics", "Lanes", "CZlib", "CImageCodecs", "CHDF5", "CArchive"],
      swiftSettings: swiftFlags),
    .target(
      name: "Images", dependencies: ["Basics", "Lanes", "Dataset", "MPI", "CZlib", "CLinux"],
      swiftSettings: swiftFlags),
    .target(name: "FCAE", dependencies: ["Lanes"], swiftSettings: swiftFlags),
    .target(
      name: "Clustering", dependencies: ["Lanes", "MPI", "Faults"], swiftSettings: swiftFlags),
    .target(
      name: "Training",
      dependencies: [
        "Basics", "Lanes", "Images", "Dataset", "FCAE", "Clustering", "MPI", "Faults", "CSignals", "CZlib",
      ],
      swiftSettings: swiftFlags),
    .target(
      name: "Report", dependencies: ["Basics", "CLinux", "Faults", "CZlib"], swiftSettings: swiftFlags),
    .target(name: "Watchdog", dependencies: ["Basics", "MPI", "CSignals"], swiftSettings: swiftFlags),
    .target(name: "Trace", dependencies: ["Basics", "Training", "MPI", "Report"], swiftSettings: swiftFlags),
    .target(
      name: "Commands",
      dependencies: [
        "Basics", "Lanes", "MPI", "Dataset", "Images", "FCAE", "Clustering", "Training", "Report", "Watchdog",
        argumentParser,
      ],
      swiftSettings: swiftFlags),
    .executableTarget(
      name: "dbc-train",
      dependencies: [
        "Basics", "Commands", "Lanes", "MPI", "Dataset", "Images", "FCAE", "Clustering", "Training", "Report",
        "Trace",
        "Watchdog", "Page",
        argumentParser,
      ],
      swiftSettings: swiftFlags),
    .target(
      name: "Page",
      dependencies: [
        "Basics", "CImageCodecs", "Clustering", "Dataset", "FCAE", "Lanes", "MPI", "Report", "Training",
      ],
      swiftSettings: swiftFlags),
    .executableTarget(
      name: "dbc-report",
      dependencies: [
        "Basics", "Clustering", "Commands", "Dataset", "Images", "Lanes", "MPI", "Page", "Report", "Training",
        argumentParser,
      ],
      swiftSettings: swiftFlags),
    .executableTarget(
      name: "dbc-assign",
      dependencies: [
        "Basics", "Commands", "Lanes", "MPI", "Dataset", "Images", "FCAE", "Clustering", "Training", "Report",
        "Watchdog", "CLinux", argumentParser,
      ],
      swiftSettings: swiftFlags),
    .executableTarget(
      name: "dbc-bench",
      dependencies: [
        "Basics", "COpenBLAS", "Lanes", "MPI", "Dataset", "Images", "FCAE", "Clustering", "Training",
        "Report", "Trace", argumentParser,
      ],
      swiftSettings: swiftFlags),

    .target(name: "Support", dependencies: ["Lanes"], path: "Tests/Support", swiftSettings: swiftFlags),
    .executableTarget(
      name: "mpi-checks",
      dependencies: ["MPI", "Lanes", "Dataset", "FCAE", "Images", "Clustering", "Training"],
      path: "Tests/mpi-checks",
      swiftSettings: swiftFlags),
    .executableTarget(
      name: "picture-dump", dependencies: ["Dataset"], path: "Tests/picture-dump",
      swiftSettings: swiftFlags),
    .testTarget(
      name: "LanesTests", dependencies: ["Lanes", "CPUTarget", "CPUGuard", "Support"],
      swiftSettings: swiftFlags
    ),
    .testTarget(name: "MPITests", dependencies: ["Support", "mpi-checks"], swiftSettings: swiftFlags),
    .testTarget(
      name: "DatasetTests", dependencies: ["Basics", "Dataset", "Support"], swiftSettings: swiftFlags),
    .testTarget(name: "FCAETests", dependencies: ["FCAE", "Lanes", "Support"], swiftSettings: swiftFlags),
    .testTarget(
      name: "ClusteringTests", dependencies: ["Clustering", "Lanes", "Support"], swiftSettings: swiftFlags),
    .testTarget(
      name: "ReportTests", dependencies: ["Basics", "Report", "Support"], swiftSettings: swiftFlags),
    .testTarget(
      name: "PageTests",
      dependencies: [
        "Basics", "Clustering", "Dataset", "FCAE", "Page", "Report", "Support", "Training", "dbc-report",
        "dbc-train",
      ],
      swiftSettings: swiftFlags),
    .testTarget(
      name: "FaultTests", dependencies: ["Lanes", "Support", "dbc-train", "dbc-bench"],
      swiftSettings: swiftFlags),
    .testTarget(
      name: "BenchTests", dependencies: ["Basics", "Training", "Support", "dbc-bench", "dbc-train"],
      swiftSettings: swiftFlags),
    .testTarget(
      name: "AssignTests",
      dependencies: ["Basics", "Clustering", "Report", "Support", "dbc-train", "dbc-assign"],
      swiftSettings: swiftFlags),
    .testTarget(
      name: "WatchdogTests", dependencies: ["MPI", "Watchdog", "Support", "dbc-train"],
      swiftSettings: swiftFlags),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Basics", "Clustering", "Dataset", "Report", "Training", "Lanes", "Support", "dbc-train",
      ],
      swiftSettings: swiftFlags),
  ],
  swiftLanguageModes: [.v6]
)
