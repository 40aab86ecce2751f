import Lanes

/// How the learning rate changes within stage II.
package enum LearningRateSchedule: String, CaseIterable, Sendable {
  case constant
  /// Down to zero along half a wave of the cosine (Loshchilov and Hutter 2017), after a short warm-up.
  case cosine

  /// The share of steps that the rate takes to rise from zero.
  private static let warmUp = 0.02

  /// The factor of the learning rate after the share `done` (0…1) of a stage's steps.
  package func factor(_ done: Double) -> Double {
    switch self {
    case .constant: 1
    case .cosine:
      min(1, (done + 1e-3) / Self.warmUp) * (1 + Elementary.sineAndCosine(Double.pi * done).cosine) / 2
    }
  }
}
