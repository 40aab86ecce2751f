import Basics

/// The files whose headers are to be read, by any rank: still images, then shards.
package struct ScanJobs: Sendable {
  let stills: PathTable
  let shards: [TarShard]

  /// Still images by path, and shards.
  package init(stills: PathTable, shards: [TarShard]) { (self.stills, self.shards) = (stills, shards) }

  /// The number of files.
  package var count: Int { stills.count + shards.count }
}

/// What some of the files hold.
package struct ScanPart: Sendable {
  /// Their pictures, in the order of files and pages.
  package var records: [PictureRecord] = []
  /// What is said of the pictures of shards, in the order of their records.
  package var members = MemberTexts()
  /// Shards that cannot be read; their places are numbers of files.
  package var failures: [PictureFailure] = []

  /// Nothing yet.
  package init() {}
}

/// Names and labels of the pictures of shards.
package struct MemberTexts: Codable, Sendable {
  /// The path within the shard.
  package var names: [String] = []
  /// What its .cls member says.
  package var labels: [String?] = []
  /// Members that are no pictures and were left out, by kind.
  package var leftOut: [String: Int] = [:]

  /// None yet.
  package init() {}

  /// Adds those of other files.
  package mutating func add(_ other: MemberTexts) {
    names += other.names
    labels += other.labels
    leftOut.merge(other.leftOut, uniquingKeysWith: +)
  }
}

/// Reads headers, a file at a time.
package struct HeaderScanner {
  private let jobs: ScanJobs
  private let beat: () -> Void
  private let reader = StillReader()
  /// What has been found so far.
  package private(set) var part = ScanPart()

  /// Nothing is read yet.
  ///
  /// - Parameter beat: called for every picture
  package init(_ jobs: ScanJobs, beat: @escaping () -> Void = {}) { (self.jobs, self.beat) = (jobs, beat) }

  /// Reads what file number `job` says of its pictures. A shard that cannot be read is among the failures; of pictures the
  /// decoding says why.
  package mutating func scan(_ job: Int) {
    beat()
    guard job < jobs.stills.count else { return scan(jobs.shards[job - jobs.stills.count], job) }
    guard let (format, headers) = try? reader.headers(jobs.stills[job]) else {
      part.records.append(PictureRecord(unreadable: job))
      return
    }
    for (page, header) in headers.enumerated() {
      part.records.append(PictureRecord(file: job, page: page, header, format))
    }
  }

  private mutating func scan(_ shard: TarShard, _ job: Int) {
    var (records, members) = ([PictureRecord](), MemberTexts())
    do throws(DatasetError) {
      members.leftOut = try shard.forEachPicture { (number, name, data, label) throws(DatasetError) in
        beat()
        let first = records.count
        if let file = try? StillFile(data, path: name), let headers = try? file.headers() {
          for (page, header) in headers.enumerated() {
            records.append(PictureRecord(file: job, member: number, page: page, header, file.format))
          }
        } else {
          records.append(PictureRecord(unreadable: job, member: number))
        }
        let pages = records.count - first
        members.names += (0..<pages).map { pages == 1 ? name : "\(name)/\($0)" }
        members.labels += Array(repeating: label, count: pages)
      }
      part.records += records
      part.members.add(members)
    } catch {
      part.failures.append(PictureFailure(place: job, isWhole: true, error: error))
    }
  }
}
