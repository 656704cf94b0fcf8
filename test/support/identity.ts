import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { createPasswords, passwordFault } from '../../src/adapters/identity/password.ts'
import {
  newRecoveryCodes,
  newTotp,
  recoveryDigest,
  totpAt,
  verifyTotp,
} from '../../src/adapters/identity/totp.ts'
import {
  beginAssertion,
  beginRegistration,
  finishAssertion,
  finishBoundAssertion,
  finishRegistration,
} from '../../src/adapters/identity/webauthn.ts'
import { createIdempotencyStore, createUnitOfWork, type Pool } from '../../src/adapters/postgres/index.ts'
import { createSoftwareAuthenticator } from '../../src/adapters/software-authenticator/software-authenticator.ts'
import { createAuthentication } from '../../src/api/authentication.ts'
import { identityHandlers } from '../../src/api/handlers/identity.ts'
import { createApiServer } from '../../src/api/server.ts'
import type { IdentityPorts } from '../../src/app/identity/ports.ts'
import type { Passkey } from '../../src/app/ports/identity.ts'
import { identityRoutes } from '../../src/contracts/routes/identity.ts'
import { peopleRoutes } from '../../src/contracts/routes/people.ts'
import { serviceAccountRoutes } from '../../src/contracts/routes/service-accounts.ts'
import { epochMs, type Digest } from '../../src/kernel/index.ts'

export const origin = 'http://localhost:8787'
export const password = 'correct zebra lamp window'
const party = { id: 'localhost', name: 'Countersign', origins: [origin] }
const random = (bytes: number) => randomBytes(bytes)

/** Identity on a database, with passwords that cost next to nothing. */
export function identityPorts(pool: Pool): IdentityPorts {
  const passwords = createPasswords({ memoryKiB: 64, passes: 1, lanes: 1 })
  return {
    unitOfWork: createUnitOfWork(pool, { origin: 'test/1', random }),
    random,
    refusalLog: async () => undefined,
    query: async <R extends object>(sql: string, params: readonly unknown[] = []) =>
      (await pool.query(sql, [...params])).rows as R[],
    passwords: { ...passwords, faultOf: passwordFault },
    totp: { create: newTotp, verify: verifyTotp, recoveryCodes: newRecoveryCodes, recoveryDigest },
    passkeys: {
      beginRegistration: (user) => beginRegistration(party, user),
      finishRegistration: (challenge, response) => finishRegistration(party, challenge, response),
      beginAssertion: (allowed, document) => beginAssertion(party, allowed, document),
      finishAssertion: (challenge, passkey, response) => finishAssertion(party, challenge, passkey, response),
      finishBoundAssertion: (document: Digest, passkey: Passkey, response: unknown) =>
        finishBoundAssertion(party, document, passkey, response),
    },
  }
}

/** Accounts, people and service accounts. */
export const routesOfPeople = [...identityRoutes, ...peopleRoutes, ...serviceAccountRoutes] as const

/** The API with these routes alone. */
export function identityServer(pool: Pool, ports: IdentityPorts): Promise<FastifyInstance> {
  return createApiServer({
    routes: routesOfPeople,
    handlers: identityHandlers(ports, { origin, isDemo: false }),
    ...createAuthentication({ query: ports.query, origin, isDemo: false }),
    idempotency: createIdempotencyStore(pool),
    info: { title: 'Countersign', version: '0.0.0', state: () => 'running' },
    origins: [origin],
    rateLimit: { max: 1_000_000, windowMs: 60_000 },
    trustedProxy: '127.0.0.1',
  })
}

export type Reply = {
  readonly status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- tests assert its form
  readonly body: any
  readonly cookie: string | null
}

/** A browser: keeps its cookie and sends what browsers send. */
export type Browser = {
  readonly call: (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Reply>
  readonly token: () => string | null
  readonly setToken: (token: string | null) => void
}

export function createBrowser(app: FastifyInstance): Browser {
  let token: string | null = null
  return {
    token: () => token,
    setToken: (given) => {
      token = given
    },
    call: async (method, path, body, headers = {}) => {
      const response = await app.inject({
        method,
        url: `/api/v1${path}`,
        headers: {
          origin,
          'idempotency-key': randomBytes(8).toString('hex'),
          ...(token === null ? {} : { cookie: `countersign=${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      })
      const cookie = response.headers['set-cookie']
      const line = Array.isArray(cookie) ? (cookie[0] ?? null) : (cookie ?? null)
      const value = line === null ? null : (/^countersign=([^;]*)/.exec(line)?.[1] ?? null)
      if (value !== null) token = value === '' ? null : value
      return { status: response.statusCode, body: JSON.parse(response.body), cookie: line }
    },
  }
}

/** Somebody at a browser, with the secrets that they were shown. */
export type Member = Browser & {
  readonly id: string
  readonly email: string
  readonly code: () => Promise<string>
  readonly recoveryCodes: readonly string[]
}

/** Who has just set up or enrolled at `browser`, with the second factor proved. */
export async function memberOf(
  pool: Pool,
  browser: Browser,
  email: string,
  enrolled: Reply,
): Promise<Member> {
  const { person, totp, recoveryCodes } = enrolled.body
  const code = () => codeOf(pool, person, totp.secret)
  const proved = await browser.call('POST', '/step-up/totp', { code: await code() })
  if (proved.status !== 200) throw new Error(`not proved: ${JSON.stringify(proved.body)}`)
  return { ...browser, id: person, email, recoveryCodes, code }
}

/** The code at this moment. Forgets that it was used, since tests do not wait for the next one. */
async function codeOf(pool: Pool, person: string, secret: string): Promise<string> {
  const { rows } = await pool.query<{ now: number }>(
    `update credentials set last_step = null where kind = 'totp' and person_id = $1
     returning floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`,
    [person],
  )
  return totpAt(secret, epochMs(rows[0]?.now ?? 0))
}

/** A software passkey for the test's origin. */
export function newDevice() {
  return createSoftwareAuthenticator({ rpId: party.id, origin })
}
