import Basics
import Foundation
import Support
import Testing

/// `--sort`.
@Suite struct SortTests {
  /// The names below a folder of folders.
  private static func tree(_ folder: String) -> Set<String> {
    var found: Set<String> = []
    for name in Files.names(in: folder) ?? [] {
      for file in Files.names(in: "\(folder)/\(name)") ?? [] { found.insert("\(name)/\(file)") }
    }
    return found
  }

  @Test("files of one name are all kept; folders have names; ways; arrays and pages stay where they are")
  func sort() throws {
    let run = try AssignedRun(pictures: AssignedRun.names(45))
    // Copies of one picture are in one cluster.
    let bytes = PNGs.grey(8, seed: 3)
    for name in ["a/x.png", "b/x.png", "b/c/b/x.png", "b_x.png", "x.png"] {
      try AssignedRun.put(bytes, run.directory.path("new/\(name)"))
    }
    try AssignedRun.put(npy([2, 8, 8], Array(bytes[..<64] + bytes[..<64])), run.directory.path("two.npy"))
    let known = try AssignedRun.rows(run.bytes("run/assignments.csv")).first { $0[1] == "picture3.png" }
    let cluster = try #require(known?[2])
    let arguments = [
      run.run, "--images", run.directory.path("new"), "--images", run.directory.path("two.npy"),
    ]
    let numbered = try run.assign(ranks: 2, arguments + ["--sort", run.directory.path("s1")], quiet: false)
    #expect(numbered.output.isEmpty)
    #expect(numbered.exitCode == 0 && numbered.errors.contains("5 hard links"), "\(numbered)")
    #expect(numbered.errors.contains("4 files have a name that another one"), "\(numbered)")
    #expect(numbered.errors.contains("2 images are no files of their own"), "\(numbered)")
    let found = Self.tree(run.directory.path("s1"))
    let expected = ["x.png", "b_x.png", "x_2.png", "new_b_x.png", "new_x.png"].map { "0\(cluster)/\($0)" }
    #expect(found == Set(expected), "\(found)")

    try AssignedRun.put(Array("cluster,name\n\(cluster),\"of, one\"\n".utf8), "\(run.run)/names.csv")
    for (way, isLink) in [("symlink", true), ("copy", false)] {
      let folder = run.directory.path(way)
      let result = try run.assign(arguments + ["--sort", folder, "--by", way])
      #expect(result.exitCode == 0, "\(result)")
      #expect(Self.tree(folder).count == 5)
      let file = "\(folder)/of, one/x.png"
      #expect(Files.linkStatus(file)?.isLink == isLink && Files.contents(file) == bytes)
    }

    let again = try run.assign(arguments + ["--sort", run.directory.path("copy")])
    #expect(again.exitCode == 73 && again.errors.contains("is not empty"), "\(again)")
    let inside = try run.assign(arguments + ["--sort", run.directory.path("new/a/../sorted/deep")])
    #expect(inside.exitCode == 73 && inside.errors.contains("is within"), "\(inside)")
    #expect(!Files.exists(run.directory.path("new/sorted")))
    for (text, error) in [
      ("cluster,name\n0,a\n3,b\n", "line 3: expected a cluster from 0 to 2"),
      ("cluster,name\n0,a/b\n", "line 2: expected a name that a folder can have"),
      ("cluster,name\n0,a\n0,b\n", "line 3: expected each cluster once"),
      ("name\n", "line 1: expected the columns cluster,name"), ("cluster,name\n0,\"a\n", "line 2: a field"),
      ("cluster,name\n0,01\n", "which is the folder of cluster 1"),
    ] {
      try AssignedRun.put(Array(text.utf8), "\(run.run)/names.csv")
      let result = try run.assign(arguments + ["--sort", run.directory.path("s2")])
      #expect(result.exitCode == 65 && result.errors.contains(error), "\(result)")
    }
    #expect(!Files.exists(run.directory.path("s2")))
  }
}
