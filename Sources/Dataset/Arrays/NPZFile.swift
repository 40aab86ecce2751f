/// The arrays of an `.npz` file: a zip file of `.npy` files.
struct NPZFile {
  let path: String
  private let zip: ZipFile
  /// The members that are arrays, by key, in the order of the file.
  let members: [ZipMember]

  /// More members than this are no set of arrays.
  private static let mostMembers = 10_000

  /// Reads the file's directory.
  init(_ path: String) throws(DatasetError) {
    self.path = path
    zip = try ZipFile(path)
    members = zip.members.filter { $0.name.hasSuffix(".npy") }
    guard !members.isEmpty, members.count <= Self.mostMembers else {
      throw DatasetError(
        .malformed, path,
        "is a zip file with \(members.count) arrays (.npy) among \(zip.members.count) members, expected some; "
          + "if it holds pictures, unpack it and name the folder")
    }
  }

  /// The name by which NumPy knows `member`.
  static func key(_ member: ZipMember) -> String {
    member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
  }

  /// The array `key`.
  func array(_ key: String) throws(DatasetError) -> NPYArray {
    guard let member = members.first(where: { Self.key($0) == key || $0.name == key }) else {
      throw DatasetError(.missing, path, "has no array \(key); it holds \(listed(members.map(Self.key)))")
    }
    return try NPYArray(member, of: zip)
  }

  /// All arrays that can be read, and the reason for each that cannot.
  private func arrays() -> (good: [(key: String, array: NPYArray)], bad: [DatasetError]) {
    var good: [(String, NPYArray)] = []
    var bad: [DatasetError] = []
    for member in members {
      do throws(DatasetError) { good.append((Self.key(member), try NPYArray(member, of: zip))) } catch {
        bad.append(error)
      }
    }
    return (good, bad)
  }

  /// The array of images where none is named.
  func images() throws(DatasetError) -> (key: String, array: NPYArray, remark: String?) {
    let (good, bad) = arrays()
    let named = good.map {
      NamedArray(key: $0.key, sizes: $0.array.array.sizes, isNumber: $0.array.element != nil)
    }
    let (key, remark) = try NamedArray.images(among: named, bad: bad, in: path)
    return (key, try array(key), remark)
  }

  /// The labels beside the images `key`: an array of `count` integers or texts whose name says so, or nil.
  func labels(of key: String, count: Int) throws(DatasetError) -> (key: String, array: NPYArray)? {
    let good = arrays().good.filter(\.array.isInteger)
    let named = good.map { NamedArray(key: $0.key, sizes: $0.array.array.sizes, isNumber: true) }
    guard let label = NamedArray.labels(of: key, count: count, among: named).first else { return nil }
    return (label, try array(label))
  }

  /// The only array that may be labels.
  func onlyLabels() throws(DatasetError) -> NPYArray {
    let fitting = arrays().good.filter { _, array in
      array.isInteger && array.array.sizes.dropFirst().allSatisfy { $0 == 1 }
    }
    guard let only = fitting.first, fitting.count == 1 else {
      let all = members.map(Self.key)
      throw DatasetError(
        .mismatch, path,
        "expected one array of labels (one dimension, integers or texts), found \(fitting.count) among "
          + "\(listed(all)); name one, as in \(path):\(fitting.first?.key ?? all[0])")
    }
    return only.array
  }
}
