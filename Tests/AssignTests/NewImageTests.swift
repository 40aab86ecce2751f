import Basics
import Foundation
import Report
import Support
import Testing

/// Images that the model has not seen.
@Suite struct NewImageTests {
  @Test(
    "one image, larger or coloured ones, an older model, results in each form, and a reader that goes early")
  func forms() throws {
    let run = try AssignedRun(pictures: AssignedRun.names(45))
    let picture = run.directory.path("images/picture7.png")
    let one = try run.assign([run.run, "--images", picture])
    let known = try AssignedRun.rows(run.bytes("run/assignments.csv")).first { $0[1] == "picture7.png" }
    let row = try #require(try AssignedRun.rows(Array(one.output.utf8)).first)
    #expect(one.exitCode == 0 && row.count == 8 && row[2...3] == known?[2...3], "\(one)")

    let large = run.directory.path("new/large.ppm")
    let samples = (0..<(24 * 12 * 3)).map { UInt8($0 * 37 & 255) }
    try AssignedRun.put(Array("P6\n24 12\n255\n".utf8) + samples, large)
    let lines = try run.assign(
      ranks: 2, [run.run, "--images", run.directory.path("new"), "--format", "jsonl"], quiet: false)
    #expect(lines.errors.contains("1 of 1 images are brought to the model's 8×8 (pad)"), "\(lines)")
    #expect(lines.errors.contains("1 of 1 images are read as grey, as the model wants"), "\(lines)")
    let object = try JSONSerialization.jsonObject(with: Data(lines.output.utf8)) as? [String: Any]
    #expect(object?["source"] as? String == "large.ppm" && object?["margin"] is Double, "\(lines)")
    #expect((object?["distance_quantile"] as? Double).map { (0...1).contains($0) } == true, "\(lines)")

    // Farther than all training images, as almost all are.
    try AssignedRun.put(
      Array("P5\n8 8\n255\n".utf8) + (0..<64).map { UInt8($0 % 2 * 255) }, run.directory.path("unlike/a.pgm"))
    let unlike = try run.assign([run.run, "--images", run.directory.path("unlike")], quiet: false)
    let farther = try #require(AssignedRun.rows(Array(unlike.output.utf8)).first)[7] == "1.0"
    #expect(farther && unlike.errors.contains("1 of 1 images are farther from the centre"), "\(unlike)")

    // The scores of this recipe have one degree of freedom, as is taken where the model does not say it.
    var model = try SafeTensors.read("\(run.run)/model.safetensors")
    for key in ["degrees_of_freedom", "feature_activation"] {
      #expect(model.metadata.removeValue(forKey: key) != nil)
    }
    model.tensors.removeAll { ["distance_quantiles", "cluster_sizes"].contains($0.name) }
    try model.write(to: run.directory.path("older.safetensors"))
    let older = try run.assign(
      [
        run.directory.path("older.safetensors"), "--images", run.directory.path("images"), "--output",
        run.directory.path("older"),
      ])
    #expect(older.exitCode == 0 && older.errors.contains("degrees of freedom; 1 is taken"), "\(older)")
    #expect(older.errors.contains("distance_quantile is empty"), "\(older)")
    #expect(try run.bytes("older/assignments.csv") == run.bytes("run/assignments.csv"))
    #expect(try AssignedRun.rows(run.bytes("older/details.csv")).allSatisfy { $0[7].isEmpty })

    // Only what is asked for stays.
    let arrays = try run.assign(
      [run.run, "--output", run.directory.path("older"), "--overwrite", "--format", "npy"])
    #expect(arrays.exitCode == 0, "\(arrays)")
    #expect(Files.names(in: run.directory.path("older"))?.sorted() == ["embeddings.npy", "scores.npy"])
    #expect(try run.bytes("older/scores.npy") == run.bytes("run/scores.npy"))

    let program = try ProcessRunner.built("dbc-assign")
    let early = try ProcessRunner.run(
      "/bin/sh",
      ["-c", "{ \"$0\" \"$1\" --quiet --format jsonl; echo $? >&2; } | head -c 1", program, run.run])
    #expect(early.errors == "0\n" && early.output == "{", "\(early)")
  }
}
