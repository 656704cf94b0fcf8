import type { readGatewayRecord } from '../../../../src/contracts/routes/gateway.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { canonicalJson } from '../../../../src/kernel/canonical-json.ts'
import {
  fromBase64,
  fromHex,
  hmacSha256,
  leafHash,
  rootFrom,
  sameBytes,
  toHex,
  utf8,
} from '../../platform/merkle.ts'

export type Proven = ReplyOf<typeof readGatewayRecord>
export type Verdict = 'verified' | 'mismatch' | 'unverifiable'

/** One link of the proof: what is computed here, and whether it is what the installation says. */
export type Link = {
  readonly id: 'record' | 'batch' | 'entry' | 'log' | 'checkpoint'
  readonly verdict: Verdict
  /** What it was computed to, in hex; null where nothing could be computed. */
  readonly computed: string | null
  /** How many hashes of neighbours went in. */
  readonly neighbours: number
  /** Why nothing can be said. */
  readonly why?: 'no_salt' | 'not_indexed' | 'no_ed25519' | 'unreadable'
}

/**
 * Computes the whole proof again in this browser: the record under its salt, its batch, the entry that names the batch,
 * the log, and the signature under the log's head. A link that cannot be computed is unverifiable, never verified.
 */
export async function checkProof(proven: Proven, vkey: string | null): Promise<readonly Link[]> {
  const { log } = proven
  const local = [recordLink(proven), batchLink(proven)]
  if (log === null)
    return [
      ...local,
      ...(['entry', 'log', 'checkpoint'] as const).map((id) => unverifiable(id, 'not_indexed')),
    ]
  return [...local, entryLink(proven, log), logLink(log), await checkpointLink(log.checkpoint, vkey)]
}

/** The verdict over several links: one mismatch decides, and what is not verified is not. */
export function verdictOf(links: readonly Link[]): Verdict {
  if (links.some(({ verdict }) => verdict === 'mismatch')) return 'mismatch'
  return links.length > 0 && links.every(({ verdict }) => verdict === 'verified')
    ? 'verified'
    : 'unverifiable'
}

function recordLink({ record, salt, commitment }: Proven): Link {
  if (salt === null) return unverifiable('record', 'no_salt')
  const key = fromBase64(salt)
  const computed = key?.length === 32 ? hmacSha256(key, utf8(canonicalJson(record))) : null
  return link('record', computed, fromBase64(commitment), 0)
}

function batchLink({ commitment, batch }: Proven): Link {
  const leaf = fromBase64(commitment)
  const path = batch.path.map(fromBase64)
  const computed = leaf === null ? null : rootFrom(batch.index, batch.size, leafHash(leaf), path)
  return link('batch', computed, fromHex(batch.root.slice('sha256:'.length)), path.length)
}

type Log = NonNullable<Proven['log']>

/** The entry of the log commits to its facts; the opened one must name exactly this root, and the entry this batch. */
function entryLink({ batch, entry, opening }: Proven, log: Log): Link {
  const leaf = leafIn(log.leaf)
  const [field] = opening.fields
  if (leaf === null || field === undefined) return unverifiable('entry', 'unreadable')
  const isThisBatch =
    leaf.id === entry &&
    leaf.stream === `gateway-boot/${batch.boot}` &&
    leaf.rev === batch.number + 1 &&
    field.pointer === '/root' &&
    field.value === batch.root
  const salt = fromBase64(field.salt)
  const path = field.path.map(fromBase64)
  const opened =
    salt?.length === 32 ? leafHash(hmacSha256(salt, utf8(canonicalJson([field.pointer, field.value])))) : null
  const computed = opened === null ? null : rootFrom(field.index, opening.count, opened, path)
  const checked = link('entry', computed, fromBase64(leaf.facts.root), path.length)
  return isThisBatch ? checked : { ...checked, verdict: 'mismatch' }
}

function logLink({ leaf, index, path, checkpoint }: Log): Link {
  const [, size = '', root = ''] = checkpoint.split('\n')
  const bytes = fromBase64(leaf)
  if (bytes === null || !/^[1-9]\d{0,15}$/.test(size)) return unverifiable('log', 'unreadable')
  const neighbours = path.map(fromBase64)
  const computed = rootFrom(index, Number(size), leafHash(bytes), neighbours)
  return link('log', computed, fromBase64(root), neighbours.length)
}

/** SPEC: C2SP signed-note, with a verifier key of the form `name+id+type and key`. */
async function checkpointLink(note: string, vkey: string | null): Promise<Link> {
  const cut = note.lastIndexOf('\n\n')
  const [name = ''] = (vkey ?? '').split('+')
  const key = fromBase64(keyPart(vkey))
  const signature = signatureBy(note.slice(cut + 2), name)
  if (cut < 0 || key === null || key.length !== 33 || signature === null)
    return unverifiable('checkpoint', 'unreadable')
  const message = utf8(note.slice(0, cut + 1))
  if (!note.startsWith(`${name}\n`))
    return { id: 'checkpoint', verdict: 'mismatch', computed: null, neighbours: 0 }
  try {
    const imported = await crypto.subtle.importKey('raw', key.slice(1), { name: 'Ed25519' }, false, [
      'verify',
    ])
    const isSigned = await crypto.subtle.verify({ name: 'Ed25519' }, imported, signature.slice(4), message)
    return {
      id: 'checkpoint',
      verdict: isSigned ? 'verified' : 'mismatch',
      computed: toHex(signature.slice(0, 4)),
      neighbours: 0,
    }
  } catch {
    return unverifiable('checkpoint', 'no_ed25519') // older browsers do not have the curve
  }
}

/** The key of a verifier key; base64 may itself hold `+`. */
function keyPart(vkey: string | null): string {
  const second = (vkey ?? '').indexOf('+', (vkey ?? '').indexOf('+') + 1)
  return second < 0 ? '' : (vkey ?? '').slice(second + 1)
}

function signatureBy(lines: string, name: string): Uint8Array<ArrayBuffer> | null {
  const line = lines.split('\n').find((one) => one.startsWith(`\u2014 ${name} `))
  const bytes = line === undefined ? null : fromBase64(line.slice(`\u2014 ${name} `.length))
  return bytes?.length === 68 ? bytes : null
}

type Leaf = {
  readonly id: string
  readonly stream: string
  readonly rev: number
  readonly facts: { readonly root: string }
}

/** What is read of a leaf here; null for bytes that are none. */
function leafIn(text: string): Leaf | null {
  const bytes = fromBase64(text)
  if (bytes === null) return null
  try {
    const leaf = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Leaf> // judged below
    const isLeaf =
      typeof leaf.id === 'string' &&
      typeof leaf.stream === 'string' &&
      typeof leaf.rev === 'number' &&
      typeof leaf.facts?.root === 'string'
    return isLeaf ? (leaf as Leaf) : null // its members are judged above
  } catch {
    return null // bytes that are no JSON are no leaf
  }
}

function link(
  id: Link['id'],
  computed: Uint8Array | null,
  said: Uint8Array | null,
  neighbours: number,
): Link {
  const isSame = computed !== null && said !== null && sameBytes(computed, said)
  return {
    id,
    verdict: isSame ? 'verified' : 'mismatch',
    computed: computed === null ? null : toHex(computed),
    neighbours,
  }
}

function unverifiable(id: Link['id'], why: NonNullable<Link['why']>): Link {
  return { id, verdict: 'unverifiable', computed: null, neighbours: 0, why }
}
