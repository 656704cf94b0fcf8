import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { totpAt } from '../../src/adapters/identity/totp.ts'
import { createPool, type Pool } from '../../src/adapters/postgres/index.ts'
import { sessionCookie } from '../../src/api/session-cookie.ts'
import { people } from '../../src/app/aggregates/people.ts'
import { serviceAccounts } from '../../src/app/aggregates/service-accounts.ts'
import { units } from '../../src/app/aggregates/units.ts'
import { runCommand } from '../../src/app/command.ts'
import { isBootstrap } from '../../src/app/identity/bootstrap.ts'
import { issueRecoveryToken } from '../../src/app/identity/enrolment.ts'
import { sweepIdentity } from '../../src/app/identity/housekeeping.ts'
import { commandPerson } from '../../src/app/identity/people.ts'
import { personContext } from '../../src/app/identity/person-context.ts'
import type { IdentityPorts } from '../../src/app/identity/ports.ts'
import { installation, issueSetupToken } from '../../src/app/identity/setup.ts'
import { roleNames } from '../../src/contracts/roles.ts'
import { servicePermissionNames } from '../../src/contracts/routes/service-accounts.ts'
import { roles, servicePermissions } from '../../src/governance/people/index.ts'
import { epochMs, idFrom, parseId, type Fact, type IdKind } from '../../src/kernel/index.ts'
import { makeKeyToken } from '../../src/kernel/key-token.ts'
import { cloneDatabase } from '../support/database.ts'
import { exerciseHostile } from '../support/hostile.ts'
import {
  createBrowser,
  identityPorts,
  identityServer,
  memberOf,
  newDevice,
  origin,
  password,
  type Browser,
  type Member,
  type Reply,
  routesOfPeople,
} from '../support/identity.ts'

let pool: Pool
let ports: IdentityPorts
let app: FastifyInstance
let ada: Member
let setupReply: Reply

const unknownId = <K extends IdKind>(kind: K) => idFrom(kind, epochMs(1), randomBytes(10))
const codesOf = ({ body }: Reply) => [
  body.code,
  ...(body.reasons ?? []).map((reason: { code: string }) => reason.code),
]

beforeAll(async () => {
  pool = createPool(await cloneDatabase(), 'countersign_app', 8)
  ports = identityPorts(pool)
  app = await identityServer(pool, ports)
  const browser = createBrowser(app)
  const token = await issueSetupToken(ports.query, ports.random)
  const first = { name: 'Ada', email: 'Ada@example.org', password }
  expect((await browser.call('POST', '/setup', { ...first, token: 'forged' })).status).toBe(401)
  browser.setToken('chosen-by-somebody-else')
  setupReply = await browser.call('POST', '/setup', { ...first, token })
  expect((await createBrowser(app).call('POST', '/setup', { ...first, token })).status).toBe(401)
  expect((await browser.call('GET', '/me')).body).toMatchObject({
    name: 'Ada',
    email: 'ada@example.org',
    authn: { method: 'password', mfa: false },
    needsSecondFactor: true,
    isBootstrap: true,
  })
  const closed = await browser.call('GET', '/people')
  expect([closed.status, closed.body.code]).toEqual([401, 'STEP_UP_REQUIRED'])
  ada = await memberOf(pool, browser, 'ada@example.org', setupReply)
})
afterAll(async () => {
  await app.close()
  await pool.end()
})

type Enrolment = { readonly name: string; readonly roles?: readonly object[]; readonly unit?: string }

async function enrol(by: Member, { name, roles = [], unit }: Enrolment): Promise<Member> {
  const email = `${name.toLowerCase()}@example.org`
  const made = await by.call('POST', '/people', {
    name,
    email,
    roles,
    ...(unit === undefined ? {} : { unit }),
  })
  expect(made.status).toBe(201)
  const browser = createBrowser(app)
  const done = await browser.call('POST', '/enrolments', { token: made.body.token, password })
  expect(done.status).toBe(201)
  return memberOf(pool, browser, email, done)
}

async function passkeyOf(member: Member) {
  const device = newDevice()
  const begun = await member.call('POST', '/me/passkeys/begin')
  const { ceremony, options } = begun.body
  const made = await member.call('POST', '/me/passkeys', { ceremony, response: device.register(options) })
  expect(made.status).toBe(201)
  return { device, id: String(made.body.id) }
}

/** Makes a charter in force that seats these people, or none. */
async function seat(...holders: readonly string[]): Promise<void> {
  const seats = holders.map((holder, i) => ({ id: `seat_${i}`, fn: 'legal', holder, alternates: [] }))
  const versions = holders.length === 0 ? [] : [{ effectiveFrom: 1, charter: { seats } }]
  await pool.query(
    `insert into streams (stream, kind, rev, state, updated_at) values ('charter/main', 'charter', 1, $1, now())
     on conflict (stream) do update set state = excluded.state`,
    [JSON.stringify({ s: 'chartered', proposals: [], versions, delegations: [], interests: [] })],
  )
}

test('the cookie of the session is not for scripts, and bound to its host on https', async () => {
  expect(setupReply.cookie).toMatch(/^countersign=[\w-]{43}; HttpOnly; SameSite=Lax; Path=\/$/)
  expect(sessionCookie({ origin: 'https://countersign.example', isDemo: false }).set('t')).toBe(
    '__Host-countersign=t; Secure; HttpOnly; SameSite=Lax; Path=/',
  )
})

test('a token that was set before sign-in never becomes valid, and step-up leaves none behind', async () => {
  const browser = createBrowser(app)
  browser.setToken('chosen-by-somebody-else')
  const started = await browser.call('POST', '/session', {
    email: ada.email,
    password,
    code: await ada.code(),
  })
  expect(started.body).toEqual({ person: ada.id, mfa: true })
  const before = browser.token()
  expect(before).not.toBe('chosen-by-somebody-else')
  expect((await browser.call('POST', '/step-up/totp', { code: await ada.code() })).status).toBe(200)
  const after = browser.token()
  for (const old of ['chosen-by-somebody-else', before]) {
    browser.setToken(old)
    expect((await browser.call('GET', '/me')).body.code).toBe('UNAUTHENTICATED')
  }
  browser.setToken(after)
  expect((await browser.call('POST', '/session', { email: ada.email, password })).status).toBe(200)
  expect(browser.token()).not.toBe(after)
  const stale = createBrowser(app)
  stale.setToken(after)
  expect((await stale.call('GET', '/me')).status).toBe(401)
})

test('one ends one’s own sessions and nobody else’s', async () => {
  const bo = await enrol(ada, { name: 'Bo' })
  const other = createBrowser(app)
  await other.call('POST', '/session', { email: bo.email, password })
  const listed = await bo.call('GET', '/sessions')
  const theirs = listed.body.items.find((item: { isCurrent: boolean }) => !item.isCurrent)
  expect((await ada.call('DELETE', `/sessions/${theirs.id}`)).status).toBe(404)
  expect((await other.call('GET', '/me')).status).toBe(200)
  expect((await bo.call('DELETE', `/sessions/${theirs.id}`)).status).toBe(200)
  expect((await other.call('GET', '/me')).status).toBe(401)
  const ended = await bo.call('DELETE', '/session')
  expect(ended.cookie).toContain('Max-Age=0')
  expect((await bo.call('GET', '/me')).status).toBe(401)
})

test('a passkey registers, signs in with and without an address, and steps up', async () => {
  const cleo = await enrol(ada, { name: 'Cleo', roles: [{ role: 'analyst' }] })
  const { device } = await passkeyOf(cleo)
  for (const body of [{}, { email: 'CLEO@example.org' }]) {
    const browser = createBrowser(app)
    const { ceremony, options } = (await browser.call('POST', '/session/passkey/begin', body)).body
    const response = device.assert(options)
    const done = await browser.call('POST', '/session/passkey', { ceremony, response })
    expect(done.body).toEqual({ person: cleo.id, mfa: true })
    expect((await browser.call('GET', '/me')).body.authn).toMatchObject({ method: 'passkey', mfa: true })
    const again = await browser.call('POST', '/session/passkey', { ceremony, response })
    expect([again.status, again.body.code]).toEqual([401, 'UNAUTHENTICATED'])
  }
  const { ceremony, options } = (await cleo.call('POST', '/step-up/passkey/begin')).body
  expect(options.allowCredentials).toMatchObject([{ id: device.credentialId }])
  const stolen = await ada.call('POST', '/step-up/passkey', { ceremony, response: device.assert(options) })
  expect(stolen.status).toBe(401)
  const before = cleo.token()
  const proved = await cleo.call('POST', '/step-up/passkey', { ceremony, response: device.assert(options) })
  expect([proved.status, cleo.token() === before]).toEqual([200, false])
  expect(codesOf(await ada.call('POST', '/step-up/passkey/begin'))).toContain('NO_PASSKEY')
})

test('a challenge is for its purpose, for five minutes, and for the address it was asked for', async () => {
  const dora = await enrol(ada, { name: 'Dora' })
  const { device } = await passkeyOf(dora)
  const browser = createBrowser(app)
  const begin = async (body: object = {}) => (await browser.call('POST', '/session/passkey/begin', body)).body
  const finish = (ceremony: string, response: object) =>
    browser.call('POST', '/session/passkey', { ceremony, response })

  const stepUp = (await dora.call('POST', '/step-up/passkey/begin')).body
  expect((await finish(stepUp.ceremony, device.assert(stepUp.options))).status).toBe(401)

  const register = (await dora.call('POST', '/me/passkeys/begin')).body
  const response = device.assert(register.options)
  const crossed = await dora.call('POST', '/step-up/passkey', { ceremony: register.ceremony, response })
  expect(crossed.status).toBe(401)

  const late = await begin()
  await pool.query(`delete from challenges where id <> $1`, [late.ceremony])
  await pool.query(
    `with old as (delete from challenges where id = $1 returning *)
     insert into challenges (id, purpose, challenge, expires_at) select 'late', purpose, challenge, now() from old`,
    [late.ceremony],
  )
  expect((await finish('late', device.assert(late.options))).status).toBe(401)

  for (const email of [ada.email, 'nobody@example.org']) {
    const other = await begin({ email })
    expect((await finish(other.ceremony, device.assert(other.options))).status).toBe(401)
  }
  const wrongSigner = await begin()
  const change = { userVerified: false }
  expect((await finish(wrongSigner.ceremony, device.assert(wrongSigner.options, change))).status).toBe(401)
})

test('an address that nobody has answers like one with a passkey, always the same', async () => {
  const known = await enrol(ada, { name: 'Elif' })
  await passkeyOf(known)
  const begin = async (email: string) =>
    (await createBrowser(app).call('POST', '/session/passkey/begin', { email })).body.options
  const shapeOf = (options: Record<string, unknown>) =>
    JSON.stringify(options, (name, value: unknown) =>
      name === 'id' || name === 'challenge' ? String(value).length : value,
    )
  const [there, nowhere, again] = [
    await begin(known.email),
    await begin('nowhere@example.org'),
    await begin('Nowhere@example.org'),
  ]
  expect(shapeOf(nowhere)).toBe(shapeOf(there))
  expect(again.allowCredentials).toEqual(nowhere.allowCredentials)
})

test('failures of others throttle a password and never a passkey', async () => {
  const finn = await enrol(ada, { name: 'Finn' })
  const { device } = await passkeyOf(finn)
  const attacker = createBrowser(app)
  const attempt = () => attacker.call('POST', '/session', { email: finn.email, password: 'wrong' })
  for (let i = 0; i < 5; i += 1) expect((await attempt()).body.code).toBe('UNAUTHENTICATED')
  expect((await attempt()).body).toMatchObject({
    code: 'THROTTLED',
    retryAfterS: expect.any(Number) as number,
  })
  const { ceremony, options } = (await attacker.call('POST', '/session/passkey/begin', { email: finn.email }))
    .body
  const done = await attacker.call('POST', '/session/passkey', { ceremony, response: device.assert(options) })
  expect(done.status).toBe(200)
})

test('a token enrols one person once; who only asks needs no second factor, everybody else does', async () => {
  const made = await ada.call('POST', '/people', {
    name: 'Gus',
    email: 'gus@example.org',
    roles: [{ role: 'requester' }],
  })
  const { id, token } = made.body
  const browser = createBrowser(app)
  const short = await browser.call('POST', '/enrolments', { token, password: 'short' })
  expect(codesOf(short)).toContain('PASSWORD_TOO_SHORT')
  expect((await browser.call('POST', '/enrolments', { token, password })).body.person).toBe(id)
  expect((await browser.call('POST', '/enrolments', { token, password })).status).toBe(401)
  expect((await browser.call('GET', '/people')).status).toBe(200)
  expect((await browser.call('GET', '/me')).body.needsSecondFactor).toBe(false)
  const refused = await browser.call('POST', '/me/passkeys/begin')
  expect(refused.body).toMatchObject({ code: 'STEP_UP_REQUIRED', proof: 'recent_auth' })
  expect((await ada.call('POST', `/people/${id}/roles`, { role: 'analyst' })).body.state).toBe('granted')
  const closed = await browser.call('GET', '/people')
  expect([closed.status, closed.body.code]).toEqual([401, 'STEP_UP_REQUIRED'])
  for (const [method, path] of [
    ['GET', '/me'],
    ['GET', '/sessions'],
    ['GET', '/me/credentials'],
    ['DELETE', '/session'],
  ] as const)
    expect((await browser.call(method, path)).status).toBe(200)
})

test('nobody is two people', async () => {
  const hana = await enrol(ada, { name: 'Hana' })
  const twin = await ada.call('POST', '/people', { name: 'Hana', email: 'HANA@Example.org' })
  expect(codesOf(twin)).toEqual(['REFUSED', 'EMAIL_TAKEN'])
  const { device } = await passkeyOf(hana)
  const begun = (await ada.call('POST', '/me/passkeys/begin')).body
  const taken = await ada.call('POST', '/me/passkeys', {
    ceremony: begun.ceremony,
    response: device.register(begun.options),
  })
  expect(codesOf(taken)).toEqual(['REFUSED', 'CREDENTIAL_EXISTS'])
  const both = await hana.call('GET', '/me', undefined, { authorization: 'Bearer x' })
  expect([both.status, both.body.code]).toEqual([400, 'INVALID_INPUT'])
})

test('the last second factor stays with who needs one; removing a credential ends the other sessions', async () => {
  const ines = await enrol(ada, { name: 'Ines', roles: [{ role: 'validator' }] })
  const listed = (await ines.call('GET', '/me/credentials')).body
  expect(listed.recoveryCodesLeft).toBe(10)
  const totp = listed.items.find((item: { kind: string }) => item.kind === 'totp').id
  expect(codesOf(await ines.call('DELETE', `/me/credentials/${totp}`))).toContain('LAST_SECOND_FACTOR')
  const passkey = await passkeyOf(ines)
  const other = createBrowser(app)
  await other.call('POST', '/session', { email: ines.email, password })
  expect((await ada.call('DELETE', `/me/credentials/${passkey.id}`)).status).toBe(404)
  expect((await ines.call('DELETE', `/me/credentials/${passkey.id}`)).status).toBe(200)
  expect((await other.call('GET', '/me')).status).toBe(401)
  const { ceremony, options } = (await other.call('POST', '/session/passkey/begin', {})).body
  const response = passkey.device.assert(options)
  expect((await other.call('POST', '/session/passkey', { ceremony, response })).status).toBe(401)

  const [old = ''] = ines.recoveryCodes
  const renewed = (await ines.call('POST', '/me/recovery-codes')).body.recoveryCodes
  const signIn = (code: string) => other.call('POST', '/session', { email: ines.email, password, code })
  expect((await signIn(old)).status).toBe(401)
  expect((await signIn(renewed[0])).body.mfa).toBe(true)
})

test('other one-time codes count once the app has proved them; the earlier ones and the other sessions end', async () => {
  const zita = await enrol(ada, { name: 'Zita', roles: [{ role: 'validator' }] })
  const other = createBrowser(app)
  await other.call('POST', '/session', { email: zita.email, password })
  const old = await zita.code()
  const { ceremony, secret } = (await zita.call('POST', '/me/totp/begin')).body
  const finish = (by: Browser, code: string) => by.call('POST', '/me/totp', { ceremony, code })
  const right = () => totpAt(secret, epochMs(Date.now()))
  expect(codesOf(await finish(ada, right()))).toEqual(['REFUSED', 'CEREMONY_OVER'])
  expect(codesOf(await finish(zita, old))).toEqual(['REFUSED', 'CODE_WRONG'])
  expect((await other.call('GET', '/me')).status).toBe(200)
  expect((await finish(zita, right())).status).toBe(201)
  expect(codesOf(await finish(zita, right()))).toEqual(['REFUSED', 'CEREMONY_OVER'])
  expect((await other.call('GET', '/me')).status).toBe(401)
  const stepUp = (code: string) => zita.call('POST', '/step-up/totp', { code })
  expect((await stepUp(right())).status).toBe(401) // the code that proved it is used up
  await pool.query(`update credentials set last_step = null where person_id = $1`, [zita.id])
  expect((await stepUp(old)).status).toBe(401)
  expect((await stepUp(right())).status).toBe(200)
})

test('another password takes the one before, whoever has only the session cannot set it, and the other sessions end', async () => {
  const wilma = await enrol(ada, { name: 'Wilma', roles: [{ role: 'validator' }] })
  const other = createBrowser(app)
  await other.call('POST', '/session', { email: wilma.email, password })
  const next = 'seven green boats under one bridge'
  const change = (by: Browser, body: object) => by.call('POST', '/me/password', body)
  expect(codesOf(await change(other, { current: password, password: next }))).toContain('STEP_UP_REQUIRED')
  expect(codesOf(await change(wilma, { password: next }))).toEqual(['REFUSED', 'PASSWORD_WRONG'])
  expect(codesOf(await change(wilma, { current: 'not this one at all', password: next }))).toEqual([
    'REFUSED',
    'PASSWORD_WRONG',
  ])
  expect(codesOf(await change(wilma, { current: password, password: 'short' }))).toEqual([
    'REFUSED',
    'PASSWORD_TOO_SHORT',
  ])
  expect((await other.call('GET', '/me')).status).toBe(200)
  expect((await change(wilma, { current: password, password: next })).status).toBe(200)
  expect((await other.call('GET', '/me')).status).toBe(401)
  expect((await wilma.call('GET', '/me')).status).toBe(200)
  const signIn = (given: string) => other.call('POST', '/session', { email: wilma.email, password: given })
  expect((await signIn(password)).status).toBe(401)
  expect((await signIn(next)).status).toBe(200)

  const guesses = []
  for (let i = 0; i < 7; i += 1)
    guesses.push((await change(wilma, { current: `wrong guess number ${i}`, password })).status)
  expect(guesses).toContain(429)
})

test('set-up says whether it is open, and people who wait for a second administrator are found', async () => {
  expect((await createBrowser(app).call('GET', '/setup')).body).toEqual({ isOpen: false, isDemo: false })
  const waiting = async () => {
    const { items } = (await ada.call('GET', '/people?waiting=true')).body
    return (items as readonly { readonly name: string }[]).map(({ name }) => name)
  }
  expect(await waiting()).toEqual([])
  const yara = await enrol(ada, { name: 'Yara', roles: [{ role: 'admin' }] })
  const xaver = await enrol(ada, { name: 'Xaver' })
  const asked = await ada.call('POST', `/people/${xaver.id}/roles`, { role: 'incident_commander' })
  expect(asked.body.state).toBe('requested')
  expect(await waiting()).toEqual(['Xaver'])
  await yara.call('POST', `/people/${xaver.id}/roles/${asked.body.id}/approve`)
  expect(await waiting()).toEqual([])
  expect((await ada.call('POST', `/people/${xaver.id}/invitations`)).body.state).toBe('requested')
  expect(await waiting()).toEqual(['Xaver'])
  const shift = (ms: number) =>
    pool.query(
      `update streams set state = jsonb_set(state, '{recovery,at}', to_jsonb((state -> 'recovery' ->> 'at')::bigint + $2))
       where stream = 'person/' || $1`,
      [xaver.id, ms],
    )
  await shift(-86_400_000)
  expect(await waiting()).toEqual([]) // a request of an earlier day is asked for anew
  expect((await ada.call('GET', `/people/${xaver.id}`)).body.recovery).toBeNull()
  await shift(86_400_000)
  expect((await ada.call('POST', `/people/${yara.id}/suspend`)).status).toBe(200)
})

test('a list of service accounts says how many keys are live, and keeps the disabled ones apart', async () => {
  const made = await ada.call('POST', '/service-accounts', { name: 'ci', permissions: ['gate.evaluate'] })
  const path = `/service-accounts/${made.body.id}`
  const key = (await ada.call('POST', `${path}/keys`, { lifetimeDays: 7 })).body
  const view = { createdBy: ada.id, liveKeys: 1, nextKeyEndsAt: key.expiresAt, lastUsedAt: null }
  expect((await ada.call('GET', path)).body).toMatchObject(view)
  await ada.call('POST', `${path}/disable`)
  const ids = async (state: string) => {
    const { items } = (await ada.call('GET', `/service-accounts?state=${state}`)).body
    return (items as readonly { readonly id: string }[]).map(({ id }) => id)
  }
  expect(await ids('disabled')).toContain(made.body.id)
  expect(await ids('active')).not.toContain(made.body.id)
  expect((await ada.call('GET', path)).body).toMatchObject({ liveKeys: 0, nextKeyEndsAt: null })
})

test('what the contract offers to programs is what the decider grants', () => {
  expect([...servicePermissionNames]).toEqual([...servicePermissions])
  expect([...roleNames]).toEqual([...roles])
})

test('a second administrator is granted by one, the third by two; PD-04: no administrator in a seat', async () => {
  const jun = await enrol(ada, { name: 'Jun', roles: [{ role: 'admin' }] })
  expect((await ada.call('GET', '/me')).body.isBootstrap).toBe(true)
  const kai = await enrol(ada, { name: 'Kai' })
  const asked = await ada.call('POST', `/people/${kai.id}/roles`, { role: 'admin' })
  expect(asked.body.state).toBe('requested')
  const approve = (by: Member) => by.call('POST', `/people/${kai.id}/roles/${asked.body.id}/approve`)
  expect((await approve(kai)).status).toBe(403)
  expect(codesOf(await approve(ada))).toContain('SELF_APPROVAL')
  expect((await jun.call('POST', `/people/${kai.id}/roles/${unknownId('roleGrant')}/approve`)).status).toBe(
    404,
  )
  await seat(kai.id)
  expect(await isBootstrap(ports.query)).toBe(false)
  expect(codesOf(await approve(jun))).toContain('SEATED_ADMINISTRATOR')
  expect(codesOf(await jun.call('POST', `/people/${kai.id}/roles`, { role: 'admin' }))).toContain(
    'SEATED_ADMINISTRATOR',
  )
  expect((await kai.call('GET', '/me')).body.seat).toBe('legal')
  await seat()
  expect((await approve(jun)).status).toBe(200)
  expect((await kai.call('GET', '/people')).status).toBe(200)

  const own = (await kai.call('GET', '/me')).body.roles.find(
    (item: { role: string }) => item.role === 'admin',
  )
  expect((await ada.call('DELETE', `/people/${kai.id}/roles/${own.id}`)).status).toBe(200)
  expect((await kai.call('POST', `/people/${ada.id}/suspend`)).status).toBe(403)
  expect((await ada.call('POST', `/people/${jun.id}/suspend`)).status).toBe(200)
  expect((await jun.call('GET', '/me')).status).toBe(401)
  expect(codesOf(await ada.call('POST', `/people/${ada.id}/suspend`))).toContain('LAST_ADMINISTRATOR')
  expect(codesOf(await ada.call('POST', `/people/${ada.id}/invitations`))).toContain('SELF_APPROVAL')
})

test('while one administrator is being suspended, the other one waits and is then the last', async () => {
  const lea = await enrol(ada, { name: 'Lea', roles: [{ role: 'admin' }] })
  const shell = installation('cli')
  let suspendingAda: Promise<unknown> = Promise.resolve()
  await runCommand(ports, shell, async (work) => {
    const context = await personContext(work, parseId('user', lea.id))
    const attempt = commandPerson(ports, shell, parseId('user', ada.id), { c: 'suspend' })
    suspendingAda = attempt.catch((error: unknown) => error)
    await Promise.race([suspendingAda, somebodyWaitsForALock()])
    await work.apply(people, lea.id, { c: 'suspend' }, context)
  })
  expect(await suspendingAda).toMatchObject({ reasons: [{ code: 'LAST_ADMINISTRATOR' }] })
  expect((await ada.call('GET', '/me')).status).toBe(200)
})

async function somebodyWaitsForALock(): Promise<void> {
  for (;;) {
    const { rows } = await pool.query(
      `select 1 from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`,
    )
    if (rows.length > 0) return
  }
}

async function signInAgain(member: Member): Promise<void> {
  const done = await member.call('POST', '/session', {
    email: member.email,
    password,
    code: await member.code(),
  })
  expect(done.status).toBe(200)
}

test('suspending ends the sessions at once, and reinstating gives none back', async () => {
  const mia = await enrol(ada, { name: 'Mia' })
  const suspended = await ada.call('POST', `/people/${mia.id}/suspend`, undefined, { 'if-match': '"1"' })
  expect([suspended.status, suspended.body.code]).toEqual([409, 'STALE'])
  expect((await ada.call('POST', `/people/${mia.id}/suspend`)).status).toBe(200)
  expect((await mia.call('GET', '/me')).status).toBe(401)
  const attempt = await createBrowser(app).call('POST', '/session', { email: mia.email, password })
  expect(attempt.status).toBe(401)
  expect((await ada.call('POST', `/people/${mia.id}/reinstate`)).status).toBe(200)
  expect((await mia.call('GET', '/me')).status).toBe(401)
  await signInAgain(mia)
})

test('who has lost everything is recovered loudly: old credentials and sessions end', async () => {
  const nils = await enrol(ada, { name: 'Nils' })
  const { device } = await passkeyOf(nils)
  const { body: first } = await ada.call('POST', `/people/${nils.id}/invitations`)
  const { body: second } = await ada.call('POST', `/people/${nils.id}/invitations`)
  expect((await nils.call('GET', '/me')).status).toBe(401)
  const browser = createBrowser(app)
  expect((await browser.call('POST', '/session', { email: nils.email, password })).status).toBe(401)
  const { ceremony, options } = (await browser.call('POST', '/session/passkey/begin', {})).body
  const response = device.assert(options)
  expect((await browser.call('POST', '/session/passkey', { ceremony, response })).status).toBe(401)
  expect((await browser.call('POST', '/enrolments', { token: first.token, password })).status).toBe(401)
  const fresh = { token: second.token, password: 'another zebra lamp window' }
  expect((await browser.call('POST', '/enrolments', fresh)).body.person).toBe(nils.id)
  expect(await kindsOf(`person/${nils.id}`)).toContain('credential.recovered')
})

test('who decides is recovered by two administrators', async () => {
  const vera = await enrol(ada, { name: 'Vera', roles: [{ role: 'admin' }] })
  const will = await enrol(ada, { name: 'Will', roles: [{ role: 'reviewer', fn: 'legal' }] })
  const recover = (by: Member) => by.call('POST', `/people/${will.id}/invitations`)
  expect((await recover(ada)).body).toEqual({ state: 'requested' })
  expect((await vera.call('GET', `/people/${will.id}`)).body.recovery.by).toBe(ada.id)
  expect((await will.call('GET', '/me')).status).toBe(200)
  expect(codesOf(await recover(ada))).toContain('SELF_APPROVAL')
  expect((await recover(vera)).body).toMatchObject({ state: 'issued' })
  expect((await will.call('GET', '/me')).status).toBe(401)
  expect((await ada.call('POST', `/people/${vera.id}/suspend`)).status).toBe(200)
})

test('shell access recovers an administrator and nobody else', async () => {
  const otto = await enrol(ada, { name: 'Otto', roles: [{ role: 'admin' }] })
  await expect(issueRecoveryToken(ports, 'nobody@example.org')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  const { token, person } = await issueRecoveryToken(ports, 'OTTO@example.org')
  expect(person).toBe(otto.id)
  expect((await otto.call('GET', '/me')).status).toBe(401)
  const browser = createBrowser(app)
  const done = await browser.call('POST', '/enrolments', { token, password })
  const back = await memberOf(pool, browser, otto.email, done)
  expect((await back.call('GET', '/people')).status).toBe(200)
  expect(await kindsOf(`person/${otto.id}`)).toContain('installation.recovered')
  await ada.call('POST', `/people/${otto.id}/suspend`)
})

test('PD-10: an erased person keeps the pseudonym and every fact, and nothing else', async () => {
  const pia = await enrol(ada, { name: 'Pia' })
  await passkeyOf(pia)
  const before = await kindsOf(`person/${pia.id}`)
  const { revision } = (await ada.call('GET', `/people/${pia.id}`)).body
  const erase = (headers: Record<string, string>) =>
    ada.call('POST', `/people/${pia.id}/erase`, undefined, headers)
  expect((await erase({})).status).toBe(428)
  await seat(pia.id)
  expect(codesOf(await erase({ 'if-match': `"${revision}"` }))).toContain('SEAT_OCCUPIED')
  await seat()
  expect((await erase({ 'if-match': `"${revision}"` })).status).toBe(200)
  expect((await pia.call('GET', '/me')).status).toBe(401)
  const read = await ada.call('GET', `/people/${pia.id}`)
  expect(read.body).toMatchObject({ id: pia.id, state: 'erased', name: null, email: null, roles: [] })
  expect(await kindsOf(`person/${pia.id}`)).toEqual([...before, 'person.erased'])
  const { rows } = await pool.query(
    `select (select count(*) from credentials where person_id = $1) + (select count(*) from recovery_codes where person_id = $1)
       + (select count(*) from ledger.payload p join ledger.entry e on e.id = p.event_id
          where e.stream = 'person/' || $1 and p.personal is not null) as left`,
    [pia.id],
  )
  expect(rows[0]).toEqual({ left: 0 })
  expect((await ada.call('POST', '/people', { name: 'Pia', email: 'pia@example.org' })).status).toBe(201)
})

test('units form a tree without circles, and people move within it', async () => {
  const create = (name: string, parent: string | null = null) =>
    ada.call('POST', '/units', { name, parent }).then(({ body }) => String(body.id))
  const bank = await create('Bank')
  const fraud = await create('Fraud', bank)
  const move = (id: string, parent: string | null) => ada.call('POST', `/units/${id}/move`, { parent })
  expect(codesOf(await move(bank, fraud))).toContain('UNIT_CYCLE')
  const other = await create('Other')
  const crossing = await Promise.all([move(other, bank), move(bank, other)])
  expect(crossing.filter(({ status }) => status === 200)).toHaveLength(1)
  expect((await ada.call('POST', `/units/${unknownId('unit')}/rename`, { name: 'x' })).status).toBe(404)
  expect((await ada.call('POST', `/units/${fraud}/rename`, { name: 'Fraud desk' })).status).toBe(200)
  expect((await ada.call('GET', '/units')).body.items).toContainEqual({
    id: fraud,
    parent: bank,
    name: 'Fraud desk',
  })
  const quinn = await enrol(ada, { name: 'Quinn', unit: fraud })
  const listed = await ada.call('GET', `/people?unit=${fraud}&q=QUI&state=active`)
  expect(listed.body.items.map((item: { id: string }) => item.id)).toEqual([quinn.id])
  const nowhere = { unit: unknownId('unit') }
  expect(codesOf(await ada.call('POST', `/people/${quinn.id}/move`, nowhere))).toContain('UNIT_UNKNOWN')
  expect((await ada.call('POST', `/people/${quinn.id}/move`, { unit: null })).status).toBe(200)
  expect((await ada.call('GET', `/people/${quinn.id}`)).body.unit).toBeNull()
})

test('people are listed in pages; an address is shown to who manages people and to its owner', async () => {
  const rob = await enrol(ada, { name: 'Rob', roles: [{ role: 'requester' }] })
  const seen: string[] = []
  let next: string | undefined
  do {
    const page = await rob.call('GET', `/people?limit=3${next === undefined ? '' : `&cursor=${next}`}`)
    seen.push(...page.body.items.map((item: { id: string }) => item.id))
    for (const item of page.body.items) expect(item.email).toBe(item.id === rob.id ? rob.email : null)
    next = page.body.next
  } while (next !== undefined)
  expect(seen).toEqual([...new Set(seen)].toSorted())
  expect(seen).toContain(ada.id)
  const admins = await ada.call('GET', '/people?role=admin')
  expect(admins.body.items.map((item: { id: string }) => item.id)).toContain(ada.id)
  expect(admins.body.items.map((item: { id: string }) => item.id)).not.toContain(rob.id)
  expect((await ada.call('GET', `/people/${unknownId('user')}`)).status).toBe(404)
  expect((await rob.call('POST', '/people', { name: 'X', email: 'x@example.org' })).status).toBe(403)
  expect((await ada.call('POST', `/people/${unknownId('user')}/suspend`)).status).toBe(404)
})

const withKey = (token: string, headers: Record<string, string> = {}) =>
  createBrowser(app).call('GET', '/service-accounts', undefined, {
    authorization: `Bearer ${token}`,
    ...headers,
  })

async function serviceWith(more: object = {}): Promise<string> {
  const made = await ada.call('POST', '/service-accounts', {
    name: 'pipeline',
    permissions: ['gate.evaluate'],
    ...more,
  })
  expect(made.status).toBe(201)
  return String(made.body.id)
}
const issue = async (service: string) =>
  (await ada.call('POST', `/service-accounts/${service}/keys`, {})).body

test('a key is known until it ends, is revoked, or its account is disabled', async () => {
  const service = await serviceWith()
  const key = await issue(service)
  expect(key.token).toMatch(/^csa_[0-9a-z]{26}_[0-9a-z]{52}_[0-9a-f]{8}$/)
  // Known, and without the permission that this route asks for.
  expect((await withKey(key.token)).body.code).toBe('FORBIDDEN')
  const me = await createBrowser(app).call('GET', '/me', undefined, { authorization: `Bearer ${key.token}` })
  expect(me.body.code).toBe('FORBIDDEN')
  const read = async () => (await ada.call('GET', `/service-accounts/${service}`)).body
  expect((await read()).keys[0].lastUsedAt).not.toBeNull()
  expect(JSON.stringify(await read())).not.toContain(key.token.slice(32, 60))

  const second = await issue(service)
  expect(codesOf(await ada.call('POST', `/service-accounts/${service}/keys`, {}))).toContain('TOO_MANY_KEYS')
  expect((await ada.call('DELETE', `/service-accounts/${service}/keys/${key.id}`)).status).toBe(200)
  expect((await ada.call('DELETE', `/service-accounts/${service}/keys/${key.id}`)).status).toBe(404)
  expect((await withKey(key.token)).body.code).toBe('UNAUTHENTICATED')
  expect((await withKey(second.token)).body.code).toBe('FORBIDDEN')

  await pool.query(
    `update api_keys set issued_at = now() - interval '2 days', expires_at = now() - interval '1 day' where id = $1`,
    [second.id],
  )
  expect((await withKey(second.token)).body.code).toBe('UNAUTHENTICATED')
  const third = await serviceWith().then(async (id) => ({ id, key: await issue(id) }))
  expect((await ada.call('POST', `/service-accounts/${third.id}/disable`)).status).toBe(200)
  expect((await withKey(third.key.token)).body.code).toBe('UNAUTHENTICATED')
  expect(codesOf(await ada.call('POST', `/service-accounts/${third.id}/keys`, {}))).toContain('WRONG_STATE')
})

test('a key works from its networks alone, and never with a wrong checksum, secret or kind', async () => {
  const service = await serviceWith({ cidrs: ['10.1.0.0/16', '2001:db8::/32'] })
  const { token } = await issue(service)
  const from = async (ip: string) => (await withKey(token, { 'x-forwarded-for': ip })).body.code
  for (const ip of ['10.1.2.3', '2001:db8::7', '::ffff:10.1.2.3']) expect(await from(ip)).toBe('FORBIDDEN')
  for (const ip of ['10.2.2.3', '2001:db9::7', '127.0.0.1', 'junk', 'fe80::1%eth0'])
    expect(await from(ip)).toBe('UNAUTHENTICATED')
  const open = await issue(await serviceWith())
  const flipped = `${open.token.slice(0, -1)}${open.token.endsWith('0') ? '1' : '0'}`
  const wrong = [
    flipped,
    makeKeyToken(unknownId('service'), randomBytes(32)),
    makeKeyToken(unknownId('key'), randomBytes(32)),
    '',
    'x'.repeat(5_000),
  ]
  for (const bad of wrong) expect((await withKey(bad)).body.code).toBe('UNAUTHENTICATED')
  const basic = await createBrowser(app).call('GET', '/me', undefined, { authorization: 'Basic eDp5' })
  expect(basic.body.code).toBe('UNAUTHENTICATED')
  const onPublic = await createBrowser(app).call(
    'POST',
    '/session',
    { email: ada.email, password },
    {
      authorization: `Bearer ${flipped}`,
    },
  )
  expect(onPublic.body.code).toBe('UNAUTHENTICATED')
})

test('a service account never gets what only people may do', async () => {
  const made = await ada.call('POST', '/service-accounts', {
    name: 'voter',
    permissions: ['case.vote', 'gate.evaluate'],
    cidrs: ['10.0.0.1/8'],
  })
  expect(codesOf(made)).toEqual(['REFUSED', 'PERMISSION_NOT_FOR_SERVICES', 'CIDR_INVALID'])
  expect((await ada.call('GET', `/service-accounts/${unknownId('service')}`)).status).toBe(404)
  expect((await ada.call('POST', `/service-accounts/${unknownId('service')}/disable`)).status).toBe(404)
})

test('an act that asks for a fresh proof is refused with an old one', async () => {
  const { rows } = await pool.query(
    `update sessions set authenticated_at = authenticated_at - interval '16 minutes' where person_id = $1 returning id`,
    [ada.id],
  )
  expect(rows.length).toBeGreaterThan(0)
  const refused = await ada.call('POST', '/people', { name: 'S', email: 's@example.org' })
  expect(refused.body).toMatchObject({ code: 'STEP_UP_REQUIRED', proof: 'recent_auth' })
  expect((await ada.call('GET', '/people')).status).toBe(200)
  await ada.call('POST', '/step-up/totp', { code: await ada.code() })
})

test('no secret is kept where it can be read again', async () => {
  const service = await serviceWith()
  const key = await issue(service)
  const invited = await ada.call('POST', '/people', { name: 'Tom', email: 'tom@example.org' })
  const secrets = [key.token, invited.body.token, ada.token(), ...ada.recoveryCodes, password]
  const tables = ['sessions', 'enrolment_tokens', 'api_keys', 'recovery_codes', 'idempotency_keys', 'streams']
  for (const table of [...tables, 'ledger.payload', 'credentials']) {
    const { rows } = await pool.query<{ text: string }>(
      `select coalesce(string_agg(t::text, ''), '') as text from ${table} t`,
    )
    for (const secret of secrets) expect(rows[0]?.text.includes(secret ?? '-')).toBe(false)
  }
})

test('replay of the ledger gives the state of every person, unit and service account', async () => {
  const { rows } = await pool.query<{ stream: string; kind: string; state: object }>(
    `select stream, kind, state from streams where kind in ('person', 'unit', 'service')`,
  )
  expect(rows.length).toBeGreaterThan(20)
  for (const { stream, kind, state } of rows) {
    const aggregate = kind === 'person' ? people : kind === 'unit' ? units : serviceAccounts
    expect(await replayed(stream, aggregate as unknown as Folding)).toEqual(state)
  }
})

type Folding = { readonly initial: object; readonly evolve: (state: object, event: Fact) => object }

async function replayed(stream: string, { initial, evolve }: Folding): Promise<object> {
  const { rows } = await pool.query<{ kind: string; facts: string }>(
    'select e.kind, p.facts from ledger.entry e join ledger.payload p on p.event_id = e.id where e.stream = $1 order by e.rev',
    [stream],
  )
  return rows.reduce(
    (state, row) => evolve(state, { e: row.kind, ...(JSON.parse(row.facts) as object) }),
    initial,
  )
}

async function kindsOf(stream: string): Promise<readonly string[]> {
  const { rows } = await pool.query<{ kind: string }>(
    'select kind from ledger.entry where stream = $1 order by rev',
    [stream],
  )
  return rows.map(({ kind }) => kind)
}

test('what has ended is swept, what is live is not', async () => {
  await pool.query(
    `insert into challenges (id, purpose, challenge, expires_at) values ('old', 'sign_in', 'x', now() - interval '1 s')`,
  )
  await pool.query(`insert into login_failures (subject, at) values ('old', now() - interval '2 hours')`)
  await sweepIdentity(ports.query)
  const { rows } = await pool.query(
    `select 1 from challenges where id = 'old' union all select 1 from login_failures where subject = 'old'`,
  )
  expect(rows).toEqual([])
  expect((await ada.call('GET', '/me')).status).toBe(200)
})

test('no hostile request gives a 5xx, signed out, signed in or with a key', async () => {
  const { token } = await issue(await serviceWith())
  const browsers: readonly Readonly<Record<string, string>>[] = [
    {},
    { cookie: `countersign=${ada.token() ?? ''}`, origin },
    { authorization: `Bearer ${token}` },
    { cookie: 'countersign=%00; countersign=x', origin },
  ]
  // Signing out would turn the rest of the run into a test of nobody.
  const kept = routesOfPeople.filter(({ id }) => id !== 'session.end')
  let refused = 0
  for (const headers of browsers)
    refused += (await exerciseHostile(app, kept, { runs: 250, headers })).refused
  expect(refused).toBeGreaterThan(500)
})
