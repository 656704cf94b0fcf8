import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { ledgerEntry, ledgerProof } from '../../../../src/contracts/routes/ledger.ts'
import { canonicalJson } from '../../../../src/kernel/canonical-json.ts'
import { checkSignature, parseCheckpoint, parseVerifierKey } from './checkpoint.ts'
import {
  fromBase64,
  hmacSha256,
  leafHash,
  rootOfHashes,
  sameBytes,
  stepsToRoot,
  utf8,
  type Step,
} from './merkle.ts'

export type Outcome = 'verified' | 'mismatch' | 'unverifiable'
export type CheckName = 'entry' | 'facts' | 'path' | 'signature'
export type Check = {
  readonly name: CheckName
  readonly outcome: Outcome
  /** Why it is not verified. */
  readonly fault: string | null
  readonly about: string | null
}
export type Verified = {
  readonly outcome: Outcome
  readonly checks: readonly Check[]
  readonly leaf: Uint8Array | null
  readonly steps: readonly Step[]
  readonly root: Uint8Array | null
  readonly size: number | null
  /** Root of the commitment to the sealed half. */
  readonly sealedRoot: string | null
}

type Entry = ReplyOf<typeof ledgerEntry>
type Proof = ReplyOf<typeof ledgerProof>
type Leaf = {
  readonly id?: unknown
  readonly kind?: unknown
  readonly stream?: unknown
  readonly rev?: unknown
  readonly cmd?: unknown
  readonly actor?: unknown
  readonly at?: unknown
  readonly facts?: { readonly root?: unknown }
  readonly personal?: { readonly root?: unknown }
}

/** Checks one entry against its proof and the key of the log, with nothing but what was read. Three-valued. */
export async function verifyEntry(entry: Entry, proof: Proof, vkey: string): Promise<Verified> {
  const bytes = fromBase64(proof.leaf)
  const leaf = bytes === null ? null : readLeaf(bytes)
  const checkpoint = parseCheckpoint(proof.checkpoint)
  const key = parseVerifierKey(vkey)
  const checks: Check[] = [checkEntry(entry, leaf), checkFacts(entry, leaf, proof)]

  const hashed = bytes === null ? null : leafHash(bytes)
  const path = proof.path.map(fromBase64)
  const whole = path.filter((node) => node !== null)
  const steps =
    hashed === null || checkpoint === null || whole.length !== path.length
      ? null
      : stepsToRoot(BigInt(proof.index), checkpoint.size, hashed, whole)
  const root = steps === null ? null : (steps.at(-1)?.node ?? hashed)
  if (checkpoint === null) checks.push(failed('path', 'mismatch', 'CHECKPOINT_UNREADABLE'))
  else if (BigInt(proof.index) >= checkpoint.size) checks.push(failed('path', 'mismatch', 'INDEX_BEYOND'))
  else if (root === null) checks.push(failed('path', 'mismatch', 'PATH_LENGTH'))
  else if (!sameBytes(root, checkpoint.root)) checks.push(failed('path', 'mismatch', 'OTHER_ROOT'))
  else checks.push(passed('path'))

  if (key === null) checks.push(failed('signature', 'unverifiable', 'KEY_UNREADABLE'))
  else if (checkpoint === null) checks.push(failed('signature', 'mismatch', 'CHECKPOINT_UNREADABLE'))
  else if (checkpoint.origin !== key.name) checks.push(failed('signature', 'mismatch', 'OTHER_LOG'))
  else {
    const signature = await checkSignature(checkpoint, key)
    if (signature === 'good') checks.push(passed('signature'))
    else checks.push(failed('signature', signature === 'NO_ED25519' ? 'unverifiable' : 'mismatch', signature))
  }

  const sealed = leaf?.personal?.root
  return {
    outcome: worstOf(checks),
    checks,
    leaf: hashed,
    steps: steps ?? [],
    root,
    size: checkpoint === null ? null : Number(checkpoint.size),
    sealedRoot: typeof sealed === 'string' ? sealed : null,
  }
}

/** The first check that is not verified, the worst first. */
export function firstFault({ checks }: Verified): Check | null {
  return (
    checks.find(({ outcome }) => outcome === 'mismatch') ??
    checks.find(({ outcome }) => outcome === 'unverifiable') ??
    null
  )
}

function checkEntry(entry: Entry, leaf: Leaf | null): Check {
  if (leaf === null) return failed('entry', 'mismatch', 'LEAF_UNREADABLE')
  const said: readonly (readonly [string, unknown, unknown])[] = [
    ['id', leaf.id, entry.id],
    ['kind', leaf.kind, entry.kind],
    ['stream', leaf.stream, entry.stream],
    ['rev', leaf.rev, entry.rev],
    ['cmd', leaf.cmd, entry.commandId],
    ['at', leaf.at, Date.parse(entry.at)],
    ['actor', leaf.actor, entry.actor],
  ]
  const other = said.find(([, a, b]) => a !== b)
  return other === undefined ? passed('entry') : failed('entry', 'mismatch', 'OTHER_ENTRY', other[0])
}

/** SPEC: the commitment of a compartment is the root over HMACs of its fields, each under a salt of its own. */
function checkFacts(entry: Entry, leaf: Leaf | null, { opening }: Proof): Check {
  const root = leaf?.facts?.root
  if (typeof root !== 'string') return failed('facts', 'mismatch', 'LEAF_UNREADABLE')
  const committed = fromBase64(root)
  const fields: Record<string, unknown> = {}
  const hashes: Uint8Array[] = []
  for (const { pointer, value, salt } of opening.fields) {
    const key = fromBase64(salt)
    if (key?.length !== 32) return failed('facts', 'unverifiable', 'NO_OPENING')
    fields[pointer.slice(1).replaceAll('~1', '/').replaceAll('~0', '~')] = value
    hashes.push(leafHash(hmacSha256(key, utf8(canonicalJson([pointer, value])))))
  }
  if (opening.fields.length !== opening.count) return failed('facts', 'unverifiable', 'NO_OPENING')
  const isCommitted = committed !== null && sameBytes(rootOfHashes(hashes), committed)
  const isShown = canonicalJson(fields) === canonicalJson(entry.facts)
  return isCommitted && isShown ? passed('facts') : failed('facts', 'mismatch', 'OTHER_FACTS')
}

function readLeaf(bytes: Uint8Array): Leaf | null {
  try {
    const leaf: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof leaf === 'object' && leaf !== null ? leaf : null // every member is compared, none is trusted
  } catch {
    return null // no text, or no JSON
  }
}

function worstOf(checks: readonly Check[]): Outcome {
  if (checks.some(({ outcome }) => outcome === 'mismatch')) return 'mismatch'
  return checks.some(({ outcome }) => outcome === 'unverifiable') ? 'unverifiable' : 'verified'
}

function passed(name: CheckName): Check {
  return { name, outcome: 'verified', fault: null, about: null }
}

function failed(
  name: CheckName,
  outcome: 'mismatch' | 'unverifiable',
  fault: string,
  about: string | null = null,
): Check {
  return { name, outcome, fault, about }
}
