import Dataset
import Foundation
import Support
import Testing

@Suite struct LabelTests {
  private static let pixel = PNG(width: 1, height: 1, rows: [1]).bytes

  private func put(_ names: [String], _ folder: borrowing TemporaryDirectory) throws {
    for name in names { try folder.put(Self.pixel, name) }
  }

  @Test("The deepest sub-folders are classes, numbered in natural order")
  func subFolders() throws {
    let folder = try TemporaryDirectory()
    let names = [
      "class1/c.png", "class1/d.png", "class2/a.png", "class2/b.png", "class10/a.png", "class10/z.png",
    ]
    try put(names.reversed(), folder)
    try folder.put([1], "class0/notes.txt")
    let set = try LoadedSet(DatasetRequest(images: [folder.url.path]))
    #expect(set.sources == names && set.labels == [0, 0, 1, 1, 2, 2])
    #expect(set.note("labels") == "3 classes (class1, class2, class10) from sub-folders")
  }

  @Test("train and test are no classes, and two folders share theirs")
  func twoFolders() throws {
    let folder = try TemporaryDirectory()
    try put(
      ["train/cat/1.png", "train/dog/1.png", "train/dog/2.png", "test/cat/1.png", "test/dog/1.png"], folder)
    let set = try LoadedSet(DatasetRequest(images: [folder.path("train"), folder.path("test")]))
    #expect(set.classes == ["cat", "dog", "dog", "cat", "dog"])
    #expect(try LoadedSet(DatasetRequest(images: [folder.url.path])).labels?.max() == 1)
  }

  @Test("An image outside of sub-folders, or an IDX file, leaves no labels")
  func noLabels() throws {
    let folder = try TemporaryDirectory()
    try put(["set/a/1.png", "set/b/1.png", "flat/1.png"], folder)
    let file = try folder.put(IDX.file([1, 1, 1], [1]), "idx")
    let (set, flat) = (folder.path("set"), folder.path("flat"))
    #expect(try LoadedSet(DatasetRequest(images: [flat])).labels == nil)
    #expect(try LoadedSet(DatasetRequest(images: [set, flat])).labels == nil)
    #expect(try LoadedSet(DatasetRequest(images: [set, file])).labels == nil)
    try put(["set/top.png"], folder)
    #expect(try LoadedSet(DatasetRequest(images: [set])).labels == nil)
  }

  @Test("IDX labels are for folders as well")
  func labelFile() throws {
    let folder = try TemporaryDirectory()
    try put(["set/x/1.png", "set/y/2.png", "set/z/3.png"], folder)
    let labels = try folder.put(IDX.labels([7, 0, 7]), "labels")
    let set = folder.path("set")
    #expect(try LoadedSet(DatasetRequest(images: [set], labels: [labels])).classes == ["7", "0", "7"])
  }

  @Test("A pattern finds the class in the file's name, numbers in the order of their values")
  func pattern() throws {
    let folder = try TemporaryDirectory()
    try put(
      ["obj1__0.png", "obj2__0.png", "obj10__5.png", "obj10__40.png", "obj7__x/obj1__1.png", "xobj2__1.png"],
      folder)
    let set = try LoadedSet(DatasetRequest(images: [folder.url.path], labelPattern: "obj([0-9]+)__"))
    #expect(
      set.sources == [
        "obj1__0.png", "obj2__0.png", "obj7__x/obj1__1.png", "obj10__5.png", "obj10__40.png", "xobj2__1.png",
      ])
    #expect(set.labels == [0, 1, 0, 2, 2, 1])
  }

  @Test("A pattern goes before sub-folders; other groups that do not capture are allowed")
  func patternAndFolders() throws {
    let folder = try TemporaryDirectory()
    try put(["a/1-žluť.png", "a/2-Äpfel.jpg", "b/3-žluť.png"], folder)
    let set = try LoadedSet(
      DatasetRequest(images: [folder.url.path], labelPattern: #"-(.+)\.(?:png|jpg)$"#))
    #expect(set.labels?.count == 3 && set.labels?[0] == set.labels?[2] && set.labels?[0] != set.labels?[1])
  }

  @Test("A file that the pattern does not find, or not its group, is named")
  func patternMisses() throws {
    let folder = try TemporaryDirectory()
    try put(["obj1__0.png", "obj2.png", "obj3__1/other.png"], folder)
    let set = folder.url.path
    expectFailure(
      DatasetRequest(images: [set], labelPattern: "obj([0-9]+)__"), .mismatch, "obj2.png",
      "--label-pattern obj([0-9]+)__ finds no label in its name")
    expectFailure(
      DatasetRequest(images: [set], labelPattern: "obj[0-9]+(__)?"), .mismatch, "obj2.png",
      "finds no label in its name")
  }

  @Test(
    "Patterns that are none, or do not have one group",
    arguments: [
      ("obj([0-9]+", "is not a regular expression"), ("[", "is not a regular expression"),
      ("obj[0-9]+", "has 0 groups, expected one in parentheses"),
      ("(obj)([0-9]+)", "has 2 groups, expected one in parentheses"),
      ("", "--label-pattern  "),
    ])
  func badPattern(_ pattern: String, _ text: String) throws {
    let folder = try TemporaryDirectory()
    try put(["obj1__0.png"], folder)
    expectFailure(
      DatasetRequest(images: [folder.url.path], labelPattern: pattern), .options, nil,
      "--label-pattern \(pattern)", text)
  }

  @Test("A pattern together with what has no file names")
  func patternElsewhere() throws {
    let folder = try TemporaryDirectory()
    try put(["set/obj1.png"], folder)
    let file = try folder.put(IDX.file([1, 1, 1], [1]), "idx")
    for images in [[file], [folder.path("set"), file], []] {
      expectFailure(
        DatasetRequest(images: images, labelPattern: "([0-9])"), .options, nil,
        "--label-pattern is for image files", "use --labels FILE")
    }
  }
}
