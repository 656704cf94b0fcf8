import { nextChange, type AuthorizationState } from '../../governance/authorization/index.ts'
import {
  epochMs,
  type DeploymentId,
  type Digest,
  type Environment,
  type EpochMs,
} from '../../kernel/index.ts'
import type { Work } from '../command.ts'
import type { Query } from '../ports/query.ts'
import { instant, millis } from '../sql.ts'
import type { Judged } from './facts.ts'

/** What lists say of a place: the derived state, or that nothing current is known. */
export type Standing = AuthorizationState | 'unknown'

/** Every standing, the worst first. Unknown is worse than everything that is merely not started. */
export const standings = [
  'mismatch',
  'suspended',
  'revoked',
  'blocked',
  'expired',
  'rejected',
  'unknown',
  'pending',
  'none',
  'in_review',
  'emergency',
  'conditional',
  'valid',
] as const satisfies readonly Standing[]

/** Where a standing stands among all, from 1. */
export function rankOf(standing: Standing): number {
  return standings.indexOf(standing) + 1
}

/**
 * The first instant after `now` at which the authorization can be another one although nothing is recorded; null when
 * there is none. Results of checks lapse too, and with them what a waiver was accepted for.
 */
export async function changesAt(query: Query, { rows, facts }: Judged): Promise<EpochMs | null> {
  const checked = await checkLapses(query, facts.release, facts.environment, rows.now)
  const ahead = [nextChange(facts, rows.now), rows.useCase.down?.expiresAt ?? null, checked]
    .filter((at) => at !== null)
    .filter((at) => at > rows.now)
  return ahead.length === 0 ? null : epochMs(Math.min(...ahead))
}

async function checkLapses(
  query: Query,
  release: Digest,
  environment: Environment,
  now: EpochMs,
): Promise<EpochMs | null> {
  const [row] = await query<{ at: number | null }>(
    `select ${millis('min(valid_until_at)')} as at from checks
     where release = $1 and environment = $2 and valid_until_at > ${instant(3)}`,
    [release, environment, now],
  )
  return row === undefined || row.at === null ? null : epochMs(row.at)
}

/** Keeps what was derived for a deployment, for lists. `holdsUntil` null: until something is recorded. */
export async function keepStanding(
  work: Work,
  id: DeploymentId,
  { rows, authorization }: Judged,
  holdsUntil: EpochMs | null,
): Promise<void> {
  await work.tx.query(
    `insert into deployment_standings (deployment_id, state, rank, until_at, holds_until_at, settled_at, reasons)
     values ($1, $2, $6, ${instant(3)}, coalesce(${instant(4)}, 'infinity'), ${instant(5)}, $7)
     on conflict (deployment_id) do update set state = excluded.state, rank = excluded.rank, until_at = excluded.until_at,
       holds_until_at = excluded.holds_until_at, settled_at = excluded.settled_at, reasons = excluded.reasons`,
    [
      id,
      authorization.s,
      authorization.until ?? null,
      holdsUntil,
      rows.now,
      rankOf(authorization.s),
      JSON.stringify(authorization.reasons),
    ],
  )
}

/** Forgets what is kept for deployments that could not be settled: they are unknown until they are. */
export async function forgetStandings(query: Query, ids: readonly DeploymentId[]): Promise<void> {
  if (ids.length > 0)
    await query('delete from deployment_standings where deployment_id = any($1)', [[...ids]])
}

/**
 * SQL of the places that are not retired, with `state`, `rank` (the worst first), `until_at` and `settled_at`.
 * INVARIANT: a place whose last change the issuer has not settled, or whose time has come, is `unknown`.
 */
export const placesSql = placesOf()

function placesOf(): string {
  return `select p.id, p.system_id, p.use_case_id, p.owner_id, p.environment, p.op, p.desired, p.observed, p.settled_at,
    case when p.is_current then p.kept else 'unknown' end as state,
    case when p.is_current then p.rank else ${rankOf('unknown')} end as rank,
    case when p.is_current then p.kept_until end as until_at
  from (
    select d.*, y.state as kept, y.rank, y.until_at as kept_until, y.settled_at,
      y.state is not null and y.holds_until_at > statement_timestamp() and d.id not in (${markedSql()}) as is_current
    from deployments d left join deployment_standings y on y.deployment_id = d.id
    where d.op <> 'retired'
  ) p`
}

/** Deployments that something has touched which the issuer has not settled yet. */
function markedSql(): string {
  const under = (scope: string, column: string) =>
    `select d.id from deployments d join grant_marks m on m.scope = '${scope}' and m.target = d.${column}`
  return `select target from grant_marks where scope = 'deployment'
    union all ${under('system', 'system_id')} union all ${under('use_case', 'use_case_id')}
    union all select r.deployment_id from routes r join grant_marks m on m.scope = 'route' and m.target = r.id
    union all select d.id from deployments d where exists (select 1 from grant_marks where scope = 'installation')`
}
