import Foundation

/// Memory with one owner, zeroed and aligned to 64 bytes (to 2 MiB, and offered for huge pages, when large).
package struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  /// The first element.
  package let base: UnsafeMutablePointer<Element>
  /// The number of elements.
  package let count: Int

  /// Allocates `count` zero elements.
  ///
  /// Where there is no memory for them, the program ends, see `MemoryShortage`.
  /// - Parameter purpose: what they are for, as the message then says
  package init(count: Int, for purpose: StaticString = "intermediate results") {
    precondition(count >= 0)
    self.count = count
    let stride = MemoryLayout<Element>.stride
    MemoryShortage.expected(count: count, stride: stride, for: purpose)?.end()
    let bytes = max(count, 1) * stride
    let hugePage = 1 << 21
    let alignment = bytes >= 2 * hugePage ? hugePage : 64
    var memory: UnsafeMutableRawPointer?
    let status = posix_memalign(&memory, alignment, bytes)
    guard status == 0, let memory else {
      MemoryShortage("\(purpose)", needed: bytes, available: SystemMemory.available()).end()
    }
    #if os(Linux)
      if alignment == hugePage { madvise(memory, bytes, Int32(MADV_HUGEPAGE)) }
    #endif
    memset(memory, 0, bytes)
    base = memory.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  /// A copy of an array.
  package init(_ elements: [Element]) {
    self.init(count: elements.count)
    base.update(from: elements, count: elements.count)
  }

  deinit { free(base) }

  /// All elements.
  package var all: UnsafeMutableBufferPointer<Element> {
    UnsafeMutableBufferPointer(start: base, count: count)
  }

  /// Sets every element to zero bytes.
  package func clear() {
    memset(base, 0, count * MemoryLayout<Element>.stride)
  }
}

extension AlignedBuffer where Element == Float {
  /// The elements as an array.
  package var array: [Float] { Array(all) }
}
