import Lanes

/// What one layer has made of a lane group of images.
package struct LayerMaps {
  /// The layer's name, such as `encoder.conv1`.
  package let name: String
  /// The number of maps.
  package let channels: Int
  /// The rows of each.
  package let rows: Int
  /// The columns of each.
  package let columns: Int
  /// `[channels][rows][columns]` lane vectors, valid until the network is used again.
  package let values: UnsafePointer<LaneVector>
}

extension AutoEncoder {
  /// Passes the images in `imageGroup(0)` through encoder and decoder in evaluation mode (running statistics). Overwrites the
  /// activations of lane group 0.
  ///
  /// - Returns: what goes on from every layer to the next, after ReLU and pooling: the encoder's, of which the last one is the
  ///   features, then the decoder's, of which the last one is the reconstruction
  package func layers(mask: LaneVector) -> [LayerMaps] {
    let evaluation = evaluationTransforms()
    return blocks.indices.map { index in
      let block = blocks[index]
      convolve(index, input: input(of: index, 0), group: 0, to: states[index].values)
      activate(index, 0, evaluation.transforms[index], mask: mask)
      let pool = block.poolsOutput ? block.pool : nil
      return LayerMaps(
        name: block.name, channels: block.outChannels, rows: pool?.outRows ?? block.outRows,
        columns: pool?.outColumns ?? block.outColumns, values: UnsafePointer(states[index].output))
    }
  }
}
