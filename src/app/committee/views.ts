import {
  charter,
  replayDecision,
  reviewCase,
  type condition,
  type Replayed,
  type Tally,
} from '../../governance/committee/index.ts'
import {
  AppError,
  type CaseId,
  type ConditionId,
  type DecisionId,
  type Digest,
  type Environment,
  type EpochMs,
  type SystemId,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import { visibilityOf, visibleSql, type Visibility } from '../access.ts'
import { databaseNow } from '../clock.ts'
import { charterId } from '../aggregates/committee.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'
import { readState, type After } from '../registry-views.ts'
import { instant, millis } from '../sql.ts'
import { conditionTexts } from './condition-texts.ts'

export type CaseRow = {
  readonly id: CaseId
  readonly useCaseId: UseCaseId
  readonly title: string
  readonly systemId: SystemId
  readonly release: Digest
  readonly environment: Environment
  readonly kind: string
  readonly tier: number
  readonly state: reviewCase.Case['s']
  readonly deadline: number
  readonly openedAt: number
  /** Requirements that are neither met nor waived. */
  readonly unmet: number
  readonly tally: Tally
  readonly seated: number
  /** What the reader owes it. */
  readonly own: 'ballot' | 'start' | null
}
export type CaseFilter = {
  readonly state?: string | undefined
  readonly isOpen?: boolean | undefined
  readonly kind?: string | undefined
  readonly tier?: number | undefined
  readonly isMine?: boolean | undefined
  readonly useCaseId?: UseCaseId | undefined
  readonly systemId?: SystemId | undefined
  readonly sort: '-openedAt' | 'deadline'
  readonly after: After | null
  readonly limit: number
}

/**
 * What person $2 owes a case: the ballot of the function whose first candidate without conflict they are, or as its chair
 * the start of the vote. The same as `seatOf` and `isChair` say, in SQL, since one filters by it.
 */
const ownSql = `case
  when c.deadline_at <= clock_timestamp() then null
  when c.state = 'voting' and exists (
    select 1 from jsonb_array_elements(s.state -> 'roster') seat
    where $2 = (
        select k.value ->> 'person' from jsonb_array_elements(seat.value -> 'candidates') with ordinality k (value, place)
        where k.value -> 'conflicts' = '[]' and not (s.state -> 'recused') ? (k.value ->> 'person')
        order by k.place limit 1)
      and not exists (
        select 1 from jsonb_array_elements(s.state -> 'ballots') b where b.value ->> 'fn' = seat.value ->> 'fn')) then 'ballot'
  when c.state = 'open' and exists (
    select 1 from jsonb_array_elements(s.state -> 'roster') seat, jsonb_array_elements(seat.value -> 'candidates') k
    where (seat.value ->> 'chair')::boolean and k.value ->> 'person' = $2 and k.value -> 'conflicts' = '[]') then 'start'
  end`
const openStates = `('open', 'waiting_evidence', 'voting')`
const orders = {
  '-openedAt': { past: '(c.opened_at, c.id) <', by: 'c.opened_at desc, c.id desc' },
  deadline: { past: '(c.deadline_at, c.id) >', by: 'c.deadline_at, c.id' },
} as const

/** Cases that `visibility` opens, with what each still waits for. */
export async function listCases(
  query: Query,
  visibility: Visibility,
  filter: CaseFilter,
): Promise<readonly CaseRow[]> {
  const { past, by } = orders[filter.sort]
  const rows = await query<Omit<CaseRow, 'unmet' | 'tally' | 'seated'> & { full: reviewCase.Case }>(
    `select c.id, c.use_case_id as "useCaseId", u.title, c.system_id as "systemId", c.release, c.environment, c.kind, c.tier,
       c.state, ${millis('c.deadline_at')} as deadline, ${millis('c.opened_at')} as "openedAt", s.state as full, o.own
     from cases c join use_cases u on u.id = c.use_case_id join streams s on s.stream = 'case/' || c.id
       cross join lateral (select ${ownSql} as own) o
     where ${visibleSql('u', 1)} and ($3::text is null or c.state = $3) and ($4::text is null or c.kind = $4)
       and ($5::text is null or c.use_case_id = $5) and ($6::smallint is null or c.tier = $6)
       and ($7::boolean is null or (c.state in ${openStates}) = $7) and ($8::boolean is null or o.own is not null)
       and ($9::text is null or c.system_id = $9)
       and ($10::bigint is null or ${past} (${instant(10)}, $11))
     order by ${by} limit $12`,
    [
      JSON.stringify(visibility),
      visibility.person,
      filter.state ?? null,
      filter.kind ?? null,
      filter.useCaseId ?? null,
      filter.tier ?? null,
      filter.isOpen ?? null,
      filter.isMine ?? null,
      filter.systemId ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? '',
      filter.limit,
    ],
  )
  return rows.map(({ full, ...row }) => ({
    ...row,
    unmet: full.requirements.filter(({ status }) => status !== 'met' && status !== 'waived').length,
    tally: reviewCase.tallyOf(full),
    seated: full.roster.length,
  }))
}

/** Recomputes the outcome of a case from the facts in the ledger. */
export async function replayCase(query: Query, id: CaseId): Promise<Replayed> {
  const rows = await query<{ kind: string; facts: string }>(
    `select e.kind, p.facts from ledger.entry e join ledger.payload p on p.event_id = e.id where e.stream = $1 order by e.rev`,
    [`case/${id}`],
  )
  if (rows.length === 0) throw new AppError('NOT_FOUND')
  return replayDecision(
    rows.map(({ kind, facts }) => ({ e: kind, ...JSON.parse(facts) }) as reviewCase.Event), // written by the decider
  )
}

/** All charters with proposals, delegations and interests. */
export async function readCharters(query: Query): Promise<charter.State> {
  const found = await readState<charter.State>(query, `charter/${charterId}`)
  return found?.state ?? charter.initial
}

export type DecisionRow = {
  readonly id: DecisionId
  readonly caseId: CaseId
  readonly kind: string
  readonly outcome: string
  readonly useCaseId: UseCaseId
  readonly systemId: SystemId
  readonly environment: Environment
  readonly release: Digest
  readonly notBefore: number
  readonly expiresAt: number
  readonly decidedAt: number
  readonly revokedAt: number | null
}

/** Decisions, newest first. */
export function listDecisions(
  query: Query,
  visibility: Visibility,
  filter: { readonly systemId?: SystemId | undefined; readonly after: After | null; readonly limit: number },
): Promise<readonly DecisionRow[]> {
  return query<DecisionRow>(
    `select d.id, d.case_id as "caseId", c.kind, d.outcome, d.use_case_id as "useCaseId", d.system_id as "systemId",
       d.environment, d.release, ${millis('d.not_before_at')} as "notBefore", ${millis('d.expires_at')} as "expiresAt",
       ${millis('d.decided_at')} as "decidedAt", ${millis('r.revoked_at')} as "revokedAt"
     from decisions d join cases c on c.id = d.case_id join use_cases u on u.id = d.use_case_id
       left join decision_revocations r on r.decision_id = d.id
     where ${visibleSql('u', 1)} and ($2::text is null or d.system_id = $2)
       and ($3::bigint is null or (d.decided_at, d.id) < (to_timestamp($3::float8 / 1000), $4))
     order by d.decided_at desc, d.id desc limit $5`,
    [
      JSON.stringify(visibility),
      filter.systemId ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? '',
      filter.limit,
    ],
  )
}

export type ConditionRow = {
  readonly id: ConditionId
  readonly useCaseId: UseCaseId
  /** Title of the use case. */
  readonly title: string
  readonly state: Exclude<condition.State, { readonly s: 'absent' }>
  readonly due: number
  readonly isBreached: boolean
  readonly text: string | null
}

/** Conditions of cases that the reader may see, the next due first. */
export async function listConditions(
  query: Query,
  reader: Reader,
  filter: {
    readonly useCaseId?: UseCaseId | undefined
    readonly state?: string | undefined
    readonly owner?: UserId | undefined
    readonly isOverdue?: boolean | undefined
    readonly dueFrom?: EpochMs | null
    readonly dueUntil?: EpochMs | null
    readonly after: { readonly at: EpochMs; readonly id: string } | null
    readonly limit: number
  },
): Promise<readonly ConditionRow[]> {
  const now = await databaseNow(query)
  const rows = await query<Omit<ConditionRow, 'text'> & { textDigest: Digest | null }>(
    `select n.id, n.use_case_id as "useCaseId", u.title, s.state, ${millis('n.due_at')} as due,
       (n.state = 'open' and n.due_at <= ${instant(8)}) as "isBreached",
       (select x.value ->> 'textDigest' from decisions d join streams cs on cs.stream = 'case/' || d.case_id,
          jsonb_array_elements(cs.state -> 'decision' -> 'conditions') x
        where d.id = n.decision_id and x.value ->> 'id' = n.id) as "textDigest"
     from conditions n join use_cases u on u.id = n.use_case_id join streams s on s.stream = 'condition/' || n.id
     where ${visibleSql('u', 1)} and ($2::text is null or n.use_case_id = $2) and ($3::text is null or n.state = $3)
       and ($4::bigint is null or (n.due_at, n.id) > (${instant(4)}, $5)) and ($7::text is null or n.owner_id = $7)
       and ($9::boolean is null or (n.state = 'open' and n.due_at <= ${instant(8)}) = $9)
       and ($10::bigint is null or n.due_at >= ${instant(10)}) and ($11::bigint is null or n.due_at < ${instant(11)})
     order by n.due_at, n.id limit $6`,
    [
      JSON.stringify(visibilityOf(reader, 'case.read', now)),
      filter.useCaseId ?? null,
      filter.state ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? '',
      filter.limit,
      filter.owner ?? null,
      now,
      filter.isOverdue ?? null,
      filter.dueFrom ?? null,
      filter.dueUntil ?? null,
    ],
  )
  const useCases = rows.map(({ useCaseId }) => useCaseId)
  const texts = await conditionTexts(query, reader, useCases, now)
  return rows.map(({ textDigest, ...row }) => ({
    ...row,
    text: textDigest === null ? null : (texts.get(textDigest) ?? null),
  }))
}
