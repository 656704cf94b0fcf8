import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ProblemError } from '../../src/contracts/client.ts'
import {
  cancelCase,
  castBallot,
  closeCase,
  openCase,
  readCase,
  recuse,
  startVote,
} from '../../src/contracts/routes/cases.ts'
import {
  declareInterest,
  proposeCharter,
  ratifyCharter,
  readCharters,
} from '../../src/contracts/routes/charters.ts'
import { readAuthorization } from '../../src/contracts/routes/enforcement.ts'
import { createRelease } from '../../src/contracts/routes/registry.ts'
import { recordCheck } from '../../src/contracts/routes/reviews.ts'
import { readRequirements } from '../../src/contracts/routes/requirements.ts'
import { digestOf, functions, type CaseId } from '../../src/kernel/index.ts'
import { advisorySummariser, endpointContainment } from '../../src/main/demo/answers.ts'
import type { Organisation } from '../../src/main/demo/organisation.ts'
import type { Person } from '../../src/main/demo/person.ts'
import {
  approved,
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

/** Defects of other products, tried over HTTP on the whole product. */
let plane: Plane
let org: Organisation
let built: Built
let caseId: CaseId

beforeAll(async () => {
  plane = await startPlane()
  ;({ org } = plane)
  const answers = endpointContainment('Containment of endpoints')
  built = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, built)
  await passChecks(org, built)
  caseId = await openVote(org, built)
}, 60_000)
afterAll(() => plane.close())

async function refusedWith(
  act: Promise<unknown>,
): Promise<{ readonly code: string; readonly reasons: string[] }> {
  const error: unknown = await act.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProblemError)) throw new Error('this was not refused', { cause: error })
  const { code, reasons } = error.problem
  return { code, reasons: reasons.map((reason) => reason.code) }
}

async function rowsOf(
  sql: string,
  params: readonly unknown[] = [],
): Promise<readonly Record<string, unknown>[]> {
  return plane.plane.query(sql, params)
}
const recorded = async () =>
  (await rowsOf('select count(*)::int as entries from ledger.entry'))[0]?.['entries'] as number

async function ballotOf(choice: 'approve' | 'object' = 'approve') {
  const { subjectDigest } = await org.analyst.call(readCase, { params: { id: caseId } })
  const rationale = 'The risk to the people concerned was not weighed at all.'
  return { choice, subjectDigest, conditions: [], rationale, nonce: randomBytes(16).toString('hex') }
}

test('PD-01: whoever is signed in without a seat starts, casts, recuses and closes nothing, and no row is written', async () => {
  const before = await recorded()
  const outsiders = [org.admin, org.analyst, org.requester, org.technicalOwner, org.validator, org.commander]
  const body = await ballotOf()
  const params = { id: caseId }
  for (const person of outsiders)
    for (const act of [
      () => person.call(castBallot, { params, body }),
      () => person.call(startVote, { params, body: {} }),
      () => person.call(recuse, { params, body: { rationale: body.rationale } }),
      () => person.call(closeCase, { params, body: {} }),
    ])
      expect((await refusedWith(act())).code).toBe('FORBIDDEN')
  expect(await recorded()).toBe(before)
  expect(await rowsOf('select id from ballots where case_id = $1', [caseId])).toEqual([])
})

test('PD-03: an outcome, a tier or an approver that a client sends along is refused, not kept', async () => {
  const before = await recorded()
  const body = { kind: 'initial', release: built.release, environment: 'test' } as const
  for (const more of [
    { outcome: 'approved' },
    { tier: 1 },
    { approver: org.requester.id },
    { state: 'decided' },
  ])
    expect(await refusedWith(org.analyst.call(openCase, { body: { ...body, ...more } }))).toEqual({
      code: 'INVALID_INPUT',
      reasons: [],
    })
  expect(await recorded()).toBe(before)
})

test('PD-16: what cannot be hashed is refused and not saved without its digest', async () => {
  const before = await recorded()
  const manifest = { ...built.manifest, params: { temperature: 0.5 } }
  const create = org.technicalOwner.call(createRelease, {
    params: { id: built.systemId },
    body: { manifest },
  })
  expect((await refusedWith(create)).code).toBe('INVALID_INPUT')
  expect(await recorded()).toBe(before)
  expect(await rowsOf('select digest from releases where system_id = $1', [built.systemId])).toHaveLength(1)
})

test.each([
  ['the outcome', { choice: 'object' }],
  ['the version of the subject', { subjectDigest: digestOf('another subject') }],
  ['the lifetime', { until: new Date(Date.now() + 86_400_000).toISOString() }],
  ['the conditions', { conditions: [], nonce: 'another-nonce-of-16' }],
] as const)('PD-19: a signature over %s is none over another one', async (_what, change) => {
  const sent = await ballotOf()
  // What the passkey is asked to sign is the first request; what then carries the signature is the second.
  const body = Object.defineProperty({ ...sent }, 'toJSON', { value: () => ({ ...sent, ...change }) })
  const act = org.seats.security.sign(castBallot, { params: { id: caseId }, body })
  expect((await refusedWith(act)).code).toBe('UNAUTHENTICATED')
  expect(await rowsOf('select id from ballots where case_id = $1', [caseId])).toEqual([])
})

test('a check that fails while the committee votes voids its ballots at once, not with the next look at the case', async () => {
  const answers = endpointContainment('Containment of servers')
  const other = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, other)
  await passChecks(org, other)
  const id = await openVote(org, other)
  await vote(org, id, 'risk')
  const { items } = await org.validator.call(readRequirements, {
    query: { release: other.release, environment: 'prod' },
  })
  const check = items.find((item) => item.id.startsWith('check/'))
  if (check === undefined) throw new Error('no check is required')
  await org.validator.call(recordCheck, {
    body: {
      checkId: check.id.slice('check/'.length),
      release: other.release,
      environment: 'prod',
      result: 'fail',
      artefactDigest: digestOf({ report: 'later' }),
      validUntil: inDays(60),
    },
  })
  const { ballots, requirements } = await org.analyst.call(readCase, { params: { id } })
  expect(requirements).toContainEqual({ id: check.id, status: 'unmet' })
  expect(ballots).toEqual([])
})

test('PD-05: a charter that takes effect later changes no case in flight', async () => {
  const before = await org.analyst.call(readCase, { params: { id: caseId } })
  const { rules } = plane.plane.catalogue.charterTemplate
  const loose = { ...rules, initial: { ...rules.initial, 3: rules.initial[1] } }
  const seats = functions.map((fn) => ({
    fn,
    holder: org.seats[fn].id,
    alternates: [],
    chair: fn === 'security',
  }))
  const { digest } = await org.seats.it.call(proposeCharter, { body: { seats, rules: loose } })
  for (const fn of functions)
    if (fn !== 'it') {
      const { inForce, versions: known } = await org.analyst.call(readCharters, {})
      if (known.length > 1) break
      expect(inForce).not.toBe(digest)
      await org.seats[fn].sign(ratifyCharter, { params: { digest }, body: {} })
    }
  // A day passes.
  await plane.pool.query(
    `update streams set state = jsonb_set(state, '{versions,1,effectiveFrom}', '1') where stream = 'charter/main'`,
  )
  expect((await org.analyst.call(readCharters, {})).inForce).toBe(digest)

  await vote(org, caseId, 'security')
  const after = await org.analyst.call(readCase, { params: { id: caseId } })
  const { rule, roster } = before
  expect(after).toMatchObject({ state: 'voting', rule, roster, tally: { status: 'pending' } })
  const close = org.seats.security.call(closeCase, { params: { id: caseId }, body: {} })
  expect((await refusedWith(close)).reasons).toContain('RULE_NOT_SATISFIED')
})

test('PD-14: who gets a conflict during the vote is out with their ballot, and the database says so too', async () => {
  await vote(org, caseId, 'privacy')
  const params = { id: caseId }
  await org.seats.privacy.call(declareInterest, { body: { subject: built.useCaseId } })
  const again = org.seats.privacy.sign(castBallot, { params, body: await ballotOf('object') })
  expect(await refusedWith(again)).toEqual({ code: 'REFUSED', reasons: ['CONFLICT_OF_INTEREST'] })
  expect((await org.analyst.call(readCase, { params })).ballots).toHaveLength(2)

  const { tally } = await vote(org, caseId, 'legal')
  expect(tally).toBe('impossible') // privacy has no alternate, and a required function is never dropped
  const view = await org.analyst.call(readCase, { params })
  expect(view.ballots.map(({ fn }) => fn).toSorted()).toEqual(['legal', 'security'])
  const who = org.seats.privacy.id
  expect(await rowsOf('select code from case_conflicts where person_id = $1', [who])).toEqual([
    { code: 'interest' },
  ])
  const revive = plane.pool.query('update ballots set is_live = true where person_id = $1', [who])
  await expect(revive).rejects.toThrow(/CONFLICT_OF_INTEREST/)
})

test('PD-13: an ended case leaves nothing locked, and an ended approval nothing running', async () => {
  const reopen = () =>
    org.analyst.call(openCase, { body: { kind: 'initial', release: built.release, environment: 'prod' } })
  expect((await refusedWith(reopen())).reasons).toEqual(['CASE_ALREADY_OPEN'])
  await org.analyst.call(cancelCase, { params: { id: caseId }, body: { reasonCode: 'mistake' } })
  const { id } = await reopen()
  const opened = await org.analyst.call(readCase, { params: { id } })
  const privacy = opened.roster.find(({ fn }) => fn === 'privacy')
  expect(privacy?.candidates[0]?.conflicts ?? ['not seated']).not.toEqual([])

  const until = new Date(Date.now() + 5_000).toISOString()
  const short = await approved(org, advisorySummariser('For five seconds'), until)
  const read = (person: Person) =>
    person.call(readAuthorization, { params: { id: short.deploymentId }, query: {} })
  expect((await read(org.analyst)).state).toMatch(/^(valid|expired)$/)
  await new Promise((done) => setTimeout(done, Math.max(0, Date.parse(until) - Date.now())))
  expect(await read(org.analyst)).toMatchObject({ state: 'expired', reasons: [{ code: 'DECISION_EXPIRED' }] })
})
