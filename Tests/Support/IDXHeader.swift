/// The header of an IDX file of arrays of this shape.
///
/// - Parameter type: the code of the numbers' type; 8 stands for bytes
package func idxHeader(_ shape: [Int], type: UInt8 = 8) -> [UInt8] {
  [0, 0, type, UInt8(shape.count)]
    + shape.flatMap { size in (0..<4).reversed().map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } }
}
