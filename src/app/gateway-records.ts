import { batchProof, openFields, recordCommitment } from '../ledger/index.ts'
import type {
  DeploymentId,
  Digest,
  EpochMs,
  EventId,
  Json,
  JsonObject,
  KeyId,
  RecordId,
} from '../kernel/index.ts'
import { visibleSql, type Visibility } from './access.ts'
import type { LedgerReader, ProofOf } from './ports/ledger.ts'
import type { Query } from './ports/query.ts'
import type { After } from './registry-views.ts'
import { instant } from './sql.ts'
import type { RuntimeRecord } from './ports/gateway.ts'

/** Least age at which records may be swept. SPEC: Regulation (EU) 2024/1689 Art. 26(6): at least six months. */
export const minKeepDays = 184

export type RecordFilter = {
  readonly visibility: Visibility
  readonly deployment?: DeploymentId
  readonly key?: KeyId
  readonly action?: RuntimeRecord['action']
  readonly dialect?: RuntimeRecord['dialect']
  readonly inspection?: RuntimeRecord['inspection']
  readonly model?: string
  /** A reason code of the gateway among those of the record. */
  readonly code?: string
  readonly findings?: 'some' | 'none'
  /** A kind among the findings that the record lists. */
  readonly kind?: string
  /** Of the worst finding. */
  readonly severity?: string
  readonly from?: EpochMs
  /** Exclusive. */
  readonly to?: EpochMs
  readonly after?: After
  readonly limit: number
}

/** Records as the gateway wrote them, newest first. There is no text of a call in them. */
export async function listRecords(query: Query, filter: RecordFilter): Promise<readonly JsonObject[]> {
  const rows = await query<{ record: JsonObject }>(
    `select r.record from gateway_records r ${owners}
     where ${visible} and ($2::text is null or r.deployment_id = $2) and ($3::text is null or r.key_id = $3)
       and ($4::text[] is null or r.marks @> $4)
       and ($5::bigint is null or r.at >= ${instant(5)}) and ($6::bigint is null or r.at < ${instant(6)})
       and ($7::bigint is null or (r.at, r.id) < (${instant(7)}, $8))
     order by r.at desc, r.id desc limit $9`,
    [
      JSON.stringify(filter.visibility),
      filter.deployment ?? null,
      filter.key ?? null,
      marksOf(filter),
      filter.from ?? null,
      filter.to ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? '',
      filter.limit,
    ],
  )
  return rows.map(({ record }) => record)
}

/** What the function `traffic_marks` of the database writes beside a record. */
function marksOf({ model, ...filter }: RecordFilter): readonly string[] | null {
  const names = ['action', 'dialect', 'inspection', 'code', 'findings', 'kind', 'severity'] as const
  const marks = names.flatMap((name) => (filter[name] === undefined ? [] : [`${name}:${filter[name]}`]))
  if (model !== undefined) marks.push(`model:${Array.from(model).slice(0, 128).join('')}`)
  return marks.length === 0 ? null : marks
}

/** One record with the two steps of its proof: record in batch, batch in log. */
export type ProvenRecord = {
  readonly record: JsonObject
  /** Opens the commitment, and whoever holds it can test guesses of the content. */
  readonly salt: Uint8Array
  readonly commitment: Uint8Array
  readonly batch: {
    readonly boot: string
    readonly number: number
    readonly root: Digest
    readonly size: number
    readonly index: number
    readonly path: readonly Uint8Array[]
  }
  readonly entry: EventId
  /** The fact of the entry that names the root, with what ties it to the leaf. */
  readonly opening: {
    readonly count: number
    readonly index: number
    readonly salt: string
    readonly path: readonly string[]
  }
  /** Null until the entry of the batch has its index. */
  readonly log: ProofOf | null
}

type Sealed = { readonly record: JsonObject; readonly salt: Buffer; readonly position: number }

/** Null when there is no such record or the reader may not see it. */
export async function readRecord(
  query: Query,
  ledger: Pick<LedgerReader, 'proof'>,
  id: RecordId,
  visibility: Visibility,
): Promise<ProvenRecord | null> {
  const [found] = await query<{
    boot: string
    batch: number
    position: number
    root: Digest
    entry: EventId
    facts: string
    factsKey: Buffer
  }>(
    // The stream of a boot holds its batches in order and nothing before them: batch n is revision n + 1.
    `select r.boot, r.batch, r.position, b.root, e.id as entry, p.facts, p.facts_key as "factsKey"
     from gateway_records r
       join gateway_batches b on b.boot = r.boot and b.batch = r.batch
       join ledger.entry e on e.stream = 'gateway-boot/' || r.boot and e.rev = r.batch + 1
       join ledger.payload p on p.event_id = e.id ${owners}
     where r.id = $2 and ${visible}`,
    [JSON.stringify(visibility), id],
  )
  if (found === undefined) return null
  const all = await query<Sealed>(
    'select record, salt, position from gateway_records where boot = $1 and batch = $2 order by position',
    [found.boot, found.batch],
  )
  const commitments = all.map(({ salt, record }) => recordCommitment(salt, record as Json))
  const [own, commitment] = [all[found.position], commitments[found.position]]
  if (own === undefined || commitment === undefined) throw new Error(`batch of record \`${id}\` has a hole`)
  const { boot, batch: number, root, position: index } = found
  return {
    record: own.record,
    salt: own.salt,
    commitment,
    batch: { boot, number, root, size: all.length, index, path: batchProof(commitments, index) },
    entry: found.entry,
    opening: openingOf(found),
    log: await ledger.proof(found.entry),
  }
}

function openingOf({ facts, factsKey }: { readonly facts: string; readonly factsKey: Buffer }) {
  const compartment = JSON.parse(facts) as JsonObject // written by append as canonical JSON
  const { count, fields } = openFields(compartment, factsKey, ['root'])
  const [field] = fields
  if (field === undefined) throw new Error('the entry of a batch names no root')
  return { count, index: field.index, salt: field.salt, path: field.path ?? [] }
}

/**
 * Deletes the records of every whole week that ended more than `keepDays` days ago, with their salts; the roots stay, and
 * so do batches that a hold concerns. Returns how many went. Throws a `RangeError` below `minKeepDays`; the database refuses it too.
 */
export async function sweepGatewayRecords(query: Query, keepDays: number): Promise<number> {
  if (!Number.isSafeInteger(keepDays) || keepDays < minKeepDays)
    throw new RangeError(`records of traffic are kept for at least ${minKeepDays} days`)
  let total = 0
  for (;;) {
    const [row] = await query<{ swept: number }>('select sweep_gateway_records($1) as swept', [keepDays])
    if (row === undefined || row.swept === 0) break
    total += row.swept
  }
  await query('select sweep_gateway_admissions($1)', [keepDays])
  await query('select sweep_guard_hits($1)', [keepDays])
  return total
}

/** Makes the partitions of this week and the two after it; returns how many were missing. */
export async function makeGatewayWeeks(query: Query): Promise<number> {
  const [row] = await query<{ made: number }>('select make_gateway_weeks() as made')
  return row?.made ?? 0
}

/** Calls with an unknown key belong to nobody: only who sees everything sees them. */
const owners =
  'left join deployments d on d.id = r.deployment_id left join use_cases u on u.id = d.use_case_id'
const visible = visibleSql('u', 1)
