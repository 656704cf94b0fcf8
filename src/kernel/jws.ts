import { createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { JsonObject } from './canonical-json.ts'
import { canonicalJson } from './canonical-json.ts'

/** A key object of `node:crypto`; this file is the door to it. */
export type Ed25519Key = KeyObject

/** Signs bytes with one Ed25519 key, which may live in a file, a token or a key service. */
export type JwsSigner = { readonly kid: string; readonly sign: (data: Uint8Array) => Uint8Array }

/** Why a token is refused. The order is the order of the checks. */
export type JwsFault =
  | 'too_long'
  | 'not_compact'
  | 'bad_base64url'
  | 'bad_header'
  | 'wrong_type'
  | 'unknown_key'
  | 'bad_signature'
  | 'bad_payload'

export type JwsResult =
  | { readonly ok: true; readonly kid: string; readonly payload: JsonObject }
  | { readonly ok: false; readonly fault: JwsFault }

export type JwsExpectation = {
  readonly typ: string
  readonly keyOf: (kid: string) => KeyObject | null
  readonly maxBytes?: number
}

/** The longest token that is read unless the caller says otherwise. */
export const defaultJwsMaxBytes = 4_096

/** A signer that holds its private key in this process. */
export function ed25519Signer(kid: string, privateKey: KeyObject): JwsSigner {
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519')
    throw new TypeError('a signer needs an Ed25519 private key')
  return { kid, sign: (data) => sign(null, data, privateKey) }
}

/** The 32 bytes of an Ed25519 public key, base64url. */
export function rawPublicKey(key: KeyObject): string {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  if (typeof x !== 'string') throw new TypeError('not an Ed25519 key')
  return x
}

/** Reads what `rawPublicKey` writes; null for every other text. */
export function publicKeyFromRaw(raw: string): KeyObject | null {
  if (fromBase64url(raw)?.length !== 32) return null
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: raw }, format: 'jwk' })
}

/** A compact JWS over the canonical JSON of `payload`. Throws `NotCanonical` for a payload without such a form. */
export function signJws(payload: JsonObject, typ: string, signer: JwsSigner): string {
  const input = `${base64url(headerText(signer.kid, typ))}.${base64url(canonicalJson(payload))}`
  return `${input}.${Buffer.from(signer.sign(Buffer.from(input, 'ascii'))).toString('base64url')}`
}

/**
 * Reads one compact JWS of the closed profile: Ed25519, a header of exactly `alg`, `kid`, `typ` in this order, a
 * payload that is one JSON object of safe integers without duplicate members or white space.
 * SPEC: RFC 7515 3.1, RFC 8037, RFC 8725 3.11, RFC 9864 2.2.
 */
export function verifyJws(token: string, expected: JwsExpectation): JwsResult {
  if (token.length > (expected.maxBytes ?? defaultJwsMaxBytes)) return fail('too_long')
  const parts = token.split('.')
  const [head, body, tail] = parts
  if (parts.length !== 3 || head === undefined || body === undefined || tail === undefined)
    return fail('not_compact')
  const [headBytes, bodyBytes, signature] = [fromBase64url(head), fromBase64url(body), fromBase64url(tail)]
  if (headBytes === null || bodyBytes === null || signature === null) return fail('bad_base64url')

  const header = readObject(headBytes)
  if (header === null || typeof header['kid'] !== 'string' || typeof header['typ'] !== 'string')
    return fail('bad_header')
  const { kid, typ } = header
  // INVARIANT: comparing whole texts leaves no room for `jku`, `jwk`, `crit`, another `alg` or a duplicate member.
  if (headBytes.toString('utf8') !== headerText(kid, typ)) return fail('bad_header')
  if (typ !== expected.typ) return fail('wrong_type')
  const key = expected.keyOf(kid)
  if (key === null) return fail('unknown_key')
  if (signature.length !== 64 || !verify(null, Buffer.from(`${head}.${body}`, 'ascii'), key, signature))
    return fail('bad_signature')
  const payload = readObject(bodyBytes)
  return payload === null ? fail('bad_payload') : { ok: true, kid, payload }
}

function headerText(kid: string, typ: string): string {
  return `{"alg":"Ed25519","kid":${JSON.stringify(kid)},"typ":${JSON.stringify(typ)}}`
}

/** Writing the parsed value again gives the same text only if nothing was duplicated, padded or hidden. */
function readObject(bytes: Buffer): JsonObject | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    const canonical = canonicalJson(value)
    return canonical === text || JSON.stringify(value) === text ? (value as JsonObject) : null // checked above
  } catch {
    return null
  }
}

function base64url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}

/** Null unless `text` is the one canonical base64url form of its bytes. */
function fromBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : null
}

function fail(fault: JwsFault): JwsResult {
  return { ok: false, fault }
}
