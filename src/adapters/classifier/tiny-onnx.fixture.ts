/**
 * Bytes of a model in ONNX that knows whole texts: one tensor of strings in, their numbers out. Written field by field, as
 * onnx.proto numbers them; for tests.
 */
export function tinyOnnx(known: Readonly<Record<string, number>>, otherwise: number): Uint8Array {
  const opset = (domain: string, version: number) => message([text(1, domain), number(2, version)])
  const attribute = (name: string, type: number, value: Uint8Array) =>
    field(5, message([text(1, name), value, number(20, type)]))
  const info = (name: string, type: number) => {
    const shape = message([field(1, text(2, 'n'))])
    return message([text(1, name), field(2, field(1, message([number(1, type), field(2, shape)])))])
  }
  const node = message([
    text(1, 'x'),
    text(2, 'y'),
    text(4, 'LabelEncoder'),
    attribute('keys_strings', 8, message(Object.keys(known).map((key) => text(9, key)))),
    attribute('values_floats', 6, message(Object.values(known).map((value) => float(7, value)))),
    attribute('default_float', 1, float(2, otherwise)),
    text(7, 'ai.onnx.ml'),
  ])
  const graph = message([field(1, node), text(2, 'g'), field(11, info('x', 8)), field(12, info('y', 1))])
  return message([number(1, 8), field(7, graph), field(8, opset('', 17)), field(8, opset('ai.onnx.ml', 2))])
}

function message(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]
}

function number(id: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(id << 3), ...varint(value)])
}

function field(id: number, bytes: Uint8Array): Uint8Array {
  return message([Uint8Array.from([...varint((id << 3) | 2), ...varint(bytes.length)]), bytes])
}

function text(id: number, value: string): Uint8Array {
  return field(id, new TextEncoder().encode(value))
}

function float(id: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return message([Uint8Array.from(varint((id << 3) | 5)), bytes])
}
