import { charter, simulateRules, type Outcome, type reviewCase } from '../../governance/committee/index.ts'
import { idFrom, type CaseId, type Reason } from '../../kernel/index.ts'
import { visibilityOf, visibleSql } from '../access.ts'
import { databaseNow } from '../clock.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'
import { activePeople, proposalOf, type CharterDraft, type CharterPorts } from './charter.ts'
import { readCharters } from './views.ts'

/** An ended case that the draft would have decided otherwise. */
export type Difference = {
  readonly caseId: CaseId
  readonly title: string
  readonly kind: string
  readonly tier: number
  readonly recorded: Outcome
  readonly simulated: Outcome
  readonly reasons: readonly Reason[]
}
export type Simulation = {
  readonly faults: readonly charter.CharterFault[]
  readonly compared: number
  readonly differing: readonly Difference[]
}

const mostCases = 1_000

/** What is wrong with a draft, and which ended cases that the reader may see its rules would have decided otherwise. */
export async function simulateCharter(
  ports: Pick<CharterPorts, 'query' | 'catalogue' | 'random'>,
  reader: Reader,
  draft: CharterDraft,
): Promise<Simulation> {
  const { query } = ports
  const now = await databaseNow(query)
  const { versions } = await readCharters(query)
  const proposed = proposalOf(ports.catalogue, draft, versions.length + 1, () =>
    idFrom('seat', now, ports.random(10)),
  )
  const people = await activePeople(query, proposed)
  const faults = charter.lintCharter(proposed, people).map((fault) => ({
    ...fault,
    params: { at: placeOf(fault.params.at, proposed.seats) },
  }))
  if (faults.some(({ code }) => code === 'CHARTER_INVALID')) return { faults, compared: 0, differing: [] }
  const ended = await endedCases(query, reader)
  const compared = ended.flatMap(({ state, ...row }) => {
    const simulated = simulateRules(state, proposed.rules)
    return simulated === null ? [] : [{ ...row, ...simulated }]
  })
  const differing = compared
    .filter(({ recorded, simulated }) => recorded !== simulated)
    .map(({ tally, ...row }) => ({ ...row, reasons: tally.reasons }))
  return { faults, compared: compared.length, differing }
}

/** Seats of a draft have no ids yet: their function says which one is meant. */
function placeOf(at: string, seats: charter.Charter['seats']): string {
  const seat = seats.find(({ id }) => at === `/seats/${id}`)
  return seat === undefined ? at : `/seats/${seat.fn}`
}

type Ended = Pick<Difference, 'caseId' | 'title' | 'kind' | 'tier'> & { readonly state: reviewCase.Case }

async function endedCases(query: Query, reader: Reader): Promise<readonly Ended[]> {
  return query<Ended>(
    `select c.id as "caseId", u.title, c.kind, c.tier, s.state
     from cases c join use_cases u on u.id = c.use_case_id join streams s on s.stream = 'case/' || c.id
     where ${visibleSql('u', 1)} and c.state in ('decided', 'lapsed') order by c.opened_at desc, c.id desc limit $2`,
    [JSON.stringify(visibilityOf(reader, 'case.read', await databaseNow(query))), mostCases],
  )
}
