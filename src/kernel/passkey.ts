import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { digestOfBytes, sha256, type Digest } from './digest.ts'
import type { Assertion } from './vocabulary.ts'

/** Why an assertion proves nothing. The order is the order of the checks. */
export type AssertionFault =
  | 'bad_encoding'
  | 'bad_client_data'
  | 'wrong_type'
  | 'wrong_challenge'
  | 'bad_authenticator_data'
  | 'bad_key'
  | 'bad_signature'
  | 'user_not_present'
  | 'user_not_verified'
export type AssertionResult =
  /** `rpIdHash` is the digest of the domain for which the passkey was made. */
  { readonly ok: true; readonly rpIdHash: Digest } | { readonly ok: false; readonly fault: AssertionFault }

/** Longest parts that are read; the whole assertion then fits into one ledger entry several times over. */
const maxBytes = { authenticatorData: 1_024, clientDataJSON: 4_096, signature: 128 } as const
const [userPresent, userVerified, attested, extended] = [0x01, 0x04, 0x40, 0x80]
/** Digest of the relying party's id, flags, counter. */
const authenticatorBytes = 37

/**
 * The two COSE keys that passkeys have here, up to the bytes of the key. SPEC: WebAuthn 6.5.1.1 demands the canonical
 * CBOR of CTAP2 without optional members, which leaves one layout for each.
 */
const es256Head = Buffer.from('a5010203262001215820', 'hex')
const es256Middle = Buffer.from('225820', 'hex')
const ed25519Head = Buffer.from('a4010103272006215820', 'hex')

/**
 * Verifies again, without a server, that the passkey with the COSE key `publicKey` (base64url) signed exactly
 * `document`: its digest is the challenge. Who signed is known from the key; for which domain, from `rpIdHash`.
 * SPEC: WebAuthn 7.2, steps that need no session.
 */
export function verifyAssertion(assertion: Assertion, document: Digest, publicKey: string): AssertionResult {
  const authenticatorData = bytesOf(assertion.authenticatorData, maxBytes.authenticatorData)
  const clientDataJSON = bytesOf(assertion.clientDataJSON, maxBytes.clientDataJSON)
  const signature = bytesOf(assertion.signature, maxBytes.signature)
  if (authenticatorData === null || clientDataJSON === null || signature === null) return fail('bad_encoding')

  const clientData = readObject(clientDataJSON)
  if (clientData === null) return fail('bad_client_data')
  if (clientData['type'] !== 'webauthn.get') return fail('wrong_type')
  if (clientData['challenge'] !== challengeOf(document)) return fail('wrong_challenge')

  const flags = authenticatorData[32] ?? 0
  const isLonger = authenticatorData.length > authenticatorBytes
  const isComplete = authenticatorData.length >= authenticatorBytes && isLonger === (flags & extended) > 0
  if (!isComplete || (flags & attested) > 0) return fail('bad_authenticator_data')

  const key = readKey(publicKey)
  if (key === null) return fail('bad_key')
  const message = Buffer.concat([authenticatorData, sha256(clientDataJSON)])
  const hash = key.asymmetricKeyType === 'ec' ? 'sha256' : null
  if (!verify(hash, message, key, signature)) return fail('bad_signature')
  if ((flags & userPresent) === 0) return fail('user_not_present')
  if ((flags & userVerified) === 0) return fail('user_not_verified')
  return { ok: true, rpIdHash: `sha256:${authenticatorData.toString('hex', 0, 32)}` as Digest } // 32 bytes in hex
}

/** The challenge that stands for a document: the 32 bytes of its digest, base64url. */
export function challengeOf(document: Digest): string {
  return Buffer.from(document.slice('sha256:'.length), 'hex').toString('base64url')
}

/** Whether a stranger will be able to verify what the passkey with this COSE key (base64url) signs. */
export function isPasskeyKey(publicKey: string): boolean {
  return readKey(publicKey) !== null
}

/** How a credential id (base64url) stands in the ledger: as its digest, so that it leads nowhere. */
export function credentialDigest(credentialId: string): Digest {
  return digestOfBytes(Buffer.from(credentialId, 'base64url'))
}

/** Null for every key that is not ES256 on P-256 or Ed25519, or that is written in another form. */
function readKey(publicKey: string): KeyObject | null {
  const bytes = bytesOf(publicKey, 128)
  if (bytes === null) return null
  const jwk = es256Jwk(bytes) ?? ed25519Jwk(bytes)
  if (jwk === null) return null
  try {
    return createPublicKey({ key: jwk, format: 'jwk' })
  } catch {
    return null // not a point of the curve
  }
}

function es256Jwk(bytes: Buffer) {
  const y = es256Head.length + 32
  const end = y + es256Middle.length + 32
  const fits =
    bytes.length === end &&
    bytes.subarray(0, es256Head.length).equals(es256Head) &&
    bytes.subarray(y, y + es256Middle.length).equals(es256Middle)
  if (!fits) return null
  const text = (from: number) => bytes.toString('base64url', from, from + 32)
  return { kty: 'EC', crv: 'P-256', x: text(es256Head.length), y: text(y + es256Middle.length) }
}

function ed25519Jwk(bytes: Buffer) {
  const fits =
    bytes.length === ed25519Head.length + 32 && bytes.subarray(0, ed25519Head.length).equals(ed25519Head)
  return fits ? { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url', ed25519Head.length) } : null
}

/** UNTRUSTED: null unless `text` is the one canonical base64url form of at most `max` bytes. */
function bytesOf(text: string, max: number): Buffer | null {
  if (text.length > Math.ceil((max * 4) / 3)) return null
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}

function readObject(bytes: Buffer): { readonly [name: string]: unknown } | null {
  try {
    const value: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
    )
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null // neither UTF-8 nor JSON
  }
}

function fail(fault: AssertionFault): AssertionResult {
  return { ok: false, fault }
}
