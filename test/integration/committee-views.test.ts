import { afterAll, beforeAll, expect, test } from 'vitest'
import { castBallot, listCases, readCase } from '../../src/contracts/routes/cases.ts'
import { readCharterTemplate, simulateCharter } from '../../src/contracts/routes/charters.ts'
import { listConditions } from '../../src/contracts/routes/conditions.ts'
import { recordCheck } from '../../src/contracts/routes/reviews.ts'
import { digestOf, functions, type CaseId } from '../../src/kernel/index.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import type { Organisation } from '../../src/main/demo/organisation.ts'
import type { Person } from '../../src/main/demo/person.ts'
import {
  build,
  inDays,
  openVote,
  passChecks,
  signOffReviews,
  triaged,
  vote,
  type Built,
} from '../../src/main/demo/systems.ts'
import { startPlane, type Plane } from '../support/plane.ts'

/** What the routes of the committee show to whom: agenda, case, conditions, and a draft of a charter on past cases. */
let plane: Plane
let org: Organisation
let built: Built
let caseId: CaseId

beforeAll(async () => {
  plane = await startPlane()
  ;({ org } = plane)
  const answers = alertTriage('Threat hunting assistant')
  built = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, built)
  await passChecks(org, built)
  caseId = await openVote(org, built)
}, 60_000)
afterAll(() => plane.close())

async function agenda(person: Person, query: object = {}) {
  const { items } = await person.call(listCases, { query: { limit: 50, ...query } })
  return items
}

test('the agenda says what a case waits for, and what it wants of the reader', async () => {
  await vote(org, caseId, 'security')
  const seen = async (person: Person) => (await agenda(person)).map(({ own }) => own)
  expect(await agenda(org.seats.risk)).toMatchObject([
    { id: caseId, unmet: 0, missing: ['risk', 'privacy'], counted: 1, seated: 5, own: 'ballot' },
  ])
  expect(await seen(org.seats.security)).toEqual([null])
  expect(await seen(org.seats.data_science)).toEqual([null]) // not asked in tier 2
  expect(await seen(org.technicalOwner)).toEqual([null])
  const filtered = async (query: object) => (await agenda(org.seats.risk, query)).length
  expect([await filtered({ mine: 'true' }), await filtered({ open: 'false' })]).toEqual([1, 0])
  expect([await filtered({ tier: '2' }), await filtered({ tier: '3' })]).toEqual([1, 0])
  expect(await agenda(org.seats.security, { mine: 'true' })).toEqual([])
})

test('own part of the agenda is what the case says', async () => {
  const everybody = [...Object.values(org.seats), org.technicalOwner, org.analyst, org.commander]
  for (const person of everybody) {
    const [row] = await agenda(person)
    const { own, ballots } = await person.call(readCase, { params: { id: caseId } })
    const owes = own.refusals.length === 0 && ballots.every(({ fn }) => fn !== own.fn)
    expect([person.name, row?.own ?? null]).toEqual([person.name, owes ? 'ballot' : null])
  }
})

test('the agenda pages by deadline', async () => {
  const first = await org.analyst.call(listCases, { query: { sort: 'deadline', limit: 1 } })
  expect(first.items).toHaveLength(1)
  expect(first.next).toBeUndefined()
})

test('a case shows what happened in it, voided ballots included, and why one has no vote', async () => {
  const body = {
    checkId: 'injection_suite',
    release: built.release,
    environment: 'prod',
    result: 'pass',
    artefactDigest: digestOf({ report: 'a later one' }),
    validUntil: inDays(60),
  } as const
  await org.validator.call(recordCheck, { body })
  const { events, own, closableFrom, approvedBefore } = await org.technicalOwner.call(readCase, {
    params: { id: caseId },
  })
  expect(events.map(({ event }) => event)).toEqual([
    'case.opened',
    'case.evidence_evaluated',
    'case.voting_started',
    'ballot.cast',
    'ballot.voided',
    'case.evidence_evaluated',
  ])
  expect(events[3]).toMatchObject({ by: org.seats.security.id, fn: 'security', what: 'approve' })
  expect(events[4]).toMatchObject({ by: org.seats.security.id, what: 'subject_changed' })
  expect(own).toEqual({ fn: null, isChair: false, refusals: [{ code: 'NOT_SEATED', params: {} }] })
  expect(Date.parse(closableFrom ?? '')).toBeGreaterThan(Date.now())
  expect(approvedBefore).toBeNull()
})

test('texts of conditions stand with the case and in their list, masked for auditors', async () => {
  for (const fn of ['security', 'risk', 'privacy', 'it'] as const) await vote(org, caseId, fn)
  const { subjectDigest } = await org.seats.legal.call(readCase, { params: { id: caseId } })
  const text = 'The register names the deployers.'
  await org.seats.legal.call(castBallot, {
    params: { id: caseId },
    body: {
      choice: 'approve_with_conditions',
      subjectDigest,
      conditions: [
        {
          phase: 'after_deploy',
          due: inDays(10),
          owner: org.businessOwner.id,
          onBreach: 'suspend',
          attester: 'legal',
          text,
        },
      ],
      rationale: 'All duties are met but for the register.',
      nonce: 'a-nonce-that-was-never-used',
    },
  })
  const textsFor = async (person: Person) => {
    const { items } = await person.call(listConditions, { query: { owner: org.businessOwner.id } })
    const { ballots } = await person.call(readCase, { params: { id: caseId } })
    const legal = ballots.find(({ fn }) => fn === 'legal')
    return [items.map((item) => item.text), legal?.conditions.map((item) => item.text), items[0]?.caseId]
  }
  expect(await textsFor(org.seats.risk)).toEqual([[text], [text], caseId])
  expect(await textsFor(org.auditor)).toEqual([[null], [null], caseId])
  const overdue = await org.seats.risk.call(listConditions, { query: { overdue: 'true' } })
  expect(overdue.items).toEqual([])
  const due = async (query: { readonly dueFrom?: string; readonly dueUntil?: string }) =>
    (await org.seats.risk.call(listConditions, { query })).items.length
  expect([await due({ dueFrom: inDays(9) }), await due({ dueFrom: inDays(11) })]).toEqual([1, 0])
  expect([await due({ dueUntil: inDays(11) }), await due({ dueUntil: inDays(9) })]).toEqual([1, 0])
})

test('a draft of a charter names its faults and the cases that it would have decided otherwise', async () => {
  const { rules } = await org.seats.it.call(readCharterTemplate, {})
  const seats = functions.map((fn) => ({
    fn,
    holder: org.seats[fn].id,
    alternates: [],
    chair: fn === 'security',
  }))
  const tried = (change: object, sat = seats) =>
    org.seats.it.call(simulateCharter, { body: { seats: sat, rules: { ...rules, ...change } } })
  expect(await tried({})).toEqual({ faults: [], compared: 1, differing: [] })
  const stricter = { ...rules['initial']?.['2'], required: ['security', 'risk', 'privacy', 'data_science'] }
  const asked = { ...stricter, seated: [...functions] }
  const { differing, faults } = await tried({ initial: { ...rules['initial'], 2: asked } })
  expect(faults).toEqual([])
  expect(differing).toMatchObject([
    { caseId, recorded: 'approved_with_conditions', simulated: 'lapsed', tier: 2 },
  ])
  expect(differing[0]?.reasons.map(({ code }) => code)).toEqual(['FUNCTION_MISSING', 'NOBODY_ELIGIBLE'])
  const withoutLegal = await tried(
    {},
    seats.filter(({ fn }) => fn !== 'legal'),
  )
  expect(withoutLegal.faults.map(({ code }) => code)).toContain('REQUIRED_NOT_SEATED')
  const query = { functions: 'security,risk,legal' }
  const three = await org.seats.it.call(readCharterTemplate, { query })
  const fitted = await tried(
    three.rules,
    seats.filter(({ fn }) => query.functions.split(',').includes(fn)),
  )
  expect(fitted.faults).toEqual([])
  const admin = await tried(
    {},
    seats.map((seat) => (seat.fn === 'it' ? { ...seat, holder: org.admin.id } : seat)),
  )
  expect(admin.faults).toEqual([{ code: 'ADMINISTRATOR_IN_SEAT', params: { at: '/seats/it' } }])
})
