import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { everywhere, may, permissionNamed } from '../app/access.ts'
import { lacksSecondFactor } from '../app/identity/second-factor.ts'
import { readServiceKey } from '../app/identity/service-accounts.ts'
import { readSession } from '../app/identity/sessions.ts'
import type { Query } from '../app/ports/query.ts'
import type { Access } from '../contracts/route.ts'
import { AppError, satisfies, type EpochMs } from '../kernel/index.ts'
import { parseKeyToken } from '../kernel/key-token.ts'
import type { Principal } from './handler.ts'
import { sessionCookie } from './session-cookie.ts'

/** A principal with the database clock at the moment of its authentication. */
export type Caller = Principal & { readonly readAt: EpochMs; readonly idleEndsAt: EpochMs | null }

export type Authentication = {
  readonly authenticate: (request: FastifyRequest) => Promise<Caller | null>
  readonly authorize: (caller: Caller, access: Access) => 'ok' | AppError
}

/**
 * Sessions by cookie and service accounts by bearer token. No credential at all is nobody; a bearer token that opens
 * nothing is an error even on public routes, so that a program never goes on as nobody without noticing.
 */
export function createAuthentication(ports: {
  readonly query: Query
  readonly origin: string
  readonly isDemo: boolean
}): Authentication {
  const { name } = sessionCookie(ports)
  return {
    authenticate: async (request) => {
      const cookie = request.cookies[name]
      const bearer = request.headers.authorization
      if (cookie !== undefined && bearer !== undefined)
        throw new AppError('INVALID_INPUT', 'send a session cookie or a bearer token, not both')
      if (bearer !== undefined) return serviceCaller(ports.query, bearer, request.ip)
      return cookie === undefined ? null : personCaller(ports.query, cookie)
    },
    authorize,
  }
}

async function personCaller(query: Query, token: string): Promise<Caller | null> {
  const session = await readSession(query, token)
  if (session === null) return null
  const { person, authn, grants, seat, readAt, idleEndsAt } = session
  return {
    id: person,
    via: 'session',
    actor: { k: 'person', ref: person },
    authn,
    authority: { k: 'person', grants, seat },
    session: session.session,
    readAt,
    idleEndsAt,
  }
}

async function serviceCaller(query: Query, header: string, ip: string): Promise<Caller> {
  const [, token = ''] = /^bearer +(\S+)$/i.exec(header) ?? []
  const key = parseKeyToken(token)
  const service = key?.kind === 'csa' ? await readServiceKey(query, { ...key, ip: plainAddress(ip) }) : null
  if (service === null)
    throw new AppError('UNAUTHENTICATED', 'the key is wrong, ended or used from elsewhere')
  const { id, permissions: allowed, useCaseId, now } = service
  return {
    id,
    via: 'api_key',
    actor: { k: 'service', id },
    authn: { method: 'api_key', mfa: false, at: now },
    authority: { k: 'service', permissions: allowed, useCaseId },
    session: null,
    readAt: now,
    idleEndsAt: null,
  }
}

/** UNTRUSTED: behind a proxy the address comes from a header. `::ffff:10.0.0.1` is judged as `10.0.0.1`. */
function plainAddress(ip: string): string | null {
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip
  return isIP(plain) === 0 || plain.includes('%') ? null : plain
}

/**
 * Default deny. `proof: 'session'` opens a route to a session that still lacks the second factor which its roles
 * demand; every other route asks for it.
 */
function authorize({ authority, authn, readAt }: Caller, access: Access): 'ok' | AppError {
  if ('public' in access) return 'ok'
  if ('permission' in access) {
    const permission = permissionNamed(access.permission)
    const place = access.everywhere === true ? everywhere : null
    if (permission === null || !may(authority, permission, place, readAt)) return new AppError('FORBIDDEN')
  }
  if (lacksSecondFactor(authority, authn) && access.proof !== 'session')
    return new AppError('STEP_UP_REQUIRED', 'prove your second factor first')
  return access.proof === undefined || satisfies(authn, access.proof, readAt)
    ? 'ok'
    : new AppError('STEP_UP_REQUIRED', undefined, { extra: { proof: access.proof } })
}
