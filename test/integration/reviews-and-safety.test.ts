import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadCatalogue } from '../../src/adapters/files/catalogue.ts'
import { createIdempotencyStore, createPool, type Pool } from '../../src/adapters/postgres/index.ts'
import type { Principal } from '../../src/api/handler.ts'
import { reviewHandlers } from '../../src/api/handlers/reviews.ts'
import { safetyHandlers } from '../../src/api/handlers/safety.ts'
import { createApiServer } from '../../src/api/server.ts'
import { charterId } from '../../src/app/aggregates/committee.ts'
import type { OverridePorts } from '../../src/app/authorization/overrides.ts'
import { systemIssuer, type Issuer } from '../../src/app/command.ts'
import { commandUseCase, startUseCase } from '../../src/app/intake.ts'
import { publishCatalogue } from '../../src/app/policies/publish.ts'
import { createRefusalLog } from '../../src/app/refusal-log.ts'
import {
  createRelease,
  createDeployment,
  registerSystem,
  type RegistryPorts,
} from '../../src/app/registry.ts'
import { reportDigest } from '../../src/app/reviews.ts'
import { encodeCursor } from '../../src/contracts/paging.ts'
import { reviewRoutes } from '../../src/contracts/routes/reviews.ts'
import { overrideRoutes } from '../../src/contracts/routes/overrides.ts'
import { refusalRoutes } from '../../src/contracts/routes/refusals.ts'
import { requirementRoutes } from '../../src/contracts/routes/requirements.ts'
import { stopRoutes } from '../../src/contracts/routes/stops.ts'
import { waiverRoutes } from '../../src/contracts/routes/waivers.ts'
import { charter } from '../../src/governance/committee/index.ts'
import type { RoleGrant, Scope } from '../../src/governance/people/index.ts'
import {
  addDays,
  digestOf,
  digestOfBytes,
  epochMs,
  functions,
  idFrom,
  toRfc3339,
  type Digest,
  type Fn,
  type IdKind,
  type Json,
  type SystemId,
  type UseCaseId,
  type UserId,
} from '../../src/kernel/index.ts'
import { cloneDatabase } from '../support/database.ts'
import { exerciseHostile } from '../support/hostile.ts'
import { identityPorts } from '../support/identity.ts'

const random = (n: number) => randomBytes(n)
const fresh = <K extends IdKind>(kind: K) => idFrom(kind, epochMs(Date.now()), random(10))
const catalogue = loadCatalogue(resolve(import.meta.dirname, '../../catalogue'))
const organisation: Scope = { k: 'organisation' }
const grant = (role: RoleGrant['role'], scope: Scope = organisation, fn: Fn | null = null): RoleGrant => ({
  id: fresh('roleGrant'),
  role,
  fn,
  scope,
  until: null,
})
const person = (
  grants: readonly RoleGrant[],
  seat: Fn | null = null,
  id: UserId = fresh('user'),
): Issuer => ({
  actor: { k: 'person', ref: id },
  authn: { method: 'passkey', mfa: true, at: epochMs(Date.now()) },
  channel: 'api',
  authority: { k: 'person', grants, seat },
})
const idOf = ({ actor }: Issuer) => (actor.k === 'person' ? actor.ref : fresh('user'))

const seats = Object.fromEntries(functions.map((fn) => [fn, person([], fn)])) as { [F in Fn]: Issuer }
const requester = person([grant('requester')])
const [business, technical, backup] = [person([]), person([]), person([])]
const analyst = person([grant('analyst')])
const validator = person([grant('validator')])
const auditor = person([grant('auditor')])
const stranger = person([grant('requester', { k: 'use_case', id: fresh('useCase') })])
const commander = person([grant('incident_commander')])

let pool: Pool
let ports: OverridePorts & RegistryPorts
let useCaseId: UseCaseId
let systemId: SystemId
let release: Digest

beforeAll(async () => {
  pool = createPool(await cloneDatabase(), 'countersign_app', 4)
  const identity = identityPorts(pool)
  ports = {
    ...identity,
    refusalLog: createRefusalLog(identity.query, random),
    grantSigner: { kid: 'none', sign: () => new Uint8Array(64) },
    grantIssuer: 'urn:countersign:test',
  }
  for (const somebody of [
    ...Object.values(seats),
    requester,
    business,
    technical,
    backup,
    analyst,
    validator,
  ])
    await pool.query(
      `insert into people (id, state, name, email, created_at) values ($1, 'active', 'n', $1, now())`,
      [idOf(somebody)],
    )
  await insertCharter()
  await publishCatalogue({ ...ports, catalogue }, systemIssuer('installation', epochMs(Date.now())))
  ;({ id: useCaseId } = await startUseCase(ports, requester, {
    answers: { ...harmless(), dataSources: ['internal_logs'] }, // tier 2
    owners: { business: idOf(business), technical: idOf(technical), backup: idOf(backup) },
  }))
  await commandUseCase(ports, requester, useCaseId, { c: 'submit' })
  await commandUseCase(ports, analyst, useCaseId, { c: 'triage' })
  ;({ id: systemId } = await registerSystem(ports, requester, { useCaseId, kind: 'built' }))
  ;({ digest: release } = await createRelease(ports, requester, systemId, { manifest: manifestOf(systemId) }))
})
afterAll(() => pool.end())

/** The least risky complete form. */
function harmless(): { readonly [key: string]: Json } {
  return Object.fromEntries(
    catalogue.forUseCases.questionnaire.questionnaire.questions.map(({ key, type }) => {
      if (type.k === 'text') return [key, `text of ${key}`]
      if (type.k === 'choice') return [key, type.options[0] ?? '']
      if (type.k === 'integer') return [key, type.min]
      return [key, key === 'role' ? ['deployer'] : []]
    }),
  )
}

/** A charter in force: each function has its holder. */
async function insertCharter(): Promise<void> {
  const document: charter.Charter = {
    ...catalogue.charterTemplate,
    version: 1,
    seats: functions.map((fn) => ({
      id: fresh('seat'),
      fn,
      holder: idOf(seats[fn]),
      alternates: [],
      chair: fn === 'security',
    })),
  }
  const digest = charter.charterDigest(document)
  const state: charter.State = {
    ...charter.initial,
    versions: [{ digest, charter: document, effectiveFrom: epochMs(0) }],
  }
  await pool.query(
    `insert into streams (stream, kind, rev, state, updated_at) values ($1, 'charter', 1, $2, now())`,
    [`charter/${charterId}`, JSON.stringify(state)],
  )
}

function manifestOf(id: SystemId) {
  const digest = digestOfBytes('x')
  return {
    schema: 1,
    systemId: id,
    models: [{ provider: 'demo', model: 'demo-1', pin: '1', region: 'eu' }],
    prompts: [],
    tools: [],
    dataSets: [],
    capabilities: [],
    guardPolicy: digest,
    toolPolicy: digest,
    artefacts: [],
    regions: ['eu'],
    externalSend: false,
    params: {},
  }
}

const routes = [
  ...reviewRoutes,
  ...stopRoutes,
  ...overrideRoutes,
  ...waiverRoutes,
  ...requirementRoutes,
  ...refusalRoutes,
]

function serverFor(issuer: Issuer) {
  const { actor, authn, authority } = issuer
  const principal: Principal = { id: idOf(issuer), via: 'api_key', actor, authn, authority, session: null }
  return createApiServer({
    routes,
    handlers: { ...reviewHandlers(ports), ...safetyHandlers(ports) },
    authenticate: async () => principal,
    authorize: () => 'ok',
    idempotency: createIdempotencyStore(pool),
    info: { title: 'test', version: '0', state: () => 'running' },
    rateLimit: { max: 1_000_000, windowMs: 60_000 },
  })
}

type Reply = {
  readonly status: number
  readonly challenge: string | undefined
  // oxlint-disable-next-line typescript/no-explicit-any -- tests assert its form
  readonly body: any
}

/** A call through the real server with real schemas, as somebody. */
async function call(
  issuer: Issuer,
  method: 'GET' | 'POST',
  path: string,
  payload?: object,
  revision?: number,
): Promise<Reply> {
  const server = await serverFor(issuer)
  const response = await server.inject({
    method,
    url: `/api/v1${path}`,
    headers: {
      'idempotency-key': randomBytes(8).toString('hex'),
      ...(revision === undefined ? {} : { 'if-match': `"${revision}"` }),
    },
    ...(payload === undefined ? {} : { payload }),
  })
  await server.close()
  const challenge = response.headers['www-authenticate']?.toString()
  return { status: response.statusCode, challenge, body: response.json() }
}
const get = (issuer: Issuer, path: string) => call(issuer, 'GET', path)
const codesOf = ({ body }: Reply) => body.reasons.map(({ code }: { code: string }) => code)
const inDays = (days: number) => addDays(epochMs(Date.now()), days)

async function reviewOf(kind: string): Promise<Reply['body']> {
  const { body } = await get(analyst, `/reviews?useCaseId=${useCaseId}&kind=${kind}`)
  return (await get(analyst, `/reviews/${body.items[0].id}`)).body
}

test('a review goes from its trigger to a report under conditions, and the texts make up what was signed', async () => {
  const { id, revision, subject, state } = await reviewOf('security')
  expect({ revision, state }).toEqual({ revision: 1, state: 'required' })
  const act = (issuer: Issuer, path: string, body?: object, ifMatch = 1) =>
    call(issuer, 'POST', `/reviews/${id}/${path}`, body, ifMatch)
  const lead = { lead: idOf(seats.security) }

  expect((await call(seats.security, 'POST', `/reviews/${id}/assign`, lead)).status).toBe(428)
  expect((await act(seats.security, 'assign', lead, 9)).body).toMatchObject({ code: 'STALE', revision: 1 })
  expect((await act(seats.security, 'assign', { ...lead, tier: 1 })).status).toBe(400)
  expect(codesOf(await act(seats.legal, 'assign', lead))).toEqual(['NOT_THE_LEAD'])
  expect(codesOf(await act(seats.security, 'assign', { lead: fresh('user') }))).toEqual(['PERSON_INACTIVE'])
  expect((await act(seats.security, 'assign', lead)).status).toBe(200)
  expect((await act(seats.security, 'start', undefined, 2)).status).toBe(200)
  expect((await act(seats.security, 'ask', { text: 'Which logs does it read?' }, 3)).status).toBe(200)
  expect((await act(stranger, 'answer', undefined, 4)).status).toBe(404)
  expect((await act(business, 'answer', undefined, 4)).status).toBe(200)

  const condition = {
    phase: 'after_deploy',
    due: toRfc3339(inDays(30)),
    owner: idOf(technical),
    onBreach: 'suspend',
    attester: 'risk',
    text: 'Show that the fallback was exercised.',
  }
  const report = { subject, summary: 'Looked at data flows, tools and fallback.', conditions: [condition] }
  const signed = (body: object) => act(seats.security, 'sign-off', body, 5)
  expect(codesOf(await signed({ ...report, conditions: [{ ...condition, owner: fresh('user') }] }))).toEqual([
    'PERSON_INACTIVE',
  ])
  const past = { ...report, summary: 'too short', conditions: [{ ...condition, due: toRfc3339(inDays(-1)) }] }
  expect(codesOf(await signed(past))).toEqual(['TEMPLATE_INCOMPLETE', 'CONDITION_DUE_IN_THE_PAST'])
  const other = { ...report, subject: { ...subject, release: digestOfBytes('other') } }
  expect(codesOf(await signed(other))).toEqual(['STALE_SUBJECT'])
  const tired = { ...seats.security, authn: { ...seats.security.authn, at: epochMs(Date.now() - 3_600_000) } }
  const unproven = await act(tired, 'sign-off', report, 5)
  expect(unproven).toMatchObject({
    status: 401,
    challenge: expect.stringContaining('error="insufficient_user_authentication"'),
    body: { code: 'STEP_UP_REQUIRED', reasons: [{ code: 'STEP_UP_REQUIRED' }] },
  })
  const refused = await act(tired, 'sign-off', { ...report, summary: 'too short' }, 5)
  expect([refused.status, codesOf(refused)]).toEqual([422, ['STEP_UP_REQUIRED', 'TEMPLATE_INCOMPLETE']])
  const { status, body } = await signed(report)
  expect(status).toBe(200)

  const read = await reviewOf('security')
  expect(read).toMatchObject({
    state: 'signed_off_with_conditions',
    revision: 6,
    signedBy: idOf(seats.security),
    report: body.report,
    conditions: [{ owner: idOf(technical), due: condition.due, proposedBy: 'security' }],
    notes: [
      { event: 'review.information_requested', text: 'Which logs does it read?', report: null },
      { event: 'review.signed_off', text: report.summary, report: body.report },
    ],
  })
  const [, note] = read.notes
  const texts = { summary: note.text, conditions: note.conditions.map((item: { text: string }) => item.text) }
  expect(reportDigest(texts, note.salt)).toBe(body.report)
  expect(digestOf(note.conditions[0])).toBe(read.conditions[0].textDigest)
  const facts = await pool.query<{ facts: string }>(
    `select p.facts from ledger.entry e join ledger.payload p on p.event_id = e.id where e.stream = $1`,
    [`review/${id}`],
  )
  expect(JSON.stringify(facts.rows)).not.toMatch(/Looked at|fallback was|Which logs/)
})

test('lists page by key, filter, and show nothing outside of what somebody may see', async () => {
  const all = (await get(analyst, '/reviews')).body.items
  const kinds = all.map((item: { kind: string }) => item.kind)
  expect(kinds.length).toBeGreaterThan(0)
  const seen: string[] = []
  for (const sort of ['-createdAt', 'due']) {
    let cursor = ''
    for (let pages = 0; pages < 20; pages += 1) {
      const { body } = await get(analyst, `/reviews?limit=1&sort=${sort}${cursor}`)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      if (body.next === undefined) break
      cursor = `&cursor=${body.next}`
    }
  }
  expect(seen.toSorted()).toEqual([...all, ...all].map(({ id }: { id: string }) => id).toSorted())
  expect((await get(analyst, '/reviews?overdue=true')).body.items).toEqual([])
  expect((await get(analyst, '/reviews?overdue=false')).body.items).toHaveLength(all.length)
  expect((await get(analyst, `/reviews?lead=${idOf(seats.security)}`)).body.items).toHaveLength(1)
  expect((await get(business, '/reviews')).body.items).toHaveLength(all.length)
  expect((await get(stranger, '/reviews')).body).toEqual({ items: [] })
  expect((await get(stranger, `/reviews/${all[0].id}`)).status).toBe(404)
  expect((await get(analyst, `/reviews/${fresh('review')}`)).status).toBe(404)
})

test('a check is recorded by a validator or a program, and says what it says now', async () => {
  const check = {
    checkId: 'injection_suite',
    release,
    environment: 'prod',
    result: 'fail',
    artefactDigest: digestOfBytes('report'),
    validUntil: toRfc3339(inDays(10)),
  }
  expect((await call(stranger, 'POST', '/checks', check)).status).toBe(404)
  expect((await call(analyst, 'POST', '/checks', check)).status).toBe(403)
  const long = { ...check, validUntil: toRfc3339(inDays(900)) }
  expect(codesOf(await call(validator, 'POST', '/checks', long))).toEqual(['VALIDITY_OUT_OF_RANGE'])
  expect((await call(validator, 'POST', '/checks', check)).status).toBe(200)
  const service: Issuer = {
    actor: { k: 'service', id: fresh('service') },
    authn: { method: 'api_key', mfa: false, at: epochMs(Date.now()) },
    channel: 'api',
    authority: { k: 'service', permissions: ['check.record', 'useCase.read'], useCaseId: null },
  }
  const baseline = { ...check, checkId: 'baseline_validation', result: 'pass' }
  expect((await call(service, 'POST', '/checks', baseline)).status).toBe(200)
  const first = (await get(service, `/checks?release=${release}&limit=1`)).body
  expect(first.items).toMatchObject([{ checkId: 'baseline_validation', status: 'pass', result: 'pass' }])
  const second = (await get(service, `/checks?release=${release}&limit=1&cursor=${first.next}`)).body
  expect(second.items).toMatchObject([{ checkId: 'injection_suite', status: 'fail', by: idOf(validator) }])
  expect(second.next).toBeUndefined()
  expect((await get(stranger, `/checks?release=${release}`)).status).toBe(404)
})

test('requirements name each gap; a waiver of one is asked for, accepted by who may, and revoked by one person', async () => {
  const required = async (issuer = requester) =>
    get(issuer, `/requirements?release=${release}&environment=prod`)
  const gapOf = (body: Reply['body']) =>
    body.items.find(({ id }: { id: string }) => id === 'check/injection_suite')
  const before = (await required()).body
  expect(before).toMatchObject({ useCaseId, tier: 2, environment: 'prod' })
  expect(gapOf(before)).toMatchObject({ status: 'unmet', why: 'fail', artefact: digestOfBytes('report') })
  expect((await required(stranger)).status).toBe(404)

  const wanted = {
    useCaseId,
    subject: { k: 'requirement', id: 'check/injection_suite' },
    release,
    environment: 'prod',
    residual: 2,
    lifetimeDays: 30,
    justification: 'The tool has no write access yet.',
  }
  expect((await call(stranger, 'POST', '/waivers', wanted)).status).toBe(404)
  const notWaivable = { ...wanted, subject: { k: 'requirement', id: 'tier_floor' } }
  expect(codesOf(await call(requester, 'POST', '/waivers', notWaivable))).toEqual(['NOT_WAIVABLE'])
  const { body, status } = await call(requester, 'POST', '/waivers', wanted)
  expect(status).toBe(201)
  const path = `/waivers/${body.id}`
  expect((await get(requester, path)).body).toMatchObject({
    state: 'requested',
    missing: ['risk'],
    stateDigest: gapOf(before).gap,
    notes: [{ event: 'waiver.requested', by: idOf(requester), text: wanted.justification }],
  })
  expect((await call(stranger, 'POST', `${path}/accept`, {})).status).toBe(404)
  expect(codesOf(await call(seats.security, 'POST', `${path}/accept`, {}))).toEqual(['NO_AUTHORITY'])
  expect((await call(seats.risk, 'POST', `${path}/accept`, {})).status).toBe(200)
  expect(gapOf((await required()).body)).toMatchObject({ status: 'waived', gap: gapOf(before).gap })
  const listed = (await get(analyst, `/waivers?useCaseId=${useCaseId}&state=accepted`)).body.items
  expect(listed).toMatchObject([{ id: body.id, acceptances: [{ by: idOf(seats.risk), as: 'risk' }] }])
  expect((await get(analyst, '/waivers?state=expired')).body.items).toEqual([])
  expect((await get(stranger, '/waivers')).body).toEqual({ items: [] })
  expect((await get(stranger, path)).status).toBe(404)
  expect((await call(business, 'POST', `${path}/revoke`)).status).toBe(200)
  expect(gapOf((await required()).body).status).toBe('unmet')
})

test('one person stops, also an owner without any role; the installation asks for a fresh proof', async () => {
  const order = (issuer: Issuer, scope: string, targetId: string, more: object = {}) =>
    call(issuer, 'POST', '/stops', { scope, targetId, reasonCode: 'incident', ...more })
  expect((await order(stranger, 'system', systemId)).status).toBe(404)
  expect((await order(business, 'system', fresh('useCase'))).status).toBe(400)
  const { status, body } = await order(business, 'system', systemId, { reason: 'It answers nonsense.' })
  expect(status).toBe(201)
  expect((await get(analyst, '/stops?inForce=true&scope=system')).body.items).toEqual([
    {
      scope: 'system',
      targetId: systemId,
      useCaseId,
      title: expect.any(String),
      isInForce: true,
      epoch: 1,
      stops: [
        {
          id: body.id,
          reasonCode: 'incident',
          since: expect.any(String),
          by: idOf(business),
          reason: 'It answers nonsense.',
        },
      ],
    },
  ])
  expect((await get(stranger, '/stops')).body).toEqual({ items: [] })

  const tired = { ...analyst, authn: { ...analyst.authn, at: epochMs(Date.now() - 3_600_000) } }
  const refused = await order(tired, 'installation', 'installation')
  expect(refused).toMatchObject({ status: 401, body: { code: 'STEP_UP_REQUIRED', proof: 'recent_auth' } })
  expect((await order(tired, 'use_case', useCaseId)).status).toBe(201)
  expect((await order(analyst, 'installation', 'installation')).status).toBe(201)
  const everybody = (await get(stranger, '/stops')).body.items
  expect(everybody).toMatchObject([{ scope: 'installation', useCaseId: null, isInForce: true }])
  const scopes: string[] = []
  for (let [pages, cursor] = [0, '']; pages < 5; pages += 1) {
    const page = (await get(analyst, `/stops?limit=1${cursor}`)).body
    scopes.push(...page.items.map(({ scope }: { scope: string }) => scope))
    if (page.next === undefined) break
    cursor = `&cursor=${page.next}`
  }
  expect(scopes).toEqual(['installation', 'use_case', 'system'])
})

test('an override says what the passkey must sign, to whoever may see the deployment and to nobody else', async () => {
  const { id: deploymentId } = await createDeployment(ports, requester, {
    systemId,
    environment: 'prod',
    owner: idOf(technical),
  })
  const wanted = {
    id: fresh('override'),
    deploymentId,
    release,
    capabilities: ['summarise'],
    incidentId: 'INC-1',
    lifetimeHours: 4,
    reason: 'The queue cannot wait.',
    fn: 'security',
  }
  const asked = await call(commander, 'POST', '/overrides', wanted)
  expect(asked).toMatchObject({
    status: 401,
    body: { code: 'STEP_UP_REQUIRED', sign: { credentialIds: [] } },
  })
  expect((await call(stranger, 'POST', '/overrides', wanted)).status).toBe(404)
  const path = `/overrides/${wanted.id}`
  expect((await get(commander, path)).status).toBe(404)

  const terms = { ...wanted, overrideId: wanted.id, tier: 2 }
  const proof = { document: digestOfBytes('d'), credentialId: digestOfBytes('c'), assertion: {} }
  const requested = { person: idOf(commander), fn: 'security', proof }
  await insertOverride({ s: 'requested', terms, requested })
  expect((await call(stranger, 'POST', `${path}/revoke`)).status).toBe(404)
  expect((await call(stranger, 'POST', `${path}/second`, { fn: 'risk' })).status).toBe(404)
  expect((await call(seats.risk, 'POST', `${path}/second`, { fn: 'risk' })).status).toBe(401)
  expect((await get(analyst, '/overrides?state=requested')).body.items).toMatchObject([
    {
      id: wanted.id,
      useCaseId,
      terms: { incidentId: 'INC-1' },
      requested: { fn: 'security' },
      seconded: null,
    },
  ])
  expect((await get(stranger, '/overrides')).body).toEqual({ items: [] })

  const ended = epochMs(Date.now() - 1_000)
  const seconded = { person: idOf(seats.risk), fn: 'risk', proof }
  const times = { activatedAt: ended, expiresAt: ended, reviewDue: ended, renewedBy: null }
  await insertOverride({ s: 'active', terms, requested, seconded, ...times })
  const overdue = { state: 'expired', isReviewOverdue: true, expiresAt: toRfc3339(ended) }
  expect((await get(analyst, '/overrides?unreviewed=true')).body.items).toMatchObject([overdue])
  const verdict = { outcome: 'justified', text: 'The incident was real and the scope was small.' }
  expect(codesOf(await call(seats.risk, 'POST', `${path}/review`, verdict))).toEqual(['REVIEWER_TOOK_PART'])
  expect((await call(seats.legal, 'POST', `${path}/review`, verdict)).status).toBe(200)
  expect((await get(analyst, path)).body).toMatchObject({
    state: 'reviewed',
    outcome: 'justified',
    reviewedBy: idOf(seats.legal),
    isReviewOverdue: false,
    notes: [{ event: 'override.reviewed', by: idOf(seats.legal), text: verdict.text }],
  })

  const other = { ...wanted, id: fresh('override') }
  await insertOverride({ s: 'requested', terms: { ...terms, overrideId: other.id }, requested })
  expect((await call(business, 'POST', `/overrides/${other.id}/revoke`)).status).toBe(200)
  expect((await get(analyst, '/overrides?state=withdrawn')).body.items).toMatchObject([
    { id: other.id, state: 'withdrawn', terms: null },
  ])

  /** The rows of an override as its commands leave them; getting there takes an approved release and two passkeys. */
  async function insertOverride(state: {
    readonly s: string
    readonly terms: { readonly overrideId: string }
    readonly requested: object
    readonly seconded?: { readonly person: string }
    readonly expiresAt?: number
    readonly reviewDue?: number
  }): Promise<void> {
    const { overrideId } = state.terms
    await pool.query(
      `insert into streams (stream, kind, rev, state, updated_at) values ($1, 'override', 1, $2, now())
       on conflict (stream) do update set state = excluded.state`,
      [`override/${overrideId}`, JSON.stringify(state)],
    )
    await pool.query(
      `insert into overrides (id, deployment_id, state, requested_by, seconded_by, expires_at, review_due_at)
       values ($1, $2, $3, $4, $5, to_timestamp($6::float8 / 1000), to_timestamp($7::float8 / 1000))
       on conflict (id) do update set state = excluded.state, seconded_by = excluded.seconded_by,
         expires_at = excluded.expires_at, review_due_at = excluded.review_due_at`,
      [
        overrideId,
        deploymentId,
        state.s,
        idOf(commander),
        state.seconded?.person ?? null,
        state.expiresAt ?? null,
        state.reviewDue ?? null,
      ],
    )
  }
})

test('every refused attempt is kept with who, what and why, and without a text', async () => {
  const refusals = async (query = '') => (await get(auditor, `/refusals${query}`)).body.items
  const all = await refusals()
  expect(all.length).toBeGreaterThan(5)
  expect(await refusals('?code=NOT_THE_LEAD')).toMatchObject([
    { actor: idOf(seats.legal), command: 'review.assign', useCaseId, codes: ['NOT_THE_LEAD'] },
  ])
  expect(await refusals(`?actor=${idOf(seats.security)}&command=waiver.accept`)).toMatchObject([
    { codes: ['NO_AUTHORITY'] },
  ])
  // Not a decider's: the application itself had refused it.
  expect(await refusals('?code=PERSON_INACTIVE')).toMatchObject([
    { command: 'review.unknown', useCaseId, codes: ['PERSON_INACTIVE'] },
  ])
  expect(await refusals(`?to=${toRfc3339(inDays(-1))}`)).toEqual([])
  expect(await refusals(`?from=${toRfc3339(inDays(-1))}`)).toHaveLength(all.length)
  expect(JSON.stringify(all)).not.toMatch(/too short|Looked at/)
  const local = person([grant('auditor', { k: 'use_case', id: useCaseId })])
  const seen = (await get(local, '/refusals')).body.items
  expect(seen.length).toBeGreaterThan(0)
  expect(seen.every((item: { useCaseId: string }) => item.useCaseId === useCaseId)).toBe(true)
  const elsewhere = person([grant('auditor', { k: 'use_case', id: fresh('useCase') })])
  expect((await get(elsewhere, '/refusals')).body.items).toEqual([])
  expect((await get(business, '/refusals')).body.items).toEqual([])
})

test('hostile requests of somebody who may do everything are refused and never break', async () => {
  const everything = person([grant('analyst'), grant('validator'), grant('auditor')], 'security')
  const server = await serverFor(everything)
  const { requests, refused } = await exerciseHostile(server, routes, { runs: 600 })
  expect(refused).toBeGreaterThan(requests / 2)
  await server.close()
  const checksList = `checks?release=${release}`
  const lists = ['reviews?sort=due', checksList, 'stops?', 'overrides?', 'waivers?', 'refusals?']
  const keys = [[], [1], ['a'], [-1, 'a'], [1.5, 'a'], [Number.MAX_SAFE_INTEGER, 'a'], [1, 'a\0'], ['\0']]
  for (const list of lists)
    for (const key of keys) {
      const cursor = encodeCursor(key)
      const { status } = await get(everything, `/${list}&cursor=${cursor}`)
      expect([list, key, status < 500]).toEqual([list, key, true])
    }
})
