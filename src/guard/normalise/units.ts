/** UTF-16 units of a text that is read at one time; of a longer one the array is made for it. */
const atOnce = 16_384
const room = Buffer.alloc(2 * atOnce)
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/**
 * The UTF-16 units of a text in an array, where each costs a quarter of what `charCodeAt` does. The array is the same for
 * all texts: who reads it calls nothing that reads another text so before it is done.
 */
export function unitsOf(text: string): Uint16Array {
  const { length } = text
  const bytes = length <= atOnce ? room : Buffer.allocUnsafeSlow(2 * length)
  const units = new Uint16Array(bytes.buffer, bytes.byteOffset, length)
  if (isLittleEndian) bytes.write(text, 'utf16le')
  else for (let at = 0; at < length; at += 1) units[at] = text.charCodeAt(at)
  return units
}
