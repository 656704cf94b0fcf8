import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPool, type Pool } from '../../src/adapters/postgres/index.ts'
import type { SoftwareAuthenticator } from '../../src/adapters/software-authenticator/software-authenticator.ts'
import type { Issuer } from '../../src/app/command.ts'
import { boundIssuer } from '../../src/app/identity/bound-proof.ts'
import type { IdentityPorts } from '../../src/app/identity/ports.ts'
import { issueSetupToken } from '../../src/app/identity/setup.ts'
import { signatureWanted } from '../../src/contracts/routes/identity.ts'
import { AppError, digestOf, epochMs, satisfies, type UserId } from '../../src/kernel/index.ts'
import { cloneDatabase } from '../support/database.ts'
import {
  createBrowser,
  identityPorts,
  identityServer,
  memberOf,
  newDevice,
  password,
  type Member,
} from '../support/identity.ts'

const ballot = { schema: 'countersign.ballot/1', nonce: 'n1', choice: 'approve' }
let pool: Pool
let ports: IdentityPorts
let app: FastifyInstance
let ada: Member
let ben: Member
let adasDevice: SoftwareAuthenticator
let bensDevice: SoftwareAuthenticator

beforeAll(async () => {
  pool = createPool(await cloneDatabase(), 'countersign_app', 6)
  ports = identityPorts(pool)
  app = await identityServer(pool, ports)
  const browser = createBrowser(app)
  const token = await issueSetupToken(ports.query, ports.random)
  const first = { token, name: 'Ada', email: 'ada@example.org', password }
  ada = await memberOf(pool, browser, first.email, await browser.call('POST', '/setup', first))
  const made = await ada.call('POST', '/people', { name: 'Ben', email: 'ben@example.org' })
  const other = createBrowser(app)
  const done = await other.call('POST', '/enrolments', { token: made.body.token, password })
  ben = await memberOf(pool, other, 'ben@example.org', done)
  adasDevice = await registered(ada)
  bensDevice = await registered(ben)
})
afterAll(async () => {
  await app.close()
  await pool.end()
})

async function registered(member: Member): Promise<SoftwareAuthenticator> {
  const device = newDevice()
  const { ceremony, options } = (await member.call('POST', '/me/passkeys/begin')).body
  await member.call('POST', '/me/passkeys', { ceremony, response: device.register(options) })
  return device
}

const issuerFor = (member: Member): Issuer => ({
  actor: { k: 'person', ref: member.id as UserId }, // from the API, whose replies are parsed
  authn: { method: 'password_totp', mfa: true, at: epochMs(1) },
  channel: 'api',
  authority: { k: 'person', grants: [], seat: null },
})

/** What the caller is told to sign. */
async function wanted(document: object) {
  const refused = await boundIssuer(ports, issuerFor(ada), document as typeof ballot, undefined).catch(
    (error: unknown) => error,
  )
  expect(refused).toBeInstanceOf(AppError)
  expect(refused).toMatchObject({ code: 'STEP_UP_REQUIRED' })
  return signatureWanted.parse((refused as AppError).extra['sign'])
}

test('without an assertion the caller learns exactly what to sign, and with it has signed exactly that', async () => {
  const sign = await wanted(ballot)
  expect(sign).toEqual({
    digest: digestOf(ballot),
    challenge: Buffer.from(digestOf(ballot).slice(7), 'hex').toString('base64url'),
    credentialIds: [adasDevice.credentialId],
  })
  const { authn } = await boundIssuer(ports, issuerFor(ada), ballot, adasDevice.assert(sign))
  expect(authn).toMatchObject({ method: 'passkey', mfa: true, bound: { document: sign.digest } })
  expect(satisfies(authn, 'passkey_bound', authn.at, sign.digest)).toBe(true)
  expect(satisfies(authn, 'passkey_bound', authn.at, digestOf({ ...ballot, choice: 'object' }))).toBe(false)
})

test('an assertion over another document, by somebody else, or by nobody proves nothing', async () => {
  const sign = await wanted(ballot)
  const attempt = (assertion: unknown, document: object = ballot) =>
    boundIssuer(ports, issuerFor(ada), document as typeof ballot, assertion)
  const unproven = { code: 'UNAUTHENTICATED' }
  await expect(attempt(adasDevice.assert(sign), { ...ballot, choice: 'object' })).rejects.toMatchObject(
    unproven,
  )
  await expect(attempt(bensDevice.assert(sign))).rejects.toMatchObject(unproven)
  await expect(attempt(adasDevice.assert(sign, { userVerified: false }))).rejects.toMatchObject(unproven)
  for (const junk of [
    null,
    1,
    '',
    {},
    { id: adasDevice.credentialId },
    { id: adasDevice.credentialId, response: 1 },
  ])
    await expect(attempt(junk)).rejects.toMatchObject(unproven)
  const service: Issuer = { ...issuerFor(ada), actor: { k: 'system', role: 'timer' } }
  await expect(boundIssuer(ports, service, ballot, undefined)).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

const used = { code: 'REFUSED', reasons: [{ code: 'PROOF_ALREADY_USED' }] }

test('PD-18: an assertion proves one act, also of two at the same moment', async () => {
  const sign = await wanted(ballot)
  const assertion = adasDevice.assert(sign)
  const attempt = () => boundIssuer(ports, issuerFor(ada), ballot, assertion)
  const both = await Promise.allSettled([attempt(), attempt()])
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  await expect(attempt()).rejects.toMatchObject(used)
})

test('of a passkey that counts nothing, the twin of an ECDSA signature is the same assertion', async () => {
  await pool.query('update credentials set counter = 0 where external_id = $1', [adasDevice.credentialId])
  const sign = await wanted({ ...ballot, nonce: 'n2' })
  const document = { ...ballot, nonce: 'n2' }
  const assertion = adasDevice.assert(sign, { counter: 0 })
  await boundIssuer(ports, issuerFor(ada), document, assertion)
  await expect(boundIssuer(ports, issuerFor(ada), document, assertion)).rejects.toMatchObject(used)
  await expect(boundIssuer(ports, issuerFor(ada), document, twinOf(assertion))).rejects.toMatchObject(used)
})

/** The same signature with `n - s` in place of `s`, which verifies as well. */
function twinOf(assertion: object): object {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
  const { response } = assertion as { readonly response: { readonly signature: string } }
  const der = Buffer.from(response.signature, 'base64url')
  const rLength = der[3] ?? 0
  const s = BigInt(`0x${der.subarray(6 + rLength).toString('hex')}`)
  const hex = (order - s).toString(16).padStart(64, '0')
  const bytes = Buffer.from(/^[89a-f]/.test(hex) ? `00${hex}` : hex, 'hex')
  const minimal = trimmed(bytes)
  const body = Buffer.concat([der.subarray(2, 4 + rLength), Buffer.from([2, minimal.length]), minimal])
  const signature = Buffer.concat([Buffer.from([0x30, body.length]), body]).toString('base64url')
  return { ...assertion, response: { ...response, signature } }
}

/** DER integers have no more leading zeros than their sign needs. */
function trimmed(bytes: Buffer): Buffer {
  let at = 0
  while (bytes[at] === 0 && ((bytes[at + 1] ?? 0) & 0x80) === 0) at += 1
  return bytes.subarray(at)
}
