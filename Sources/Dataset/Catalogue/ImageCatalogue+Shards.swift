extension ImageCatalogue {
  /// A line about samples of shards (members of one name up to the point, which follow each other) that have several pictures;
  /// nil where none has.
  static func severalPictures(_ plan: ReadingPlan, _ members: [Int: Member]) -> Note? {
    var (samples, several) = (0, 0)
    for case .shard(_, let range) in plan.spans {
      var (last, count): ([UInt8]?, Int) = (nil, 0)
      for record in range {
        let key = Array(TarMember.key(of: members[record]?.name ?? ""))
        count = key == last ? count + 1 : 1
        last = key
        if count == 1 { samples += 1 }
        if count == 2 { several += 1 }
      }
    }
    guard several > 0 else { return nil }
    return Note(
      title: "samples",
      text:
        "\(several) of the shards' \(samples) samples \(several == 1 ? "has" : "have") several pictures; each picture is an image of its own"
    )
  }
}
