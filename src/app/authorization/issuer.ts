import { notBeforeLeewaySeconds } from '../../governance/authorization/index.ts'
import { rootOfLeaves } from '../../ledger/index.ts'
import {
  AppError,
  epochMs,
  hourMs,
  type DeploymentId,
  type Digest,
  type EpochMs,
} from '../../kernel/index.ts'
import { renewals } from '../aggregates/grants.ts'
import { runCommand, systemIssuer } from '../command.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'
import { settleGrant, type GrantPorts } from './grants.ts'
import { forgetStandings } from './standing.ts'

export type IssuerPorts = GrantPorts & {
  readonly query: Query
  readonly log: (level: 'warn' | 'error', message: string) => void
}

/**
 * Settles the grant of every deployment that something has touched or whose time has come. A mark goes only after its
 * deployments were settled, so that a crash in between repeats work and loses none. Returns how many were settled.
 */
export async function issueDue(ports: IssuerPorts): Promise<number> {
  const marks = await ports.query<{ id: number; scope: string; target: string }>(
    'select id, scope, target from grant_marks order by id limit 1000',
  )
  const due = await ports.query<{ id: DeploymentId }>(
    `select deployment_id as id from grant_due where due_at <= clock_timestamp() order by due_at limit 500`,
  )
  const marked = await deploymentsUnder(ports.query, marks)
  const [clock] = await ports.query<{ now: number }>(`select ${millis('clock_timestamp()')} as now`)
  const now = epochMs(clock?.now ?? 0)
  const waiting = new Set<DeploymentId>()
  for (const id of new Set([...marked, ...due.map((row) => row.id)])) {
    const isSettled = await settleOne(ports, id, now)
    if (!isSettled) waiting.add(id)
  }
  await forgetStandings(ports.query, [...waiting])
  if (waiting.size > 0)
    await ports.query(
      `insert into grant_due (deployment_id, due_at)
       select id, clock_timestamp() + interval '200 milliseconds' from unnest($1::text[]) as w (id)
       on conflict (deployment_id) do update set due_at = excluded.due_at`,
      [[...waiting]],
    )
  if (marks.length > 0)
    await ports.query('delete from grant_marks where id = any($1)', [marks.map(({ id }) => id)])
  return marked.length + due.length
}

/**
 * Has every deployment looked at again whose grant or last refusal is from the future: the database clock was ahead and
 * has been set back, and what was noted by it would come due hours late.
 */
export async function lookAgainAfterStep(query: Query): Promise<void> {
  await query(
    `insert into grant_due (deployment_id, due_at)
     select d.id, clock_timestamp() from deployments d
     left join grants g on g.deployment_id = d.id
     left join streams s on s.stream = 'grantSeries/' || d.id
     where greatest(g.issued_at, s.updated_at) > clock_timestamp() + make_interval(secs => $1)
     on conflict (deployment_id) do update set due_at = least(grant_due.due_at, excluded.due_at)`,
    [notBeforeLeewaySeconds],
  )
}

/** One deployment whose basis has no index yet, or whose ledger lags, is tried again soon; it holds up no other. */
async function settleOne(ports: IssuerPorts, id: DeploymentId, now: EpochMs): Promise<boolean> {
  try {
    await settleGrant(ports, id, now)
    return true
  } catch (error) {
    const isExpected =
      error instanceof AppError && (error.code === 'FAIL_CLOSED' || error.code === 'UNAVAILABLE')
    const cause = error instanceof Error ? error.message : 'unknown'
    if (!isExpected) ports.log('error', `the grant of ${id} could not be settled: ${cause}`)
    return false
  }
}

async function deploymentsUnder(
  query: Query,
  marks: readonly { readonly scope: string; readonly target: string }[],
): Promise<readonly DeploymentId[]> {
  if (marks.length === 0) return []
  const rows = await query<{ id: DeploymentId }>(
    `select distinct d.id from deployments d left join routes r on r.deployment_id = d.id
     join unnest($1::text[], $2::text[]) as m (scope, target) on
       m.scope = 'installation' or (m.scope = 'use_case' and m.target = d.use_case_id)
       or (m.scope = 'system' and m.target = d.system_id) or (m.scope = 'deployment' and m.target = d.id)
       or (m.scope = 'route' and m.target = r.id)`,
    [marks.map(({ scope }) => scope), marks.map(({ target }) => target)],
  )
  return rows.map(({ id }) => id)
}

/** Records the renewals of each past hour as one entry with their Merkle root. Returns how many went in. */
export async function batchRenewals(ports: IssuerPorts, now: EpochMs): Promise<number> {
  const until = epochMs(Math.floor(now / hourMs) * hourMs)
  return runCommand(ports, systemIssuer('timer', now), async (work) => {
    await work.load(renewals, 'main')
    const rows = await work.tx.query<{ jti: string; leaf: Digest; at: number }>(
      `select jti, leaf, ${millis('issued_at')} as at from grant_renewals
       where not batched and issued_at < to_timestamp($1::float8 / 1000) order by issued_at, jti limit 100000`,
      [until],
    )
    const [first] = rows
    if (first === undefined) return 0
    const { state } = await work.load(renewals, 'main')
    const from = epochMs(Math.max(Math.floor(first.at / hourMs) * hourMs, state.until ?? 0))
    const leaves = rows.map(({ leaf }) => Buffer.from(leaf.slice('sha256:'.length), 'hex'))
    const merkleRoot = `sha256:${Buffer.from(rootOfLeaves(leaves)).toString('hex')}` as Digest // 32 bytes in hex
    const command = { c: 'batch', from, until, count: rows.length, merkleRoot } as const
    await work.apply(renewals, 'main', command, { now: work.now })
    await work.tx.query('update grant_renewals set batched = true where jti = any($1)', [
      rows.map(({ jti }) => jti),
    ])
    return rows.length
  })
}
