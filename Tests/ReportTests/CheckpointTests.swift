import Foundation
import Report
import Support
import Testing

@Suite struct CheckpointTests {
  private func contents(_ number: Int) -> SafeTensors {
    SafeTensors(
      tensors: [.init(name: "a", shape: [3], values: [Float(number), -0.0, .nan])],
      metadata: ["progress": "\(number)"])
  }

  @Test("The last two generations are kept, and numbers go on")
  func generations() throws {
    let folder = try TemporaryDirectory()
    let checkpoints = CheckpointDirectory(run: folder.url.path)
    #expect(try checkpoints.newest() == nil)
    for number in 1...4 { #expect(try checkpoints.write(contents(number)).generation == number) }
    #expect(try checkpoints.generations == [3, 4])
    let found = try #require(try CheckpointDirectory(run: folder.url.path).newest())
    #expect(found.found.generation == 4 && found.damage.isEmpty)
    #expect(found.found.contents.metadata == ["progress": "4"])
    #expect(
      found.found.contents.tensors[0].values.map(\.bitPattern) == [4, -0.0, Float.nan].map(\.bitPattern))
  }

  @Test("A folder that cannot be listed is an error that removes nothing, not a folder without checkpoints")
  func unlisted() throws {
    let folder = try TemporaryDirectory()
    let writer = CheckpointDirectory(run: folder.path("run"))
    let run = try RunDirectory(folder.path("run"))
    _ = try writer.write(contents(1))
    // Nobody, not even root, sees through these: a circle of links, a file, a link to a place that is away.
    let aside = folder.path("aside")
    try FileManager.default.moveItem(atPath: writer.path, toPath: aside)
    for (target, reason) in [
      ("checkpoints", "Too many levels"), ("/dev/null", "Not a directory"), (folder.path("away"), "No such"),
    ] {
      symlink(target, writer.path)
      for body in [
        { _ = try CheckpointDirectory(run: run.path).newest() }, { _ = try run.isUsed },
        { _ = try writer.write(self.contents(2)) }, { try writer.remove(after: 1) },
        { try run.begin(config: [String: String]()) },
      ] as [() throws -> Void] {
        let error = #expect(throws: ReportError.self) { try body() }
        #expect(error?.kind == .unreadable && error?.path == writer.path, "\(String(describing: error))")
        #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
        #expect(error?.message.contains("mounted") == true)
      }
      unlink(writer.path)
    }
    try FileManager.default.moveItem(atPath: aside, toPath: writer.path)
    #expect(try CheckpointDirectory(run: run.path).newest()?.found.generation == 1)
  }

  @Test("A run begins anew over checkpoints only where it was told to replace them")
  func begin() throws {
    let folder = try TemporaryDirectory()
    do {
      let run = try RunDirectory(folder.url.path, use: .resume)
      _ = try run.checkpoints.write(contents(1))
      let error = #expect(throws: ReportError.self) { try run.begin(config: [String: String]()) }
      #expect(error?.kind == .output && error?.message.contains("--overwrite") == true)
      #expect(try run.checkpoints.generations == [1])
      #expect(!FileManager.default.fileExists(atPath: run.file("config.json")))
    }
    let run = try RunDirectory(folder.url.path, use: .replace)
    try run.begin(config: [String: String]())
    #expect(try run.checkpoints.generations == [])
  }

  @Test("To replace a run removes its checkpoints, not what a user put beside them")
  func othersFiles() throws {
    let folder = try TemporaryDirectory()
    let writer = CheckpointDirectory(run: folder.url.path)
    for number in 1...2 { _ = try writer.write(contents(number)) }
    let note = "\(writer.path)/notes.txt"
    try Data("mine".utf8).write(to: URL(fileURLWithPath: note))
    try RunDirectory(folder.url.path, use: .replace).begin(config: [String: String]())
    #expect(try FileManager.default.contentsOfDirectory(atPath: writer.path) == ["notes.txt"])
    unlink(note)
    try RunDirectory(folder.url.path, use: .replace).begin(config: [String: String]())
    #expect(!FileManager.default.fileExists(atPath: writer.path))
  }

  @Test("A run beside other files says so; over an older run, or in a folder of its own, it does not")
  func beside() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path("run")
    #expect(try RunDirectory(path).warnings.isEmpty)
    for name in ["b.png", "a.png", ".hidden"] {
      try Data().write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
    do {
      let run = try RunDirectory(path)
      #expect(run.warnings == ["\(path) is not empty: a.png and 1 more stay there, beside the results"])
      try run.begin(config: [String: String]())
    }
    #expect(try RunDirectory(path, use: .replace).warnings.isEmpty)
  }

  @Test("What is damaged is not among the two that are kept")
  func damagedOnes() throws {
    let folder = try TemporaryDirectory()
    let writer = CheckpointDirectory(run: folder.url.path)
    for number in 1...2 { _ = try writer.write(contents(number)) }
    try Data().write(to: URL(fileURLWithPath: "\(writer.directory(2))/manifest.json"))
    let resumed = CheckpointDirectory(run: folder.url.path)
    #expect(try resumed.newest()?.found.generation == 1)
    #expect(try resumed.write(contents(3)).generation == 3)
    #expect(try resumed.generations == [1, 3])
  }

  @Test("No change of a byte of either file goes unnoticed, and none traps")
  func everyByte() throws {
    let folder = try TemporaryDirectory()
    let checkpoints = CheckpointDirectory(run: folder.url.path)
    _ = try checkpoints.write(contents(1))
    let directory = checkpoints.directory(1)
    for name in ["manifest.json", "state.safetensors"] {
      let path = URL(fileURLWithPath: "\(directory)/\(name)")
      let whole = try Data(contentsOf: path)
      for place in whole.indices {
        var changed = whole
        changed[place] ^= 1 << UInt8(place % 8)
        try changed.write(to: path)
        #expect(throws: ReportError.self, "\(name), byte \(place)") {
          try CheckpointDirectory.read(directory)
        }
        try whole.prefix(place).write(to: path)
        #expect(throws: ReportError.self, "\(name), \(place) bytes") {
          try CheckpointDirectory.read(directory)
        }
      }
      try whole.write(to: path)
    }
    #expect(try CheckpointDirectory.read(directory).metadata == ["progress": "1"])
  }

  @Test("metrics.jsonl goes on where it was cut, also from another file")
  func metrics() throws {
    let folder = try TemporaryDirectory()
    let line = ["epoch": 1]
    let log = MetricsLog(folder.path("metrics.jsonl"))
    try log.append(line)
    let length = try log.length()
    try MetricsLog.sync(log.path)
    try log.append(line)
    let resumed = MetricsLog(folder.path("metrics.jsonl"))
    #expect(try resumed.resume(at: length, from: folder.path("metrics.jsonl")).count == 1)
    try resumed.append(line)
    let copy = MetricsLog(folder.path("copy.jsonl"))
    #expect(try copy.resume(at: length, from: folder.path("metrics.jsonl")).count == 1)
    let text = { try String(contentsOfFile: folder.path($0), encoding: .utf8) }
    #expect(try text("metrics.jsonl") == "{\"epoch\":1}\n{\"epoch\":1}\n")
    #expect(try text("copy.jsonl") == "{\"epoch\":1}\n")
    #expect(throws: ReportError.self) { try copy.resume(at: -1, from: folder.path("metrics.jsonl")) }
    #expect(throws: ReportError.self) { try copy.resume(at: 1000, from: folder.path("metrics.jsonl")) }
  }

  @Test("A directory has one owner at a time also where the file system has no locks")
  func lockWithoutLocks() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path(".lock")
    func take(_ code: Int32 = ENOLCK) throws -> RunLock { try RunLock(run: folder.url.path) { _ in code } }
    for code in [ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL, EIO] {
      let owner = try take(code)
      #expect(owner.weakness?.contains(String(cString: strerror(code))) == true)
      for other in [code, 0] {
        // Also where the locks are back.
        let error = #expect(throws: ReportError.self) { try take(other) }
        #expect(error?.kind == .output && error?.message.contains("process \(getpid()) on") == true)
      }
      withExtendedLifetime(owner) {}
    }
    do {
      let owner = try RunLock(run: folder.url.path)
      // The system's lock is held, and another process is told that there are none.
      #expect(owner.weakness == nil)
      #expect(throws: ReportError.self) { try take() }
      withExtendedLifetime(owner) {}
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("Without locks, what a process of this host has left is taken over, and another host's is named")
  func staleLock() throws {
    let folder = try TemporaryDirectory()
    let path = folder.path(".lock")
    var own = ""
    do {
      let owner = try RunLock(run: folder.url.path) { _ in ENOLCK }
      own = try String(contentsOfFile: path, encoding: .utf8)
      withExtendedLifetime(owner) {}
    }
    func left(_ key: String, _ value: String) -> String {
      own.split(separator: "\n").map { $0.hasPrefix("\(key) ") ? "\(key) \(value)" : String($0) }.joined(
        separator: "\n")
    }
    let host = try #require(own.split(separator: "\n").first?.split(separator: " ").last)
    for (text, isTaken, mention) in [
      // The number went to another process, the system was started anew, the process is gone, an older version's.
      (left("start", "1"), true, ""), (left("boot", "x"), true, ""),
      (left("process", "\(Int32.max) on \(host)"), true, ""),
      (left("process", "\(getpid()) on elsewhere"), false, "process \(getpid()) on elsewhere"),
      (left("processes", "pid:[1]"), false, "process \(getpid()) on \(host)"),
      ("process 12 on elsewhere", false, "process 12 on elsewhere"), ("", false, "does not say whose"),
    ] {
      for code in text.isEmpty ? [ENOLCK] : [ENOLCK, 0] {
        if code == 0, !text.contains("lock file") { continue }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        if isTaken {
          do {
            let owner = try RunLock(run: folder.url.path) { _ in code }
            #expect((owner.weakness == nil) == (code == 0))
            let now = try String(contentsOfFile: path, encoding: .utf8)
            #expect(now.hasPrefix("process \(getpid()) on \(host)\n") && !now.contains("boot x"), "\(now)")
          }
          #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
        } else {
          let error = #expect(throws: ReportError.self, "\(text)") {
            try RunLock(run: folder.url.path) { _ in code }
          }
          #expect(error?.message.contains(mention) == true, "\(String(describing: error))")
          #expect(error?.message.contains("remove ") == true && error?.kind == .output)
          #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
        }
      }
    }
  }

  @Test("A directory has one owner at a time")
  func lock() throws {
    let folder = try TemporaryDirectory()
    do {
      let owner = try RunLock(run: folder.url.path)
      let error = #expect(throws: ReportError.self) { try RunLock(run: folder.url.path) }
      #expect(error?.kind == .output && error?.message.contains("process \(getpid())") == true)
      withExtendedLifetime(owner) {}
    }
    _ = try RunLock(run: folder.url.path)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }
}
