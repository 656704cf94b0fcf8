import { limit } from '../governance/registry/index.ts'
import { AppError, epochMs, type EpochMs, type LimitId } from '../kernel/index.ts'
import { requireEverywhere, visibleSql, type Visibility } from './access.ts'
import { limits } from './aggregates/gateway.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from './command.ts'
import type { Query } from './ports/query.ts'
import { placeOfDeployment, placeOfKey, requireAtPlace, type RoutePlace } from './route-place.ts'
import { millis } from './sql.ts'

/** Sets a limit. The gateway counts in it from its next snapshot on. */
export function setLimit(
  ports: CommandPorts,
  issuer: Issuer,
  input: { readonly target: limit.Target; readonly terms: limit.Terms },
): Promise<{ readonly id: LimitId }> {
  return runCommand(ports, issuer, async (work) => {
    const id = work.ids.next('limit')
    const context = await contextAt(work, id, input.target)
    await work.apply(limits, id, { c: 'set', ...input }, context)
    return { id }
  })
}

/** Gives a limit another amount or window. What is spent stays spent. */
export function changeLimit(
  ports: CommandPorts,
  issuer: Issuer,
  id: LimitId,
  input: { readonly amount: number; readonly window: limit.Window; readonly revision?: number },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { target, rev } = await loaded(work, id)
    const context = await contextAt(work, id, target)
    work.expect(rev, input.revision)
    await work.apply(limits, id, { c: 'change', amount: input.amount, window: input.window }, context)
  })
}

/** Ends a limit, and forgets what was spent under it. */
export function removeLimit(ports: CommandPorts, issuer: Issuer, id: LimitId): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { target } = await loaded(work, id)
    await work.apply(limits, id, { c: 'remove' }, await contextAt(work, id, target))
  })
}

export type LimitRow = {
  readonly id: LimitId
  readonly revision: number
  readonly target: limit.Target
  readonly terms: limit.Terms
  readonly setBy: string
  readonly setAt: EpochMs
  /** In the window of now, as far as the gateway has told: it tells every ten seconds at least. */
  readonly spent: number
  /** What gateways hold and may spend without asking. */
  readonly leased: number
}

/** Limits of the keys and deployments that the reader may see and of the organisation, newest first. */
export async function listLimits(
  query: Query,
  filter: { readonly visibility: Visibility; readonly after?: string; readonly limit: number },
): Promise<readonly LimitRow[]> {
  const rows = await query<Omit<LimitRow, 'target' | 'terms'> & { state: limit.State; setAt: number }>(
    `select l.id, s.rev as revision, s.state, l.set_by as "setBy", ${millis('l.set_at')} as "setAt",
       (select coalesce(sum(b.spent), 0)::bigint from limit_buckets b where b.limit_id = l.id
          and b.since >= limit_since(row(l.window_kind, l.window_ms, l.window_period, l.window_zone)::limit_window, now())
       ) as spent,
       (select coalesce(sum(e.held), 0)::bigint from limit_leases e where e.limit_id = l.id) as leased
     from limits l join streams s on s.stream = 'limit/' || l.id
       left join gateway_keys k on k.id = l.key_id
       left join deployments d on d.id = coalesce(l.deployment_id, k.deployment_id)
       left join use_cases u on u.id = d.use_case_id
     where (l.scope = 'org' or ${visibleSql('u', 1)}) and ($2::text is null or l.id < $2)
     order by l.id desc limit $3`,
    [JSON.stringify(filter.visibility), filter.after ?? null, filter.limit],
  )
  return rows.flatMap(({ state, ...row }) =>
    state.s === 'in_force'
      ? [{ ...row, target: state.target, terms: state.terms, setAt: epochMs(row.setAt) }]
      : [],
  )
}

async function loaded(
  work: Work,
  id: LimitId,
): Promise<{ readonly target: limit.Target; readonly rev: number }> {
  const { state, rev } = await work.load(limits, id)
  if (state.s === 'absent') throw new AppError('NOT_FOUND')
  return { target: state.target, rev }
}

/** Who may spend does not decide how much: this takes the administration of the gateway, at the place of the target. */
async function contextAt(work: Work, limitId: LimitId, target: limit.Target): Promise<limit.Context> {
  const query: Query = (sql, params) => work.tx.query(sql, params)
  const place = await placeOf(query, target)
  const { authority } = work.issuer
  if (place === null) requireEverywhere(authority, 'gateway.manage', work.now)
  else
    await requireAtPlace(
      query,
      { authority, person: personOf(work.issuer) },
      ['gateway.manage'],
      place,
      work.now,
    )
  const [facts] = await query<{ live: boolean; others: number }>(
    `select exists (select 1 from gateway_keys where id = $2 and revoked_at is null and expires_at > now()) as live,
       (select count(*) from limits where id <> $1 and scope = $3 and key_id is not distinct from $2
          and deployment_id is not distinct from $4)::int as others`,
    [
      limitId,
      target.scope === 'key' ? target.keyId : null,
      target.scope,
      target.scope === 'deployment' ? target.deploymentId : null,
    ],
  )
  return {
    limitId,
    now: work.now,
    actor: work.issuer.actor,
    deploymentRetired: place?.isRetired ?? false,
    keyLive: facts?.live ?? false,
    others: facts?.others ?? limit.maxLimits,
  }
}

async function placeOf(query: Query, target: limit.Target): Promise<RoutePlace | null> {
  if (target.scope === 'key') return placeOfKey(query, target.keyId)
  return target.scope === 'deployment' ? placeOfDeployment(query, target.deploymentId) : null
}
