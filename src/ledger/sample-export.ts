import type { EpochMs, JsonObject } from '../kernel/index.ts'
import { idFrom, sha256 } from '../kernel/index.ts'
import { signCheckpoint } from './checkpoint.ts'
import { commit } from './commitment.ts'
import { ed25519FromSeed } from './ed25519.ts'
import type { ExportCheckpoint, ExportEntry } from './export.ts'
import { writeExport } from './export.ts'
import type { LeafV1 } from './leaf.ts'
import { encodeLeaf, schemaDigest } from './leaf.ts'
import {
  appendLeaves,
  consistencyProof,
  emptyEdge,
  inclusionProof,
  leafHash,
  nodesInMemory,
  rootOf,
} from './merkle.ts'
import { encodeVkey, verifierKey } from './note.ts'

/** A small log for tests and demonstrations, the same for the same arguments. Each command has two entries. */
export const sampleOrigin = 'log.example/sample'
export const sampleSigner = ed25519FromSeed(sha256('sample log'))
export const sampleVkey = encodeVkey(verifierKey(sampleOrigin, sampleSigner.publicKey))
export const sampleKinds: ReadonlySet<string> = new Set(['ballot.cast'])

export type SampleOptions = {
  /** An even number of entries. */
  readonly size: number
  readonly checkpointEach?: number
  /** Changes entries before they are hashed, as someone with the log key could. */
  readonly alter?: (leaf: LeafV1, index: number) => LeafV1
  /** Changes what is shown of an entry after it was hashed. */
  readonly show?: (entry: ExportEntry) => ExportEntry
}

/** The lines of an export of the sample log. */
export async function sampleExport(options: SampleOptions): Promise<string[]> {
  const { size, checkpointEach = 2, alter = (leaf) => leaf, show = (entry) => entry } = options
  const bare = Array.from({ length: size }, (_, index) => {
    const sample = sampleEntry(index)
    return { ...sample, leaf: alter(sample.leaf, index) }
  })
  return exportOf(bare, checkpointEach, show)
}

/** The lines of an export of any entries, signed with the key of the sample log. */
export async function exportOf(
  bare: readonly Omit<ExportEntry, 'path'>[],
  checkpointEach = bare.length,
  show: NonNullable<SampleOptions['show']> = (entry) => entry,
): Promise<string[]> {
  const size = bare.length
  const hashes = bare.map(({ leaf }) => {
    const encoded = encodeLeaf(leaf)
    if (!encoded.ok) throw new RangeError(encoded.fault)
    return leafHash(encoded.bytes)
  })
  const nodes = nodesInMemory(hashes)
  const rootAt = (count: number) => rootOf(appendLeaves(emptyEdge, hashes.slice(0, count)))
  const entries = bare.map((entry) => {
    const path = inclusionProof(BigInt(entry.index), BigInt(size), nodes)
    return show({ ...entry, path })
  })
  const checkpoints: ExportCheckpoint[] = []
  for (
    let at = Math.min(checkpointEach, size);
    at > 0;
    at = at < size ? Math.min(at + checkpointEach, size) : 0
  ) {
    const before = checkpoints.at(-1)?.size
    checkpoints.push({
      size: at,
      note: signCheckpoint({ origin: sampleOrigin, size: BigInt(at), root: rootAt(at) }, sampleSigner),
      consistency: before === undefined ? [] : consistencyProof(BigInt(before), BigInt(at), nodes),
    })
  }
  const header = {
    origin: sampleOrigin,
    vkey: sampleVkey,
    size,
    root: rootAt(size),
    exportedAt: 99 as EpochMs,
  }
  const lines: string[] = []
  for await (const line of writeExport(header, entries, checkpoints, sampleSigner)) lines.push(line)
  return lines
}

function sampleEntry(index: number): ExportEntry {
  const at = (1_700_000_000_000 + index) as EpochMs // brand constructor
  const random = (what: string, of: number) => sha256(`${what} ${of}`)
  const open = (what: string, value: JsonObject) => {
    const key = random(what, index)
    const committed = commit(value, key)
    if (!committed.ok) throw new RangeError(committed.fault)
    return { commitment: committed.commitment, opened: { key, value } }
  }
  const facts = open('facts', { function: 'legal', points: index, vote: 'approve' })
  const personal = open('personal', { rationale: `Grund ${index}: prüfbar` })
  const leaf: LeafV1 = {
    v: 1,
    log: sampleOrigin,
    id: idFrom('event', at, random('event', index)),
    kind: 'ballot.cast',
    schema: schemaDigest('ballot.cast'),
    at,
    actor: `p:${idFrom('user', at, random('user', 0))}`,
    stream: 'case/one',
    rev: index + 1,
    cmd: idFrom('command', 0 as EpochMs, random('command', Math.floor(index / 2))),
    part: [(index % 2) + 1, 2],
    via: { channel: 'api', authn: { method: 'passkey', ageS: 3 } },
    subjects: [],
    refs: [],
    facts: facts.commitment,
    personal: personal.commitment,
  }
  return { index, leaf, facts: facts.opened, personal: personal.opened }
}
