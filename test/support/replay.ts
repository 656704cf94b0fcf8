import { createPool, type Database, type Pool } from '../../src/adapters/postgres/index.ts'
import { aggregateOf, eventOf } from '../../src/app/aggregates/index.ts'
import { checkLedger, type LedgerReport } from '../../src/app/ledger-check/check.ts'
import { allEntries, type EntryRow } from '../../src/app/ledger-check/rows.ts'
import type { Query } from '../../src/app/ports/query.ts'
import type { Tx } from '../../src/app/ports/unit-of-work.ts'
import { epochMs, type JsonObject } from '../../src/kernel/index.ts'
import type { VerifierKey } from '../../src/ledger/index.ts'
import { cloneDatabase } from './database.ts'
import { queryOf } from './gateway-fixture.ts'

/** Tables that no projection writes, each with the reason. Every other table must be what replay gives. */
const unprojected: Readonly<Record<string, string>> = {
  schema_migrations: 'how the database came to its form',
  settings: 'name of the installation and keys that it publishes',
  streams: 'compared with the fold of the entries',
  idempotency_keys: 'answers to repeated requests, for a day',
  refusals: 'what was refused is no fact',
  credentials: 'secrets of sign-in; compared with what the folded people hold',
  recovery_codes: 'secrets of sign-in',
  sessions: 'secrets of sign-in',
  challenges: 'secrets of sign-in',
  enrolment_tokens: 'secrets of sign-in',
  login_failures: 'counts attempts, for an hour',
  used_assertions: 'each stands whole in the fact that it proves',
  grants: 'tokens, derived from facts and clock',
  grant_scopes: 'derived with the grants',
  grant_renewals: 'derived with the grants; their roots are facts',
  grant_due: 'when the issuer looks again',
  grant_marks: 'where the issuer looks again',
  deployment_standings: 'what the issuer has derived last; it is derived again from the facts',
  imports: 'working data of imports; plans and commits are facts',
  import_rows: 'working data of imports; each committed row is facts of a use case',
  watches: 'a personal matter',
  notices: 'what people were told; the facts behind it are replayed',
  notice_switches: 'a personal matter',
  work_snoozes: 'a personal matter',
  mail_choices: 'a personal matter',
  announcements: 'what endpoints are told; the facts behind it are replayed',
  deliveries: 'what was sent when',
  webhook_secrets: 'secrets, sealed under a key that is not in the database',
  gateway_records: 'traffic; the root of each batch is a fact',
  gateway_admissions: 'traffic; what tier 3 has let go upstream',
  gateway_content: 'traffic; sealed, and gone after its days',
  content_keys: 'keys of content, sealed under one that is not in the database',
  gateway_processes: 'what lives at the moment',
  traffic_tallies: 'counted from traffic',
  guard_hits: 'counted from traffic',
  guard_languages: 'counted from traffic',
  guard_shadow_tallies: 'counted from traffic',
  limit_buckets: 'traffic; what was spent, as the gateway counts it',
  limit_leases: 'what gateways hold at the moment',
}

/** Columns that the application writes beside the projection, each with the reason. */
const unprojectedColumns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  api_keys: { last_used_at: 'noted by authentication' },
  webhooks: {
    url: 'may itself be a secret; the ledger holds the host alone, sealed',
    description: 'what a person wrote; the ledger holds it sealed',
    rests_until: 'what the endpoint has asked for',
  },
  upstreams: { secret_sealed: 'the secret, sealed under a key that is not in the database' },
}

export type Replay = {
  readonly report: LedgerReport
  /** Rows on one side only, `<table>: <row>` with where it was. */
  readonly differences: readonly string[]
  /** Rows that were compared, by table. */
  readonly rows: Readonly<Record<string, number>>
}

/**
 * Rebuilds everything that the ledger of `database` says in a fresh database, command by command through the
 * projections of the product, and compares it row by row. Nothing may write to `database` meanwhile.
 */
export async function replay(database: Database, key: VerifierKey): Promise<Replay> {
  const original = createPool(database, undefined, 1)
  const rebuilt = createPool(await cloneDatabase(), undefined, 1)
  try {
    const report = await checkLedger(queryOf(original), { key, anchors: [] })
    const states = await rebuild(queryOf(original), rebuilt)
    const differences = await credentialDifferences(original, states)
    const rows: Record<string, number> = {}
    for (const table of await tablesOf(original)) {
      if (Object.hasOwn(unprojected, table)) continue
      const [was, is] = [await rowsOf(original, table), await rowsOf(rebuilt, table)]
      rows[table] = was.length
      differences.push(...differencesOf(table, was, is))
    }
    return { report, differences, rows }
  } finally {
    await original.end()
    await rebuilt.end()
  }
}

/** Replays every command into `target`; gives the state of each stream. */
async function rebuild(query: Query, target: Pool): Promise<ReadonlyMap<string, unknown>> {
  const states = new Map<string, unknown>()
  for await (const command of commandsOf(query)) {
    await target.query('begin')
    for (const run of runsOf(command)) {
      const [{ stream, at }] = run
      const found = aggregateOf(stream)
      if (found === null) throw new Error(`no aggregate has the stream \`${stream}\``)
      const { aggregate, id } = found
      const before = states.get(stream) ?? aggregate.initial
      const events = run.map(eventIn)
      const after = events.reduce(aggregate.evolve, before)
      states.set(stream, after)
      await aggregate.project({ tx: projecting(target), id, before, after, events, now: epochMs(at) })
    }
    await target.query('commit')
  }
  return states
}

type Run = readonly [EntryRow, ...EntryRow[]]

async function* commandsOf(query: Query): AsyncGenerator<Run> {
  let command: [EntryRow, ...EntryRow[]] | null = null
  for await (const row of allEntries(query)) {
    if (command !== null && command[0].command === row.command) command.push(row)
    else {
      if (command !== null) yield command
      command = [row]
    }
  }
  if (command !== null) yield command
}

/** What was decided together: neighbours of one stream. */
function runsOf(command: Run): readonly Run[] {
  const runs: [EntryRow, ...EntryRow[]][] = []
  for (const row of command) {
    const last = runs.at(-1)
    if (last?.[0].stream === row.stream) last.push(row)
    else runs.push([row])
  }
  return runs
}

function eventIn({ kind, facts, personal, leaf }: EntryRow) {
  const hasSealed = Object.hasOwn(JSON.parse(Buffer.from(leaf).toString()) as object, 'personal')
  const sealed = personal === null ? {} : (JSON.parse(personal) as JsonObject)
  const open = JSON.parse(facts ?? '{}') as JsonObject // the check of the ledger has opened it
  return eventOf(kind, open, hasSealed ? sealed : undefined)
}

function projecting(target: Pool): Tx {
  const no = () => Promise.reject(new Error('a projection only queries'))
  return { query: queryOf(target), now: no, lockStreams: no, append: no }
}

async function tablesOf(pool: Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`,
  )
  return rows.map(({ name }) => name)
}

async function rowsOf(pool: Pool, table: string): Promise<readonly string[]> {
  const columns = Object.keys(unprojectedColumns[table] ?? {})
  const { rows } = await pool.query<{ row: string }>(
    `select (to_jsonb(t) - $1::text[])::text as row from ${table} t`,
    [columns],
  )
  return rows.map(({ row }) => row).sort()
}

function differencesOf(table: string, was: readonly string[], is: readonly string[]): readonly string[] {
  const [before, after] = [new Set(was), new Set(is)]
  return [
    ...was.filter((row) => !after.has(row)).map((row) => `${table}: ${row} stands there, not in the replay`),
    ...is.filter((row) => !before.has(row)).map((row) => `${table}: ${row} stands in the replay only`),
  ]
}

type Held = { readonly id: string; readonly kind: string; readonly publicKey?: string }

/** INVARIANT: who can sign in is a fact. Each credential stands in the state of its person, and each one there has its row. */
async function credentialDifferences(pool: Pool, states: ReadonlyMap<string, unknown>): Promise<string[]> {
  const { rows } = await pool.query<{ row: string }>(
    `select concat_ws(' ', person_id, id, kind, public_key) as row from credentials`,
  )
  const held = [...states].flatMap(([stream, state]) => {
    if (!stream.startsWith('person/')) return []
    const { credentials = [] } = state as { readonly credentials?: readonly Held[] }
    return credentials
      .filter(({ kind }) => kind !== 'recovery_codes')
      .map(({ id, kind, publicKey }) =>
        [stream.slice('person/'.length), id, kind, publicKey ?? []].flat().join(' '),
      )
  })
  return [
    ...differencesOf(
      'credentials',
      rows.map(({ row }) => row),
      held,
    ),
  ]
}
