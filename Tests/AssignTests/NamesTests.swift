import Basics
import Foundation
import Support
import Testing

/// names.csv beside the model.
@Suite struct NamesTests {
  @Test(
    "with names.csv every row has its cluster's name, in all forms; without it the results are the run's own")
  func column() throws {
    let run = try AssignedRun()
    let own = try run.bytes("run/assignments.csv")
    let names = ["of, \"one\"", "", "<two>\n"]
    let table = "cluster,name\n0,\(CSV.field(names[0]))\n2,\(CSV.field(names[2]))\n"
    try AssignedRun.put(Array(table.utf8), "\(run.run)/names.csv")
    let result = try run.assign(ranks: 2, [run.run, "--output", run.directory.path("named")])
    #expect(result.exitCode == 0, "\(result)")
    let rows = try AssignedRun.rows(run.bytes("named/assignments.csv"))
    #expect(rows.count == 203 && rows.allSatisfy { $0.last == names[Int($0[2])!] })
    let expected = try AssignedRun.rows(own).map { $0[...] }
    #expect(rows.map { $0.dropLast() } == expected)
    let details = try AssignedRun.rows(run.bytes("named/details.csv"))
    #expect(details.allSatisfy { $0.last == names[Int($0[2])!] })
    let lines = try run.assign([run.run, "--format", "jsonl"]).output.split(separator: "\n")
    #expect(lines.count == 203)
    for line in lines {
      let row = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let cluster = try #require(row["cluster"] as? Int)
      #expect(row["name"] as? String == names[cluster])
    }
    let header = try run.assign([run.run]).output.prefix { $0 != "\n" }
    #expect(header.hasSuffix(",distance_quantile,name"))

    try AssignedRun.put(Array("cluster,name\n0,\n".utf8), "\(run.run)/names.csv")
    let bad = try run.assign(ranks: 2, [run.run])
    #expect(bad.exitCode == 65 && bad.errors.contains("line 2: expected a name of cluster 0"), "\(bad)")
    #expect(Files.unlink("\(run.run)/names.csv") == 0)
    let plain = try run.assign([run.run, "--output", run.directory.path("plain")])
    #expect(try plain.exitCode == 0 && run.bytes("plain/assignments.csv") == own, "\(plain)")
  }
}
