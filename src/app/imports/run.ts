import type { AuthnContext, ImportId, UserId } from '../../kernel/index.ts'
import { databaseNow } from '../clock.ts'
import { systemIssuer } from '../command.ts'
import type { Query } from '../ports/query.ts'
import { checkImport } from './check.ts'
import { abortImport, applyImport } from './commit.ts'
import { importerOf } from './importer.ts'
import type { ImportPorts } from './upload.ts'

/** Seconds after which somebody else takes over an import whose worker has gone silent. */
const silentS = 10

type Claimed = {
  readonly id: ImportId
  readonly phase: 'checking' | 'committing'
  readonly person: UserId
  readonly authn: AuthnContext
}

/** Works on the oldest import that waits. Any number of workers may call this: one of them has it at a time. */
export async function runImports(ports: ImportPorts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const token = Buffer.from(ports.random(16)).toString('hex')
    const claimed = await claim(ports.query, token)
    if (claimed === null) return
    const { id, phase, person, authn } = claimed
    const now = await databaseNow(ports.query)
    const issuer = await importerOf(ports.query, person, authn, now)
    if (issuer === null) {
      await abortImport(ports, systemIssuer('timer', now), id, 'lapsed')
      continue
    }
    const job = { id, issuer, token, signal, beat: () => beat(ports.query, id, token) }
    // After an error it keeps the import until it counts as silent: others get their turn before it is tried again.
    await (phase === 'checking' ? checkImport(ports, job) : applyImport(ports, job))
    await letGo(ports.query, id, token)
  }
}

async function claim(query: Query, token: string): Promise<Claimed | null> {
  const [row] = await query<Claimed>(
    `update imports set beat_by = $1, beat_at = clock_timestamp() where id = (
       select id from imports where phase in ('checking', 'committing')
         and (beat_at is null or beat_at < clock_timestamp() - make_interval(secs => ${silentS}))
       order by created_at limit 1 for update skip locked)
     returning id, phase, person_id as person, authn`,
    [token],
  )
  return row ?? null
}

async function beat(query: Query, id: ImportId, token: string): Promise<boolean> {
  const rows = await query(
    `update imports set beat_at = clock_timestamp()
     where id = $1 and beat_by = $2 and phase in ('checking', 'committing') returning id`,
    [id, token],
  )
  return rows.length > 0
}

async function letGo(query: Query, id: ImportId, token: string): Promise<void> {
  await query('update imports set beat_by = null, beat_at = null where id = $1 and beat_by = $2', [id, token])
}

/** Days after which an import that nobody ended is ended, and the rows that were handed back are forgotten. */
const keepDays = 30

export async function lapseImports(ports: ImportPorts): Promise<void> {
  const rows = await ports.query<{ id: ImportId }>(
    `select id from imports where phase in ('unusable', 'planned')
       and updated_at < clock_timestamp() - make_interval(days => ${keepDays}) order by id limit 100`,
  )
  for (const { id } of rows)
    await abortImport(ports, systemIssuer('timer', await databaseNow(ports.query)), id, 'lapsed')
  await ports.query(
    `update import_rows r set cells = null, title = null from imports i
     where i.id = r.import_id and (r.cells is not null or r.title is not null) and i.phase in ('done', 'aborted')
       and i.updated_at < clock_timestamp() - make_interval(days => ${keepDays})`,
  )
}
