/// The channels of a data set, from those that were found.
package enum ColourRule {
  /// Channels of pictures, and how many pictures have them.
  package typealias Found = (channels: Int, hasAlpha: Bool, count: Int)

  /// The channels of every image: those of all, or grey and RGB brought together.
  ///
  /// `auto` is grey where every picture is, and where no coloured background shows through one.
  /// - Parameters:
  ///   - kinds: one at least; the channels with alpha
  ///   - background: what shows where pictures are transparent
  /// - Throws: where channels cannot be brought to one number
  package static func resolve(
    _ kinds: [Found], _ choice: ColourChoice, _ background: Background
  ) throws(DatasetError) -> Int {
    var counts: [Int: Int] = [:]
    var showsBackground = false
    for kind in kinds {
      counts[kind.channels - (kind.hasAlpha ? 1 : 0), default: 0] += kind.count
      showsBackground = showsBackground || kind.hasAlpha
    }
    precondition(!counts.isEmpty)
    let others = counts.keys.filter { $0 != 1 && $0 != 3 }.sorted()
    if let other = others.first {
      guard counts.count == 1 else {
        let found = counts.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
        throw DatasetError(
          .mismatch, nil,
          "images need one number of channels, found \(found.joined(separator: ", ")); only 1 (grey) and 3 "
            + "(RGB) can be brought together; cluster them in separate runs")
      }
      guard choice == .auto else {
        throw DatasetError(
          .options, nil,
          "--colour \(choice.rawValue) needs images of 1 (grey) or 3 (RGB) channels, found \(other); "
            + "leave it out to take all channels as they are")
      }
      return other
    }
    switch choice {
    case .grey: return 1
    case .rgb: return 3
    case .auto: return counts[3] != nil || showsBackground && !background.isGrey ? 3 : 1
    }
  }
}

extension Background {
  /// Whether it has no colour.
  var isGrey: Bool { red == green && green == blue }
}
