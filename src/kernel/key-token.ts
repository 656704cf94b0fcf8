import { crc32 } from './crc32.ts'
import type { Digest } from './digest.ts'
import { digestOfBytes } from './digest.ts'
import type { Id, KeyId, ServiceId } from './ids.ts'
import { isId } from './ids.ts'

/** `csk_` opens the gateway for one deployment, `csa_` the control plane for one service account. */
export type KeyTokenKind = 'csk' | 'csa'

export type KeyToken =
  | { readonly kind: 'csk'; readonly id: KeyId; readonly secretDigest: Digest }
  | { readonly kind: 'csa'; readonly id: ServiceId; readonly secretDigest: Digest }

const tokenForm = /^(csk|csa)_([0-9a-z]{26})_([0-9a-z]{52})_([0-9a-f]{8})$/
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * Text of a key: prefix, id body, 256-bit secret as Crockford base32, CRC-32. Prefix and checksum let secret scanners
 * recognise a leaked key. `secret` is 32 random bytes of the caller.
 */
export function makeKeyToken(id: KeyId | ServiceId, secret: Uint8Array): string {
  if (secret.length !== 32) throw new RangeError('a key secret is 32 bytes')
  const kind: KeyTokenKind = isId('key', id) ? 'csk' : 'csa'
  const stem = `${kind}_${id.slice(4)}_${base32(secret)}`
  return `${stem}_${checksumOf(stem)}`
}

/** Reads what `makeKeyToken` writes; null for every other text. */
export function parseKeyToken(text: string): KeyToken | null {
  const found = tokenForm.exec(text)
  const [, kind, body, secret, checksum] = found ?? []
  if (body === undefined || secret === undefined) return null
  if (checksumOf(text.slice(0, -9)) !== checksum) return null
  const secretDigest = secretDigestOf(secret)
  const id = kind === 'csk' ? `key_${body}` : `svc_${body}`
  if (isId('key', id)) return { kind: 'csk', id, secretDigest }
  return isId('service', id as Id<'service'>) ? { kind: 'csa', id: id as ServiceId, secretDigest } : null // checked
}

/** Digest that is stored for a key. The secret has full entropy, so a fast hash is enough. */
export function secretDigest(token: string): Digest | null {
  return parseKeyToken(token)?.secretDigest ?? null
}

function secretDigestOf(secret: string): Digest {
  return digestOfBytes(`countersign key secret\n${secret}`)
}

function base32(bytes: Uint8Array): string {
  let value = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (let i = 0; i < 52; i += 1) {
    text = alphabet[Number(value & 31n)] + text
    value >>= 5n
  }
  return text
}

/** CRC-32 of ISO 3309 (polynomial 0xEDB88320), 8 hex digits. */
function checksumOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
