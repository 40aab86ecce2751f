import Glibc

extension String {
  /// Numbers as C's printf writes them: `String(printf: "%.1f %%", share)`.
  ///
  /// - Precondition: `format` asks for as many numbers as there are, each by its type: `%d` and `%x` for 32 bits and fewer, `%ld`
  ///   for `Int`, `%f` and `%g` for `Double`
  package init(printf format: String, _ numbers: any CVarArg...) {
    let count = Int(withVaList(numbers) { vsnprintf(nil, 0, format, $0) })
    self.init(unsafeUninitializedCapacity: count + 1) { bytes in
      bytes.withMemoryRebound(to: CChar.self) { bytes in
        _ = withVaList(numbers) { vsnprintf(bytes.baseAddress, bytes.count, format, $0) }
      }
      return count
    }
  }
}

extension StringProtocol {
  /// The text without the blanks and line ends around it.
  package var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
