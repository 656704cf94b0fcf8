import { AppError, dayMs, minuteMs, type EpochMs, type UserId } from '../../kernel/index.ts'
import { people } from '../aggregates/people.ts'
import { runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import { instant, millis } from '../sql.ts'
import { assertPassword, setCredentials, type Enrolled } from './credentials.ts'
import { personContext } from './person-context.ts'
import type { IdentityPorts } from './ports.ts'
import { createSession, tokenDigest } from './sessions.ts'
import { installation } from './setup.ts'

export const invitationMs = 3 * dayMs
export const recoveryMs = 30 * minuteMs

/** A one-time token, shown once to whoever passes it on. */
export type Invitation = { readonly token: string; readonly expiresAt: EpochMs }

/** A fresh token with which `who` sets their credentials; earlier ones of theirs end. */
export async function issueInvitation(
  work: Work,
  who: UserId,
  of: { readonly purpose: 'enrol' | 'recover'; readonly ttlMs: number },
): Promise<Invitation> {
  const token = Buffer.from(work.random(32)).toString('base64url')
  await work.tx.query(
    'update enrolment_tokens set used_at = now() where person_id = $1 and used_at is null',
    [who],
  )
  const [row] = await work.tx.query<{ expiresAt: number }>(
    `insert into enrolment_tokens (token_digest, person_id, purpose, expires_at) values ($1, $2, $3, ${instant(4)})
     returning ${millis('expires_at')} as "expiresAt"`,
    [tokenDigest(token), who, of.purpose, work.now + of.ttlMs],
  )
  if (row === undefined) throw new Error('one row was expected')
  return { token, expiresAt: row.expiresAt as EpochMs } // a whole number of milliseconds
}

const usable = `t.token_digest = $1 and t.purpose in ('enrol', 'recover') and t.used_at is null
  and t.expires_at > clock_timestamp() and p.id = t.person_id and p.state = 'active'`

/**
 * Sets password, TOTP and recovery codes of the person whom the token names, and uses it up. The session that it
 * returns has no second factor yet. `UNAUTHENTICATED` for a token that is wrong, used or expired.
 */
export async function completeEnrolment(
  ports: IdentityPorts,
  input: { readonly token: string; readonly password: string },
): Promise<Enrolled> {
  const token = tokenDigest(input.token)
  const [holder] = await ports.query<{ person: UserId; name: string; email: string }>(
    `select p.id as person, p.name, p.email from enrolment_tokens t, people p where ${usable}`,
    [token],
  )
  if (holder === undefined) throw wrongToken()
  const { person, name, email } = holder
  assertPassword(ports, input.password, [name, email])
  const passwordHash = await ports.passwords.hash(input.password)
  const issuer: Issuer = { ...installation('api'), actor: { k: 'person', ref: person } }
  const { now, secrets } = await runCommand(ports, issuer, async (work) => {
    const used = await work.tx.query(
      `update enrolment_tokens t set used_at = now() from people p where ${usable} returning t.token_digest`,
      [token],
    )
    if (used.length === 0) throw wrongToken()
    return {
      now: work.now,
      secrets: await setCredentials(ports, work, { person, account: email, passwordHash }),
    }
  })
  const session = await createSession(ports.query, ports.random, {
    person,
    method: 'password',
    mfa: false,
    now,
  })
  return { person, ...secrets, session: session.token }
}

/**
 * A token for an administrator who has lost everything, for whoever has access to the machine. Their credentials and
 * sessions end at once, and the ledger says so. `NOT_FOUND` when no active administrator has this address.
 */
export async function issueRecoveryToken(
  ports: Pick<IdentityPorts, keyof CommandPorts | 'query'>,
  email: string,
): Promise<Invitation & { readonly person: UserId }> {
  const [found] = await ports.query<{ id: UserId }>(
    `select id from people where lower(email) = lower($1) and state = 'active' and is_admin`,
    [email.trim()],
  )
  if (found === undefined) throw new AppError('NOT_FOUND', 'no active administrator has this e-mail address')
  return runCommand(ports, installation('cli'), async (work) => {
    await work.apply(people, found.id, { c: 'recover' }, await personContext(work, found.id))
    const invitation = await issueInvitation(work, found.id, { purpose: 'recover', ttlMs: recoveryMs })
    return { ...invitation, person: found.id }
  })
}

function wrongToken(): AppError {
  return new AppError(
    'UNAUTHENTICATED',
    'the token is wrong, used or expired; ask an administrator for another',
  )
}
