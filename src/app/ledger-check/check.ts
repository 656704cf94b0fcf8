import { canonicalJson } from '../../kernel/index.ts'
import { verifyCheckpoint, type Finding, type VerifierKey } from '../../ledger/index.ts'
import { aggregateOf, eventOf } from '../aggregates/index.ts'
import type { Query } from '../ports/query.ts'
import { EntryCheck, hex, subjectOf } from './entries.ts'
import { Findings } from './findings.ts'
import { allEntries, allStreams, emptyCommands, headOf, publishedCheckpoints, storedNodes } from './rows.ts'
import { TreeCheck, type KnownRoot } from './tree.ts'

export type LedgerReport = {
  readonly verdict: 'sound' | 'mismatch' | 'unverifiable'
  readonly findings: readonly Finding[]
  /** How many findings there were; the list is bounded. */
  readonly found: number
  readonly entries: number
  /** Committed entries that have no index yet. */
  readonly queued: number
  readonly checkpoints: number
  readonly streams: number
  /** Sealed halves that were erased. */
  readonly erased: number
}

export type LedgerTrust = {
  /** Public key of the log, from a source other than the database. */
  readonly key: VerifierKey
  /** Heads that were seen before, such as the anchor file. */
  readonly anchors: readonly { readonly size: number; readonly root: string }[]
}

type Folded = { rev: number; state: unknown }

/**
 * Checks the whole ledger of a database from its leaves up: entries against leaves, tree, nodes, head and every
 * published checkpoint; streams and commands without gaps; and `streams` against the fold of the facts. `query` must
 * read one snapshot. Folded states are held in memory, entries are not.
 */
export async function checkLedger(query: Query, { key, anchors }: LedgerTrust): Promise<LedgerReport> {
  const findings = new Findings()
  const head = await headOf(query)
  const published = await publishedCheckpoints(query)
  const entries = new EntryCheck(findings, key.name)
  const tree = new TreeCheck(
    findings,
    [
      ...anchors.map((anchor) => ({ ...anchor, from: 'anchor' })),
      ...published.flatMap((item) => signedRoot(findings, key, item, 'checkpoint')),
      ...(head === null ? [] : [{ size: head.size, root: hex(head.root), from: 'head' }]),
      ...(head?.note == null ? [] : signedRoot(findings, key, { size: head.size, note: head.note }, 'note')),
    ],
    await storedNodes(query),
  )
  const folded = new Map<string, Folded>()
  let count = 0
  let queued = 0
  for await (const row of allEntries(query)) {
    count += 1
    if (row.index === null) queued += 1
    else tree.append(row.index, row.leaf)
    const read = entries.read(row)
    if (read === null) continue
    try {
      fold(folded, row.stream, eventOf(row.kind, read.facts))
    } catch (error) {
      if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error
      findings.wrong('FACTS_UNREADABLE', subjectOf(row), `facts of ${row.kind}`, error.message)
    }
  }
  entries.finish()
  tree.finish()
  for (const command of await emptyCommands(query))
    findings.wrong('COMMAND_EMPTY', `command ${command}`, 'at least one entry', 'none')
  if (head !== null) {
    findings.same('ORIGIN', 'head', key.name, head.origin)
    findings.same('SIZE', 'head', `${tree.edge.size}`, `${head.size}`)
    findings.same('EDGE', 'head', tree.edge.nodes.map(hex).join(' '), head.edge.map(hex).join(' '))
  }
  await compareStreams(query, findings, folded)
  if (count === 0) findings.absent('NO_ENTRIES', 'ledger', 'at least one entry', 'none')
  return {
    verdict: findings.mismatches > 0 ? 'mismatch' : findings.found > 0 ? 'unverifiable' : 'sound',
    findings: findings.list,
    found: findings.found,
    entries: count,
    queued,
    checkpoints: published.length,
    streams: folded.size,
    erased: entries.erasures.count,
  }
}

function signedRoot(
  findings: Findings,
  key: VerifierKey,
  { size, note }: { readonly size: number; readonly note: string },
  from: string,
): KnownRoot[] {
  const verified = verifyCheckpoint(note, key)
  if (!verified.ok) {
    findings.wrong('CHECKPOINT', `${from} of size ${size}`, `a checkpoint of ${key.name}`, verified.fault)
    return []
  }
  const { checkpoint } = verified
  findings.same('CHECKPOINT_SIZE', `${from} of size ${size}`, `${size}`, `${checkpoint.size}`)
  return [{ size: Number(checkpoint.size), root: hex(checkpoint.root), from }]
}

function fold(folded: Map<string, Folded>, stream: string, event: ReturnType<typeof eventOf>): void {
  const found = aggregateOf(stream)
  if (found === null) throw new TypeError(`no aggregate has the stream \`${stream}\``)
  const before = folded.get(stream) ?? { rev: 0, state: found.aggregate.initial }
  folded.set(stream, { rev: before.rev + 1, state: found.aggregate.evolve(before.state, event) })
}

async function compareStreams(
  query: Query,
  findings: Findings,
  folded: ReadonlyMap<string, Folded>,
): Promise<void> {
  const seen = new Set<string>()
  for await (const { stream, kind, rev, state } of allStreams(query)) {
    seen.add(stream)
    const subject = `streams ${stream}`
    const expected = folded.get(stream)
    if (expected === undefined) {
      findings.wrong('STREAM_UNKNOWN', subject, 'entries', 'none')
      continue
    }
    findings.same('STREAM_KIND', subject, stream.slice(0, stream.indexOf('/')), kind)
    findings.same('STREAM_REV', subject, `${expected.rev}`, `${rev}`)
    findings.same('STREAM_STATE', subject, canonicalJson(expected.state), canonicalJson(state))
  }
  for (const stream of folded.keys())
    if (!seen.has(stream)) findings.wrong('STREAM_MISSING', `streams ${stream}`, 'a row', 'none')
}
