import { epochMs, type JsonObject } from '../../../kernel/index.ts'
import {
  consistencyProof,
  encodeVkey,
  inclusionProof,
  nodesInMemory,
  parseLeaf,
  verifierKey,
  writeExport,
  type ExportCheckpoint,
  type ExportEntry,
  type NodeSource,
  type Opened,
  type Signer,
} from '../../../ledger/index.ts'
import type { Query } from '../../../app/ports/query.ts'
import type { Pool } from '../pool.ts'
import { queryOn } from '../query.ts'

const pageRows = 1_000

export type ExportOptions = { readonly signer: Signer; readonly withSealed: boolean }

/**
 * The whole log as the lines of an export file, up to the head at the moment of the call. Holds one hash an entry in
 * memory; contents stream. The head is published first, so that the file ends with a checkpoint of its full size.
 * Returns null when the log is empty: an empty export proves nothing.
 */
export async function exportLog(
  pool: Pool,
  { signer, withSealed }: ExportOptions,
): Promise<AsyncIterable<string> | null> {
  const query = queryOn(pool)
  const rows = await query<{
    origin: string
    size: number
    root: Buffer
    note: string
    now: number
  }>(
    `select origin, size, root, note, floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now from ledger.log`,
  )
  const [head] = rows
  if (head === undefined || head.size === 0) return null
  const published = await query<{ size: number; note: string }>(
    'select size, note from ledger.checkpoint where size < $1 and size > 0 order by size',
    [head.size],
  )
  const node = nodesInMemory(await leafHashes(query, head.size))
  const checkpoints = [...published, { size: head.size, note: head.note }].map(
    ({ size, note }, i, all): ExportCheckpoint => {
      const before = all[i - 1]
      return { size, note, consistency: before === undefined ? [] : proofBetween(before.size, size, node) }
    },
  )
  const header = {
    origin: head.origin,
    vkey: encodeVkey(verifierKey(head.origin, signer.publicKey)),
    size: head.size,
    root: new Uint8Array(head.root),
    exportedAt: epochMs(head.now),
  }
  return writeExport(header, entriesOf(query, head.size, node, withSealed), checkpoints, signer)
}

function proofBetween(size1: number, size2: number, node: NodeSource): readonly Uint8Array[] {
  return consistencyProof(BigInt(size1), BigInt(size2), node)
}

async function leafHashes(query: Query, size: number): Promise<readonly Uint8Array[]> {
  const hashes: Uint8Array[] = []
  while (hashes.length < size) {
    const rows = await query<{ hash: Buffer }>(
      'select hash from ledger.leaf where index >= $1 and index < $2 order by index limit 50000',
      [hashes.length, size],
    )
    if (rows.length === 0) throw new Error(`leaf ${hashes.length} is missing; run the ledger's check`)
    for (const { hash } of rows) hashes.push(hash)
  }
  return hashes
}

async function* entriesOf(
  query: Query,
  size: number,
  node: NodeSource,
  withSealed: boolean,
): AsyncGenerator<ExportEntry> {
  for (let from = 0; from < size; from += pageRows) {
    const rows = await query<{
      index: number
      leaf: Buffer
      facts: string
      facts_key: Buffer
      personal: string | null
      personal_key: Buffer | null
    }>(
      `select l.index, e.leaf, p.facts, p.facts_key, p.personal, p.personal_key
       from ledger.leaf l join ledger.entry e on e.id = l.event_id join ledger.payload p on p.event_id = e.id
       where l.index >= $1 and l.index < $2 order by l.index`,
      [from, Math.min(size, from + pageRows)],
    )
    for (const row of rows) {
      const parsed = parseLeaf(row.leaf)
      if (!parsed.ok) throw new Error(`leaf ${row.index} cannot be read: ${parsed.fault}`)
      const personal =
        parsed.leaf.personal === undefined || (!withSealed && row.personal !== null)
          ? undefined
          : openedOf(row.personal, row.personal_key)
      yield {
        index: row.index,
        leaf: parsed.leaf,
        facts: openedOf(row.facts, row.facts_key),
        ...(personal === undefined ? {} : { personal }),
        path: inclusionProof(BigInt(row.index), BigInt(size), node),
      }
    }
  }
}

function openedOf(text: string | null, key: Buffer | null): Opened {
  if (text === null || key === null) return 'erased'
  return { key: new Uint8Array(key), value: JSON.parse(text) as JsonObject } // written by append as canonical JSON
}
