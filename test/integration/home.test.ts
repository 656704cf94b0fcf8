import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  approved,
  build,
  draftUseCase,
  openVote,
  passChecks,
  signOffReviews,
  submitted,
  triaged,
  vote,
} from '../../src/main/demo/systems.ts'
import { advisorySummariser, alertTriage } from '../../src/main/demo/answers.ts'
import { readAuthorization } from '../../src/contracts/routes/enforcement.ts'
import { listStandings, readOverview, readWork, snoozeWork } from '../../src/contracts/routes/home.ts'
import { markNotices, startThread } from '../../src/contracts/routes/collaboration.ts'
import { askUseCase } from '../../src/contracts/routes/intake.ts'
import { commandDeployment } from '../../src/contracts/routes/registry.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import { enrolPerson } from '../../src/main/demo/person.ts'
import { enrolPerson as invite, grantRole } from '../../src/contracts/routes/people.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { objectionsTo } from '../support/refusals.ts'
import { settleStandings } from '../support/settle.ts'

let plane: Plane
beforeAll(async () => {
  plane = await startPlane()
}, 120_000)
afterAll(() => plane.close())

const overviewOf = (person: Person) => person.call(readOverview, { query: {} })
const workOf = async (person: Person) => (await person.call(readWork, { query: {} })).items

test('an empty installation shows how far the first walk is, and nothing as good', async () => {
  const { inService, underGrant, setup, matrix, withoutLeave } = await overviewOf(plane.org.auditor)
  expect({ inService, underGrant, matrix, withoutLeave }).toEqual({
    inService: 0,
    underGrant: 0,
    matrix: [],
    withoutLeave: [],
  })
  expect(setup.filter(({ isDone }) => isDone).map(({ step }) => step)).toEqual([
    'second_administrator',
    'charter',
  ])
  const work = await plane.org.auditor.call(readWork, { query: {} })
  expect(work.items).toEqual([])
  expect(work.nextDate).not.toBeNull() // the role of an auditor ends
})

test('each number of the overview is what the issuer has derived, and has its rows', async () => {
  const { org } = plane
  const one = await approved(org, advisorySummariser('Advisory summariser'))
  const two = await approved(org, alertTriage('Log anomaly explainer'))
  const unsettled = await overviewOf(org.analyst)
  expect({ under: unsettled.underGrant, without: unsettled.withoutGrant }).toEqual({ under: 0, without: 0 })
  expect(unsettled.withoutLeave.map(({ state, asOf, reasons }) => ({ state, asOf, reasons }))).toEqual(
    [one, two].map(() => ({ state: 'unknown', asOf: null, reasons: [{ code: 'NOT_DERIVED', params: {} }] })),
  )
  const blocked = async () =>
    (await workOf(org.technicalOwner)).filter(({ kind }) => kind === 'release_blocked')
  expect(await blocked()).toEqual([])
  await settleStandings(plane)
  const before = await overviewOf(org.analyst)
  expect(before.inService).toBe(2)
  expect(before.underGrant + before.withoutGrant).toBe(2)
  expect(before.withoutLeave).toEqual([])
  await org.commander.call(orderStop, {
    body: { scope: 'deployment', targetId: two.deploymentId, reasonCode: 'incident', reason: 'Wrong hosts.' },
  })
  const changed = await overviewOf(org.analyst)
  expect(changed.withoutLeave.map(({ id, state }) => ({ id, state }))).toEqual([
    { id: two.deploymentId, state: 'unknown' },
  ])
  expect(changed.withoutLeave[0]?.asOf).not.toBeNull()
  expect((await blocked()).map(({ id, why }) => ({ id, state: why.params['state'] }))).toEqual([
    { id: two.deploymentId, state: 'suspended' },
  ])
  await settleStandings(plane)
  const after = await overviewOf(org.analyst)
  expect(after.matrix.toSorted((a, b) => a.tier - b.tier)).toEqual([
    { tier: 1, state: 'valid', count: 1 },
    { tier: 2, state: 'suspended', count: 1 },
  ])
  expect(after.withoutLeave.map(({ id, state }) => ({ id, state }))).toEqual([
    { id: two.deploymentId, state: 'suspended' },
  ])
  expect(after.exceptions.map(({ kind, title }) => ({ kind, title }))).toEqual([
    { kind: 'stop', title: 'Log anomaly explainer' },
  ])
  expect(new Set(after.changes.map(({ kind }) => kind))).toEqual(new Set(['decision', 'stop', 'release']))
  const { items } = await org.analyst.call(listStandings, { query: { tier: 2, state: 'suspended' } })
  expect(items.map(({ id }) => id)).toEqual([two.deploymentId])
  for (const { deploymentId } of [one, two]) {
    const alone = await org.analyst.call(readAuthorization, { params: { id: deploymentId }, query: {} })
    const { items: all } = await org.analyst.call(listStandings, { query: {} })
    const listed = all.find(({ id }) => id === deploymentId)
    expect({ state: listed?.state, reasons: listed?.reasons, until: listed?.until }).toEqual({
      state: alone.state,
      reasons: alone.reasons,
      until: alone.until,
    })
  }
  expect((await blocked()).map(({ id, action }) => ({ id, action }))).toEqual([
    { id: two.deploymentId, action: 'deployments.authorization' },
  ])
}, 60_000)

test('who may read nothing sees an empty overview, not the numbers of others', async () => {
  const { org, origin } = plane
  const { id, token } = await org.admin.call(invite, {
    body: { name: 'Nora New', email: 'nora@soc.example' },
  })
  const stranger = await enrolPerson(origin, { name: 'Nora New', email: 'nora@soc.example', token })
  const seen = await overviewOf(stranger)
  expect({
    inService: seen.inService,
    changes: seen.changes,
    exceptions: seen.exceptions,
    deadlines: seen.deadlines,
    waiting: seen.waiting,
    calls: seen.gateway.calls,
  }).toEqual({ inService: 0, changes: [], exceptions: [], deadlines: [], waiting: [], calls: null })
  expect((await stranger.call(listStandings, { query: {} })).items).toEqual([])
  await org.admin.call(grantRole, { params: { id }, body: { role: 'validator' } })
  expect((await overviewOf(stranger)).inService).toBe(2)
}, 60_000)

test('work waits for exactly those who can do it, with its reason', async () => {
  const { org } = plane
  const asked = await submitted(org, alertTriage('Insider risk scoring'))
  const titled = async (person: Person, title: string) =>
    (await workOf(person)).filter((item) => item.title === title).map(({ kind }) => kind)
  expect(await titled(org.analyst, 'Insider risk scoring')).toEqual(['triage'])
  expect(await titled(org.requester, 'Insider risk scoring')).toEqual([])
  await org.analyst.call(askUseCase, {
    params: { id: asked.id },
    body: { keys: ['personalData'], text: 'Whose behaviour is scored?' },
    ifMatch: asked.revision,
  })
  expect(await titled(org.analyst, 'Insider risk scoring')).toEqual([])
  expect(await titled(org.requester, 'Insider risk scoring')).toEqual(['information'])

  const answers = alertTriage('Threat hunting assistant')
  const built = await build(org, await triaged(org, answers), answers)
  expect(await titled(org.seats.privacy, 'Threat hunting assistant')).toContain('review_assign')
  expect(await titled(org.seats.data_science, 'Threat hunting assistant')).toEqual([])
  await signOffReviews(org, built)
  await passChecks(org, built)
  const id = await openVote(org, built)
  await vote(org, id, 'security')
  expect(await titled(org.seats.security, 'Threat hunting assistant')).toEqual([])
  const [ballot] = (await workOf(org.seats.risk)).filter((item) => item.id === id)
  expect(ballot).toMatchObject({
    kind: 'ballot',
    action: 'cases.cast',
    tier: 2,
    isOverdue: false,
    why: { code: 'SEATED', params: { fn: 'risk' } },
  })
  expect(await titled(org.analyst, 'Threat hunting assistant')).toEqual([])
}, 60_000)

test('a role that one administrator asks for waits for the other alone', async () => {
  const { org } = plane
  await org.admin.call(grantRole, { params: { id: org.validator.id }, body: { role: 'incident_commander' } })
  const requests = async (person: Person) =>
    (await workOf(person)).flatMap(({ kind, why }) => (kind === 'role_request' ? [why.params['role']] : []))
  expect(await requests(org.secondAdmin)).toEqual(['incident_commander'])
  expect(await requests(org.admin)).toEqual([])
  expect(await requests(org.analyst)).toEqual([])
})

test('what ends its service leaves the numbers; drafts were never in them', async () => {
  const { org } = plane
  await draftUseCase(org, { title: 'Phishing mail classifier' })
  const { items } = await org.analyst.call(listStandings, { query: { state: 'suspended' } })
  const [id] = items.map((item) => item.id)
  if (id === undefined) throw new Error('nothing is suspended')
  await org.technicalOwner.call(commandDeployment, {
    params: { id },
    body: { c: 'retire', reasonCode: 'no_longer_needed' },
  })
  expect((await overviewOf(org.analyst)).inService).toBe(1)
})

test('who is named in a comment finds it in their work until they have read it', async () => {
  const { org } = plane
  const { id } = await submitted(org, alertTriage('Named in a comment'))
  const subject = { k: 'use_case', id } as const
  await org.requester.call(startThread, { body: { subject, text: `Is it, @[${org.analyst.id}]?` } })
  const mentions = async () => (await workOf(org.analyst)).filter(({ kind }) => kind === 'mention')
  const [mention] = await mentions()
  expect(mention).toMatchObject({
    about: `useCase/${id}`,
    title: 'Named in a comment',
    action: 'notices.mark',
    why: { code: 'MENTIONED', params: { by: org.requester.id } },
    delegation: { k: 'none', why: 'PERSONAL' },
  })
  await org.analyst.call(markNotices, { body: { ids: [mention?.id as never], isRead: true } })
  expect(await mentions()).toEqual([])
})

test('what waits is put off until an instant, for the person alone, and woken; never past its date', async () => {
  const { org } = plane
  const { id } = await submitted(org, alertTriage('Not today'))
  const own = async (person: Person) => {
    const { items, asleep } = await person.call(readWork, { query: {} })
    const isIt = (item: { readonly id: string }) => item.id === id
    return { awake: items.find(isIt), asleep: asleep.find(isIt) }
  }
  const { awake } = await own(org.analyst)
  if (awake?.snooze.k !== 'until' || awake.due === null) throw new Error('it cannot be put off')
  expect(awake.snooze.at).toBe(awake.due)
  const wish = (person: Person, until: string | null, kind: 'triage' | 'ballot' = 'triage') =>
    person.call(snoozeWork, { body: { kind, id, until } })
  const late = new Date(Date.parse(awake.due) + 1).toISOString()
  expect(await objectionsTo(wish(org.analyst, late))).toEqual(['SNOOZE_TOO_LONG'])
  expect(await objectionsTo(wish(org.analyst, '2026-01-01T00:00:00.000Z'))).toEqual(['SNOOZE_IN_THE_PAST'])
  expect(await objectionsTo(wish(org.analyst, awake.due, 'ballot'))).toEqual(['NOT_FOUND'])
  expect(await objectionsTo(wish(org.requester, awake.due))).toEqual(['NOT_FOUND']) // it does not wait for them
  await wish(org.analyst, awake.due)
  expect(await own(org.analyst)).toMatchObject({ awake: undefined, asleep: { until: awake.due } })
  await wish(org.analyst, null)
  expect(await own(org.analyst)).toMatchObject({ awake: { kind: 'triage' }, asleep: undefined })
})
