import { AppError, epochMs, type CredentialId, type EpochMs, type UserId } from '../../kernel/index.ts'
import { people } from '../aggregates/people.ts'
import { runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import type { PasswordPort, TotpPort } from '../ports/identity.ts'
import type { Query } from '../ports/query.ts'
import { instant } from '../sql.ts'
import { createSession, tokenDigest } from './sessions.ts'

export type IdentityPorts = CommandPorts & {
  readonly query: Query
  readonly passwords: PasswordPort
  readonly totp: TotpPort
}

/** The installation itself, before it has people. */
function installation(now: EpochMs): Issuer {
  return {
    actor: { k: 'system', role: 'installation' },
    authn: { method: 'setup_token', mfa: false, at: now },
    channel: 'setup',
    authority: { k: 'system' },
  }
}

/** Whether the first administrator exists; set-up is closed for good from then on. */
export async function isSetUp(query: Query): Promise<boolean> {
  const [row] = await query<{ yes: boolean }>('select exists (select 1 from people) as yes')
  return row?.yes ?? false
}

/** A fresh one-time set-up token for 30 minutes; earlier ones end. Null once the installation is set up. */
export async function issueSetupToken(
  query: Query,
  random: (bytes: number) => Uint8Array,
): Promise<string | null> {
  if (await isSetUp(query)) return null
  const token = Buffer.from(random(32)).toString('base64url')
  await query(`update enrolment_tokens set used_at = now() where purpose = 'setup' and used_at is null`)
  await query(
    `insert into enrolment_tokens (token_digest, purpose, expires_at) values ($1, 'setup', clock_timestamp() + interval '30 minutes')`,
    [tokenDigest(token)],
  )
  return token
}

export type FirstAdministrator = {
  readonly token: string
  readonly name: string
  readonly email: string
  readonly password: string
}
export type Enrolled = {
  readonly person: UserId
  readonly totp: { readonly secret: string; readonly uri: string }
  readonly recoveryCodes: readonly string[]
  readonly session: string
}

/**
 * Creates the first administrator with password and TOTP, and uses the token up, in one transaction. The session that
 * it returns has no second factor yet: the first code confirms it. `UNAUTHENTICATED` for any token but the current one.
 */
export async function setUp(ports: IdentityPorts, input: FirstAdministrator): Promise<Enrolled> {
  const fault = ports.passwords.faultOf(input.password, [input.name, input.email])
  if (fault !== null) throw passwordRefused(fault)
  const hash = await ports.passwords.hash(input.password)
  const created = await runCommand(ports, installation(epochMs(0)), async (work) => {
    const [used] = await work.tx.query(
      `update enrolment_tokens set used_at = now() where token_digest = $1 and purpose = 'setup' and used_at is null
         and expires_at > clock_timestamp() and not exists (select 1 from people) returning token_digest`,
      [tokenDigest(input.token)],
    )
    if (used === undefined)
      throw new AppError(
        'UNAUTHENTICATED',
        'the set-up token is wrong, used or expired; restart to get a new one',
      )
    const person = work.ids.next('user')
    const context = { ...personContext(work, person), actor: null }
    const grant = { role: 'admin', fn: null, scope: { k: 'organisation' }, until: null } as const
    await work.apply(
      people,
      person,
      { c: 'enrol', unit: null, name: input.name, email: input.email, grants: [grant] },
      context,
    )
    const secrets = await setCredentials(ports, work, person, input.email, hash)
    return { person, ...secrets, now: work.now }
  })
  const { person, totp, recoveryCodes, now } = created
  const session = await createSession(ports.query, ports.random, {
    person,
    method: 'password',
    mfa: false,
    now,
  })
  return { person, totp, recoveryCodes, session: session.token }
}

/** Records password, TOTP and recovery codes of a person: secrets in their tables, the fact in the ledger. */
export async function setCredentials(
  ports: IdentityPorts,
  work: Work,
  person: UserId,
  account: string,
  passwordHash: string,
): Promise<{
  readonly totp: { readonly secret: string; readonly uri: string }
  readonly recoveryCodes: readonly string[]
}> {
  const totp = ports.totp.create(account)
  const recoveryCodes = ports.totp.recoveryCodes()
  const register = async (kind: 'password' | 'totp' | 'recovery_codes', secret: string | null) => {
    const id: CredentialId = work.ids.next('credential')
    await work.apply(
      people,
      person,
      { c: 'register_credential', credential: { id, kind } },
      { ...personContext(work, person), actor: null },
    )
    if (secret !== null)
      await work.tx.query(
        `insert into credentials (id, person_id, kind, secret, created_at) values ($1, $2, $3, $4, ${instant(5)})`,
        [id, person, kind, secret, work.now],
      )
  }
  await register('password', passwordHash)
  await register('totp', totp.secret)
  await register('recovery_codes', null)
  for (const code of recoveryCodes)
    await work.tx.query('insert into recovery_codes (digest, person_id) values ($1, $2)', [
      ports.totp.recoveryDigest(code),
      person,
    ])
  return { totp, recoveryCodes }
}

/** Facts about people that every person command needs; callers add what is particular. */
export function personContext(work: Work, person: UserId) {
  const { actor, authn } = work.issuer
  return {
    now: work.now,
    id: person,
    actor: actor.k === 'person' ? actor.ref : null,
    authn,
    ids: work.ids,
    otherAdministrators: 0,
    isSeated: false,
    isOnHold: false,
  }
}

export function passwordRefused(fault: string): AppError {
  return new AppError('REFUSED', undefined, {
    reasons: [{ code: `PASSWORD_${fault.toUpperCase()}`, params: {}, path: '/password' }],
  })
}
