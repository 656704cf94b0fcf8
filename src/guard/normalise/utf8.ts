/** No code point yet: more bytes are needed. */
export const pending = -1
/** The byte goes on with nothing and begins nothing. */
export const malformed = -2

/** Puts bytes together to code points, strictly (RFC 3629: shortest form, no surrogates, up to U+10FFFF). */
export class Utf8Reader {
  #point = 0
  #missing = 0
  #least = 0

  /** Whether a code point has begun. */
  get isOpen(): boolean {
    return this.#missing > 0
  }

  /** The code point that ends with `byte`; `pending` or `malformed`. After `malformed` it reads on from the next byte. */
  next(byte: number): number {
    if (this.#missing > 0) {
      if ((byte & 0xc0) !== 0x80) {
        this.#missing = 0
        return malformed
      }
      this.#point = (this.#point << 6) | (byte & 0x3f)
      this.#missing -= 1
      if (this.#missing > 0) return pending
      const isSurrogate = this.#point >= 0xd800 && this.#point <= 0xdfff
      return this.#point < this.#least || isSurrogate || this.#point > 0x10ffff ? malformed : this.#point
    }
    if (byte < 0x80) return byte
    if (byte >= 0xc2 && byte <= 0xdf) return this.#begin(byte & 0x1f, 1, 0x80)
    if (byte >= 0xe0 && byte <= 0xef) return this.#begin(byte & 0x0f, 2, 0x800)
    return byte >= 0xf0 && byte <= 0xf4 ? this.#begin(byte & 0x07, 3, 0x10000) : malformed
  }

  reset(): void {
    this.#missing = 0
  }

  #begin(point: number, missing: number, least: number): number {
    this.#point = point
    this.#missing = missing
    this.#least = least
    return pending
  }
}
