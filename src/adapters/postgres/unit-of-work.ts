import { DatabaseError, type PoolClient, type QueryResult, type QueryResultRow } from 'pg'
import {
  type AppendCommand,
  type StreamHead,
  type Tx,
  type UnitOfWork,
} from '../../app/ports/unit-of-work.ts'
import { AppError, canonicalJson, epochMs, idFrom, type EpochMs, type EventId } from '../../kernel/index.ts'
import {
  actorRefOf,
  commit,
  compartmentKeyBytes,
  encodeLeaf,
  maxCommandEntries,
  schemaDigest,
  type Commitment,
} from '../../ledger/index.ts'
import { faultOf, isAnswer, isLoss } from './fault.ts'
import type { Pool } from './pool.ts'

const maxTries = 5
const maxCommandBytes = 1_048_576
const learnWithinMs = 5_000

export type LedgerIdentity = { readonly origin: string; readonly random: (bytes: number) => Uint8Array }

/** The unit of work on PostgreSQL; see the port for what it promises. */
export function createUnitOfWork(pool: Pool, ledger: LedgerIdentity): UnitOfWork {
  return {
    run: async (work) => {
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await attemptOnce(pool, ledger, work)
        if (outcome.k === 'done') return outcome.value
        if (attempt === maxTries) throw new AppError('STALE', undefined, { cause: outcome.cause })
      }
    },
  }
}

type Outcome<T> =
  | { readonly k: 'done'; readonly value: T }
  | { readonly k: 'conflict'; readonly cause: unknown }

async function attemptOnce<T>(
  pool: Pool,
  ledger: LedgerIdentity,
  work: (tx: Tx) => Promise<T>,
): Promise<Outcome<T>> {
  const client = await pool.connect().catch((cause: unknown) => {
    throw new AppError('UNAVAILABLE', undefined, { cause })
  })
  const tx = new PostgresTx(client, ledger)
  let broken: Error | undefined
  client.on('error', noteBroken)
  function noteBroken(error: Error): void {
    broken = error
  }
  try {
    const value = await work(tx)
    if (tx.isBegun) await commitOrLearn(pool, client, tx)
    return { k: 'done', value }
  } catch (error) {
    const fault = faultOf(error)
    // On a lost connection a rollback would wait behind what hangs; the server rolls back by itself.
    if (isLoss(fault)) broken = fault
    else if (tx.isBegun) await client.query('rollback').catch((lost: Error) => (broken = lost))
    if (isConflict(error)) return { k: 'conflict', cause: error }
    throw fault
  } finally {
    client.off('error', noteBroken)
    client.release(broken)
  }
}

/** When the connection dies during COMMIT, the command's own row tells whether it was committed. */
async function commitOrLearn(pool: Pool, client: PoolClient, tx: PostgresTx): Promise<void> {
  try {
    await client.query('commit')
  } catch (error) {
    if (isAnswer(error)) throw error
    if (tx.commandId === null) throw new AppError('OUTCOME_UNKNOWN', undefined, { cause: error })
    if (!(await isCommitted(pool, tx.commandId))) throw error
  }
}

/** Asks until the database answers: after a crash it needs a moment. */
async function isCommitted(pool: Pool, command: string): Promise<boolean> {
  for (const deadline = performance.now() + learnWithinMs; ; ) {
    try {
      const { rowCount } = await pool.query('select 1 from ledger.command where id = $1', [command])
      return rowCount === 1
    } catch (cause) {
      if (performance.now() > deadline) throw new AppError('OUTCOME_UNKNOWN', undefined, { cause })
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

type HeadRow = StreamHead & { readonly stream: string }

const nowSql = 'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now'

/** One transaction. It begins with its first statement, in the same round trip where that takes no parameters. */
class PostgresTx implements Tx {
  commandId: string | null = null
  isBegun = false
  readonly #client: PoolClient
  readonly #ledger: LedgerIdentity
  readonly #revs = new Map<string, number>()
  #now: Promise<EpochMs> | null = null
  constructor(client: PoolClient, ledger: LedgerIdentity) {
    this.#client = client
    this.#ledger = ledger
  }

  async now(): Promise<EpochMs> {
    this.#now ??= this.#batch([nowSql]).then(([result]) => instantOf(result))
    return this.#now
  }

  async query<R extends object>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    this.#refuseAfterAppend()
    if (!this.isBegun) await this.#batch([])
    return (await this.#client.query<R & QueryResultRow>(sql, [...params])).rows
  }

  async lockStreams(streams: readonly string[]): Promise<ReadonlyMap<string, StreamHead>> {
    const sorted = [...new Set(streams)].sort()
    if (sorted.length === 0) return new Map()
    if (sorted.some((stream) => stream.includes('\0')))
      throw new AppError('INVALID_INPUT', 'a text holds a character that cannot be stored')
    const names = sorted.map((stream) => this.#client.escapeLiteral(stream))
    // One statement a lock: the order within a single statement is not promised. The state is read by a statement of
    // its own after the last lock, so that it sees what the holder before us has committed.
    const [heads = [], clock] = await this.#batch([
      ...names.map((name) => `select pg_advisory_xact_lock(hashtextextended(${name}, 0))`),
      `select stream, rev, state from streams where stream in (${names.join(', ')})`,
      ...(this.#now === null ? [nowSql] : []),
    ]).then((results) => results.slice(names.length))
    this.#now ??= Promise.resolve(instantOf(clock))
    const found = new Map<string, StreamHead>(sorted.map((stream) => [stream, { rev: 0, state: null }]))
    for (const { stream, rev, state } of heads as unknown as readonly HeadRow[]) // as selected above
      found.set(stream, { rev, state })
    for (const [stream, { rev }] of found) this.#revs.set(stream, rev)
    return found
  }

  /** Runs statements without parameters in one round trip, each with a snapshot of its own; gives the rows of each. */
  async #batch(statements: readonly string[]): Promise<readonly QueryResultRow[][]> {
    this.#refuseAfterAppend()
    const opening = this.isBegun ? [] : ['begin']
    this.isBegun = true
    const text = [...opening, ...statements].join('; ')
    const results: unknown = await this.#client.query(text)
    const all = (Array.isArray(results) ? results : [results]) as readonly QueryResult[] // one for each statement
    return all.slice(opening.length).map(({ rows }) => rows)
  }

  #refuseAfterAppend(): void {
    if (this.commandId !== null) throw new Error('nothing but further commands follows an append')
  }

  async append(command: AppendCommand): Promise<readonly EventId[]> {
    const { events } = command
    if (events.length === 0 || events.length > maxCommandEntries)
      throw new AppError(
        'LEDGER_TOO_LARGE',
        `a command records 1 to ${maxCommandEntries} entries, not ${events.length}`,
      )
    const at = await this.now()
    const rows = events.map((event, i) => this.#entryOf(command, event, [i + 1, events.length], at))
    const bytes = rows.reduce(
      (sum, row) => sum + row.facts.length + (row.personal?.length ?? 0) + row.leaf.length,
      0,
    )
    if (bytes > maxCommandBytes) throw new AppError('LEDGER_TOO_LARGE')
    const heads = new Map(rows.map((row) => [row.stream, row])) // the last event of each stream
    const params = [
      command.commandId,
      actorRefOf(command.actor),
      at,
      rows.map((row) => row.id),
      rows.map((row) => row.stream),
      rows.map((row) => row.rev),
      rows.map((row) => row.kind),
      rows.map((row) => row.leaf),
      rows.map((row) => row.facts),
      rows.map((row) => row.factsKey),
      rows.map((row) => row.personal),
      rows.map((row) => row.personalKey),
      [...heads.keys()],
      [...heads.values()].map((row) => row.rev),
      [...heads.values()].map((row) => row.state),
    ]
    // Prepared once a connection: planning this statement costs more than running it.
    await this.#client.query({ name: 'ledger-append', text: appendSql, values: params })
    this.commandId = command.commandId
    return rows.map((row) => row.id)
  }

  #entryOf(
    command: AppendCommand,
    event: AppendCommand['events'][number],
    part: [number, number],
    at: EpochMs,
  ): EntryRow {
    const id = idFrom('event', at, this.#ledger.random(10))
    const rev = (this.#revs.get(event.stream) ?? 0) + 1
    if (!this.#revs.has(event.stream)) throw new Error(`stream \`${event.stream}\` was not locked`)
    this.#revs.set(event.stream, rev)
    const factsKey = Buffer.from(this.#ledger.random(compartmentKeyBytes))
    const personalKey =
      event.personal === undefined ? null : Buffer.from(this.#ledger.random(compartmentKeyBytes))
    const leaf = encodeLeaf({
      v: 1,
      log: this.#ledger.origin,
      id,
      kind: event.kind,
      schema: schemaDigest(event.kind),
      at,
      actor: actorRefOf(command.actor),
      stream: event.stream,
      rev,
      cmd: command.commandId,
      part,
      via: command.via,
      subjects: [],
      refs: [],
      facts: committed(event.facts, factsKey),
      ...(event.personal === undefined || personalKey === null
        ? {}
        : { personal: committed(event.personal, personalKey) }),
    })
    if (!leaf.ok)
      throw new AppError('LEDGER_BODY_INVALID', `the entry of kind \`${event.kind}\` is ${leaf.fault}`)
    return {
      id,
      rev,
      stream: event.stream,
      kind: event.kind,
      leaf: Buffer.from(leaf.bytes),
      facts: canonicalJson(event.facts),
      factsKey,
      personal: event.personal === undefined ? null : canonicalJson(event.personal),
      personalKey,
      state: canonicalJson(event.state),
    }
  }
}

type EntryRow = {
  readonly id: EventId
  readonly rev: number
  readonly stream: string
  readonly kind: string
  readonly leaf: Buffer
  readonly facts: string
  readonly factsKey: Buffer
  readonly personal: string | null
  readonly personalKey: Buffer | null
  readonly state: string
}

const appendSql = `
with c as (
  insert into ledger.command (id, actor, at) values ($1, $2, to_timestamp($3::float8 / 1000)) returning seq
), e as (
  insert into ledger.entry (id, seq, part, parts, stream, rev, kind, leaf)
  select u.id, c.seq, u.part, cardinality($4::text[]), u.stream, u.rev, u.kind, u.leaf
  from c, unnest($4::text[], $5::text[], $6::bigint[], $7::text[], $8::bytea[])
    with ordinality as u (id, stream, rev, kind, leaf, part)
), p as (
  insert into ledger.payload (event_id, facts, facts_key, personal, personal_key)
  select * from unnest($4::text[], $9::text[], $10::bytea[], $11::text[], $12::bytea[])
), q as (
  insert into ledger.queue (seq) select seq from c
)
insert into streams (stream, kind, rev, state, updated_at)
select h.stream, split_part(h.stream, '/', 1), h.rev, h.state::jsonb, to_timestamp($3::float8 / 1000)
from c, unnest($13::text[], $14::bigint[], $15::text[]) as h (stream, rev, state)
on conflict (stream) do update set rev = excluded.rev, state = excluded.state, updated_at = excluded.updated_at`

function instantOf(rows: readonly QueryResultRow[] | undefined): EpochMs {
  return epochMs(Number(rows?.[0]?.['now'] ?? -1))
}

function committed(compartment: AppendCommand['events'][number]['facts'], key: Uint8Array): Commitment {
  const result = commit(compartment, key)
  if (result.ok) return result.commitment
  const code = result.fault === 'not_canonical' ? 'LEDGER_BODY_INVALID' : 'LEDGER_TOO_LARGE'
  throw new AppError(code, `the facts are ${result.fault}`)
}

/** Serialisation failure, deadlock, or a row that another transaction wrote first: the whole work runs again. */
function isConflict(error: unknown): boolean {
  return error instanceof DatabaseError && ['40001', '40P01', '23505'].includes(error.code ?? '')
}
