import Basics
import Lanes

extension ImageSearch {
  /// A hash of all that the decoded images depend on: names, lengths and times of the files, and how they are read.
  package var key: UInt64 {
    var hash = FNVHash()
    // Another program may decode otherwise.
    hash.add("images 2 \(BuildInformation.version)")
    for input in listing.inputs {
      switch input {
      case .stills(_, let entries): hash.add("stills \(entries.count)")
      case .array(let path): hash.add(file: path)
      case .shards(let paths): for path in paths { hash.add(file: path) }
      }
    }
    for root in listing.roots { hash.add(FileName.absolute(root.path)) }
    for number in 0..<stillCount {
      let still = listing.stills[number]
      hash.add(Int(still.root))
      hash.add(still.name)
      hash.add(still.bytes)
      hash.add(still.modified)
    }
    let asked = [
      request.size.text, request.fit?.rawValue ?? "", request.colour.rawValue, request.background.text,
      request.range.text, request.layout.rawValue, "\(request.skipsUnreadable)", "\(request.limit ?? -1)",
      "\(request.images.isEmpty ? "\(request.seed) \(request.builtInCount)" : "")",
    ]
    for text in asked { hash.add(text) }
    if let preparation = request.preparation { hash.add(JSON.line(preparation)) }
    return hash.value
  }
}

/// The Fowler–Noll–Vo hash 1a of 64 bits.
private struct FNVHash {
  var value: UInt64 = 0xcbf2_9ce4_8422_2325

  private mutating func add(byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

  mutating func add(_ text: String) {
    for byte in text.utf8 { add(byte: byte) }
    add(byte: 0)
  }

  mutating func add(_ number: Int) {
    for shift in stride(from: 0, to: 64, by: 8) { add(byte: UInt8(truncatingIfNeeded: number >> shift)) }
  }

  /// Name, length and time of a file; of `file.h5:/dataset` those of the file.
  mutating func add(file path: String) {
    let (file, inner) = ArrayFile.split(path)
    add(FileName.absolute(file))
    add(inner ?? "")
    guard let status = Files.status(file) else { return }
    add(Int(status.st_size))
    add(status.modified)
  }
}
