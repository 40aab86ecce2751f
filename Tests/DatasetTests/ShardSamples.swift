import Dataset
import Foundation

/// A tar file, as the tests write it.
struct TarFile {
  /// The file so far, without its end.
  var bytes: [UInt8] = []

  /// A file of the members given.
  init(_ members: (String, [UInt8])...) { for (name, data) in members { add(name, data) } }

  /// The file with the two empty blocks at its end.
  var ended: [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

  /// Adds a member: a file, unless `type` says otherwise. `size` is what the header says where that is not true.
  mutating func add(
    _ name: String, _ data: [UInt8] = [], type: Character = "0", size: Int? = nil, link: String = ""
  ) {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ place: Int) {
      header.replaceSubrange(place..<(place + text.utf8.count), with: text.utf8)
    }
    func octal(_ number: Int, _ digits: Int) -> String {
      let text = String(number, radix: 8)
      return String(repeating: "0", count: digits - text.count) + text
    }
    put(name, 0)
    put("0000644", 100)
    put("0000000", 108)
    put("0000000", 116)
    put(octal(size ?? data.count, 11), 124)
    put(octal(0, 11), 136)
    put("        " + String(type), 148)
    put(link, 157)
    put("ustar\u{0}00", 257)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0}", 148)
    bytes += header + data + [UInt8](repeating: 0, count: (512 - data.count % 512) % 512)
  }
}

/// A grey picture of four pixels.
func smallPicture(_ pixels: String) -> [UInt8] { Array("P5 2 2 255\n\(pixels)".utf8) }

/// Tar files that other programs wrote.
enum ShardSamples {
  /// `a.pgm` and `a.cls`, packed by gzip.
  static let gzip = decoded(
    "H4sIAAAAAAACA+3TPQ5AQBCG4amdwglkbOzuNVxhkWhIxM/9LY2EGhHvM8U3mWaqL2RD28u9NHJFsWd0TtXcH/t+d86rpCoPWKY5jPGl"
      + "/FNpU7ONtUmo6kbwLyGru+nt/qu59N/R/0f4hA4AAAAAAAAAAAAAAAB82QoTlmkFACgAAA==")

  /// `a.pgm` and `a.cls`, packed by zstd.
  static let zstd = decoded(
    "KLUv/QBYRQMAIgQOFZC16WiC8nyebBdyjb0N9uTxXUtEGSXh3WUokyXUkAWhs7MzJNwkASvQrSfEb1Pw/zn436NATAYQAP0PevAEFaj/"
      + "mpAMqAzMPUAe7YKpaAfqQoAC4g2pASA5wABaDXCsXGYnUAQ=")

  /// `a.pgm` and `a.cls`, packed by xz.
  static let xz = decoded(
    "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Cf/AHpdADCLiga0HNELcKxc1TwjiNjZWQ7Pnu5Q39u7cBKx9+YsDfoDTQFWUmxOrKjxJBUv"
      + "gYBz5umFbL6LHf9gFBJQEo5vMeFOHTClYmtxOf0CSL8JwVGYrzu0x3vyz6B2Z5yAXE+9E22q7lz9TSNlI0+Pxbei1MbwRuxcVeHwAAAA"
      + "NaNc6Z9swvoAAZYBgFAAALiQ77SxxGf7AgAAAAAEWVo=")

  /// `a.pgm` and `a.cls`, packed by bzip2.
  static let bzip2 = decoded(
    "QlpoOTFBWSZTWQdsgDMAAI97gcuQAARAAXeAQAh8hl4AAAEICCAAchKmoBoANABsoFUU1G1NGgxDQNA/eNL1JT3kG22IhDU0YLjDnwWq"
      + "oQkUypE63ZitdK2IVSQzWIWMcqxvbG7O+lybibtIkwNxBTPzv1UjLOKxEYvHOD8XckU4UJAHbIAz")

  /// `a.pgm` and `a.cls`, packed by lz4.
  static let lz4 = decoded(
    "BCJNGGRwuacAAABvYS5wZ20AAQBLcTAwMDA2NDQIADwwMDAIAEQwMDE3FAAAAgCvADAwNjY3MAAgMJcASwICAH91c3RhcgAwbABSDwIA"
      + "gEBQNSAyAgB/NTUKYWJjZKIAgA8CAP9MX2EuY2xzYwFMANUDDwAECi0wMgAEHzYABP9VLzcK/QFMDwIA////////////////////////"
      + "////////////////////qFAAAAAAAAAAAAB5ZJv+")

  /// `a.pgm` and `a.cls`, packed by lzip.
  static let lzip = decoded(
    "TFpJUAEXADCLiga0HNELcKxc1TwjiNjZWQ7Pnu5Q39u7cBKx9+YsDfoDTQFWUmxOrKjxJBUvgYBz5umFbL6LHf9gFBJQEo5vMeFOHTCl"
      + "YmtxOf0CSL8JwVGYrzu0x3vyz6B2Z5yAXE+9E22q7lz9TSNlI0+Pxbei1MbwRuxc6NW+H//Tp3DgE5ZpBQAoAAAAAAAAmwAAAAAAAAA="
  )

  /// Names that are long, or not ASCII, or not UTF-8, as Python's tarfile writes them by default.
  static let pax = decoded(
    "H4sIAAAAAAACA+2YsW6DMBCGPfMUPAHYhoMpSpupXaqoW0cHKLRNoshQibfpi7DxYC2ISiiqMrSSTVT/HwOIxcPp93d3QRiEN1vV3hUq"
      + "LzQzAp+49OZc0vw9/hdcCsn8llngvW6UHo5nbiKFf1JNtSp13x3DvgtO5cFjwBVKvT6G67Hq5s4YQ53E8eX8i/Q8/zwlETGfI//G2ZIv"
      + "x4fIU7ssRyAcI7gC/8v5bpj9T/C/DUQSTw1Ae5WgHTGMjSL+2v8RRZzgf8v+L57LCoGA/+3P/3EC/y83/1e5ziql66JZbe4fbh+fPJFO"
      + "PcFO5Z8w8L9mKLHh6f9P879M4X/b/n95fdsjEPC/ff9j/7+k/8/3/9m+hu7d4Xv/P1R9Qf9z+rH/5wn8b4O67/oPxAAAAAAAwBm+AMpJ"
      + "ztYAKAAA")

  /// The same in GNU format.
  static let gnu = decoded(
    "H4sIAAAAAAACA+3XPQ6CMByH4c6eoieASltYPQCDV+BDK4JoQBNv40XYejAFEzV+LAytxv6eDiWszdt/qhrd1b7uvJ3aEENYLxTiuvde"
      + "d8am0eN7+D9loeSEMmLBod0nDaXEUXNJg2FJOUnSLCfgFs/3/Fm8rVVc1KXB/j90f28+4Py5fxZFQ/8x+jfu+JNMTiOwff6j5z+XgZCY"
      + "/5bn/2KpVgjCMWmSn03ftqP7Z/34R/+2+y/WZYUgHKNu7/+sar/WP5Nv738Ron8bWt3pEzIAAAAAAAAAAAAA+DsXAVXwFQAoAAA="
  )

  /// A file of 1 MiB that is one long hole, from GNU tar --sparse.
  static let sparse = decoded(
    "H4sIAAAAAAACA+3QQQrCMBAF0Kw9RU4gRpKcQ/AEuikupFLr/a11o0IVFAXhvVnMMEkI/O2umR+affimxaDmPPbBQ0+3u+ucaso1xHX4"
      + "gdOx33Qxhq5t+2f3Xp1/lM5UIvk+sXF+64M89XhV4vJSpcwCAAAAAAAAAAAA/+MMsygnZwAoAAA=")
}
