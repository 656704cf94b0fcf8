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
} from '../../kernel/index.ts'
import { visibleSql, type Visibility } from '../access.ts'
import { charterId } from '../aggregates/committee.ts'
import type { Query } from '../ports/query.ts'
import { requireReadable, type Reader } from '../readable.ts'
import { sealedEntries, textIn } from '../sealed-texts.ts'
import { readState, type After } from '../registry-views.ts'
import { millis } from '../sql.ts'

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
}
export type CaseFilter = {
  readonly state?: string | undefined
  readonly kind?: string | undefined
  readonly useCaseId?: UseCaseId | undefined
  readonly after: After | null
  readonly limit: number
}

/** Cases that `visibility` opens, newest first. */
export function listCases(
  query: Query,
  visibility: Visibility,
  { state, kind, useCaseId, after, limit }: CaseFilter,
): Promise<readonly CaseRow[]> {
  return query<CaseRow>(
    `select c.id, c.use_case_id as "useCaseId", u.title, c.system_id as "systemId", c.release, c.environment, c.kind, c.tier,
       c.state, ${millis('c.deadline_at')} as deadline, ${millis('c.opened_at')} as "openedAt"
     from cases c join use_cases u on u.id = c.use_case_id
     where ${visibleSql('u', 1)} and ($2::text is null or c.state = $2) and ($3::text is null or c.kind = $3)
       and ($4::text is null or c.use_case_id = $4)
       and ($5::bigint is null or (c.opened_at, c.id) < (to_timestamp($5::float8 / 1000), $6))
     order by c.opened_at desc, c.id desc limit $7`,
    [
      JSON.stringify(visibility),
      state ?? null,
      kind ?? null,
      useCaseId ?? null,
      after?.at ?? null,
      after?.id ?? '',
      limit,
    ],
  )
}

export type CaseRecord = {
  readonly state: reviewCase.Case
  readonly revision: number
  readonly tally: Tally
  /** Texts of ballots, from the sealed halves of their entries; null where they are masked or erased. */
  readonly texts: { readonly [ballotId: string]: { readonly rationale: string | null } }
}

/** One case with its tally as it stands. */
export async function readCase(query: Query, reader: Reader, id: CaseId): Promise<CaseRecord> {
  const found = await readState<reviewCase.State>(query, `case/${id}`)
  if (found === null || found.state.s === 'absent') throw new AppError('NOT_FOUND')
  const { useCaseId } = found.state.subject
  await requireReadable(query, reader, useCaseId, 'case.read')
  const entries = await sealedEntries(query, reader, {
    useCaseId,
    stream: `case/${id}`,
    kinds: ['ballot.cast'],
  })
  const texts = Object.fromEntries(
    entries.map(({ facts, sealed }) => {
      const ballot = facts['ballot'] as { readonly id: string } // written by the decider
      return [ballot.id, { rationale: textIn(sealed, 'rationale') }]
    }),
  )
  return { ...found, state: found.state, tally: reviewCase.tallyOf(found.state), texts }
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
  readonly state: condition.State
  readonly due: number
}

/** Conditions, the next due first. */
export function listConditions(
  query: Query,
  visibility: Visibility,
  filter: {
    readonly useCaseId?: UseCaseId | undefined
    readonly state?: string | undefined
    readonly after: { readonly at: EpochMs; readonly id: string } | null
    readonly limit: number
  },
): Promise<readonly ConditionRow[]> {
  return query<ConditionRow>(
    `select n.id, n.use_case_id as "useCaseId", s.state, ${millis('n.due_at')} as due
     from conditions n join use_cases u on u.id = n.use_case_id join streams s on s.stream = 'condition/' || n.id
     where ${visibleSql('u', 1)} and ($2::text is null or n.use_case_id = $2) and ($3::text is null or n.state = $3)
       and ($4::bigint is null or (n.due_at, n.id) > (to_timestamp($4::float8 / 1000), $5))
     order by n.due_at, n.id limit $6`,
    [
      JSON.stringify(visibility),
      filter.useCaseId ?? null,
      filter.state ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? '',
      filter.limit,
    ],
  )
}
