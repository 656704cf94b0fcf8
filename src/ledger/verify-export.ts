import { z } from 'zod'
import type { JsonObject } from '../kernel/index.ts'
import { canonicalBytes, equalBytes, parseCanonical } from '../kernel/index.ts'
import { hashFromBase64url, toBase64url } from './base64.ts'
import { verifyCheckpoint } from './checkpoint.ts'
import type { Commitment } from './commitment.ts'
import { openWhole } from './commitment.ts'
import { chainLine, emptyChain, endText, exportSchema, maxLineBytes } from './export.ts'
import type { LeafV1 } from './leaf.ts'
import { parseLeaf, schemaDigest } from './leaf.ts'
import { appendLeaves, emptyEdge, leafHash, rootFromInclusion, rootOf, verifyConsistency } from './merkle.ts'
import { parseNote, parseVkey, verifyNote } from './note.ts'

/** One thing that a check found. `mismatch` is proof of a change; `unverifiable` is something that is absent. */
export type Finding = {
  readonly code: string
  readonly weight: 'mismatch' | 'unverifiable'
  readonly subject: string
  readonly expected: string
  readonly found: string
}

/** An entry whose leaf and openings are as they were committed. */
export type VerifiedEntry = {
  readonly index: number
  readonly leaf: LeafV1
  readonly facts?: JsonObject
  readonly personal?: JsonObject
}

/** What the caller trusts and knows. Nothing of it ever comes from the file. */
export type ExportTrust = {
  readonly vkey: string
  /** The event kinds that this verifier knows. An unknown kind makes the verdict unverifiable. */
  readonly kinds: ReadonlySet<string>
  /** Recomputes the decisions; runs only when nothing before it was a mismatch. */
  readonly recompute?: (entries: readonly VerifiedEntry[]) => readonly Finding[]
}

export type Verdict = {
  readonly verdict: 'verified' | 'mismatch' | 'unverifiable'
  readonly findings: readonly Finding[]
  /** How many findings there were; the list ends at `maxFindings`. */
  readonly found: number
  readonly entries: number
  readonly checkpoints: number
  readonly erased: number
  readonly independence: 'unanchored'
}

export const maxFindings = 1_000

const hash = z.string().transform((text, ctx) => hashFromBase64url(text) ?? fail(ctx))
const path = z.array(hash).max(64)
const opened = z.union([
  z.strictObject({ erased: z.literal(true) }),
  z.strictObject({ key: hash, value: z.record(z.string(), z.json()) }),
])
const headerForm = z.strictObject({
  schema: z.literal(exportSchema),
  origin: z.string(),
  vkey: z.string(),
  size: z.int().min(0),
  root: hash,
  exportedAt: z.int().min(0),
})
const entryForm = z.strictObject({
  index: z.int().min(0),
  leaf: z.record(z.string(), z.json()),
  facts: opened.exactOptional(),
  personal: opened.exactOptional(),
  path: path.exactOptional(),
})
const checkpointForm = z.strictObject({ checkpoint: z.string(), consistency: path })
const endForm = z.strictObject({ end: z.string() })
const lineForm = z.union([entryForm, checkpointForm, endForm])
type EntryLine = z.infer<typeof entryForm>

/** Checks an export from first to last byte, with keys from `trust` only. Lines keep their newline (see `linesOf`). */
export async function verifyExport(
  lines: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  trust: ExportTrust,
): Promise<Verdict> {
  const reader = new Reader(trust)
  for await (const line of lines) reader.line(line)
  return reader.verdict()
}

class Reader {
  readonly #trust: ExportTrust
  readonly #key: ReturnType<typeof parseVkey>
  readonly #findings: Finding[] = []
  readonly #streams = new Map<string, number>()
  readonly #commands = new Map<string, { readonly next: number; readonly of: number }>()
  readonly #ids = new Set<string>()
  readonly #entries: VerifiedEntry[] = []
  #header: z.infer<typeof headerForm> | null = null
  #chain = emptyChain
  #edge = emptyEdge
  #last: { readonly size: bigint; readonly root: Uint8Array } | null = null
  #mismatches = 0
  #found = 0
  #count = 0
  #checkpoints = 0
  #erased = 0
  #ended = false

  constructor(trust: ExportTrust) {
    this.#trust = trust
    this.#key = parseVkey(trust.vkey)
    if (this.#key === null) this.#absent('KEY_UNUSABLE', 'trust', 'an Ed25519 verifier key', 'another text')
  }

  line(raw: string | Uint8Array): void {
    const before = this.#chain
    this.#chain = chainLine(before, raw)
    const subject = `line ${this.#chain.lines}`
    if (this.#ended) return this.#wrong('TRAILING_DATA', subject, 'nothing after the end', 'another line')
    const value = readLine(raw)
    if (value === undefined)
      return this.#wrong('LINE_MALFORMED', subject, 'one line of canonical JSON', 'another form')
    if (before.lines === 0) return this.#readHeader(value, subject)
    const parsed = lineForm.safeParse(value)
    if (!parsed.success)
      return this.#wrong('LINE_UNKNOWN', subject, 'an entry, a checkpoint or the end', 'another form')
    if ('end' in parsed.data) return this.#readEnd(parsed.data.end, before, subject)
    if ('checkpoint' in parsed.data)
      return this.#readCheckpoint(parsed.data.checkpoint, parsed.data.consistency)
    return this.#readEntry(parsed.data)
  }

  verdict(): Verdict {
    const size = this.#header?.size
    if (!this.#ended) this.#wrong('END_MISSING', 'file', 'a signed end line', 'none')
    if (size !== undefined && size !== this.#count)
      this.#wrong('SIZE', 'header', `${this.#count} entries`, `${size}`)
    if (this.#header !== null && !equalBytes(this.#header.root, rootOf(this.#edge)))
      this.#wrong('ROOT', 'header', toBase64url(rootOf(this.#edge)), toBase64url(this.#header.root))
    for (const [cmd, { next, of }] of this.#commands)
      this.#wrong('COMMAND_INCOMPLETE', `command ${cmd}`, `${of} parts`, `${next - 1}`)
    if (this.#count > 0 && this.#last?.size !== this.#edge.size)
      this.#wrong(
        'CHECKPOINT_MISSING',
        'file',
        `a checkpoint of size ${this.#edge.size}`,
        `${this.#last?.size ?? 'none'}`,
      )
    if (this.#count === 0) this.#absent('NO_ENTRIES', 'file', 'at least one entry', 'none')
    if (this.#mismatches === 0)
      this.#trust.recompute?.(this.#entries).forEach((finding) => this.#add(finding))
    return {
      verdict: this.#mismatches > 0 ? 'mismatch' : this.#found > 0 ? 'unverifiable' : 'verified',
      findings: this.#findings,
      found: this.#found,
      entries: this.#count,
      checkpoints: this.#checkpoints,
      erased: this.#erased,
      independence: 'unanchored',
    }
  }

  #readHeader(value: unknown, subject: string): void {
    const header = headerForm.safeParse(value)
    if (!header.success) return this.#wrong('HEADER', subject, `a header of ${exportSchema}`, 'another form')
    this.#header = header.data
    const { origin, vkey } = header.data
    if (this.#key === null) return
    if (origin !== this.#key.name) this.#wrong('ORIGIN', 'header', this.#key.name, origin)
    if (vkey !== this.#trust.vkey) this.#wrong('KEY_DIFFERS', 'header', this.#trust.vkey, vkey)
  }

  #readEntry(entry: EntryLine): void {
    const subject = `entry ${entry.index}`
    const bytes = canonicalBytes(entry.leaf)
    const leafAt = this.#edge.size
    const hashed = leafHash(bytes)
    this.#edge = appendLeaves(this.#edge, [hashed])
    this.#count += 1
    if (BigInt(entry.index) !== leafAt) this.#wrong('INDEX', subject, `${leafAt}`, `${entry.index}`)
    const parsed = parseLeaf(bytes)
    if (!parsed.ok) return this.#wrong('LEAF', subject, 'a leaf of version 1', parsed.fault)
    if (entry.path !== undefined && this.#header !== null) {
      const root = rootFromInclusion(leafAt, BigInt(this.#header.size), hashed, entry.path)
      if (root === null || !equalBytes(root, this.#header.root))
        this.#wrong(
          'INCLUSION',
          subject,
          toBase64url(this.#header.root),
          root === null ? 'no root' : toBase64url(root),
        )
    }
    const { leaf } = parsed
    this.#checkPlace(leaf, subject)
    if (!this.#trust.kinds.has(leaf.kind)) this.#absent('KIND_UNKNOWN', subject, 'a known kind', leaf.kind)
    else if (leaf.schema !== schemaDigest(leaf.kind))
      this.#absent('SCHEMA_UNKNOWN', subject, schemaDigest(leaf.kind), leaf.schema)
    this.#checkCompartment('facts', leaf.facts, entry.facts, subject)
    this.#checkCompartment('personal', leaf.personal, entry.personal, subject)
    if (this.#trust.recompute === undefined) return
    const facts = entry.facts !== undefined && 'value' in entry.facts ? { facts: entry.facts.value } : {}
    const { personal: sealed } = entry
    const personal = sealed !== undefined && 'value' in sealed ? { personal: sealed.value } : {}
    this.#entries.push({ index: entry.index, leaf, ...facts, ...personal })
  }

  /** The place of an entry in the log, in its stream and in its command. */
  #checkPlace(leaf: LeafV1, subject: string): void {
    if (this.#key !== null && leaf.log !== this.#key.name)
      this.#wrong('LOG', subject, this.#key.name, leaf.log)
    if (this.#ids.has(leaf.id)) this.#wrong('ID_REPEATED', subject, 'an id of its own', leaf.id)
    this.#ids.add(leaf.id)
    const rev = (this.#streams.get(leaf.stream) ?? 0) + 1
    if (leaf.rev !== rev) this.#wrong('STREAM_REVISION', subject, `${leaf.stream} ${rev}`, `${leaf.rev}`)
    this.#streams.set(leaf.stream, leaf.rev)
    const [part, of] = leaf.part
    const open = this.#commands.get(leaf.cmd) ?? { next: 1, of }
    if (part !== open.next || of !== open.of)
      this.#wrong('COMMAND_PART', subject, `part ${open.next} of ${open.of}`, `part ${part} of ${of}`)
    if (part === of) this.#commands.delete(leaf.cmd)
    else this.#commands.set(leaf.cmd, { next: part + 1, of })
  }

  #checkCompartment(
    name: 'facts' | 'personal',
    commitment: Commitment | undefined,
    shown: EntryLine['facts'],
    subject: string,
  ): void {
    const place = `${subject} ${name}`
    if (shown === undefined) {
      if (name === 'facts') this.#absent('FACTS_CLOSED', place, 'open facts', 'none')
      return
    }
    if (commitment === undefined) return this.#wrong('OPENING', place, 'no compartment', 'one')
    if ('erased' in shown) {
      this.#erased += 1
      if (name === 'facts') this.#absent('FACTS_ERASED', place, 'open facts', 'erased')
      return
    }
    if (!openWhole(commitment, shown.value, shown.key))
      this.#wrong('OPENING', place, `the compartment under ${commitment.root}`, 'another compartment or key')
  }

  #readCheckpoint(note: string, proof: readonly Uint8Array[]): void {
    this.#checkpoints += 1
    const subject = `checkpoint ${this.#checkpoints}`
    if (this.#key === null) return
    const verified = verifyCheckpoint(note, this.#key)
    if (!verified.ok)
      return this.#wrong('CHECKPOINT', subject, `a checkpoint of ${this.#key.name}`, verified.fault)
    const { size, root } = verified.checkpoint
    const rebuilt = rootOf(this.#edge)
    if (size !== this.#edge.size) this.#wrong('CHECKPOINT_SIZE', subject, `${this.#edge.size}`, `${size}`)
    else if (!equalBytes(root, rebuilt))
      this.#wrong('CHECKPOINT_ROOT', subject, toBase64url(rebuilt), toBase64url(root))
    const before = this.#last
    const consistent =
      before === null ? proof.length === 0 : verifyConsistency(before.size, size, before.root, root, proof)
    if (!consistent)
      this.#wrong('CONSISTENCY', subject, `a proof from size ${before?.size ?? 'none'}`, 'another proof')
    this.#last = { size, root }
  }

  #readEnd(note: string, chain: typeof emptyChain, subject: string): void {
    this.#ended = true
    if (this.#key === null) return
    const verified = verifyNote(note, this.#key)
    if (!verified.ok)
      return this.#wrong('END_SIGNATURE', subject, `a note of ${this.#key.name}`, verified.fault)
    if (parseNote(note)?.signatures.length !== 1)
      this.#wrong('END_SIGNATURE', subject, 'one signature', 'several')
    const expected = endText(this.#key.name, chain)
    if (verified.text !== expected) this.#wrong('END_CHAIN', subject, expected, verified.text)
  }

  #wrong(code: string, subject: string, expected: string, found: string): void {
    this.#add({ code, weight: 'mismatch', subject, expected, found })
  }

  #absent(code: string, subject: string, expected: string, found: string): void {
    this.#add({ code, weight: 'unverifiable', subject, expected, found })
  }

  #add(finding: Finding): void {
    this.#found += 1
    if (finding.weight === 'mismatch') this.#mismatches += 1
    if (this.#findings.length < maxFindings) this.#findings.push(finding)
  }
}

/** The value of a line, or undefined when it is not one bounded line of canonical JSON. */
function readLine(raw: string | Uint8Array): unknown {
  const bytes = typeof raw === 'string' ? Buffer.from(raw, 'utf8') : raw
  if (bytes.length > maxLineBytes) return undefined
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return text.endsWith('\n') ? parseCanonical(text.slice(0, -1)) : undefined
  } catch {
    return undefined // neither UTF-8 nor canonical
  }
}

function fail(ctx: z.RefinementCtx): never {
  ctx.addIssue({ code: 'custom', message: 'not 32 bytes in base64url' })
  return z.NEVER
}
