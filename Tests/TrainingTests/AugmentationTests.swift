import Lanes
import Testing

import Training

@Suite struct AugmentationTests {
  private let grid = PixelGrid(channels: 1, rows: 28, columns: 20)

  @Test("magnitudes read back as they are written")
  func texts() {
    for augmentation in [Augmentation.none, .affine, Augmentation(rotation: 3, shear: 0.5)] {
      #expect(Augmentation(augmentation.text) == augmentation)
    }
    #expect(Augmentation("affine") == .affine)
    #expect(AugmentationChoice("auto") == .alternating && AugmentationChoice.alternating.text == "auto")
    #expect(AugmentationChoice("none") == .fixed(.none) && AugmentationChoice("all") == nil)
    #expect(Augmentation("rotation=5") == Augmentation(rotation: 5))
    for wrong in ["", "all", "rotation", "rotation=-1", "shift=1", "scale=nan", "rotation=5,turn=1"] {
      #expect(Augmentation(wrong) == nil, "\(wrong)")
    }
  }

  @Test("networks take turns, and the last one has the maps")
  func turns() {
    func names(_ members: Int) -> [String] {
      (0..<members).map { AugmentationChoice.alternating.augmentation(member: $0, of: members).name }
    }
    #expect(names(1) == ["affine"] && names(2) == ["none", "affine"])
    #expect(names(5) == ["affine", "none", "affine", "none", "affine"])
    #expect(AugmentationChoice.fixed(.none).augmentation(member: 1, of: 2) == .none)
  }

  @Test("no magnitude is the identity; the same image and pass give the same map, others another one")
  func maps() {
    let still = Augmentation.none.map(seed: 1, purpose: .augmentation, pass: 1, image: 7, grid)
    #expect(still == .identity)
    let map = Augmentation.affine.map(seed: 1, purpose: .augmentation, pass: 1, image: 7, grid)
    #expect(map == Augmentation.affine.map(seed: 1, purpose: .augmentation, pass: 1, image: 7, grid))
    #expect(map != Augmentation.affine.map(seed: 1, purpose: .augmentation, pass: 2, image: 7, grid))
    #expect(map != Augmentation.affine.map(seed: 1, purpose: .augmentation, pass: 1, image: 8, grid))
    #expect(map != Augmentation.affine.map(seed: 2, purpose: .augmentation, pass: 1, image: 7, grid))
    #expect(map != Augmentation.affine.map(seed: 1, purpose: .chainAugmentation, pass: 1, image: 7, grid))
  }

  @Test("the largest magnitudes are six maps in opposite pairs, and none where they are zero")
  func extremes() {
    let maps = Augmentation.affine.extremes(grid)
    #expect(maps.count == 6 && Augmentation.none.extremes(grid).isEmpty)
    #expect(Augmentation(rotation: 5, shift: 0.5).extremes(grid).count == 2)
    for (there, back) in [(0, 1), (2, 3)] {
      // One after the other they are the identity.
      let (first, second) = (maps[there], maps[back])
      let products = [
        (first.xx * second.xx + first.xy * second.yx, 1), (first.xx * second.xy + first.xy * second.yy, 0),
        (first.yx * second.xx + first.yy * second.yx, 0), (first.yx * second.xy + first.yy * second.yy, 1),
      ]
      #expect(products.allSatisfy { abs($0 - Float($1)) < 1e-6 }, "\(first) \(second)")
    }
    #expect(abs(maps[4].xx - 1 / 1.1) < 1e-6 && abs(maps[5].yy - 1 / 0.9) < 1e-6)
    // The centre stays.
    for map in maps { #expect(abs(map.xx * 9.5 + map.xy * 13.5 + map.x - 9.5) < 1e-5) }
  }

  @Test("the centre moves by no more than the largest shift")
  func shifts() {
    let augmentation = Augmentation(rotation: 30, shift: 0.1, scale: 0.2, shear: 0.3)
    var largest: Float = 0
    for image in 0..<500 {
      let map = augmentation.map(seed: 3, purpose: .augmentation, pass: 1, image: image, grid)
      let x = map.xx * 9.5 + map.xy * 13.5 + map.x - 9.5
      largest = max(largest, abs(x))
    }
    #expect(largest <= 2.001 && largest > 1.8, "\(largest)")
  }
}
