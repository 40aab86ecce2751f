import CPUGuard
import CPUTarget
import Foundation
import Support
import Testing

#if arch(x86_64)
  /// What is compiled for one CPU and started on another: every feature that the compiler may use is looked for first.
  @Suite(.enabled(if: (try? ProcessRunner.tool("clang")) != nil, "needs clang"))
  struct CPUFeatureTests {
    private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources").standardizedFileURL.path

    private static var rows: UnsafeBufferPointer<dbc_cpu_feature> {
      UnsafeBufferPointer(start: dbc_cpu_features(), count: dbc_cpu_feature_count())
    }

    private func clang(_ arguments: [String]) throws -> ProcessResult {
      try ProcessRunner.run(try ProcessRunner.tool("clang"), arguments)
    }

    /// The macros that clang defines as 1 for a CPU, and does not for the first x86-64; nil where it does not know the CPU.
    private func macros(_ cpu: String) throws -> Set<String>? {
      func defined(_ cpu: String) throws -> Set<String>? {
        let result = try clang(["-march=\(cpu)", "-dM", "-E", "-x", "c", "/dev/null"])
        guard result.exitCode == 0 else { return nil }
        let words = result.output.split(separator: "\n").map { $0.split(separator: " ") }
        return Set(words.filter { $0.count == 3 && $0[2] == "1" }.map { String($0[1]) })
      }
      let first = try #require(try defined("x86-64"))
      return try defined(cpu)?.subtracting(first)
    }

    /// Whether a macro is no feature: the name of a CPU model, in small letters, or a width that AVX-512 is limited to.
    private func isName(_ macro: String) -> Bool {
      macro.wholeMatch(of: /__[a-z][a-z0-9_]*/) != nil || ["__EVEX256__", "__EVEX512__"].contains(macro)
    }

    @Test("every feature macro of clang, for this CPU and all that it knows by name, is in the table")
    func complete() throws {
      let known = Set(Self.rows.map { String(cString: $0.macro) })
      #expect(known.count == Self.rows.count)
      let list = try clang(["--target=x86_64-unknown-linux-gnu", "--print-supported-cpus"])
      // Indented names, those of -march and -mcpu alike; a line that is none is not known below.
      let names = (list.output + list.errors).split(separator: "\n").filter { $0.first?.isWhitespace == true }
        .map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(names.contains("x86-64-v4"), "\(list)")
      for cpu in ["native"] + names {
        guard let macros = try macros(cpu) else { continue }
        let missing = macros.filter { !known.contains($0) && !isName($0) }
        #expect(missing.isEmpty, "Sources/CPUTarget/CPUFeatures.h lacks \(missing.sorted()) of \(cpu)")
      }
    }

    @Test("clang finds in this machine's CPU what the table finds there")
    func thisCPU() throws {
      let native = try #require(try macros("native"))
      var cpu = dbc_this_cpu()
      for row in Self.rows {
        let name = String(cString: row.macro)
        let found = withUnsafePointer(to: row) { dbc_cpu_has(&cpu, $0) != 0 }
        // clang leaves out what it has no use for on this CPU.
        if native.contains(name) { #expect(found, "\(name)") }
        if row.allowed != 0, row.only_by_name == 0 { #expect(found, "\(name)") }
      }
    }

    @Test("a feature is missing without its bit, and without a system that saves its registers")
    func bits() throws {
      let row = try #require(Self.rows.first { String(cString: $0.macro) == "__AVX512VBMI__" })
      func has(_ cpu: dbc_cpu) -> Bool {
        withUnsafePointer(to: cpu) { cpu in withUnsafePointer(to: row) { dbc_cpu_has(cpu, $0) != 0 } }
      }
      var cpu = dbc_cpu(
        cpuid: { leaf, subleaf, answer in
          for place in 0..<4 { answer?[place] = leaf == 7 && subleaf == 0 && place == 2 ? 2 : 0 }
        }, saved: 0xe7)
      #expect(has(cpu))
      cpu.saved = 0x7
      #expect(!has(cpu))
      cpu.saved = 0xe7
      cpu.cpuid = { _, _, answer in for place in 0..<4 { answer?[place] = place == 2 ? ~2 : 0 } }
      #expect(!has(cpu))
    }

    @Test("a program for another CPU names the features and ends with 78 before main")
    func otherCPU() throws {
      let folder = try TemporaryDirectory()
      try "int main(void) { return 5; }\n".write(
        toFile: folder.path("main.c"), atomically: true, encoding: .utf8)
      func build(_ target: [String]) throws -> String {
        let headers = ["CPUTarget", "CPUGuard"].flatMap { ["-I", "\(Self.sources)/\($0)/include"] }
        for (source, options) in [
          ("\(Self.sources)/CPUTarget/CPUTarget.c", target), ("\(Self.sources)/CPUGuard/CPUGuard.c", []),
          (folder.path("main.c"), []),
        ] {
          let object = folder.path(URL(fileURLWithPath: source).lastPathComponent + ".o")
          let result = try clang(options + headers + ["-O2", "-c", source, "-o", object])
          try #require(result.exitCode == 0, "\(result)")
        }
        let program = folder.path("program")
        let objects = ["CPUTarget.c.o", "CPUGuard.c.o", "main.c.o"].map { folder.path($0) }
        let link = try clang(objects + ["-o", program])
        try #require(link.exitCode == 0, "\(link)")
        return program
      }
      #expect(try ProcessRunner.run(try build(["-march=native"])).exitCode == 5)
      // Instructions that source code must name do not keep a program from running.
      #expect(try ProcessRunner.run(try build(["-mlwp", "-mpconfig", "-muintr"])).exitCode == 5)
      // No CPU has both: AMD instructions of 2011, and Intel's tiles.
      let result = try ProcessRunner.run(try build(["-mtbm", "-mfma4", "-mamx-complex"]))
      #expect(result.exitCode == 78 && result.output.isEmpty, "\(result)")
      let lines = result.errors.split(separator: "\n")
      #expect(lines.count == 2 && lines[0].contains(" that this one lacks: "), "\(result)")
      #expect(lines[0].contains(" FMA4") && lines[0].contains(" TBM"), "\(result)")
      #expect(lines[1].contains("DBC_CPU="), "\(result)")
    }
  }
#endif
