internal import CImageCodecs
import FoundationEssentials
import Glibc

/// A picture that goes into the page: bytes `[row][column][channel]`.
package struct Raster: Sendable {
  /// Columns.
  package let width: Int
  /// Rows.
  package let height: Int
  /// 1 grey, 3 RGB, 4 RGB and alpha.
  package let channels: Int
  /// The samples.
  package var samples: [UInt8]

  /// A black picture, or, with alpha, a transparent one.
  package init(width: Int, height: Int, channels: Int) {
    (self.width, self.height, self.channels) = (width, height, channels)
    samples = [UInt8](repeating: 0, count: width * height * channels)
  }

  /// As a PNG file; nil where memory runs out.
  package var png: Data? {
    encoded { dbc_png_encode($0, UInt32(width), UInt32(height), UInt8(channels), $1) }
  }

  /// As a JPEG file; nil where memory runs out.
  package func jpeg(quality: Int32) -> Data? {
    encoded { dbc_jpeg_encode($0, UInt32(width), UInt32(height), UInt8(channels), quality, $1) }
  }

  /// The picture as a URI: PNG, which loses nothing, unless that takes many bytes per sample, and then JPEG.
  var dataURI: String? {
    guard let png else { return nil }
    let pixels = width * height
    if channels < 4, png.count > pixels * 2 / 5, let jpeg = jpeg(quality: 82), jpeg.count < png.count {
      return "data:image/jpeg;base64," + jpeg.base64EncodedString()
    }
    return "data:image/png;base64," + png.base64EncodedString()
  }

  private func encoded(
    _ encode: (UnsafePointer<UInt8>, UnsafeMutablePointer<Int>) -> UnsafeMutablePointer<UInt8>?
  ) -> Data? {
    samples.withUnsafeBufferPointer { samples in
      var count = 0
      guard let start = samples.baseAddress, let bytes = encode(start, &count) else { return nil }
      defer { free(bytes) }
      return Data(bytes: bytes, count: count)
    }
  }
}
