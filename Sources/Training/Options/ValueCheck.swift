/// What one option's value must be, whatever the others are.
package struct ValueCheck<Value: OptionValue>: Sendable {
  /// In words, behind the option's name: "must be at least 2".
  let requirement: String
  let holds: @Sendable (Value) -> Bool

  init(_ requirement: String, _ holds: @escaping @Sendable (Value) -> Bool) {
    (self.requirement, self.holds) = (requirement, holds)
  }

  /// A check of a value that may be left out.
  static func ifAny<Wrapped>(_ check: ValueCheck<Wrapped>) -> Self where Value == Wrapped? {
    Self(check.requirement) { $0.map(check.holds) ?? true }
  }
}

extension ValueCheck<Int> {
  static let notNegative = Self("must not be negative") { $0 >= 0 }
  /// Larger numbers are slips of the pen, and would overflow.
  static let noOverflow = atMost(Int(Int32.max))

  static func atLeast(_ least: Int) -> Self { Self("must be at least \(least)") { $0 >= least } }
  static func atMost(_ most: Int) -> Self { Self("must be at most \(most)") { $0 <= most } }
}

extension ValueCheck<Double> {
  static let positive = Self("must be a positive number") { $0 > 0 && $0.isFinite }
  static let zeroOrPositive = Self("must be 0 or a positive number") { $0 >= 0 && $0.isFinite }
  static let zeroToOne = Self("must be between 0 and 1") { (0...1).contains($0) }
  /// With fewer or more degrees of freedom, powers of scores would overflow or all scores be alike.
  static let degreesOfFreedom = Self("must be between 0.001 and 10000") { (0.001...10000).contains($0) }

  static func above(_ bound: Int) -> Self {
    Self("must be larger than \(bound)") { $0 > Double(bound) && $0.isFinite }
  }
}
