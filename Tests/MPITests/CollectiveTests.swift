import Testing

/// The checks that pass, each group on one to four ranks.
@Suite(.serialized) struct CollectiveTests {
  @Test("Broadcast, gather and all-reduce give every rank its values", arguments: rankCounts)
  func collectives(ranks: Int) throws {
    try expectPasses(
      "collectives",
      [
        "broadcast", "broadcast-in-parts", "gather", "all-gather", "all-reduce",
        "all-reduce-in-parts", "every-type", "empty-buffers",
      ], ranks: ranks)
  }

  @Test("Segments of different lengths, also of none, arrive where they belong", arguments: rankCounts)
  func segments(ranks: Int) throws {
    try expectPasses(
      "segments",
      ["gather-v", "scatter-v", "all-gather-v", "all-to-all-v", "zero-counts", "too-many-elements"],
      ranks: ranks)
  }

  @Test("Communicators can be duplicated and split by color and by node", arguments: rankCounts)
  func communicators(ranks: Int) throws {
    try expectPasses("communicators", ["identity", "duplicate", "split", "nodes", "hosts"], ranks: ranks)
  }

  @Test(
    "What one rank writes into a shared window is read by all, and pieces of work are done once",
    arguments: rankCounts)
  func windows(ranks: Int) throws {
    try expectPasses(
      "windows", ["shared-window", "window-left-open", "empty-window", "node-queue"], ranks: ranks)
  }

  @Test(
    "Images that are copies of each other are counted, however they are spread, and moved ones encoded",
    arguments: rankCounts)
  func pixels(ranks: Int) throws {
    try expectPasses("pixels", ["distinct-images", "moved-images"], ranks: ranks)
  }

  @Test("All ranks agree on the root's value and on a failure", arguments: rankCounts)
  func agreement(ranks: Int) throws {
    try expectPasses(
      "agreement", ["value-of-root", "root-runs-alone", "together", "failure-is-known-to-all"], ranks: ranks)
  }
}
