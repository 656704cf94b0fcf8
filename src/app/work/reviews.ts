import { charter } from '../../governance/committee/index.ts'
import { useCase } from '../../governance/intake/index.ts'
import { review } from '../../governance/reviews/index.ts'
import type { EpochMs } from '../../kernel/index.ts'
import { visibilityOf, visibleSql } from '../access.ts'
import { readCharters } from '../committee/views.ts'
import { instant, millis } from '../sql.ts'
import { perSource, type Asking, type WorkItem } from './item.ts'

/** Requests to triage: never one's own. */
export async function triageWork({ query, reader, now }: Asking): Promise<readonly WorkItem[]> {
  const visibility = { ...visibilityOf(reader, 'useCase.triage', now), person: null }
  const rows = await query<{ id: string; title: string; due: EpochMs | null; since: EpochMs }>(
    `select u.id, u.title, ${millis('u.triage_due_at')} as due, ${millis('u.updated_at')} as since from use_cases u
     where u.state = 'submitted' and ${visibleSql('u', 1)}
       and $2 not in (u.requester_id, coalesce(u.business_owner_id, ''), coalesce(u.technical_owner_id, ''),
         coalesce(u.backup_owner_id, ''))
     order by u.triage_due_at limit $3`,
    [JSON.stringify(visibility), reader.person, perSource],
  )
  return rows.map((row) => ({ kind: 'triage', ...row, tier: null, why: { code: 'TRIAGE_ROLE', params: {} } }))
}

/** Questions to requester and owners, by an analyst or in a review. */
export async function informationWork({ query, reader }: Asking): Promise<readonly WorkItem[]> {
  const own = `$1 in (u.requester_id, u.business_owner_id, u.technical_owner_id, u.backup_owner_id)`
  const asked = await query<{ state: useCase.UseCase; title: string; since: EpochMs }>(
    `select s.state, u.title, ${millis('u.updated_at')} as since
     from use_cases u join streams s on s.stream = 'useCase/' || u.id
     where u.state = 'needs_info' and ${own} order by u.updated_at limit $2`,
    [reader.person, perSource],
  )
  const inReview = await query<{ state: review.Review; title: string; since: EpochMs }>(
    `select s.state, u.title, ${millis('s.updated_at')} as since from reviews r join use_cases u on u.id = r.use_case_id
       join streams s on s.stream = 'review/' || r.id
     where r.state = 'info_requested' and ${own} order by r.due_at limit $2`,
    [reader.person, perSource],
  )
  return [
    ...asked.map(
      ({ state, title, since }): WorkItem => ({
        kind: 'information',
        id: state.id,
        title,
        tier: null,
        due: null,
        since,
        why: { code: 'ASKED_ABOUT_ANSWERS', params: { count: state.asked.length } },
      }),
    ),
    ...inReview.map(
      ({ state, title, since }): WorkItem => ({
        kind: 'review_information',
        id: state.id,
        title,
        tier: state.tier,
        due: state.due,
        since,
        why: { code: 'ASKED_IN_REVIEW', params: { kind: state.kind } },
      }),
    ),
  ]
}

/** Reviews to assign, for whoever leads their function, and reviews that one leads. */
export async function reviewWork({ query, reader, now }: Asking): Promise<readonly WorkItem[]> {
  const seats = charter.charterInForce(await readCharters(query), now)?.charter.seats ?? []
  const leads = seats.filter(({ holder }) => holder === reader.person).map(({ fn }) => fn)
  const kinds = Object.entries(review.functionOf).flatMap(([kind, fn]) => (leads.includes(fn) ? [kind] : []))
  const rows = await query<{ state: review.Review; title: string; since: EpochMs }>(
    `select s.state, u.title, ${millis('r.created_at')} as since from reviews r join use_cases u on u.id = r.use_case_id
       join streams s on s.stream = 'review/' || r.id
     where (r.lead_id = $1 and r.state in ('assigned', 'in_progress'))
       or (r.state in ('required', 'stale') and r.kind = any($2))
     order by r.due_at limit $3`,
    [reader.person, kinds, perSource],
  )
  return rows.map(({ state, title, since }) => {
    const { id, tier, due, kind } = state
    const about = { id, title, tier, due, since }
    return state.s === 'required' || state.s === 'stale'
      ? {
          kind: 'review_assign',
          ...about,
          why: { code: 'LEADS_FUNCTION', params: { fn: review.functionOf[kind], kind } },
        }
      : { kind: 'review_lead', ...about, why: { code: 'LEADS_REVIEW', params: { kind } } }
  })
}

/** The next date on which something of one's own ends; null when nothing does. */
export async function nextOwnDate({ query, reader, now }: Asking): Promise<EpochMs | null> {
  const [row] = await query<{ at: EpochMs | null }>(
    `select ${millis('min(at)')} as at from (
       select d.expires_at as at from decisions d join use_cases u on u.id = d.use_case_id
       where $1 in (u.business_owner_id, u.technical_owner_id) and d.outcome <> 'rejected'
       union all select w.expires_at from waivers w where w.requested_by = $1 and w.state = 'accepted'
       union all select n.due_at from conditions n where n.owner_id = $1 and n.state = 'open'
     ) as dates where at > ${instant(2)}`,
    [reader.person, now],
  )
  const grants = reader.authority.k === 'person' ? reader.authority.grants : []
  const ends = grants.flatMap(({ until }) => (until !== null && until > now ? [until] : []))
  const dates = [...(row?.at === null || row === undefined ? [] : [row.at]), ...ends]
  return dates.reduce<EpochMs | null>((least, at) => (least === null || at < least ? at : least), null)
}
