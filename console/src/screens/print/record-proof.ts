import { useEffect, useState } from 'react'
import { ledgerEntries, ledgerStatus } from '../../../../src/contracts/routes/ledger.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { api, problemIn } from '../../api/client.ts'
import { t } from '../../messages/print.ts'
import { checkEntries } from '../ledger/check-entries.ts'
import { parseCheckpoint } from '../ledger/checkpoint.ts'
import { hex } from '../ledger/merkle.ts'
import type { Outcome } from '../ledger/verify.ts'

type Entry = ReplyOf<typeof ledgerEntries>['items'][number]

/** Whether everything that was recorded about a record verifies, under which head of the log; three-valued. */
export type RecordProof = {
  readonly outcome: Outcome
  readonly words: string
  /** The head in words, and as it is signed; null where nothing could be checked. */
  readonly checkpoint: string | null
  readonly note: string | null
  readonly vkey: string | null
}

/** Checks all entries of the streams of a record in this browser; null while it runs. */
export function useRecordProof(streams: readonly string[]): RecordProof | null {
  const [proof, setProof] = useState<RecordProof | null>(null)
  const key = streams.join(' ')
  useEffect(() => {
    let isCurrent = true
    setProof(null)
    proofOf(key.split(' ')).then(
      (found) => isCurrent && setProof(found),
      (error: unknown) =>
        isCurrent &&
        setProof(
          unverifiable(t(problemIn(error)?.code === 'FORBIDDEN' ? 'print.mayNotRead' : 'print.notRead')),
        ),
    )
    return () => {
      isCurrent = false
    }
  }, [key])
  return proof
}

async function proofOf(streams: readonly string[]): Promise<RecordProof> {
  const { vkey } = await api.call(ledgerStatus, { query: {} })
  const entries: Entry[] = []
  for (const stream of streams) entries.push(...(await entriesOf(stream)))
  const proved = await checkEntries(
    entries.filter(({ index }) => index !== null),
    () => undefined,
  )
  // An empty range proves nothing, and what has no place in the log yet is not verified.
  if (proved.length === 0) return { ...unverifiable(t('print.noEntries')), vkey }
  const fault = proved.find(({ verified }) => verified.outcome === 'mismatch')
  const count = proved.filter(({ verified }) => verified.outcome === 'verified').length
  const newest = proved.reduce((a, b) => ((b.verified.size ?? 0) > (a.verified.size ?? 0) ? b : a)).proof
  const head = parseCheckpoint(newest.checkpoint)
  const words = t('print.proofs', { verified: count, total: entries.length })
  return {
    outcome: fault !== undefined ? 'mismatch' : count === entries.length ? 'verified' : 'unverifiable',
    words:
      fault === undefined
        ? words
        : `${words}. ${t('print.firstMismatch', { index: fault.entry.index ?? 0 })}`,
    checkpoint:
      head === null
        ? null
        : t('print.checkpointOf', { origin: head.origin, size: Number(head.size), root: hex(head.root) }),
    note: newest.checkpoint,
    vkey,
  }
}

async function entriesOf(stream: string): Promise<readonly Entry[]> {
  const found: Entry[] = []
  let cursor: string | undefined
  do {
    const page = await api.call(ledgerEntries, {
      query: { stream, limit: 200, ...(cursor === undefined ? {} : { cursor }) },
    })
    found.push(...page.items)
    cursor = page.next
  } while (cursor !== undefined)
  return found
}

function unverifiable(words: string): RecordProof {
  return { outcome: 'unverifiable', words, checkpoint: null, note: null, vkey: null }
}
