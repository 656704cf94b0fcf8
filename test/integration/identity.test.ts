import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { totpAt } from '../../src/adapters/identity/totp.ts'
import { createPool, type Pool } from '../../src/adapters/postgres/index.ts'
import { endSession, isLive, listSessions, readSession } from '../../src/app/identity/sessions.ts'
import type { Enrolled } from '../../src/app/identity/credentials.ts'
import type { IdentityPorts } from '../../src/app/identity/ports.ts'
import { isSetUp, issueSetupToken, setUp } from '../../src/app/identity/setup.ts'
import { signIn, stepUp } from '../../src/app/identity/sign-in.ts'
import { addMs, epochMs, hourMs, minuteMs } from '../../src/kernel/index.ts'
import { cloneDatabase } from '../support/database.ts'
import { identityPorts } from '../support/identity.ts'

const random = (n: number) => randomBytes(n)
const password = 'correct zebra lamp window'
let pool: Pool
let ports: IdentityPorts
let first: Enrolled

beforeAll(async () => {
  pool = createPool(await cloneDatabase(), 'countersign_app', 6)
  ports = identityPorts(pool)
  const stale = await issueSetupToken(ports.query, random)
  const token = await issueSetupToken(ports.query, random)
  const input = { name: 'Ada', email: 'ada@example.org', password }
  await expect(setUp(ports, { ...input, token: 'forged' })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  await expect(setUp(ports, { ...input, token: stale ?? '' })).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  })
  await expect(setUp(ports, { ...input, token: token ?? '', password: 'short' })).rejects.toMatchObject({
    reasons: [{ code: 'PASSWORD_TOO_SHORT' }],
  })
  first = await setUp(ports, { ...input, token: token ?? '' })
  await expect(setUp(ports, { ...input, token: token ?? '' })).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  })
})
afterAll(() => pool.end())

const code = async () => {
  const { rows } = await pool.query<{ now: number; last: number | null }>(
    `select (extract(epoch from clock_timestamp()) * 1000)::bigint as now, last_step as last from credentials where kind = 'totp'`,
  )
  // A code works once; the one of the next step is accepted too, so a second sign-in need not wait.
  const step = Math.max(Math.floor((rows[0]?.now ?? 0) / 30_000), (rows[0]?.last ?? 0) + 1)
  return totpAt(first.totp.secret, epochMs(step * 30_000))
}

test('set-up works once, closes for good, and leaves no secret in the ledger', async () => {
  expect(await isSetUp(ports.query)).toBe(true)
  expect(await issueSetupToken(ports.query, random)).toBeNull()
  const { rows } = await pool.query<{ text: string }>(
    `select string_agg(facts || coalesce(personal, ''), '') as text from ledger.payload`,
  )
  expect(rows[0]?.text).toContain('ada@example.org')
  for (const secret of [password, first.totp.secret, first.session, ...first.recoveryCodes])
    expect(rows[0]?.text).not.toContain(secret)
})

test('a session without the second factor is known, and does not count as one with it', async () => {
  expect(await readSession(ports.query, first.session)).toMatchObject({
    person: first.person,
    authn: { mfa: false },
    grants: [{ role: 'admin' }],
    seat: null,
  })
  expect(await readSession(ports.query, 'forged')).toBeNull()
})

test('password and code sign in once each; the session ends when it is told to', async () => {
  const used = await code()
  const credentials = { email: 'ADA@example.org', password, ip: '127.0.0.1' }
  const { token, mfa } = await signIn(ports, { ...credentials, code: used })
  expect(mfa).toBe(true)
  await expect(signIn(ports, { ...credentials, code: used })).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  })
  const session = await readSession(ports.query, token)
  if (session === null) throw new Error('no session')
  expect((await listSessions(ports.query, session.person)).length).toBeGreaterThan(0)
  await endSession(ports.query, session.session)
  expect(await readSession(ports.query, token)).toBeNull()
})

test('a recovery code works once, and step-up gives a new token', async () => {
  const [recovery = ''] = first.recoveryCodes
  const credentials = { email: 'ada@example.org', password, ip: '127.0.0.1', code: recovery }
  const { token } = await signIn(ports, credentials)
  await expect(signIn(ports, credentials)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  const session = await readSession(ports.query, token)
  if (session === null) throw new Error('no session')
  const [, next = ''] = first.recoveryCodes
  const fresh = await stepUp(ports, session, next)
  expect(await readSession(ports.query, token)).toBeNull()
  expect(await readSession(ports.query, fresh.token)).toMatchObject({
    authn: { method: 'password_totp', mfa: true },
  })
})

test('failures throttle the account, known or not, with the time to wait', async () => {
  for (const email of ['nobody@example.org', 'somebody@example.org']) {
    const attempt = () => signIn(ports, { email, password: 'wrong', ip: '127.0.0.9' })
    for (let i = 0; i < 5; i += 1) await expect(attempt()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
    await expect(attempt()).rejects.toMatchObject({
      code: 'THROTTLED',
      extra: { retryAfterS: expect.any(Number) as number },
    })
  }
})

test('many wrong tries at once are no more than so many in a row', async () => {
  const attempts = Array.from({ length: 20 }, () =>
    signIn(ports, { email: 'burst@example.org', password: 'wrong', ip: '127.0.0.8' }).catch(
      (error: { readonly code: string }) => error.code,
    ),
  )
  const codes = await Promise.all(attempts)
  expect(codes.filter((code) => code === 'UNAUTHENTICATED')).toHaveLength(5)
  expect(codes.filter((code) => code === 'THROTTLED')).toHaveLength(15)
})

test('a step-up gives a new token and no longer life', async () => {
  const [, , third = '', fourth = ''] = first.recoveryCodes
  const { token } = await signIn(ports, { email: 'ada@example.org', password, ip: '127.0.0.1', code: third })
  const session = await readSession(ports.query, token)
  if (session === null) throw new Error('no session')
  await pool.query("update sessions set created_at = created_at - interval '11 hours' where id = $1", [
    session.session,
  ])
  const fresh = await stepUp(ports, session, fourth)
  const { rows } = await pool.query<{ hours: number }>(
    `select extract(epoch from seen_at - created_at) / 3600 as hours from sessions where id = $1`,
    [(await readSession(ports.query, fresh.token))?.session],
  )
  expect(Math.round(Number(rows[0]?.hours))).toBe(11)
})

test('sessions end by idleness and by age, sooner for who decides or administers', () => {
  const createdAt = epochMs(1_800_000_000_000)
  const live = (isGuarded: boolean, seenAfterMs: number, ageMs: number) =>
    isLive({ createdAt, seenAt: addMs(createdAt, seenAfterMs), isGuarded }, addMs(createdAt, ageMs))
  expect(live(true, 0, 30 * minuteMs - 1)).toBe(true)
  expect(live(true, 0, 30 * minuteMs)).toBe(false)
  expect(live(false, 0, 8 * hourMs - 1)).toBe(true)
  expect(live(false, 0, 8 * hourMs)).toBe(false)
  expect(live(false, 11 * hourMs, 12 * hourMs)).toBe(false)
})
