import type { EpochMs, JsonObject } from '../kernel/index.ts'
import { canonicalJson, sha256 } from '../kernel/index.ts'
import { toBase64, toBase64url } from './base64.ts'
import type { Signer } from './ed25519.ts'
import type { LeafV1 } from './leaf.ts'
import { signNote } from './note.ts'

/**
 * The export file: lines of canonical JSON, each ended by a newline, so that it streams in both directions.
 * A header, the entries from index 0 in order, each checkpoint right after the last entry that it covers, and an end
 * line in which the log signs the chain of all lines before it. The end covers what nothing else does, for example the
 * time of the export; everything else is checked on its own as well, so that a finding names the place.
 */
export const exportSchema = 'countersign-export/1'

/** The longest line that is read or written, newline included. */
export const maxLineBytes = 1_048_576

/** `vkey` is for information: a verifier takes its key from its caller. */
export type ExportHeader = {
  readonly origin: string
  readonly vkey: string
  readonly size: number
  /** The root over all `size` leaves. */
  readonly root: Uint8Array
  readonly exportedAt: EpochMs
}

/** A compartment as it leaves the house: open with its key, or erased. Left out when the reader may not see it. */
export type Opened = { readonly key: Uint8Array; readonly value: JsonObject } | 'erased'

export type ExportEntry = {
  readonly index: number
  readonly leaf: LeafV1
  readonly facts?: Opened
  readonly personal?: Opened
  /** The audit path in the tree of the whole export. */
  readonly path?: readonly Uint8Array[]
}

/** A signed checkpoint, with the proof from the one before it in the file (none for the first). */
export type ExportCheckpoint = {
  readonly size: number
  readonly note: string
  readonly consistency: readonly Uint8Array[]
}

export function headerLine(header: ExportHeader): string {
  return line({ schema: exportSchema, ...header, root: toBase64url(header.root) })
}

export function entryLine(entry: ExportEntry): string {
  return line({
    index: entry.index,
    leaf: entry.leaf,
    ...(entry.facts === undefined ? {} : { facts: openedJson(entry.facts) }),
    ...(entry.personal === undefined ? {} : { personal: openedJson(entry.personal) }),
    ...(entry.path === undefined ? {} : { path: entry.path.map(toBase64url) }),
  })
}

export function checkpointLine(checkpoint: ExportCheckpoint): string {
  return line({ checkpoint: checkpoint.note, consistency: checkpoint.consistency.map(toBase64url) })
}

/** The last line: the log signs how many lines came before it and what they were. */
export function endLine(origin: string, chain: LineChain, signer: Signer): string {
  return line({ end: signNote(endText(origin, chain), origin, signer) })
}

/** What is signed in the end line. Its second line is no number, so it never passes for a checkpoint. */
export function endText(origin: string, chain: LineChain): string {
  return `${exportSchema}\n${origin}\n${chain.lines}\n${toBase64(chain.digest)}\n`
}

/** A hash chain over lines; each step covers one line with its newline. */
export type LineChain = { readonly lines: number; readonly digest: Uint8Array }
export const emptyChain: LineChain = { lines: 0, digest: sha256('') }
export function chainLine(chain: LineChain, text: Uint8Array | string): LineChain {
  return { lines: chain.lines + 1, digest: sha256(Buffer.concat([chain.digest, sha256(text)])) }
}

/** Writes a whole export as a stream of lines. `checkpoints` rise in size, and the last covers every entry. */
export async function* writeExport(
  header: ExportHeader,
  entries: Iterable<ExportEntry> | AsyncIterable<ExportEntry>,
  checkpoints: readonly ExportCheckpoint[],
  signer: Signer,
): AsyncGenerator<string, void> {
  let chain = emptyChain
  const next = (text: string): string => {
    chain = chainLine(chain, text)
    return text
  }
  yield next(headerLine(header))
  const due = [...checkpoints]
  for await (const entry of entries) {
    yield next(entryLine(entry))
    while (due[0] !== undefined && due[0].size <= entry.index + 1) {
      yield next(checkpointLine(due[0]))
      due.shift()
    }
  }
  yield endLine(header.origin, chain, signer)
}

/** Cuts a byte stream into lines, newline included. A line beyond the limit is handed over cut, which no reader accepts. */
export async function* linesOf(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  let rest: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    let from = 0
    while (from < chunk.length) {
      const newline = chunk.indexOf(10, from)
      const to = newline < 0 ? chunk.length : newline + 1
      rest.push(chunk.subarray(from, to))
      length += to - from
      from = to
      if (newline < 0 && length <= maxLineBytes) continue
      yield Buffer.concat(rest)
      if (newline < 0) return
      rest = []
      length = 0
    }
  }
  if (length > 0) yield Buffer.concat(rest)
}

function openedJson(opened: Opened): JsonObject {
  return opened === 'erased' ? { erased: true } : { key: toBase64url(opened.key), value: opened.value }
}

function line(document: object): string {
  const text = `${canonicalJson(document)}\n`
  if (Buffer.byteLength(text) > maxLineBytes) throw new RangeError('a line of an export is too long')
  return text
}
