import Glibc

/// An IPv4 address of this host, and the interface that has it.
package struct NetworkInterface {
  package let name: String
  /// In network order.
  package let address: UInt32
  package let isUp: Bool
  package let isLoopback: Bool

  /// The address as four numbers.
  package var text: String {
    withUnsafeBytes(of: address) { $0.map { "\($0)" }.joined(separator: ".") }
  }

  /// All of this host, in the system's order; none where the system does not tell.
  package static var all: [NetworkInterface] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    return sequence(first: first, next: { $0?.pointee.ifa_next }).compactMap { entry in
      guard let entry = entry?.pointee, let address = entry.ifa_addr,
        Int32(address.pointee.sa_family) == AF_INET
      else { return nil }
      let number = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr.s_addr }
      return NetworkInterface(
        name: String(cString: entry.ifa_name), address: number,
        isUp: entry.ifa_flags & UInt32(IFF_UP) != 0, isLoopback: number.bigEndian >> 24 == 127)
    }
  }
}
