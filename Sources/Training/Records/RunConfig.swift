import Dataset

/// The contents of config.json: what a run was started with and on, for people and for other programs. Every field may be
/// missing from a file of another version.
package struct RunConfig: Codable, Equatable, Sendable {
  /// The program's version and commit.
  package var version: String?
  /// When the run was started, by ISO 8601.
  package var started: String?
  /// The number of MPI ranks.
  package var ranks: Int?
  /// The names of the hosts, each once.
  package var hosts: [String]?
  /// The first rank's CPU, and what the program was compiled for.
  package var cpu: String?
  /// The MPI library.
  package var mpi: String?
  /// The images in words.
  package var data: String?
  /// What was done to the images, left out or guessed, in words.
  package var notes: [String]?
  /// The names of the classes in the order of their numbers, where there are labels.
  package var classes: [String]?
  /// How pictures become the images that the network sees.
  package var preparation: Preparation?
  /// Parameters of the auto-encoder.
  package var parameters: Int?
  /// The value of every option that shapes the result, given or by default: `batch_size` for `--batch-size`.
  package var options: [String: JSONValue]?
  /// What the bits of the result depend on.
  package var identity: RunIdentity?

  /// Nothing is known.
  package init() {}
}
