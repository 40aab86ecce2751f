import Basics
import Foundation
import Report
import Testing
import Training

@Suite struct RecordTests {
  static let origin = #""member":2,"member_count":3,"augment":"affine""#
  static let metrics = #""acc":0.5,"nmi":0.25,"nmi_mean":0.375,"ari":0.125"#
  static let partition =
    #""eigenvectors":7,"parts":1.5,"link":"root","cut":0.25,"size_entropy":2.0,"modularity":0.75,"# + metrics
  /// A line of every kind and stage, with every key, as the program writes it.
  static let lines = [
    #"{"stage":"pixel-kmeans","inertia":12.5,"iterations":3,"restarts":4,"# + metrics
      + #","cluster_sizes":[3,0,2],"elapsed_seconds":0.5}"#,
    #"{"stage":"fcae","epoch":1,"# + origin
      + #","loss":3.25,"learning_rate":0.001,"images_per_s":1234.5,"elapsed_seconds":1.5,"#
      + #""seconds":{"data":0.25,"norm_exchange":0.5}}"#,
    #"{"stage":"refine","epoch":0,"# + origin + #","learning_rate":0.01,"# + metrics
      + #","changed":5,"mean_max_score":0.3,"cluster_sizes":[1,1,3],"elapsed_seconds":2.5,"seconds":{}}"#,
    #"{"stage":"kmeans","# + origin + #","inertia":7.5,"iterations":3,"restarts":4,"# + metrics
      + #","cluster_sizes":[1,2,2],"elapsed_seconds":0.5}"#,
    #"{"stage":"refined-kmeans","# + origin + #","inertia":2.5,"iterations":3,"restarts":4,"# + metrics
      + #","cluster_sizes":[2,2,1],"elapsed_seconds":0.5}"#,
    #"{"stage":"graph","# + origin + #","epoch":12,"members":3,"neighbours":6,"# + partition
      + #","eigenvalues":[1.0,0.5],"candidates":[{"eigenvectors":5,"parts":2.0,"cut":0.5,"size_entropy":1.5,"#
      + #""modularity":0.5,"# + metrics + #"},{"# + partition
      + #"}],"chosen":1,"elapsed_seconds":4.5,"seconds":{"search":0.5,"eigenvectors":0.25}}"#,
    #"{"stage":"dbc","epoch":0,"# + origin + #","learning_rate":0.01,"# + metrics
      + #","changed":5,"mean_max_score":0.3,"cluster_sizes":[1,1,3],"elapsed_seconds":2.5,"seconds":{"encode":1.0}}"#,
    #"{"stage":"dbc","epoch":1,"# + origin + #","loss":0.5,"learning_rate":0.01,"modularity":0.625,"#
      + metrics
      + #","changed":5,"mean_max_score":0.3,"cluster_sizes":[5,0,0],"score_histogram":[0,2,3],"images_per_s":10.0,"elapsed_seconds":2.5,"#
      + #""seconds":{"encode":1.0}}"#,
  ]

  private func read(_ text: String) throws -> MetricsRecord {
    try JSON.decode(MetricsRecord.self, from: Data(text.utf8))
  }

  private func epoch(_ text: String) throws -> EpochRecord {
    guard case .epoch(let record) = try read(text) else { throw Unexpected() }
    return record
  }

  private func kmeans(_ text: String) throws -> KMeansRecord {
    guard case .kmeans(let record) = try read(text) else { throw Unexpected() }
    return record
  }

  private func graph(_ text: String) throws -> GraphRecord {
    guard case .graph(let record) = try read(text) else { throw Unexpected() }
    return record
  }

  private struct Unexpected: Error {}

  @Test("A record is written as the line that it was read from, key by key", arguments: lines)
  func roundTrip(_ line: String) throws {
    let record = try read(line)
    #expect(JSON.line(record, .null) == line)
    #expect(try read(JSON.line(record)) == record)
  }

  @Test("A record has what its line says, and the network that it belongs to")
  func values() throws {
    let origin = RecordOrigin(member: 2, members: 3, augment: "affine")
    let first = try epoch(Self.lines[1])
    #expect((first.stage, first.epoch, first.loss) == (.pretraining, 1, 3.25))
    #expect(first.origin == origin && first.chain == nil && first.metrics == nil)
    #expect(
      first.phases.map(\.phase) == [.data, .normExchange] && first.phases.map(\.seconds) == [0.25, 0.5])
    let last = try epoch(Self.lines[7])
    #expect(last.chain?.sizes == [5, 0, 0] && last.chain?.changed == 5 && last.metrics?.nmi == 0.25)
    #expect(last.chain?.histogram == [0, 2, 3] && last.modularity == 0.625)
    let pixels = try kmeans(Self.lines[0])
    #expect((pixels.source, pixels.inertia, pixels.sizes) == (.pixels, 12.5, [3, 0, 2]))
    #expect(pixels.origin == nil)
    #expect(try kmeans(Self.lines[4]).source == .refinedFeatures)
    let cut = try graph(Self.lines[5])
    #expect(cut.chosen == 1 && cut.partition.parts == 1.5 && cut.origin == origin)
    #expect(cut.members == 3 && cut.searchSeconds == 0.5 && cut.eigenSeconds == 0.25)
  }

  @Test("Numbers that are not finite are null for other programs, and readable again")
  func notFinite() throws {
    let line = Self.lines[1].replacingOccurrences(of: "3.25", with: "null")
      .replacingOccurrences(of: "0.001", with: "null").replacingOccurrences(of: "0.25", with: "null")
    let record = try epoch(line)
    #expect(record.loss == nil && record.learningRate.isNaN)
    #expect(record.phases.map(\.phase) == [.normExchange])
    #expect(JSON.line(record, .null).contains(#""learning_rate":null"#))
    #expect(JSON.line(record).contains(#""learning_rate":"nan""#))
    #expect(try epoch(JSON.line(record)).learningRate.isNaN)
    #expect(try kmeans(#"{"stage":"kmeans","inertia":null,"elapsed_seconds":null}"#).inertia.isNaN)
    #expect(try graph(#"{"stage":"graph","eigenvalues":[1,null]}"#).eigenvalues[1].isNaN)
    let partly = Self.lines[3].replacingOccurrences(of: #""nmi":0.25"#, with: #""nmi":null"#)
    #expect(try kmeans(partly).metrics == nil)
  }

  @Test("A line with more fields is read without them", arguments: lines)
  func more(_ line: String) throws {
    let longer =
      #"{"new":{"a":[1,null]},"# + line.dropFirst().dropLast() + #","later":"x","zero":null}"#
    #expect(try read(longer) == read(line))
    #expect(try epoch(#"{"stage":"fcae","seconds":{"data":1,"new_phase":2}}"#).phases.map(\.seconds) == [1])
  }

  @Test("A line with fewer fields is read with nil, or what is neutral")
  func fewer() throws {
    let bare = try epoch(#"{"stage":"dbc"}"#)
    #expect(bare.origin == nil && bare.loss == nil && bare.chain == nil && bare.metrics == nil)
    #expect(bare.epoch == 0 && bare.seconds == 0 && bare.imagesPerSecond == 0 && bare.phases.isEmpty)
    let sizes = try epoch(#"{"stage":"dbc","cluster_sizes":[1,2]}"#).chain
    #expect(sizes?.sizes == [1, 2] && sizes?.changed == 0 && sizes?.histogram == [])
    let found = try kmeans(#"{"stage":"kmeans"}"#)
    #expect(found.sizes.isEmpty && found.seconds == 0 && found.origin == nil && found.restarts == 0)
    let cut = try graph(#"{"stage":"graph","modularity":0.5}"#)
    #expect(cut.candidates.count == 1 && cut.partition.quality.modularity == 0.5 && cut.members == 0)
    let older = Self.lines[5].replacingOccurrences(of: #""chosen":1,"#, with: "")
    #expect(try graph(older).chosen == 1)
    #expect(
      try graph(Self.lines[5].replacingOccurrences(of: #""chosen":1"#, with: #""chosen":9"#)).chosen == 1)
  }

  @Test("A line with an unknown stage, or with none, is skipped")
  func unknown() {
    let lines = Self.lines + [#"{"stage":"new","epoch":1}"#, #"{"epoch":1}"#, "{", "[]", "", "7"]
    let records = MetricsLog.records(MetricsRecord.self, in: lines.map { Data($0.utf8) })
    #expect(records.count == Self.lines.count)
  }
}
