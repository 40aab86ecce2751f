extension ImageCatalogue {
  /// What is to be said of images that are brought to `preparation`, which a model was trained with. Throws where some cannot be.
  static func notes(_ census: Census, broughtTo preparation: Preparation) throws(DatasetError) -> [Note] {
    let shape = preparation.shape
    let total = census.channels.values.reduce(0, +)
    try checkChannels(census, shape, total)
    try checkSamples(census, preparation)
    var notes: [Note] = []
    let resized = census.sizes.reduce(0) {
      $0 + ($1.key.width == shape.width && $1.key.height == shape.height ? 0 : $1.value)
    }
    if resized > 0 {
      notes.append(
        Note(
          title: "size",
          text: "\(resized) of \(total) images are brought to the model's \(shape.width)×\(shape.height) "
            + "(\(preparation.fit.rawValue))"))
    }
    let converted = census.channels.reduce(0) { $0 + ($1.key.colours == shape.channels ? 0 : $1.value) }
    if converted > 0 {
      notes.append(
        Note(
          title: "colour",
          text: "\(converted) of \(total) images are read as \(shape.channels == 1 ? "grey" : "RGB"), "
            + "as the model wants"))
    }
    if let range = preparation.range, census.samples.contains(where: { !$0.isByte }) {
      notes.append(
        Note(
          title: "range",
          text: "samples from \(range.lowerBound) to \(range.upperBound) become 0 to 255, as in the training"
            + (census.samples.contains { $0.isByte } ? "; bytes stay" : "")))
    }
    return notes
  }

  private static func checkChannels(
    _ census: Census, _ shape: ImageShape, _ total: Int
  ) throws(DatasetError) {
    let convertible = [1, 3].contains(shape.channels) ? [1, 3] : [shape.channels]
    let others = census.channels.filter { !convertible.contains($0.key.colours) }
    guard let worst = others.keys.map(\.colours).min() else { return }
    let count = others.values.reduce(0, +)
    let wanted =
      convertible.count == 2
      ? "images of 1 (grey) or 3 (RGB) channels"
      : "images of \(shape.channels) channels, as it was trained on"
    throw DatasetError(
      .mismatch, nil,
      "the model wants \(wanted), but \(count) of \(total) images have \(worst); give others, or, of an array, see "
        + "whether --layout says what its dimensions are")
  }

  private static func checkSamples(_ census: Census, _ preparation: Preparation) throws(DatasetError) {
    guard preparation.range == nil,
      let other = SampleType.allCases.first(where: { census.samples.contains($0) && !$0.isByte })
    else { return }
    throw DatasetError(
      .mismatch, nil,
      "the model was trained on bytes (samples from 0 to 255) and knows no range of others, but samples are \(other); "
        + "bring them to bytes as those of the training were")
  }
}

extension ImageCatalogue.Census.Channels {
  /// Channels without alpha.
  fileprivate var colours: Int { count - (hasAlpha ? 1 : 0) }
}
