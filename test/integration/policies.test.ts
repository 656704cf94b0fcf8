import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemIssuer } from '../../src/app/command.ts'
import { policiesInForce } from '../../src/app/policies/in-force.ts'
import { publishCatalogue } from '../../src/app/policies/publish.ts'
import {
  assessAnswers,
  changeAnswers,
  explainTier,
  readQuestionnaire,
  readUseCase,
  reviseUseCase,
  submitUseCase,
  triageUseCase,
} from '../../src/contracts/routes/intake.ts'
import {
  listPolicies,
  objectToPolicyProposal,
  proposePolicy,
  proposeQuestionnaire,
  readPolicyImpact,
  readPolicyProposal,
  readPolicyVersion,
  readShippedPolicy,
  signPolicyProposal,
  withdrawPolicyProposal,
} from '../../src/contracts/routes/policies.ts'
import { publication } from '../../src/governance/policies/index.ts'
import {
  digestOf,
  epochMs,
  type Digest,
  type Fn,
  type Json,
  type JsonObject,
} from '../../src/kernel/index.ts'
import { advisorySummariser, alertTriage } from '../../src/main/demo/answers.ts'
import type { Organisation } from '../../src/main/demo/organisation.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { draftUseCase, submitted, triaged } from '../../src/main/demo/systems.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { problemOf } from '../support/refusals.ts'

/** An organisation that decides by its own documents, over HTTP with different people. */
let plane: Plane
let org: Organisation
beforeAll(async () => {
  plane = await startPlane()
  ;({ org } = plane)
})
afterAll(() => plane.close())

const codesOf = async (act: Promise<unknown>) => {
  const { code, reasons } = await problemOf(act)
  return [code, ...reasons.map((reason) => `${reason.code} ${reason.path ?? ''}`.trim())]
}

type Kind = 'tier_policy' | 'calendar' | 'questionnaire'
const keyOf = { tier_policy: 'security-ai', calendar: 'weekdays', questionnaire: 'security-ai' } as const
const shippedOf = async (kind: Kind) =>
  (await org.analyst.call(readShippedPolicy, { params: { kind, key: keyOf[kind] } })).document as JsonObject
const policyOf = async (kind: Kind) => {
  const { items } = await org.analyst.call(listPolicies, {})
  const found = items.find((item) => item.kind === kind)
  if (found === undefined) throw new Error(`no ${kind}`)
  return found
}
const propose = (who: Person, kind: Kind, document: JsonObject) =>
  kind === 'questionnaire'
    ? who.call(proposeQuestionnaire, { params: { key: keyOf[kind] }, body: { document } })
    : who.call(proposePolicy, { params: { kind, key: keyOf[kind] }, body: { document } })
const sign = (fn: Fn, digest: Digest) =>
  org.seats[fn].sign(signPolicyProposal, { params: { digest }, body: {} })
const needed = ['security', 'risk', 'legal', 'privacy', 'it'] as const
async function publish(kind: Kind, document: JsonObject): Promise<Digest> {
  const { digest } = await propose(org.analyst, kind, document)
  for (const fn of needed) await sign(fn, digest)
  return digest
}
const floor = { id: 'ACME-1', tier: 2, when: { atLeast: ['users', 'partners'] }, why: 'partners use it' }
async function stricterPolicy(version: number): Promise<JsonObject> {
  const shipped = await shippedOf('tier_policy')
  return { ...shipped, version, floors: [...(shipped['floors'] as readonly Json[]), floor] }
}
const forPartners = (title: string) => ({ ...advisorySummariser(title), users: 'partners' })

test('a fresh installation decides by what ships, and offers nothing', async () => {
  const { items } = await org.requester.call(listPolicies, {})
  expect(
    items.map(({ kind, key, inForce, offered }) => [kind, key, inForce.version, inForce.origin, offered]),
  ).toEqual([
    ['calendar', 'weekdays', 1, 'shipped', null],
    ['legal_map', 'eu-ai-act', 1, 'shipped', null],
    ['questionnaire', 'security-ai', 1, 'shipped', null],
    ['tier_policy', 'security-ai', 1, 'shipped', null],
    ['trigger_policy', 'default', 1, 'shipped', null],
  ])
  const version = { kind: 'questionnaire', key: 'security-ai', version: 1 } as const
  const { document, digest } = await org.requester.call(readPolicyVersion, { params: version })
  const { labels, ...logic } = document as JsonObject
  expect([digestOf(logic), typeof labels]).toEqual([digest, 'object'])
})

test('who may propose, and every reason against a draft at once', async () => {
  const own = await stricterPolicy(2)
  expect(await codesOf(propose(org.requester, 'tier_policy', own))).toEqual(['FORBIDDEN'])
  expect(await codesOf(propose(org.admin, 'tier_policy', own))).toEqual(['FORBIDDEN'])
  const { floors, ...rest } = own
  const loose = { ...rest, version: 3, floors: (floors as readonly Json[]).slice(2) }
  expect(await codesOf(propose(org.analyst, 'tier_policy', loose))).toEqual([
    'REFUSED',
    'VERSION_NOT_NEXT /version',
    'FLOOR_REMOVED /floors/T3-1',
    'FLOOR_REMOVED /floors/T3-2',
  ])
  expect(await codesOf(propose(org.analyst, 'tier_policy', { key: 'security-ai', version: 2 }))).toEqual(
    expect.arrayContaining([
      'DOCUMENT_INVALID /orders',
      'DOCUMENT_INVALID /floors',
      'DOCUMENT_INVALID /cuts',
    ]),
  )
  const params = { kind: 'tier_policy', key: 'nobody-has-this' } as const
  expect(await codesOf(org.analyst.call(proposePolicy, { params, body: { document: own } }))).toEqual([
    'NOT_FOUND',
  ])
  expect((await policyOf('tier_policy')).proposals).toEqual([])
})

test('the impact is shown before anybody signs', async () => {
  const partner = await triaged(org, forPartners('Summaries for partners'))
  const internal = await triaged(org, alertTriage('Triage of alerts'))
  const draft = await draftUseCase(org, forPartners('A draft for partners'))
  const { digest } = await propose(org.analyst, 'tier_policy', await stricterPolicy(2))
  const { counts, items } = await org.analyst.call(readPolicyImpact, { params: { digest } })
  expect(counts).toMatchObject({ considered: 3, changed: 2, tierRaised: 2, tierLowered: 0, toAnswer: 0 })
  expect(items.map(({ id }) => id).sort()).toEqual([partner.id, draft.id].sort())
  expect(items[0]).toMatchObject({
    now: { tier: 1, reviews: [] },
    proposed: { tier: 2, reviews: ['security'] },
  })
  expect(items.map(({ id }) => id)).not.toContain(internal.id)

  const first = await org.analyst.call(readPolicyImpact, { params: { digest }, query: { limit: 1 } })
  const second = await org.analyst.call(readPolicyImpact, {
    params: { digest },
    query: { limit: 1, cursor: first.next ?? '' },
  })
  expect([first.items[0]?.id, second.items[0]?.id, second.next]).toEqual([
    items[0]?.id,
    items[1]?.id,
    undefined,
  ])
  // Who owns nothing sees nothing of it.
  expect(await codesOf(org.admin.call(readPolicyImpact, { params: { digest: digestOf('none') } }))).toEqual([
    'NOT_FOUND',
  ])
  await org.analyst.call(withdrawPolicyProposal, { params: { digest }, body: {} })
})

test('signatures publish: each says what to sign, the proposer has none, and no restart is needed', async () => {
  const before = await triaged(org, forPartners('Governed before'))
  const { digest, version } = await propose(org.seats.data_science, 'tier_policy', await stricterPolicy(2))
  expect(version).toBe(2)
  const params = { digest }
  const asked = await problemOf(org.seats.security.call(signPolicyProposal, { params, body: {} }))
  expect(asked).toMatchObject({
    code: 'STEP_UP_REQUIRED',
    sign: { digest: publication.policyDocument(digest, 'approve') },
  })
  expect(await codesOf(org.analyst.call(signPolicyProposal, { params, body: {} }))).toEqual(['FORBIDDEN'])
  expect(await codesOf(sign('data_science', digest))).toEqual(['REFUSED', 'SELF_APPROVAL'])
  for (const fn of needed.slice(0, 4)) expect((await sign(fn, digest)).state).toBe('open')
  expect(await codesOf(sign('risk', digest))).toEqual(['REFUSED', 'ALREADY_SIGNED'])
  const { tally, votes } = await org.analyst.call(readPolicyProposal, { params })
  expect(votes.map(({ fn }) => fn)).toEqual(needed.slice(0, 4))
  expect(tally).toMatchObject({ status: 'pending', missing: [], reasons: [{ code: 'TOO_FEW_BALLOTS' }] })
  const assess = async () =>
    (await org.requester.call(assessAnswers, { body: { answers: forPartners('New') } })).computed.tier
  expect(await assess()).toBe(1)
  expect((await sign('it', digest)).state).toBe('published')
  expect(await assess()).toBe(2)
  expect(await policyOf('tier_policy')).toMatchObject({
    inForce: { version: 2, origin: 'own', proposal: digest },
    versions: [{ version: 1, origin: 'shipped' }, { version: 2 }],
    offered: null,
  })

  // What was triaged keeps its tier until it is revised.
  const own = await org.analyst.call(readUseCase, { params: { id: before.id } })
  expect([own.tier, own.assessment?.tier]).toEqual([1, 1])
  expect(await org.analyst.call(explainTier, { params: { id: before.id } })).toMatchObject({ effective: 1 })
  const params2 = { id: before.id }
  const revised = await org.requester.call(reviseUseCase, {
    params: params2,
    body: {},
    ifMatch: own.revision,
  })
  const again = await org.requester.call(submitUseCase, {
    params: params2,
    body: {},
    ifMatch: revised.revision,
  })
  await org.analyst.call(triageUseCase, { params: params2, body: {}, ifMatch: again.revision })
  expect((await org.analyst.call(readUseCase, { params: params2 })).tier).toBe(2)
})

test('a veto ends a proposal with its reason; another objection is recorded and counts', async () => {
  const { digest } = await propose(org.analyst, 'calendar', {
    ...(await shippedOf('calendar')),
    version: 2,
    holidays: ['2027-12-24'],
  })
  const params = { digest }
  const reason = 'We answer incidents on that day as well.'
  const body = { reason }
  expect((await org.seats.data_science.sign(objectToPolicyProposal, { params, body })).state).toBe('open')
  expect((await org.seats.legal.sign(objectToPolicyProposal, { params, body })).state).toBe('rejected')
  const read = await org.seats.it.call(readPolicyProposal, { params })
  expect(read).toMatchObject({
    state: 'rejected',
    tally: null,
    objections: [
      { by: org.seats.data_science.id, reason },
      { by: org.seats.legal.id, reason },
    ],
  })
  expect((await org.auditor.call(readPolicyProposal, { params })).objections[0]?.reason).toBe(null)
  expect(await codesOf(sign('security', digest))).toEqual(['REFUSED', 'PROPOSAL_CLOSED'])
  expect((await policyOf('calendar')).inForce).toMatchObject({ version: 1, origin: 'shipped' })
})

test('what stopped fitting is refused at the signature that would publish it', async () => {
  const own = { ...(await shippedOf('calendar')), version: 2 }
  const { digest } = await propose(org.analyst, 'calendar', { ...own, holidays: ['2027-01-01'] })
  for (const fn of needed.slice(0, 4)) await sign(fn, digest)
  const other = await publish('calendar', { ...own, holidays: ['2027-01-06'] })
  expect(await codesOf(sign('it', digest))).toEqual(['REFUSED', 'PROPOSAL_CLOSED'])
  expect(
    (await policyOf('calendar')).proposals.slice(-2).map(({ digest: id, state }) => [id, state]),
  ).toEqual([
    [digest, 'superseded'],
    [other, 'published'],
  ])
})

test('publishing waits for every command that decides by what is in force', async () => {
  const document = { ...(await shippedOf('calendar')), version: 3, holidays: ['2027-01-06', '2027-05-01'] }
  const { digest } = await propose(org.analyst, 'calendar', document)
  for (const fn of needed.slice(0, 4)) await sign(fn, digest)
  const client = await plane.pool.connect()
  await client.query('begin')
  const held = await client.query<{ kind: string; version: number }>('select * from hold_policies()')
  expect(held.rows.find(({ kind }) => kind === 'calendar')?.version).toBe(2)
  const last = sign('it', digest)
  const waiting = `select 1 from pg_locks where locktype = 'advisory' and not granted`
  while ((await plane.plane.query(waiting)).length === 0) await new Promise(setImmediate)
  expect((await policyOf('calendar')).inForce.version).toBe(2)
  await client.query('commit')
  client.release()
  expect((await last).state).toBe('published')
  expect((await policyOf('calendar')).inForce.version).toBe(3)
})

test('an own questionnaire: a draft is completed under it, and a submitted revision names it', async () => {
  const shipped = await shippedOf('questionnaire')
  const site = {
    key: 'acmeSite',
    section: 'purpose',
    required: true,
    type: { k: 'choice', options: ['plant', 'office'] },
  }
  const questions = (shipped['questions'] as readonly JsonObject[]).filter(({ key }) => key !== 'runbook')
  const labels = {
    ...(shipped['labels'] as JsonObject),
    acmeSite: { label: 'Where does it run?', why: 'Plants are special.' },
  }
  const document = { ...shipped, version: 2, questions: [...questions, site], labels }

  const draft = await draftUseCase(org, advisorySummariser('Begun before'))
  const waiting = await submitted(org, advisorySummariser('Submitted before'))
  const { digest } = await propose(org.analyst, 'questionnaire', document)
  const { items } = await org.analyst.call(readPolicyImpact, { params: { digest } })
  expect(items.find(({ id }) => id === draft.id)?.toAnswer).toEqual(['acmeSite'])
  for (const fn of needed) await sign(fn, digest)

  const read = await org.requester.call(readQuestionnaire, { params: { key: 'security-ai' } })
  expect(read.version).toBe(2)
  expect(read.questions.find(({ key }) => key === 'acmeSite')).toMatchObject({ label: 'Where does it run?' })
  expect(read.questions.map(({ key }) => key)).not.toContain('runbook')

  const params = { id: draft.id }
  const submit = (ifMatch: number) => org.requester.call(submitUseCase, { params, body: {}, ifMatch })
  expect(await codesOf(submit(draft.revision))).toEqual(['REFUSED', 'ANSWER_REQUIRED /answers/acmeSite'])
  const answers = { acmeSite: 'plant' }
  const changed = await org.requester.call(changeAnswers, {
    params,
    body: { answers },
    ifMatch: draft.revision,
  })
  await submit(changed.revision)
  const [row] = await plane.plane.query<{ questionnaire: string }>(
    `select state ->> 'questionnaire' as questionnaire from streams where stream = $1`,
    [`useCase/${draft.id}`],
  )
  expect(row?.questionnaire).toBe(read.digest)
  // What had been submitted is triaged by what is in force, without asking again.
  const triage = await org.analyst.call(triageUseCase, {
    params: { id: waiting.id },
    body: {},
    ifMatch: waiting.revision,
  })
  expect(triage.state).toBe('triaged')

  expect(await codesOf(propose(org.analyst, 'questionnaire', { ...shipped, version: 3 }))).toEqual([
    'REFUSED',
    'KEY_REUSED /questions/runbook',
  ])
})

test('a newer product never replaces what was decided: it offers, and what was not decided follows where it fits', async () => {
  const { catalogue } = plane.plane
  const newer = async (kind: 'tier_policy' | 'trigger_policy' | 'calendar', change: JsonObject) => {
    const document: JsonObject = { ...catalogue.documents[kind], version: 7, ...change }
    const publications = catalogue.publications.map((item) =>
      item.kind === kind ? publication.publicationOf(kind, item.key, 7, document) : item,
    )
    const shipped = { ...catalogue, documents: { ...catalogue.documents, [kind]: document }, publications }
    await publishCatalogue(
      { ...plane.plane, catalogue: shipped },
      systemIssuer('installation', epochMs(Date.now())),
    )
    return shipped
  }
  const before = await policiesInForce(plane.plane.query)
  await newer('tier_policy', { cuts: { 2: 20, 3: 60 } })
  await newer('calendar', { holidays: ['2027-05-01'] })
  // A trigger over something that only the questionnaire of that product ranks.
  const when = { answers: { atLeast: ['users', 'aliens'] } }
  await newer('trigger_policy', { triggers: [{ id: 'new', review: 'legal', when }] })
  expect((await policiesInForce(plane.plane.query)).digests).toEqual(before.digests)
  const triggers = catalogue.documents.trigger_policy['triggers'] as readonly Json[]
  await newer('trigger_policy', {
    triggers: [...triggers, { id: 'new', review: 'legal', when: { tierAtLeast: 2 } }],
  })
  expect((await policiesInForce(plane.plane.query)).forUseCases.triggers.version).toBe(7)
  expect(await policyOf('trigger_policy' as Kind)).toMatchObject({
    inForce: { version: 7, origin: 'shipped' },
  })
  expect((await policyOf('tier_policy')).inForce).toMatchObject({ version: 2, origin: 'own' })
})

test('in bootstrap mode nothing can be proposed', async () => {
  const fresh = await startPlane()
  const { pool } = fresh
  const document = { ...(await shippedOf('calendar')), version: 2 }
  const params = { kind: 'calendar', key: 'weekdays' } as const
  const body = { document }
  const act = () => fresh.org.analyst.call(proposePolicy, { params, body })
  const [second] = await fresh.plane.query<{ id: string }>(
    `select id from people where is_admin and state = 'active' and id <> $1`,
    [fresh.org.admin.id],
  )
  expect(second).toBeDefined()
  await pool.query(`update people set state = 'suspended' where id = $1`, [second?.id])
  expect(await codesOf(act())).toEqual(['REFUSED', 'BOOTSTRAP_MODE'])
  await fresh.close()
})
