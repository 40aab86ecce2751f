import Basics
import Foundation
import Report
import Support
import Testing

/// What cannot be used ends the program with one line, and the right exit code.
@Suite struct BadInputTests {
  @Test("models, images and directories that cannot be used")
  func everything() throws {
    let run = try AssignedRun(pictures: AssignedRun.names(45))
    let (images, model) = (run.directory.path("images"), "\(run.run)/model.safetensors")
    func path(_ name: String) -> String { run.directory.path(name) }
    func expect(_ code: Int32, _ text: String, ranks: Int? = nil, _ arguments: [String]) throws {
      let result = try run.assign(ranks: ranks, arguments)
      #expect(result.exitCode == code && result.errors.contains(text) && result.output.isEmpty, "\(result)")
      let lines = result.errors.split(separator: "\n")
      #expect(code == 64 || lines.count == 1 && lines[0].hasPrefix("dbc-assign: error: "), "\(result)")
    }
    try AssignedRun.put(run.bytes("run/config.json"), path("unfinished/config.json"))
    try expect(66, "a run that is not finished", [path("unfinished")])
    try expect(66, "holds no model.safetensors", [images])
    try expect(66, "there is no such run or model", [path("none"), "--images", images])
    let bytes = try run.bytes("run/model.safetensors")
    try AssignedRun.put(Array("some text, and nothing else".utf8), path("text"))
    try AssignedRun.put(Array(bytes.dropLast(10)), path("short"))
    try expect(65, "not a safetensors file that can be used", ranks: 2, [path("text"), "--images", images])
    try expect(65, "not a safetensors file that can be used", [path("short"), "--images", images])
    try expectChanged(run, "encoder", "5x5-6-0", "as encoder, found auto, 5x5-6-0") { try expect(65, $0, $1) }
    try expectChanged(run, "image_size", "1,8", "channels, rows and columns") { try expect(65, $0, $1) }
    try expectChanged(run, "image_size", "3,8,8", "it was made for another") { try expect(65, $0, $1) }
    try expectChanged(run, "architecture", nil, "is no model of dbc-train") { try expect(65, $0, $1) }
    try expectChanged(run, "degrees_of_freedom", "-1", "a number above 0") { try expect(65, $0, $1) }
    var damaged = try SafeTensors.read(model)
    let last = damaged.tensors.removeLast()
    damaged.tensors.append(.init(name: last.name, shape: last.shape, values: last.values.map { _ in .nan }))
    try damaged.write(to: path("nan"))
    try expect(65, "NaN or infinite", [path("nan"), "--images", images])

    try expect(66, "none.png", [run.run, "--images", path("none.png")])
    try expect(66, "holds no still image", [run.run, "--images", try empty(path("empty"))])
    try AssignedRun.put(npy([3, 4, 8, 8], [UInt8](repeating: 9, count: 768)), path("four.npy"))
    try expect(
      65, "the model wants images of 1 (grey) or 3 (RGB) channels, but 3 of 3 images have 4", ranks: 2,
      [run.run, "--images", path("four.npy")])
    try AssignedRun.put(Array("P5\n8 8\n65535\n".utf8) + [UInt8](repeating: 9, count: 128), path("wide.pgm"))
    try expect(65, "was trained on bytes", [run.run, "--images", path("wide.pgm")])
    try AssignedRun.put(Array(PNGs.grey(8, seed: 1).dropLast(30)), path("bad/bad.png"))
    try expect(65, "bad.png", [run.run, "--images", path("bad"), "--output", path("new")])

    try expect(73, "holds a run of dbc-train", ranks: 2, [run.run, "--output", run.run, "--overwrite"])
    try expect(73, "is a file", [run.run, "--output", model])
    try AssignedRun.put([], path("used/scores.npy"))
    try expect(73, "holds results already (scores.npy)", [run.run, "--output", path("used")])
    try expect(73, "is a file", [run.run, "--sort", model])
    #expect(try run.bytes("run/model.safetensors") == bytes && run.bytes("used/scores.npy").isEmpty)

    try expect(64, "--images is missing", [model])
    try expect(64, "--format npy needs --output", [run.run, "--format", "npy"])
    try expect(64, "--by", [run.run, "--by", "copy"])
    try expect(64, "--sort needs", [run.run, "--output", path("both"), "--sort", path("both")])
    try expect(64, "<model>", [])
  }

  private func empty(_ folder: String) throws -> String {
    try #require(Files.makeFolders(folder) == 0)
    return folder
  }

  /// The same model with other metadata.
  private func expectChanged(
    _ run: borrowing AssignedRun, _ key: String, _ value: String?, _ text: String,
    _ expect: (String, [String]) throws -> Void
  ) throws {
    var model = try SafeTensors.read("\(run.run)/model.safetensors")
    model.metadata[key] = value
    let path = run.directory.path("changed")
    try model.write(to: path)
    try expect(text, [path, "--images", run.directory.path("images")])
  }
}
