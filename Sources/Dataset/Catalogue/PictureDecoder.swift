import Basics

/// Decodes the images of a data set, unit by unit, on any rank.
package final class PictureDecoder {
  /// What every rank knows of the images.
  package let plan: ReadingPlan
  /// What is decoded as a whole.
  package let units: [ReadingPlan.Unit]
  /// Images that could not be decoded; their places are positions among all.
  package private(set) var failures: [PictureFailure] = []
  /// Files with each kind of remark.
  package private(set) var remarks = PictureRemarks()
  private let stills: PathTable
  private let records: UnsafeBufferPointer<PictureRecord>
  private let beat: () -> Void
  private let reader = StillReader()
  private let picture = Picture()
  private let scratch = PreparationScratch()

  /// - Parameters:
  ///   - stills: paths of the still images that the records name
  ///   - records: those of the catalogue; both stay as long as this is used
  ///   - beat: called for every picture
  package init(
    _ plan: ReadingPlan, stills: PathTable, records: UnsafeBufferPointer<PictureRecord>,
    beat: @escaping () -> Void = {}
  ) {
    (self.plan, self.stills, self.records, self.beat) = (plan, stills, records, beat)
    units = plan.units(records)
  }

  /// Samples that are no bytes, of all images that were decoded, and those of them that are NaN or infinite.
  package var samples: (all: Int, notFinite: Int) { (scratch.samples, scratch.notFinite) }

  /// Images with samples that are NaN or infinite: how many there are, and the positions of the first ones.
  package private(set) var notFinite = (count: 0, places: [Int]())

  /// Decodes the images of unit `unit` as bytes `[channel][row][column]`. What cannot be decoded is among the failures.
  ///
  /// - Parameters:
  ///   - memory: room for the image at a position among all, of `plan.shape.byteCount` bytes
  ///   - done: called when the image at that position is there
  package func decode(
    _ unit: Int, into memory: (Int) -> UnsafeMutableRawBufferPointer, done: (Int) -> Void = { _ in }
  ) {
    let preparation = plan.preparation
    visit(units[unit], scaled: preparation) { image, picture in
      let before = self.scratch.notFinite
      preparation.apply(picture, self.scratch, to: memory(image))
      if self.scratch.notFinite > before {
        self.notFinite.count += 1
        if self.notFinite.places.count < 5 { self.notFinite.places.append(image) }
      }
      done(image)
    }
  }

  /// Adds the samples of unit `unit` that are no bytes to `statistics`.
  package func measure(_ unit: Int, into statistics: inout RangeStatistics) {
    let unit = units[unit]
    guard hasUnscaledSamples(unit) else { return }
    visit(unit, scaled: nil) { _, picture in
      if !picture.header.samples.isByte { statistics.add(picture) }
    }
  }

  private func hasUnscaledSamples(_ unit: ReadingPlan.Unit) -> Bool {
    switch plan.spans[unit.span] {
    case .glyphs: false
    case .array(let array, _): !plan.arrays[array].header.samples.isByte
    case .stills, .shard: unit.items.contains { !records[$0].header.samples.isByte }
    }
  }

  /// Every picture of the unit that can be decoded, with its position among all.
  private func visit(
    _ unit: ReadingPlan.Unit, scaled preparation: Preparation?, _ body: (Int, Picture) -> Void
  ) {
    do throws(DatasetError) {
      switch plan.spans[unit.span] {
      case .glyphs(let seed, _):
        for item in unit.items {
          picture.begin(PictureHeader(width: Glyphs.size, height: Glyphs.size, channels: 1))
          _ = picture.bytes.update(from: Glyphs.draw(seed: seed, image: item).pixels)
          body(unit.position(item), picture)
        }
      case .array(let array, _):
        try plan.arrays[array].read(unit.items) { (item, picture) throws(DatasetError) in
          beat()
          body(unit.position(item), picture)
        }
      case .shard(let shard, _): try visit(plan.shards[shard], unit, preparation, body)
      case .stills:
        for item in unit.items {
          let path = stills[Int(records[item].file)]
          visit(item, unit, path, preparation, body) { (page, atLeast, known) throws(DatasetError) in
            try reader.decode(path, page: page, atLeast: atLeast, known: known, into: picture)
          }
        }
      }
    } catch {
      failures.append(PictureFailure(place: unit.first, isWhole: true, error: error))
    }
  }

  private func visit(
    _ shard: TarShard, _ unit: ReadingPlan.Unit, _ preparation: Preparation?, _ body: (Int, Picture) -> Void
  ) throws(DatasetError) {
    var item = unit.items.lowerBound
    func isNext(_ number: Int) -> Bool {
      item < unit.items.upperBound && number == Int(records[item].member)
    }
    try shard.forEachPicture(labelled: false, wanting: isNext) {
      (number, name, data, _) throws(DatasetError) in
      let path = "\(shard.path)/\(name)"
      while isNext(number) {
        visit(item, unit, path, preparation, body) { (page, atLeast, known) throws(DatasetError) in
          try StillFile(data, path: path).decode(page: page, atLeast: atLeast, known: known, into: picture)
        }
        item += 1
      }
    }
    guard item == unit.items.upperBound else {
      throw DatasetError(.malformed, shard.path, "has changed while it was read; start again")
    }
  }

  /// Decodes the picture of record `item` with its page, the size that it must keep and its header, where these are known; where
  /// that fails, it is among the failures.
  private func visit(
    _ item: Int, _ unit: ReadingPlan.Unit, _ path: String, _ preparation: Preparation?,
    _ body: (Int, Picture) -> Void,
    decode: (_ page: Int, _ atLeast: (width: Int, height: Int)?, _ known: PictureHeader?) throws(DatasetError)
      -> Void
  ) {
    beat()
    let (record, position) = (records[item], unit.position(item))
    let known = record.isReadable ? record.header : nil
    do throws(DatasetError) {
      try decode(Int(record.page), known.flatMap { preparation?.atLeast($0) }, known)
      guard picture.header.isReduced(from: record.header) else {
        throw DatasetError(.malformed, path, "has changed while the images were read; start again")
      }
      remarks.add(picture.remarks)
      body(position, picture)
    } catch {
      failures.append(PictureFailure(place: position, error: error))
    }
  }
}

extension PictureHeader {
  /// Whether the picture is the one that `header` describes, or a JPEG of that size decoded at a fraction of it.
  fileprivate func isReduced(from header: PictureHeader) -> Bool {
    var whole = self
    (whole.width, whole.height) = (header.width, header.height)
    guard whole == header else { return false }
    return [1, 2, 4, 8].contains { (divisor: Int32) in
      let size = ((header.width + divisor - 1) / divisor, (header.height + divisor - 1) / divisor)
      return size == (width, height)
    }
  }
}

/// Numbers of files that are odd, though their pictures are whole.
package struct PictureRemarks: Sendable {
  /// Files with each remark, by the remark's bit.
  package private(set) var counts = [Int64](repeating: 0, count: 8)

  /// None yet.
  package init() {}

  mutating func add(_ remarks: Picture.Remarks) {
    for bit in 0..<counts.count where remarks.rawValue >> bit & 1 == 1 { counts[bit] += 1 }
  }

  /// Warnings, one for each kind of remark.
  ///
  /// - Parameter counts: those of all ranks
  package static func warnings(_ counts: [Int64]) -> [String] {
    var warnings: [String] = []
    func add(_ remark: Picture.Remarks, _ text: String) {
      let count = counts[remark.rawValue.trailingZeroBitCount]
      if count > 0 { warnings.append("\(count) \(count == 1 ? "file" : "files") \(text)") }
    }
    add(.strayBytes, "with stray bytes between the parts of a JPEG image, which were skipped")
    add(.inks, "in CMYK, turned into RGB without a colour profile")
    return warnings
  }
}
