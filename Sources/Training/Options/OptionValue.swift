import Clustering
import FCAE
import MPI

/// A type that an option of the training can have.
package protocol OptionValue: Equatable, Sendable {
  /// The value as messages and checkpoints have it. Two values that lead to different bits have different texts.
  var optionText: String { get }
  /// The value as config.json has it; nil where the option has none.
  var configValue: JSONValue? { get }
}

extension Int: OptionValue {
  package var optionText: String { "\(self)" }
  package var configValue: JSONValue? { .integer(self) }
}

extension Double: OptionValue {
  package var optionText: String { "\(self)" }
  package var configValue: JSONValue? { .number(self) }
}

extension Bool: OptionValue {
  package var optionText: String { "\(self)" }
  package var configValue: JSONValue? { .truth(self) }
}

extension UInt64: OptionValue {
  package var optionText: String { "\(self)" }
  /// A text: many programs read JSON's numbers as floating point, and would round large ones.
  package var configValue: JSONValue? { .text("\(self)") }
}

extension Optional: OptionValue where Wrapped: OptionValue {
  package var optionText: String { self?.optionText ?? "none" }
  package var configValue: JSONValue? { self?.configValue }
}

extension AugmentationChoice: OptionValue {
  package var optionText: String { text }
  package var configValue: JSONValue? { .text(text) }
}

extension OptionValue where Self: RawRepresentable, RawValue == String {
  package var optionText: String { rawValue }
  package var configValue: JSONValue? { .text(rawValue) }
}

extension BatchNormScope: OptionValue {}
extension FeatureActivation: OptionValue {}
extension InitialPartition: OptionValue {}
extension LearningRateSchedule: OptionValue {}
extension OptimizerKind: OptionValue {}
extension ReductionMode: OptionValue {}
extension TargetMode: OptionValue {}
extension TargetNormalization: OptionValue {}
