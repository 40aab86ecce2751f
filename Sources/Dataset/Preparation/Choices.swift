/// What can be said in one word, on the command line and in files alike.
package protocol TextChoice: Codable, Equatable, Sendable {
  /// What `text` says, or nil where it says nothing of the kind.
  init?(_ text: String)
  /// The word; reading it gives an equal value.
  var text: String { get }
}

extension TextChoice {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let choice = Self(text) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is not known")
    }
    self = choice
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

/// `--size`: the one size that all pictures are brought to.
package enum SizeChoice: TextChoice {
  /// Pictures of one small size stay; others get a size that serves the network, see `SizeRule`.
  case auto
  /// The size of the pictures, which must be one.
  case keep
  /// So many columns and rows.
  case square(Int)
  case exact(width: Int, height: Int)

  /// The most columns or rows that can be asked for.
  package static let longestSide = 4096

  /// `auto`, `keep`, `64`, `64x48` or `64×48`.
  package init?(_ text: String) {
    switch text {
    case "auto": self = .auto
    case "keep": self = .keep
    default:
      let sides = text.split(separator: text.contains("×") ? "×" : "x", omittingEmptySubsequences: false)
        .map { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int($0) ?? 0 : 0 }
      guard sides.allSatisfy({ (1...Self.longestSide).contains($0) }) else { return nil }
      switch sides.count {
      case 1: self = .square(sides[0])
      case 2: self = .exact(width: sides[0], height: sides[1])
      default: return nil
      }
    }
  }

  package var text: String {
    switch self {
    case .auto: "auto"
    case .keep: "keep"
    case .square(let side): "\(side)"
    case .exact(let width, let height): "\(width)x\(height)"
    }
  }
}

/// `--fit`: what becomes of a picture whose aspect is not that of the one size.
package enum Fit: String, Codable, Sendable, CaseIterable {
  /// The whole picture in the middle; the rest has the median colour of the picture's own edge.
  case pad
  /// The largest part from its middle that has the aspect.
  case crop
  /// The whole picture, with another aspect.
  case stretch
}

/// `--colour`: the channels of still images.
package enum ColourChoice: String, Codable, Sendable, CaseIterable {
  /// Grey where all pictures are grey.
  case auto
  /// Rec. 601 luma.
  case grey
  /// Grey is repeated.
  case rgb
}

/// `--range`: which samples become 0 and 255, where they are no bytes.
package enum RangeChoice: TextChoice {
  /// Minimum and maximum of all samples, or percentiles where few samples would swallow the range.
  case auto
  /// All that the type can hold; 0 and 1 of floating-point numbers.
  case type
  case values(Double, Double)
  /// From this percentile to 100 less it.
  case percentile(Double)

  /// `auto`, `type`, `MIN,MAX` or `P%`, where P is at least 0 and less than 50.
  package init?(_ text: String) {
    switch text {
    case "auto": self = .auto
    case "type": self = .type
    default:
      if text.hasSuffix("%") {
        guard let share = Double(text.dropLast()), share >= 0, share < 50 else { return nil }
        self = .percentile(share)
      } else {
        let ends = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
        guard ends.count == 2, let low = ends[0], let high = ends[1], low < high, (high - low).isFinite
        else { return nil }
        self = .values(low, high)
      }
    }
  }

  package var text: String {
    switch self {
    case .auto: "auto"
    case .type: "type"
    case .values(let low, let high): "\(low),\(high)"
    case .percentile(let share): "\(share)%"
    }
  }
}

/// `--background`: the colour that shows where a picture is transparent.
package struct Background: TextChoice {
  package let red: UInt8
  package let green: UInt8
  package let blue: UInt8

  /// White, as paper and most viewers are.
  package static let white = Background(red: 255, green: 255, blue: 255)

  package init(red: UInt8, green: UInt8, blue: UInt8) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }

  /// `white`, `black`, `grey` (128), `#rrggbb` or `r,g,b`.
  package init?(_ text: String) {
    let parts: [UInt8?]
    switch text {
    case "white": parts = [255, 255, 255]
    case "black": parts = [0, 0, 0]
    case "grey", "gray": parts = [128, 128, 128]
    default:
      let digits = Array(text.utf8.dropFirst())
      if text.hasPrefix("#"), digits.count == 6 {
        parts = [0, 2, 4].map { place in
          let pair = String(decoding: digits[place..<(place + 2)], as: UTF8.self)
          // A sign is no digit.
          return pair.hasPrefix("+") || pair.hasPrefix("-") ? nil : UInt8(pair, radix: 16)
        }
      } else {
        parts = text.split(separator: ",", omittingEmptySubsequences: false).map { UInt8($0) }
      }
    }
    guard parts.count == 3, let red = parts[0], let green = parts[1], let blue = parts[2] else { return nil }
    self.init(red: red, green: green, blue: blue)
  }

  package var text: String {
    "#"
      + [red, green, blue].map { byte in
        let digits = String(byte, radix: 16)
        return byte < 16 ? "0\(digits)" : digits
      }.joined()
  }
}
