extension Communicator {
  /// What `body` makes of this rank's command line. **Collective.**
  ///
  /// The ranks may have different ones, so each waits here until all know how the others have fared:
  /// - the body returns everywhere: so does this;
  /// - it throws everywhere, with one code: all ranks end with rank 0's text;
  /// - it throws on some ranks only: all end with the text of the lowest of them that has a code other than 0, after
  ///   this rank's name. If all have code 0, some ranks were asked for help and others for work, which is a mistake with
  ///   the code 64.
  package func commandLine<Value>(_ body: () throws(EarlyExit) -> Value) throws -> Value {
    let found: Result<Value, EarlyExit>
    do throws(EarlyExit) { found = .success(try body()) } catch { found = .failure(error) }
    var code: Int64 = -1
    if case .failure(let end) = found { code = Int64(end.code) }
    let (least, most) = (try allReduce(code, .min), try allReduce(code, .max))
    // Nobody ends, or all do alike.
    if least == most { return try found.get() }
    try together {
      guard case .failure(let end) = found else { return }
      if end.code != 0 { throw EarlyExit(code: end.code, text: "\(label) \(end.text)") }
      if most == 0 {
        throw EarlyExit(
          code: 64,
          text:
            "\(label) Error: help or version was asked for here, and work elsewhere; give all ranks the same options"
        )
      }
    }
    preconditionFailure("a rank had to throw, as not all codes are -1")
  }
}
