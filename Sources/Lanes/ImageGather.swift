/// Sixteen images as one lane group: byte values scaled to 0…1.
///
/// - Parameters:
///   - pixels: all images, `[images][pixelsPerImage]` bytes
///   - images: the numbers of up to 16 images; the other lanes become zero
///   - group: `[pixelsPerImage]` lane vectors, overwritten
package func gatherImages(
  _ pixels: UnsafePointer<UInt8>, pixelsPerImage: Int, images: UnsafeBufferPointer<Int32>,
  to group: UnsafeMutablePointer<LaneVector>
) {
  precondition(images.count <= laneCount)
  let scale = LaneVector(repeating: 1 / 255)
  guard let first = images.first else {
    group.update(repeating: .zero, count: pixelsPerImage)
    return
  }
  let mask = laneMask(images: images.count) * scale
  var rows = InlineArray<16, UnsafePointer<UInt8>>(repeating: pixels + Int(first) * pixelsPerImage)
  for lane in 0..<images.count { rows[lane] = pixels + Int(images[lane]) * pixelsPerImage }
  for pixel in 0..<pixelsPerImage {
    var bytes = SIMD16<UInt8>()
    for lane in 0..<16 { bytes[lane] = rows[lane][pixel] }
    group[pixel] = LaneVector(bytes) * mask
  }
}
