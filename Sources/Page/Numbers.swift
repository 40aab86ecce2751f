import Basics

/// Numbers as people read them.
enum Numbers {
  /// A whole number with a narrow space between groups of three digits.
  static func whole(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text.append("\u{202F}") }
      text.append(digit)
    }
    return (value < 0 ? "−" : "") + text
  }

  /// So many of a thing: `1 image`, `2 images`.
  static func count(_ value: Int, _ thing: String) -> String {
    "\(whole(value)) \(thing)\(value == 1 ? "" : "s")"
  }

  /// A number with `decimals` digits behind the point; a dash where it is not finite.
  static func fixed(_ value: Double, _ decimals: Int = 4) -> String {
    value.isFinite ? String(printf: "%.\(decimals)f", value) : "–"
  }

  /// A change with its sign; a dash where it is not finite.
  static func signed(_ value: Double, _ decimals: Int) -> String {
    let size = fixed(value.magnitude, decimals)
    guard size.contains(where: { ("1"..."9").contains($0) }) else { return size }
    return (value < 0 ? "−" : "+") + size
  }

  /// A share of 1 in per cent.
  static func percent(_ share: Double, decimals: Int = 1) -> String {
    share.isFinite ? String(printf: "%.\(decimals)f %%", 100 * share) : "–"
  }

  /// A number in a form as short as three digits allow.
  static func short(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    return String(printf: "%.3g", value)
  }
}
