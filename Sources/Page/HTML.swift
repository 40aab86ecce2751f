import Basics

/// Markup. What stands in a literal is taken as it is; what is put into it is text, and escaped, unless it is markup itself:
/// `"<td>\(name)</td>"` is safe whatever the name is.
package struct HTML: ExpressibleByStringInterpolation, Sendable {
  /// The markup as text.
  package private(set) var source: String

  /// No markup.
  package init() { source = "" }

  /// A literal.
  package init(stringLiteral value: String) { source = value }

  /// A literal with texts and markup in it.
  package init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

  /// Text, escaped.
  package init(text: String) { source = Self.escaped(text) }

  /// Adds more markup to the end.
  package static func += (a: inout HTML, b: HTML) { a.source += b.source }

  /// Both, one after the other.
  package static func + (a: HTML, b: HTML) -> HTML {
    var sum = a
    sum += b
    return sum
  }

  /// Text for an element or a quoted attribute. Characters that neither HTML nor XML allows are shown as names are.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in FileName.printable(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// What a literal is put together from.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var source = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      source.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    /// A part of the literal.
    package mutating func appendLiteral(_ literal: String) { source += literal }
    /// Text, escaped.
    package mutating func appendInterpolation(_ text: String) { source += HTML.escaped(text) }
    /// A whole number.
    package mutating func appendInterpolation(_ number: some BinaryInteger) { source += "\(number)" }
    /// Markup, as it is.
    package mutating func appendInterpolation(_ markup: HTML) { source += markup.source }
    /// Markup, one piece after the other.
    package mutating func appendInterpolation(_ markup: [HTML]) {
      for part in markup { source += part.source }
    }
  }
}

extension HTML {
  /// JSON as the contents of a script element. Whatever its strings are, they neither end the element nor the line.
  static func json(_ text: String) -> HTML {
    var safe = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<", ">", "&", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        safe += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: safe.unicodeScalars.append(scalar)
      }
    }
    return HTML(stringLiteral: safe)
  }

  /// A table: a header and rows of cells.
  ///
  /// - Parameters:
  ///   - numbers: the columns whose cells stand at the right
  ///   - pictures: whether the last column has pictures, which on a narrow screen stand below the others
  static func table(
    _ header: [String], numbers: Set<Int> = [], pictures: Bool = false, _ rows: [[HTML]]
  ) -> HTML {
    func cells(_ tag: HTML, _ row: [HTML]) -> [HTML] {
      row.enumerated().map { column, cell in
        numbers.contains(column)
          ? "<\(tag) class=\"n\">\(cell)</\(tag)>" : "<\(tag)>\(cell)</\(tag)>"
      }
    }
    return """
      <div class="wide"><table\(pictures ? " class=\"below\"" as HTML : "")><thead><tr>\(cells("th", header.map(HTML.init(text:))))</tr></thead>
      <tbody>\(rows.map { "<tr>\(cells("td", $0))</tr>\n" as HTML })</tbody></table></div>

      """
  }
}
