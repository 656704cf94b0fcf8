/** Standard base64 with padding, the form of notes. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

/** Reads what `toBase64` writes; null for every other text. */
export function fromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : null
}

/** Base64url without padding, the form inside JSON. */
export function toBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

/** Reads what `toBase64url` writes; null for every other text. */
export function fromBase64url(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? new Uint8Array(bytes) : null
}

/** 32 bytes in base64url; null for every other text. */
export function hashFromBase64url(text: string): Uint8Array | null {
  const bytes = text.length === 43 ? fromBase64url(text) : null
  return bytes?.length === 32 ? bytes : null
}
