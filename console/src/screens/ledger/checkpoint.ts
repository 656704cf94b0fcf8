import { concatBytes } from '@noble/hashes/utils.js'
import { fingerprint, fromBase64, hex, utf8 } from './merkle.ts'

/** A verifier key, C2SP signed-note: `name+id+key`. */
export type VerifierKey = {
  readonly name: string
  readonly id: Uint8Array
  readonly publicKey: Uint8Array
  /** SHA-256 of the public key. */
  readonly fingerprint: string
}
/** The head of a log, C2SP tlog-checkpoint. */
export type Checkpoint = {
  readonly origin: string
  readonly size: bigint
  readonly root: Uint8Array
  /** What is signed. */
  readonly text: string
  readonly signatures: readonly {
    readonly name: string
    readonly id: Uint8Array
    readonly signature: Uint8Array
  }[]
}

const ed25519Type = 1

/** Reads a verifier key; null when it has another form or its id is not that of its key. */
export function parseVerifierKey(text: string): VerifierKey | null {
  const [name = '', id = '', ...rest] = text.split('+')
  const material = fromBase64(rest.join('+'))
  if (name === '' || material?.length !== 33 || material[0] !== ed25519Type) return null
  const publicKey = material.slice(1)
  const named = fingerprint(concatBytes(utf8(`${name}\n`), material))
  if (named.slice('sha256:'.length, 'sha256:'.length + 8) !== id) return null
  const bytes = Uint8Array.from(id.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  return { name, id: bytes, publicKey, fingerprint: fingerprint(publicKey) }
}

/** Reads a checkpoint; null when it has another form. */
export function parseCheckpoint(note: string): Checkpoint | null {
  const cut = note.lastIndexOf('\n\n')
  if (cut < 0) return null
  const text = note.slice(0, cut + 1)
  const [origin = '', size = '', root = '', end, ...more] = text.split('\n')
  const bytes = fromBase64(root)
  if (end !== '' || more.length > 0 || !/^(0|[1-9]\d{0,18})$/.test(size) || bytes?.length !== 32) return null
  const signatures = note
    .slice(cut + 2)
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => {
      const [, name, blob] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? []
      const given = blob === undefined ? null : fromBase64(blob)
      return name === undefined || given === null || given.length < 5
        ? []
        : [{ name, id: given.slice(0, 4), signature: given.slice(4) }]
    })
  return { origin, size: BigInt(size), root: bytes, text, signatures }
}

export type SignatureCheck = 'good' | 'NOT_SIGNED' | 'BAD_SIGNATURE' | 'NO_ED25519'

/** Whether `key` signed the checkpoint, by the browser's own Ed25519. */
export async function checkSignature(checkpoint: Checkpoint, key: VerifierKey): Promise<SignatureCheck> {
  const own = checkpoint.signatures.filter(({ name, id }) => name === key.name && hex(id) === hex(key.id))
  if (own.length === 0) return 'NOT_SIGNED'
  let imported: CryptoKey
  try {
    imported = await crypto.subtle.importKey('raw', owned(key.publicKey), 'Ed25519', false, ['verify'])
  } catch {
    return 'NO_ED25519' // outside of a secure context, or a browser without the algorithm
  }
  const message = owned(utf8(checkpoint.text))
  for (const { signature } of own)
    if (!(await crypto.subtle.verify('Ed25519', imported, owned(signature), message))) return 'BAD_SIGNATURE'
  return 'good'
}

function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes) // a copy in memory that is not shared
}
