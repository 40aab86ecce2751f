/// A value on its way to JSON text, and the encoder that fills it. Unlike Foundation's it keeps the order of keys.
final class JSONNode: Encoder {
  private enum Content {
    case text(String)
    case object([(key: String, node: JSONNode)])
    case array([JSONNode])
  }

  private var content = Content.text("null")
  private let notFinite: JSON.NotFinite
  let codingPath: [any CodingKey]
  let userInfo: [CodingUserInfoKey: Any] = [:]

  /// A value that is null until something is encoded.
  init(_ notFinite: JSON.NotFinite, codingPath: [any CodingKey] = []) {
    (self.notFinite, self.codingPath) = (notFinite, codingPath)
  }

  /// The JSON text.
  var text: String {
    switch content {
    case .text(let text): text
    case .object(let members):
      "{\(members.map { "\(JSON.quoted($0.key)):\($0.node.text)" }.joined(separator: ","))}"
    case .array(let elements): "[\(elements.map(\.text).joined(separator: ","))]"
    }
  }

  /// Makes `value` the node's.
  func encode(_ value: some Encodable) throws {
    switch value {
    case let value as Bool: content = .text("\(value)")
    case let value as Double: content = .text(JSON.text(value, notFinite))
    case let value as Float: content = .text(JSON.text(value, notFinite))
    case let value as any BinaryInteger: content = .text("\(value)")
    case let value as String: content = .text(JSON.quoted(value))
    case let value as [String: any Encodable]:
      makeObject()
      for (key, value) in value.sorted(by: { $0.key < $1.key }) { try member(key).encode(value) }
    default: try value.encode(to: self)
    }
  }

  func container<Key: CodingKey>(keyedBy: Key.Type) -> KeyedEncodingContainer<Key> {
    makeObject()
    return KeyedEncodingContainer(ObjectContainer(node: self))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if case .array = content {} else { content = .array([]) }
    return ArrayContainer(node: self)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { ValueContainer(node: self) }

  private func makeObject() {
    if case .object = content {} else { content = .object([]) }
  }

  /// A new member of the object, or the one that has this key.
  fileprivate func member(_ key: String, _ codingKey: (any CodingKey)? = nil) -> JSONNode {
    guard case .object(var members) = content else { preconditionFailure("members belong to an object") }
    if let known = members.first(where: { $0.key == key }) { return known.node }
    let node = JSONNode(notFinite, codingPath: codingPath + (codingKey.map { [$0] } ?? []))
    content = .text("")
    members.append((key, node))
    content = .object(members)
    return node
  }

  /// A new element of the array.
  fileprivate func element() -> JSONNode {
    guard case .array(var elements) = content else { preconditionFailure("elements belong to an array") }
    let node = JSONNode(notFinite, codingPath: codingPath)
    content = .text("")
    elements.append(node)
    content = .array(elements)
    return node
  }

  fileprivate var count: Int {
    guard case .array(let elements) = content else { return 0 }
    return elements.count
  }

  fileprivate func encodeNil() { content = .text("null") }
}

private struct ObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: JSONNode
  var codingPath: [any CodingKey] { node.codingPath }

  func encodeNil(forKey key: Key) { node.member(key.stringValue, key).encodeNil() }

  func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
    try node.member(key.stringValue, key).encode(value)
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    node.member(key.stringValue, key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    node.member(key.stringValue, key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { node.member("super") }

  func superEncoder(forKey key: Key) -> any Encoder { node.member(key.stringValue, key) }
}

private struct ArrayContainer: UnkeyedEncodingContainer {
  let node: JSONNode
  var codingPath: [any CodingKey] { node.codingPath }
  var count: Int { node.count }

  func encodeNil() { node.element().encodeNil() }

  func encode<T: Encodable>(_ value: T) throws { try node.element().encode(value) }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    node.element().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { node.element().unkeyedContainer() }

  func superEncoder() -> any Encoder { node.element() }
}

private struct ValueContainer: SingleValueEncodingContainer {
  let node: JSONNode
  var codingPath: [any CodingKey] { node.codingPath }

  func encodeNil() { node.encodeNil() }

  func encode<T: Encodable>(_ value: T) throws { try node.encode(value) }
}
