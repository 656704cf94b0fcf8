import { AppError, epochMs, type EpochMs } from '../../kernel/index.ts'
import { people } from '../aggregates/people.ts'
import { runCommand, type Issuer } from '../command.ts'
import type { Query } from '../ports/query.ts'
import { assertPassword, setCredentials, type Enrolled } from './credentials.ts'
import { describeIn } from './organisation.ts'
import { personContext } from './person-context.ts'
import type { IdentityPorts } from './ports.ts'
import { createSession, tokenDigest } from './sessions.ts'
import { createUnitIn } from './units.ts'

/** The installation itself: before it has people, and for whoever has access to its machine. */
export function installation(channel: Issuer['channel'], now: EpochMs = epochMs(0)): Issuer {
  return {
    actor: { k: 'system', role: 'installation' },
    authn: { method: channel === 'setup' ? 'setup_token' : 'none', mfa: false, at: now },
    channel,
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
  readonly organisation?: { readonly name: string; readonly timeZone: string } | undefined
  /** Names of units at the top, to begin with. */
  readonly units?: readonly string[]
}

const usable = `token_digest = $1 and purpose = 'setup' and used_at is null and expires_at > clock_timestamp()
  and not exists (select 1 from people)`

/**
 * Creates the first administrator with password and TOTP, names the organisation and its first units where that is said, and
 * uses the token up, in one transaction. The session that
 * it returns has no second factor yet: the first code confirms it. `UNAUTHENTICATED` for any token but the current one.
 */
export async function setUp(ports: IdentityPorts, input: FirstAdministrator): Promise<Enrolled> {
  const token = tokenDigest(input.token)
  // Asked before the costly hash, and again by the statement that uses the token up.
  const [known] = await ports.query(`select token_digest from enrolment_tokens where ${usable}`, [token])
  if (known === undefined) throw wrongToken()
  assertPassword(ports, input.password, [input.name, input.email])
  const hash = await ports.passwords.hash(input.password)
  const { now, ...created } = await runCommand(ports, installation('setup'), async (work) => {
    const [used] = await work.tx.query(
      `update enrolment_tokens set used_at = now() where ${usable} returning token_digest`,
      [token],
    )
    if (used === undefined) throw wrongToken()
    const person = work.ids.next('user')
    const { name, email } = input
    const grant = { role: 'admin', fn: null, scope: { k: 'organisation' }, until: null } as const
    const context = await personContext(work, person, { email })
    if (input.organisation !== undefined) await describeIn(work, input.organisation)
    for (const unit of input.units ?? []) await createUnitIn(work, { name: unit, parent: null })
    await work.apply(people, person, { c: 'enrol', unit: null, name, email, grants: [grant] }, context)
    const secrets = await setCredentials(ports, work, { person, account: email, passwordHash: hash })
    return { person, ...secrets, now: work.now }
  })
  const { token: session } = await createSession(ports.query, ports.random, {
    person: created.person,
    method: 'password',
    mfa: false,
    now,
  })
  return { ...created, session }
}

function wrongToken(): AppError {
  return new AppError(
    'UNAUTHENTICATED',
    'the set-up token is wrong, used or expired; restart to get a new one',
  )
}
