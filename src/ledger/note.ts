import { sha256 } from '../kernel/index.ts'
import { fromBase64, toBase64 } from './base64.ts'
import type { Signer } from './ed25519.ts'
import { ed25519Verify } from './ed25519.ts'

/** A verifier key, C2SP signed-note: who signs, and with which Ed25519 key. */
export type VerifierKey = { readonly name: string; readonly id: Uint8Array; readonly publicKey: Uint8Array }
export type NoteSignature = { readonly name: string; readonly id: Uint8Array; readonly signature: Uint8Array }
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] }

/** Why a note is not accepted. */
export type NoteFault = 'too_large' | 'malformed' | 'bad_signature' | 'not_signed'
export type VerifiedNote =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: NoteFault }

export const maxNoteBytes = 262_144
export const maxNoteSignatures = 64
const ed25519Type = 1
const dash = '\u2014'

/** The verifier key of `name` for a public key of 32 bytes. Throws a `RangeError` for a name that no note can carry. */
export function verifierKey(name: string, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw new RangeError('not a key name')
  if (publicKey.length !== 32) throw new RangeError('a public key has 32 bytes')
  const id = sha256(Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(ed25519Type), publicKey]))
  return { name, id: id.subarray(0, 4), publicKey }
}

/** The text form of a verifier key: name, id in hex, type and key in base64, joined by `+`. */
export function encodeVkey(key: VerifierKey): string {
  const material = Buffer.concat([Uint8Array.of(ed25519Type), key.publicKey])
  return `${key.name}+${Buffer.from(key.id).toString('hex')}+${toBase64(material)}`
}

/** Reads what `encodeVkey` writes; null for every other text and for other key types. */
export function parseVkey(text: string): VerifierKey | null {
  const first = text.indexOf('+')
  const second = text.indexOf('+', first + 1) // base64 may contain further ones
  if (first < 0 || second < 0 || text.length > 1_024) return null
  const material = fromBase64(text.slice(second + 1))
  const name = text.slice(0, first)
  if (material === null || material.length !== 33 || material[0] !== ed25519Type || !isKeyName(name))
    return null
  const key = verifierKey(name, material.subarray(1))
  return encodeVkey(key) === text ? key : null
}

/** Signs `text`, which ends in a newline and holds no other control character. */
export function signNote(text: string, name: string, signer: Signer): string {
  if (!isNoteText(text)) throw new RangeError('not the text of a note')
  const { id } = verifierKey(name, signer.publicKey)
  const blob = toBase64(Buffer.concat([id, signer.sign(Buffer.from(text, 'utf8'))]))
  return `${text}\n${dash} ${name} ${blob}\n`
}

/** Splits a note into text and signatures without judging them; null when it is malformed or beyond the limits. */
export function parseNote(note: string): Note | null {
  if (Buffer.byteLength(note) > maxNoteBytes) return null
  const cut = note.lastIndexOf('\n\n')
  if (cut < 0) return null
  const text = note.slice(0, cut + 1)
  const tail = note.slice(cut + 2)
  if (!isNoteText(text) || !tail.endsWith('\n')) return null
  const lines = tail.slice(0, -1).split('\n')
  if (lines.length > maxNoteSignatures) return null
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const [mark, name, blob, ...rest] = line.split(' ')
    const bytes = blob === undefined ? null : fromBase64(blob)
    if (mark !== dash || name === undefined || !isKeyName(name) || bytes === null || rest.length > 0)
      return null
    if (bytes.length < 5) return null
    signatures.push({ name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) })
  }
  return { text, signatures }
}

/** Accepts a note that `key` signed. Unknown keys are ignored; a signature of the known key that fails rejects the note. */
export function verifyNote(note: string, key: VerifierKey): VerifiedNote {
  if (Buffer.byteLength(note) > maxNoteBytes) return { ok: false, fault: 'too_large' }
  const parsed = parseNote(note)
  if (parsed === null) return { ok: false, fault: 'malformed' }
  const ours = parsed.signatures.filter(
    ({ name, id }) => name === key.name && Buffer.compare(id, key.id) === 0,
  )
  if (ours.length === 0) return { ok: false, fault: 'not_signed' }
  const message = Buffer.from(parsed.text, 'utf8')
  if (!ours.every(({ signature }) => ed25519Verify(key.publicKey, message, signature)))
    return { ok: false, fault: 'bad_signature' }
  return { ok: true, text: parsed.text }
}

function isKeyName(name: string): boolean {
  return name.length > 0 && name.length <= 256 && !/[\s+\p{Cc}]/u.test(name) && name.isWellFormed()
}

function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && !/[^\n\P{Cc}]/u.test(text)
}
