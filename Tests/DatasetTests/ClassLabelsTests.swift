import Basics
import Dataset
import Foundation
import Support
import Testing

/// Classes, where they come from, and the line that says so.
@Suite struct ClassLabelsTests {
  private func images(_ names: [String?], total: Int? = nil) -> LabelledImages {
    LabelledImages(
      count: names.count, total: total, name: { names[$0] }, source: { names[$0] ?? "array#\($0)" })
  }

  private func resolve(
    _ names: [String?], _ choice: LabelChoice = .auto, found: FoundLabels? = nil
  ) throws(DatasetError) -> (labels: ClassLabels?, line: String) {
    try ClassLabels.resolve(choice, images(names), found: found)
  }

  /// So many images in each folder.
  private func spread(_ folders: [String], each: Int = 3) -> [String] {
    folders.flatMap { folder in (0..<each).map { "\(folder)/\($0).png" } }
  }

  @Test("Names are numbered in natural order, whole numbers by value, so that 0 … 9 keep their numbers")
  func numbers() {
    for (values, numbers, names) in [
      (["cat", "ant", "cat"], [1, 0, 1], ["ant", "cat"]),
      (["c10", "c9", "C9"], [2, 1, 0], ["C9", "c9", "c10"]),
      (["7", "0", "7"], [1, 0, 1], ["0", "7"]), (["10", "-3", "2"], [2, 0, 1], ["-3", "2", "10"]),
      (["7", "07", "a"], [1, 0, 2], ["07", "7", "a"]),
      (["e\u{301}", "\u{e9}"], [0, 1], ["e\u{301}", "\u{e9}"]),
      (["a\u{efff}", "a\u{effe}"], [1, 0], ["a\u{effe}", "a\u{efff}"]), ([], [], []),
    ] as [([String], [Int32], [String])] {
      let labels = ClassLabels(values, from: "x")
      #expect(
        labels.numbers == numbers && labels.names.map(ExactText.init) == names.map(ExactText.init),
        "\(values)")
    }
    let digits = (0..<100).map { "\((7 * $0 + 3) % 10)" }
    #expect(ClassLabels(digits, from: "labels.gz").numbers == digits.map { Int32($0)! })
  }

  @Test("The header's line names the classes and their source, not too many of them")
  func line() throws {
    #expect(
      ClassLabels(["b", "a\u{efff}\n"], from: "list.csv").origin == #"2 classes (a\xFF\n, b) from list.csv"#)
    #expect(ClassLabels(["b"], from: "x").origin == "1 class (b) from x")
    let many = ClassLabels((0..<30).map { "\($0)" } + [String(repeating: "l", count: 100)], from: "x").origin
    #expect(many.hasPrefix("31 classes (0, 1, 2, ") && many.hasSuffix("11, …) from x"))
    let found = FoundLabels(["x", "y", "y", "z"], from: "arrays.npz")
    let (labels, line) = try ClassLabels.resolve(.auto, images([nil, nil], total: 4), found: found)
    #expect(labels?.numbers == [0, 1] && line == "2 classes (x, y) from arrays.npz")
    #expect(try resolve([nil], .none, found: found) == (nil, "none (--labels none)"))
  }

  @Test("The deepest sub-folder is the class, the parts of a data set are none")
  func folders() throws {
    for (folders, classes) in [
      (["cat", "dog"], ["cat", "dog"]), (["train/kind1", "test/kind1", "Test/kind0"], ["kind0", "kind1"]),
      (["n01/images", "n02/images"], ["n01", "n02"]),
      (["pets/cat", "pets/dog", "farm/cow"], ["cat", "cow", "dog"]),
      (["2024", "2", "10"], ["2", "10", "2024"]), (["./a", "../b"], ["a", "b"]),
      (["/data/a", "/data/b"], ["a", "b"]),
    ] {
      let (labels, line) = try resolve(spread(folders))
      #expect(labels?.names == classes, "\(folders) \(line)")
      #expect(line == "\(classes.count) classes (\(classes.joined(separator: ", "))) from sub-folders")
      #expect(
        try resolve(spread(folders), .folders).labels
          == labels.map {
            ClassLabels($0.numbers.map { classes[Int($0)] }, from: "sub-folders (--labels folders)")
          })
    }
  }

  @Test("Where sub-folders do not look like classes there are no labels, and the line says why")
  func doubts() throws {
    for (names, line) in [
      (["a.png", "b.png"], "none (no labels were given, and no sub-folders name classes)"),
      (spread(["train", "test"]), "none (no labels were given, and no sub-folders name classes)"),
      ([nil, nil], "none (no labels were given, and no sub-folders name classes)"),
      (
        spread(["kind0", "kind1"]) + ["stray\n.png"],
        #"none: 1 of 7 pictures lies in no sub-folder that names a class (stray\n.png)"#
      ),
      (
        ["x.png", "train/y.png"] + spread(["kind0"]),
        "none: 2 of 5 pictures lie in no sub-folder that names a class (the first is x.png)"
      ),
      (spread(["one"]), "none: all pictures lie in one sub-folder (one)"),
      (
        spread(["2023-01-05", "2023-01-06"]),
        "none: sub-folders are dates (2023-01-05, …); --labels folders takes them for classes"
      ),
      (
        spread(["2023/01/05", "2023/01/06"]),
        "none: sub-folders are dates (2023/01/05, …); --labels folders takes them for classes"
      ),
      (
        spread(["cat/day1", "cat/day2", "dog/day1"]),
        "none: sub-folders lie within others (cat/day1 and dog/day1 would be one class, day1); --labels folders takes "
          + "them for classes"
      ),
      (
        spread(["cat", "cat/young", "dog"]),
        "none: pictures lie in cat and also in cat/young; --labels folders takes them for classes"
      ),
      (
        spread(["a", "b", "c"], each: 1),
        "none: 3 sub-folders for 3 pictures; --labels folders takes them for classes"
      ),
    ] as [([String?], String)] {
      let (labels, found) = try resolve(names)
      #expect(labels == nil && found == line, "\(found)")
    }
  }

  @Test("--labels folders takes them all the same, and names a picture outside")
  func asked() throws {
    #expect(try resolve(spread(["one"]), .folders).labels?.names == ["one"])
    #expect(try resolve(spread(["2023/01/05", "2023/02/05"]), .folders).labels?.names == ["05"])
    let (labels, line) = try resolve(spread(["cat/day1", "dog/day1", "dog/day2"]), .folders)
    #expect(labels?.numbers == [0, 0, 0, 0, 0, 0, 1, 1, 1])
    #expect(line.hasSuffix("(--labels folders); day1 stands for cat/day1 and dog/day1 alike"))
    expectError(
      .mismatch, "stray.png", "lies in no sub-folder that names a class", "; nor do 2 more pictures"
    ) {
      _ = try resolve(spread(["a"]) + ["stray.png", "train/x.png", nil], .folders)
    }
  }

  @Test("A pattern finds the class in the file's name, numbers by their values")
  func pattern() throws {
    let names = ["obj5__1.png", "obj10__1.png", "obj200__0.png", "x/obj9__/obj7__2.png"]
    let (labels, line) = try resolve(names, .pattern("obj([0-9]+)__"))
    #expect(labels?.names == ["5", "7", "10", "200"] && labels?.numbers == [0, 2, 3, 1])
    #expect(line == "4 classes (5, 7, 10, 200) from --label-pattern obj([0-9]+)__")
    #expect(try resolve(["a\u{efff}-é.png"], .pattern("-(.)")).labels?.names == ["é"])
    #expect(
      try resolve(["10_cat.b.png", "e\u{301}.b.png"], .pattern("\\b(\\w+)\\b")).labels?.names
        == ["10_cat", "e\u{301}"])
    expectError(.mismatch, "obj.png", "--label-pattern obj([0-9]+) finds no label in its name") {
      _ = try resolve(["obj1.png", "obj.png"], .pattern("obj([0-9]+)"))
    }
    expectError(.mismatch, "obj1.png", "finds no label") {
      _ = try resolve(["obj1.png"], .pattern("obj[0-9]+(__)?"))
    }
    expectError(.options, nil, "is for image files, and array#0 is none") {
      _ = try resolve([nil], .pattern("(a)"))
    }
  }

  @Test("What the options ask for")
  func choice() throws {
    #expect(
      try LabelChoice(labels: [], pattern: nil) == .auto
        && LabelChoice(labels: ["none"], pattern: nil) == .none)
    #expect(try LabelChoice(labels: ["folders"], pattern: nil) == .folders)
    #expect(try LabelChoice(labels: ["a", "b"], pattern: nil) == .files(["a", "b"]))
    #expect(try LabelChoice(labels: [], pattern: "(a)") == .pattern("(a)"))
    for (labels, pattern, text) in [
      (["a"], "(a)", "--labels and --label-pattern exclude each other"),
      (["a", "none"], nil, "--labels none goes with no other --labels; for a file of this name, ./none"),
      ([], "obj([0-9]+", "is not a regular expression"), ([], "[", "is not a regular expression"),
      ([], "obj[0-9]+", "has 0 groups, expected one in parentheses"),
      ([], "(a)(b)", "has 2 groups, expected one"),
    ] as [([String], String?, String)] {
      expectError(.options, nil, text) { _ = try LabelChoice(labels: labels, pattern: pattern) }
    }
  }
}
