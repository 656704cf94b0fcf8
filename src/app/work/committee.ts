import { charter, reviewCase, voterOf, type condition } from '../../governance/committee/index.ts'
import type { EpochMs, Tier } from '../../kernel/index.ts'
import { functionsHeld, may, visibilityOf, visibleSql } from '../access.ts'
import { readCharters } from '../committee/views.ts'
import { instant, millis } from '../sql.ts'
import { perSource, type Asking, type WorkItem } from './item.ts'

/** Ballots to cast, votes to start and to close, and evidence that one's own release still lacks. */
export async function caseWork({ query, reader }: Asking): Promise<readonly WorkItem[]> {
  const me = reader.person
  const rows = await query<{ state: reviewCase.Case; title: string; isOwner: boolean }>(
    `select s.state, u.title, $1 in (u.business_owner_id, u.technical_owner_id) is true as "isOwner"
     from cases c join streams s on s.stream = 'case/' || c.id join use_cases u on u.id = c.use_case_id
     where c.state in ('waiting_evidence', 'open', 'voting')
       and (s.state -> 'roster' @> jsonb_build_array(jsonb_build_object('candidates',
         jsonb_build_array(jsonb_build_object('person', $1::text))))
         or $1 in (u.business_owner_id, u.technical_owner_id))
     order by c.deadline_at limit $2`,
    [me, perSource],
  )
  return rows.flatMap(({ state, title, isOwner }): WorkItem[] => {
    const { id, tier, deadline: due, openedAt: since } = state
    const about = { id, title, tier, due, since }
    const seats = state.roster.filter((entry) => voterOf(entry, state.recused)?.person === me)
    const missing = seats.find(({ fn }) => !state.ballots.some((ballot) => ballot.fn === fn))
    const chairs = seats.some(({ chair }) => chair)
    const items: WorkItem[] = []
    if (state.s === 'voting' && missing !== undefined)
      items.push({ kind: 'ballot', ...about, why: { code: 'SEATED', params: { fn: missing.fn } } })
    if (state.s === 'open' && chairs)
      items.push({ kind: 'start_vote', ...about, why: { code: 'CHAIR', params: {} } })
    if (state.s === 'voting' && chairs && reviewCase.tallyOf(state).status === 'satisfied')
      items.push({ kind: 'close_vote', ...about, why: { code: 'CHAIR', params: {} } })
    if (state.s === 'waiting_evidence' && isOwner) {
      const open = state.requirements.filter(({ status }) => status !== 'met' && status !== 'waived').length
      items.push({ kind: 'evidence_missing', ...about, why: { code: 'OWNER_OF_RELEASE', params: { open } } })
    }
    return items
  })
}

/** Conditions that one owns, and those of others that one's function attests. */
export async function conditionWork({ query, reader, now }: Asking): Promise<readonly WorkItem[]> {
  const functions = may(reader.authority, 'condition.attest', null, now)
    ? functionsHeld(reader.authority, now)
    : []
  const rows = await query<{ state: condition.State & { s: 'open' }; title: string; tier: Tier | null }>(
    `select s.state, u.title, u.tier from conditions n join streams s on s.stream = 'condition/' || n.id
       join use_cases u on u.id = n.use_case_id
     where n.state = 'open' and (n.owner_id = $2
       or (s.state -> 'terms' ->> 'attester' = any($3) and ${visibleSql('u', 1)}))
     order by n.due_at limit $4`,
    [JSON.stringify(visibilityOf(reader, 'condition.attest', now)), reader.person, functions, perSource],
  )
  return rows.map(({ state: { terms }, title, tier }) => {
    const about = { id: terms.id, title, tier, due: terms.due, since: null }
    return terms.owner === reader.person
      ? {
          kind: 'condition_owned',
          ...about,
          why: { code: 'OWNER_OF_CONDITION', params: { fn: terms.attester } },
        }
      : { kind: 'attestation', ...about, why: { code: 'ATTESTER', params: { fn: terms.attester } } }
  })
}

const renewalDays = 30

/** Approvals of one's own use cases that end within a month and that nothing newer replaces. */
export async function expiringDecisions({ query, reader, now }: Asking): Promise<readonly WorkItem[]> {
  const rows = await query<{
    id: string
    title: string
    tier: Tier | null
    due: EpochMs
    since: EpochMs
  }>(
    `select d.case_id as id, u.title, u.tier, ${millis('d.expires_at')} as due,
       ${millis('d.decided_at')} as since
     from decisions d join use_cases u on u.id = d.use_case_id
     where $1 in (u.business_owner_id, u.technical_owner_id) and d.outcome <> 'rejected'
       and d.expires_at > ${instant(2)} and d.expires_at <= ${instant(2)} + make_interval(days => $3)
       and not exists (select 1 from decision_revocations r where r.decision_id = d.id)
       and not exists (select 1 from decisions l where l.system_id = d.system_id and l.environment = d.environment
         and l.decided_at > d.decided_at)
     order by d.expires_at limit $4`,
    [reader.person, now, renewalDays, perSource],
  )
  return rows.map((row) => ({
    kind: 'decision_expiring',
    ...row,
    why: { code: 'OWNER_OF_USE_CASE', params: {} },
  }))
}

/** Charters that were proposed and lack one's signature. */
export async function charterWork({ query, reader, now }: Asking): Promise<readonly WorkItem[]> {
  const me = reader.person
  const state = await readCharters(query)
  const inForce = charter.charterInForce(state, now)
  const holdsIn = ({ seats }: charter.Charter) =>
    seats.find(({ id, holder }) => (charter.delegateOf(state, id, now) ?? holder) === me)?.fn ?? null
  return state.proposals.flatMap(({ digest, charter: proposed, by, signatures }): WorkItem[] => {
    const fn = holdsIn(inForce?.charter ?? proposed)
    const isProposer = inForce !== null && by === me
    if (fn === null || isProposer || signatures.some((signature) => signature.by === me)) return []
    const why = { code: inForce === null ? 'SEATED_IN_PROPOSAL' : 'SEATED', params: { fn } }
    return [{ kind: 'charter_signature', id: digest, title: null, tier: null, due: null, since: null, why }]
  })
}
