import { waiver, type override } from '../../governance/authorization/index.ts'
import { hasRole } from '../../governance/people/index.ts'
import type { EpochMs } from '../../kernel/index.ts'
import { functionsHeld, may, visibilityOf, visibleSql } from '../access.ts'
import { blockedOf } from '../authorization/in-service.ts'
import { instant, millis } from '../sql.ts'
import { perSource, type Asking, type WorkItem } from './item.ts'

const expiringDays = 30

/** Waivers that lack one's acceptance, and one's own that end within a month. */
export async function waiverWork({ query, reader, now }: Asking): Promise<readonly WorkItem[]> {
  const { authority, person: me } = reader
  const isExecutive = authority.k === 'person' && authority.seat === 'business_executive'
  const standsFor: readonly string[] = [
    ...functionsHeld(authority, now),
    ...(isExecutive ? ['business_executive'] : []),
  ]
  const accepts = may(authority, 'waiver.accept', null, now)
  const rows = await query<{
    id: string
    state: waiver.State
    title: string
    isOwn: boolean
    since: EpochMs
  }>(
    `select w.id, s.state, u.title, ${millis('s.updated_at')} as since,
       $2 in (u.requester_id, u.business_owner_id, u.technical_owner_id, u.backup_owner_id) is true as "isOwn"
     from waivers w join streams s on s.stream = 'waiver/' || w.id join use_cases u on u.id = w.use_case_id
     where (w.state = 'requested' and ${visibleSql('u', 1)})
       or (w.state = 'accepted' and w.requested_by = $2 and w.expires_at > ${instant(3)}
         and w.expires_at <= ${instant(3)} + make_interval(days => $4))
     order by w.expires_at nulls first, w.id limit $5`,
    [JSON.stringify(visibilityOf(reader, 'waiver.accept', now)), me, now, expiringDays, perSource],
  )
  return rows.flatMap(({ id, state, title, isOwn, since }): WorkItem[] => {
    if (state.s === 'accepted') {
      const why = { code: 'ASKED_FOR_WAIVER', params: {} }
      return [
        { kind: 'waiver_expiring', id, title, tier: state.terms.tier, due: state.expiresAt, since, why },
      ]
    }
    if (state.s !== 'requested' || !accepts || isOwn || state.by === me || waiver.needsCase(state)) return []
    const missing = waiver
      .acceptorsOf(state.terms.residual)
      .filter((as) => !state.acceptances.some((acceptance) => acceptance.as === as || acceptance.by === me))
    const as = missing.find((acceptor) => standsFor.includes(acceptor))
    if (as === undefined) return []
    const why = { code: 'ACCEPTS_RISK', params: { as, residual: state.terms.residual } }
    return [{ kind: 'waiver_accept', id, title, tier: state.terms.tier, due: null, since, why }]
  })
}

/** Emergency overrides to second or to review: never one's own. */
export async function overrideWork({ query, reader, now }: Asking): Promise<readonly WorkItem[]> {
  const { authority, person: me } = reader
  const functions = functionsHeld(authority, now)
  const isCommander = authority.k === 'person' && hasRole(authority.grants, 'incident_commander', now)
  const rows = await query<{ id: string; state: override.State; title: string; since: EpochMs }>(
    `select o.id, s.state, u.title, ${millis('s.updated_at')} as since from overrides o
       join streams s on s.stream = 'override/' || o.id join deployments d on d.id = o.deployment_id
       join use_cases u on u.id = d.use_case_id
     where ${visibleSql('u', 1)} and o.requested_by <> $2
       and (o.state = 'requested' or (o.state in ('active', 'revoked') and (o.state = 'revoked' or o.expires_at <= ${instant(3)})))
     order by o.review_due_at nulls first, o.id limit $4`,
    [JSON.stringify(visibilityOf(reader, 'useCase.read', now)), me, now, perSource],
  )
  return rows.flatMap(({ id, state, title, since }): WorkItem[] => {
    if (state.s === 'requested') {
      const { fn, person } = state.requested
      const other =
        functions.find((held) => held !== fn) ?? (isCommander && fn !== 'security' ? 'security' : null)
      if (!may(authority, 'override.second', null, now) || person === me || other === null) return []
      const why = { code: 'SECONDS_OVERRIDE', params: { fn: other } }
      return [{ kind: 'override_second', id, title, tier: state.terms.tier, due: null, since, why }]
    }
    if (state.s !== 'active' && state.s !== 'revoked') return []
    const took = [state.requested.person, state.seconded.person, state.renewedBy]
    if (!may(authority, 'override.review', null, now) || took.includes(me)) return []
    const why = { code: 'REVIEWS_OVERRIDE', params: {} }
    const { reviewDue: due, expiresAt } = state
    return [{ kind: 'override_review', id, title, tier: state.terms.tier, due, since: expiresAt, why }]
  })
}

/** What one is responsible for, runs, and has no leave. */
export async function blockedWork({ query, policies, reader }: Asking): Promise<readonly WorkItem[]> {
  const blocked = await blockedOf(query, policies, reader.person, perSource)
  return blocked.map(({ id, title, tier, state }) => ({
    kind: 'release_blocked',
    id,
    title,
    tier,
    due: null,
    since: null,
    why: { code: 'OWNER_OF_DEPLOYMENT', params: { state } },
  }))
}
