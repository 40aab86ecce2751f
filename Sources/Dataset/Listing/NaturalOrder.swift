/// Whether `a` comes before `b`: bytes in order, runs of digits by their value.
func naturallyOrdered(_ a: String, _ b: String) -> Bool {
  // Without this, every comparison of long lists would copy both.
  a.utf8.withContiguousStorageIfAvailable { x in
    b.utf8.withContiguousStorageIfAvailable { y in naturallyOrdered(x, y) }
  }.flatMap { $0 }
    ?? Array(a.utf8).withUnsafeBufferPointer { x in
      Array(b.utf8).withUnsafeBufferPointer { y in naturallyOrdered(x, y) }
    }
}

private func naturallyOrdered(_ x: UnsafeBufferPointer<UInt8>, _ y: UnsafeBufferPointer<UInt8>) -> Bool {
  var (i, j) = (0, 0)
  while i < x.count, j < y.count {
    if isDigit(x[i]), isDigit(y[j]) {
      let (p, q) = (number(x, &i), number(y, &j))
      if p.count != q.count { return p.count < q.count }
      for place in 0..<p.count where x[p.lowerBound + place] != y[q.lowerBound + place] {
        return x[p.lowerBound + place] < y[q.lowerBound + place]
      }
    } else if x[i] != y[j] {
      return x[i] < y[j]
    } else {
      (i, j) = (i + 1, j + 1)
    }
  }
  let (restOfX, restOfY) = (x.count - i, y.count - j)
  return restOfX != restOfY ? restOfX < restOfY : x.lexicographicallyPrecedes(y)
}

/// Where the digits at `place` are, without zeros in front; `place` goes behind them.
private func number(_ text: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Range<Int> {
  while place < text.count, text[place] == UInt8(ascii: "0") { place += 1 }
  let start = place
  while place < text.count, isDigit(text[place]) { place += 1 }
  return start..<place
}

private func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
