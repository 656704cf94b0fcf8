import { fromBase64, toBase64 } from './base64.ts'
import type { Signer } from './ed25519.ts'
import type { NoteFault, VerifierKey } from './note.ts'
import { signNote, verifyNote } from './note.ts'

/** The head of a log, C2SP tlog-checkpoint: nobody can change what the first `size` entries were. */
export type Checkpoint = { readonly origin: string; readonly size: bigint; readonly root: Uint8Array }

export type CheckpointFault = NoteFault | 'bad_body' | 'wrong_origin'
export type VerifiedCheckpoint =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly fault: CheckpointFault }

/** The text that is signed: origin, size and root on a line each. */
export function checkpointBody(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${checkpoint.size}\n${toBase64(checkpoint.root)}\n`
}

/** Reads what `checkpointBody` writes; null for every other text, so also for extension lines, which we never write. */
export function parseCheckpointBody(text: string): Checkpoint | null {
  const [origin, size, hash, end, ...rest] = text.split('\n')
  if (origin === undefined || origin === '' || size === undefined || hash === undefined) return null
  if (end !== '' || rest.length > 0 || !/^(0|[1-9][0-9]{0,18})$/.test(size)) return null
  const root = fromBase64(hash)
  return root?.length === 32 ? { origin, size: BigInt(size), root } : null
}

/** A checkpoint as a signed note; the key name is the origin. */
export function signCheckpoint(checkpoint: Checkpoint, signer: Signer): string {
  return signNote(checkpointBody(checkpoint), checkpoint.origin, signer)
}

/** Reads a checkpoint that `key` signed for the log with the name of the key. */
export function verifyCheckpoint(note: string, key: VerifierKey): VerifiedCheckpoint {
  const verified = verifyNote(note, key)
  if (!verified.ok) return verified
  const checkpoint = parseCheckpointBody(verified.text)
  if (checkpoint === null) return { ok: false, fault: 'bad_body' }
  return checkpoint.origin === key.name ? { ok: true, checkpoint } : { ok: false, fault: 'wrong_origin' }
}
