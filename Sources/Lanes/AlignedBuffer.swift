import Glibc

/// Memory with one owner, zeroed and aligned to 64 bytes (to 2 MiB, and offered for huge pages, when large).
///
/// Very large memory is taken from the system page by page, where it is first used.
package struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  /// The first element.
  package let base: UnsafeMutablePointer<Element>
  /// The number of elements.
  package let count: Int
  /// The pages of the system that hold the elements; nil where `free` gives them back.
  private let pages: UnsafeMutableRawBufferPointer?

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
    pages = bytes >= Self.veryLarge ? Self.freshPages(bytes) : nil
    guard let memory = pages.map(Self.aligned) ?? Self.zeroed(bytes) else {
      MemoryShortage("\(purpose)", needed: bytes, available: SystemMemory.available()).end()
    }
    base = memory.bindMemory(to: Element.self, capacity: max(count, 1))
  }

  /// A copy of an array.
  package init(_ elements: [Element]) {
    self.init(count: elements.count)
    base.update(from: elements, count: elements.count)
  }

  deinit {
    if let pages { munmap(pages.baseAddress!, pages.count) } else { free(base) }
  }

  private static var hugePage: Int { 1 << 21 }
  private static var veryLarge: Int { 1 << 26 }

  private static func zeroed(_ bytes: Int) -> UnsafeMutableRawPointer? {
    let alignment = bytes >= 2 * hugePage ? hugePage : 64
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, alignment, bytes) == 0, let memory else { return nil }
    if alignment == hugePage { offerHugePages(memory, bytes) }
    memset(memory, 0, bytes)
    return memory
  }

  /// Pages of zeros that take no memory until they are used, with room to align them; nil where the system has none.
  private static func freshPages(_ bytes: Int) -> UnsafeMutableRawBufferPointer? {
    let (all, isTooMany) = bytes.addingReportingOverflow(hugePage)
    guard !isTooMany,
      let start = mmap(nil, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      start != MAP_FAILED
    else { return nil }
    offerHugePages(start, all)
    return UnsafeMutableRawBufferPointer(start: start, count: all)
  }

  private static func aligned(_ pages: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawPointer {
    pages.baseAddress!.alignedUp(toMultipleOf: hugePage)
  }

  private static func offerHugePages(_ memory: UnsafeMutableRawPointer, _ bytes: Int) {
    #if os(Linux)
      madvise(memory, bytes, Int32(MADV_HUGEPAGE))
    #endif
  }

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
