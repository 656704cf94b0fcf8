import type { JsonObject } from '../../kernel/index.ts'
import { leafHash, openWhole, parseLeaf, schemaDigest, type LeafV1 } from '../../ledger/index.ts'
import { eventKinds } from '../../contracts/events.ts'
import { ErasureCheck } from './erasures.ts'
import type { Findings } from './findings.ts'
import type { EntryRow } from './rows.ts'

/** Checks each entry against its leaf, and its place in stream and command against the entries before it. */
export class EntryCheck {
  readonly erasures = new ErasureCheck()
  readonly #revs = new Map<string, number>()
  readonly #open = new Map<string, { readonly next: number; readonly of: number }>()
  readonly #findings: Findings
  readonly #origin: string

  constructor(findings: Findings, origin: string) {
    this.#findings = findings
    this.#origin = origin
  }

  /** The facts of the entry, when they are those that its leaf commits to. */
  read(row: EntryRow): { readonly facts: JsonObject; readonly sealed?: JsonObject } | null {
    const subject = subjectOf(row)
    this.#checkPlace(row, subject)
    const parsed = parseLeaf(row.leaf)
    if (!parsed.ok) {
      this.#findings.wrong('LEAF', subject, 'a leaf of version 1', parsed.fault)
      return null
    }
    const { leaf } = parsed
    const found = this.#findings
    found.same('ROW_DIFFERS', subject, textOfLeaf(leaf, this.#origin), textOfRow(row, leaf.log))
    if (!eventKinds.has(leaf.kind)) found.absent('KIND_UNKNOWN', subject, 'a known kind', leaf.kind)
    found.same('SCHEMA', subject, schemaDigest(leaf.kind), leaf.schema)
    if (row.hash !== null) found.same('LEAF_HASH', subject, hex(leafHash(row.leaf)), hex(row.hash))
    else if (!row.isQueued)
      found.wrong('ENTRY_NOT_QUEUED', subject, 'an index, or a place in the queue', 'neither')
    const opened = this.#openPayload(row, leaf, subject)
    if (opened !== null) this.erasures.read(row, opened.facts)
    return opened
  }

  /** After the last entry: what was begun and not completed. */
  finish(): void {
    for (const [command, { next, of }] of this.#open)
      this.#findings.wrong('COMMAND_INCOMPLETE', `command ${command}`, `${of} parts`, `${next - 1}`)
    this.erasures.finish(this.#findings)
  }

  #checkPlace({ stream, rev, command, part, parts }: EntryRow, subject: string): void {
    const expected = (this.#revs.get(stream) ?? 0) + 1
    if (rev !== expected) this.#findings.wrong('STREAM_REVISION', subject, `revision ${expected}`, `${rev}`)
    this.#revs.set(stream, rev)
    const { next, of } = this.#open.get(command) ?? { next: 1, of: parts }
    if (part !== next || parts !== of)
      this.#findings.wrong('COMMAND_PART', subject, `part ${next} of ${of}`, `${part} of ${parts}`)
    if (part === of) this.#open.delete(command)
    else this.#open.set(command, { next: part + 1, of })
  }

  #openPayload(
    row: EntryRow,
    leaf: LeafV1,
    subject: string,
  ): { readonly facts: JsonObject; readonly sealed?: JsonObject } | null {
    const { facts, factsKey, personal, personalKey } = row
    const open = objectOf(facts)
    if (open === null || factsKey === null || !openWhole(leaf.facts, open, factsKey)) {
      this.#findings.wrong('FACTS', subject, 'the facts that the leaf commits to', 'others, or none')
      return null
    }
    if (leaf.personal === undefined) {
      if (personal !== null) this.#findings.wrong('SEALED', subject, 'no sealed half', 'one')
      return { facts: open }
    }
    if (personal === null || personalKey === null) {
      this.erasures.miss(row, open, subject)
      return { facts: open, sealed: {} }
    }
    const sealed = objectOf(personal)
    if (sealed !== null && openWhole(leaf.personal, sealed, personalKey)) return { facts: open, sealed }
    this.#findings.wrong('SEALED', subject, 'the sealed half that the leaf commits to', 'another')
    return { facts: open, sealed: {} }
  }
}

export function subjectOf({ index, stream, rev, id }: EntryRow): string {
  return `entry ${index ?? 'queued'} ${stream} ${rev} ${id}`
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function textOfLeaf({ id, kind, stream, rev, cmd, part, actor, at }: LeafV1, origin: string): string {
  return JSON.stringify([origin, id, kind, stream, rev, cmd, ...part, actor, at])
}

function textOfRow(row: EntryRow, origin: string): string {
  const { id, kind, stream, rev, command, part, parts, actor, at } = row
  return JSON.stringify([origin, id, kind, stream, rev, command, part, parts, actor, at])
}

/** UNTRUSTED: whoever edits a payload may write anything there. */
function objectOf(text: string | null): JsonObject | null {
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null // not JSON, so not what was committed to
  }
}
