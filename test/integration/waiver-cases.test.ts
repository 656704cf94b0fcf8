import { afterAll, beforeAll, expect, test } from 'vitest'
import { ProblemError } from '../../src/contracts/client.ts'
import {
  castBallot,
  listCases,
  openCase,
  readCase,
  revokeDecision,
  startVote,
} from '../../src/contracts/routes/cases.ts'
import { readAuthorization } from '../../src/contracts/routes/enforcement.ts'
import { recordCheck } from '../../src/contracts/routes/reviews.ts'
import { readRequirements } from '../../src/contracts/routes/requirements.ts'
import {
  acceptWaiver,
  openWaiverCase,
  readWaiver,
  refuseWaiver,
  renewWaiver,
  requestWaiver,
} from '../../src/contracts/routes/waivers.ts'
import { digestOf, type CaseId, type WaiverId } from '../../src/kernel/index.ts'
import { endpointContainment } from '../../src/main/demo/answers.ts'
import type { Organisation } from '../../src/main/demo/organisation.ts'
import type { Person } from '../../src/main/demo/person.ts'
import {
  approveByAll,
  build,
  inDays,
  passChecks,
  signOffReviews,
  triaged,
  vote,
  type Built,
} from '../../src/main/demo/systems.ts'
import { startPlane, type Plane } from '../support/plane.ts'

/** Waivers that the committee must approve first, over HTTP and with the passkeys of those who decide. */
let plane: Plane
let org: Organisation
let built: Built
const checkId = 'injection_suite'

beforeAll(async () => {
  plane = await startPlane()
  ;({ org } = plane)
  const answers = endpointContainment('Containment of endpoints')
  built = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, built)
  await passChecks(org, built)
  await recordFailure('report of Monday')
}, 60_000)
afterAll(() => plane.close())

const environment = 'prod'
async function recordFailure(report: string): Promise<void> {
  const { release } = built
  const artefactDigest = digestOf({ report })
  const body = {
    checkId,
    release,
    environment,
    result: 'fail',
    artefactDigest,
    validUntil: inDays(60),
  } as const
  await org.validator.call(recordCheck, { body })
}

async function request(residual: 1 | 4 | 5): Promise<WaiverId> {
  const { id } = await org.technicalOwner.call(requestWaiver, {
    body: {
      useCaseId: built.useCaseId,
      subject: { k: 'requirement', id: `check/${checkId}` },
      release: built.release,
      environment,
      residual,
      lifetimeDays: 30,
      justification: 'The tool that the attack aims at is switched off.',
      compensating: [],
    },
  })
  return id
}
const accept = (who: Person, id: WaiverId) => who.sign(acceptWaiver, { params: { id }, body: {} })
const read = (id: WaiverId) => org.analyst.call(readWaiver, { params: { id } })
const gapStatus = async () => {
  const { items } = await org.analyst.call(readRequirements, {
    query: { release: built.release, environment },
  })
  return items.find(({ id }) => id === `check/${checkId}`)?.status
}

async function reasonsOf(act: Promise<unknown>): Promise<readonly string[]> {
  const error: unknown = await act.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProblemError)) throw new Error('this was not refused', { cause: error })
  const { code, reasons } = error.problem
  return reasons.length === 0 ? [code] : reasons.map((reason) => reason.code)
}

async function openAndStart(id: WaiverId): Promise<CaseId> {
  const { id: caseId } = await org.analyst.call(openWaiverCase, { params: { id } })
  await org.seats.security.call(startVote, { params: { id: caseId }, body: {} })
  return caseId
}

test('residual risk 4 is accepted by the executive whom the charter names, with risk and security', async () => {
  const id = await request(4)
  expect(await read(id)).toMatchObject({
    missing: ['business_executive', 'risk', 'security'],
    needsCase: false,
  })
  expect(await reasonsOf(org.analyst.call(openWaiverCase, { params: { id } }))).toEqual([
    'WAIVER_NEEDS_NO_CASE',
  ])
  expect(await reasonsOf(accept(org.businessOwner, id))).toEqual(['FORBIDDEN'])
  await accept(org.executive, id)
  await accept(org.seats.risk, id)
  expect(await gapStatus()).toBe('unmet')
  await accept(org.seats.security, id)
  expect(await gapStatus()).toBe('waived')
  const { acceptances, state } = await read(id)
  expect(state).toBe('accepted')
  expect(acceptances.map(({ as }) => as)).toEqual(['business_executive', 'risk', 'security'])
})

test('an executive votes on nothing, and sits nowhere', async () => {
  const { id } = await org.analyst.call(openCase, {
    body: { kind: 'initial', release: built.release, environment },
  })
  const params = { id }
  const { subjectDigest } = await org.executive.call(readCase, { params })
  const body = {
    choice: 'approve' as const,
    subjectDigest,
    conditions: [],
    rationale: '',
    nonce: '0'.repeat(32),
  }
  expect(await reasonsOf(org.executive.call(castBallot, { params, body }))).toEqual(['FORBIDDEN'])
})

test('residual risk 5 waits for a decision of the full committee about exactly this request', async () => {
  const id = await request(5)
  expect(await read(id)).toMatchObject({ needsCase: true, caseId: null })
  expect(await reasonsOf(accept(org.seats.risk, id))).toEqual(['CASE_REQUIRED'])
  const caseId = await openAndStart(id)
  expect(await reasonsOf(org.analyst.call(openWaiverCase, { params: { id } }))).toContain('CASE_ALREADY_OPEN')
  const { tier, subject, roster, requirements } = await org.analyst.call(readCase, { params: { id: caseId } })
  expect({ tier, kind: subject['kind'], seats: roster.length }).toEqual({ tier: 3, kind: 'waiver', seats: 6 })
  expect(requirements).toEqual([
    { id: 'waiver/requested', status: 'met' },
    { id: 'waiver/gap_unchanged', status: 'met' },
  ])
  const listed = await org.analyst.call(listCases, { query: { kind: 'waiver' } })
  expect(listed.items.map((item) => item.id)).toEqual([caseId])

  // The terms of the waiver say what makes up for the gap: a ballot adds nothing to them.
  const { subjectDigest } = await org.analyst.call(readCase, { params: { id: caseId } })
  const condition = {
    phase: 'after_deploy',
    due: inDays(10),
    owner: org.technicalOwner.id,
    onBreach: 'suspend',
    attester: 'security',
    text: 'Switch the tool off.',
  } as const
  const ballot = {
    choice: 'approve_with_conditions' as const,
    subjectDigest,
    conditions: [condition],
    rationale: 'Only while the tool stays switched off.',
    nonce: '1'.repeat(32),
  }
  expect(await reasonsOf(org.seats.legal.sign(castBallot, { params: { id: caseId }, body: ballot }))).toEqual(
    ['CONDITIONS_DO_NOT_FIT'],
  )

  await approveByAll(org, caseId)
  expect(await reasonsOf(org.analyst.call(openWaiverCase, { params: { id } }))).toEqual([
    'WAIVER_ALREADY_APPROVED',
  ])
  for (const who of [org.executive, org.seats.risk, org.seats.security]) await accept(who, id)
  expect(await read(id)).toMatchObject({ state: 'accepted', caseId })

  // The committee has weighed a gap, and approved no release.
  const authorization = await org.analyst.call(readAuthorization, { params: { id: built.deploymentId } })
  expect(authorization.state).not.toBe('valid')

  await org.seats.legal.call(revokeDecision, {
    params: { id: caseId },
    body: { reasonCode: 'new_facts', text: 'The tool was switched on again.' },
  })
  expect((await read(id)).state).toBe('revoked')
})

test('whoever asked for a waiver has no vote on it; a changed gap voids the ballots; a rejection rests for a week', async () => {
  const id = await request(5)
  const caseId = await openAndStart(id)
  await vote(org, caseId, 'legal')
  await recordFailure('report of Tuesday')
  const { ballots, requirements } = await org.analyst.call(readCase, { params: { id: caseId } })
  expect(requirements).toContainEqual({ id: 'waiver/gap_unchanged', status: 'unmet' })
  expect(ballots).toEqual([])

  const fresh = await request(5)
  const again = await openAndStart(fresh)
  for (const fn of ['security', 'risk', 'legal', 'privacy', 'it', 'data_science'] as const)
    await vote(org, again, fn, { choice: 'object' })
  expect((await org.analyst.call(readCase, { params: { id: again } })).decision).toMatchObject({
    outcome: 'rejected',
  })
  expect(await reasonsOf(org.analyst.call(openWaiverCase, { params: { id: fresh } }))).toEqual([
    'REJECTED_RECENTLY',
  ])
  expect(await reasonsOf(accept(org.seats.risk, fresh))).toEqual(['CASE_REQUIRED'])
  await org.seats.risk.call(refuseWaiver, {
    params: { id: fresh },
    body: { text: 'The committee has rejected it.' },
  })
  expect((await read(fresh)).state).toBe('refused')
})

test('the second renewal waits for the committee, the first does not', async () => {
  const id = await request(1)
  await accept(org.seats.risk, id)
  const renew = () =>
    org.technicalOwner.call(renewWaiver, {
      params: { id },
      body: { text: 'The new suite comes next month.' },
    })
  await renew()
  await accept(org.seats.risk, id)
  await renew()
  expect(await read(id)).toMatchObject({ state: 'requested', renewals: 2, needsCase: true })
  expect(await reasonsOf(accept(org.seats.risk, id))).toEqual(['CASE_REQUIRED'])
  expect(await gapStatus()).toBe('waived') // what was accepted before goes on
  await approveByAll(org, await openAndStart(id))
  await accept(org.seats.risk, id)
  expect(await read(id)).toMatchObject({ state: 'accepted', renewals: 2 })
})
