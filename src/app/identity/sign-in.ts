import { AppError, type EpochMs, type UserId } from '../../kernel/index.ts'
import { databaseNow } from '../clock.ts'
import { attempt, maxFailures } from './attempts.ts'
import { createSession, endSession, type SignedIn } from './sessions.ts'
import type { IdentityPorts } from './ports.ts'

export type PasswordSignIn = {
  readonly email: string
  readonly password: string
  /** Six digits of the authenticator, or a recovery code. Absent: a session without second factor. */
  readonly code?: string
  readonly ip: string
}

/**
 * Signs in with a password and a second factor. Unknown accounts cost the same and answer the same. `THROTTLED` after
 * too many failures of the account or the address, with the seconds to wait.
 */
export async function signIn(
  ports: IdentityPorts,
  { email, password, code, ip }: PasswordSignIn,
): Promise<{ readonly token: string; readonly mfa: boolean; readonly person: UserId }> {
  const limits = [
    { subject: `account:${email.trim().toLowerCase()}`, limit: maxFailures.account },
    { subject: `address:${ip}`, limit: maxFailures.address },
  ]
  const found = await attempt(ports.query, limits, () => prove(ports, { email, password, code }))
  if (found === null) throw new AppError('UNAUTHENTICATED', 'e-mail, password or code is wrong')
  const { person, mfa, now } = found
  const method = mfa ? 'password_totp' : 'password'
  const session = await createSession(ports.query, ports.random, { person, method, mfa, now })
  return { token: session.token, mfa, person }
}

/** Whose password and code these are; null for a wrong one of either. */
async function prove(
  ports: IdentityPorts,
  {
    email,
    password,
    code,
  }: Pick<PasswordSignIn, 'email' | 'password'> & { readonly code: string | undefined },
): Promise<{ readonly person: UserId; readonly mfa: boolean; readonly now: EpochMs } | null> {
  const now = await databaseNow(ports.query)
  const [row] = await ports.query<{ person: UserId; secret: string }>(
    `select p.id as person, c.secret from people p join credentials c on c.person_id = p.id and c.kind = 'password'
     where lower(p.email) = lower($1) and p.state = 'active'`,
    [email.trim()],
  )
  const isRight = await ports.passwords.verify(password, row?.secret ?? null)
  if (!isRight || row === undefined) return null
  const { person } = row
  const mfa = code !== undefined && (await verifySecondFactor(ports, person, code, now))
  if (code !== undefined && !mfa) return null
  if (ports.passwords.isWeak(row.secret))
    await ports.query(`update credentials set secret = $2 where person_id = $1 and kind = 'password'`, [
      person,
      await ports.passwords.hash(password),
    ])
  return { person, mfa, now }
}

/** Proves the second factor afresh: the old session ends and a new token takes its place. */
export async function stepUp(
  ports: IdentityPorts,
  signedIn: Pick<SignedIn, 'person' | 'session'>,
  code: string,
): Promise<{ readonly token: string }> {
  const { person, session } = signedIn
  const limits = [{ subject: `account:${person}`, limit: maxFailures.account }]
  const now = await attempt(ports.query, limits, async () => {
    const at = await databaseNow(ports.query)
    return (await verifySecondFactor(ports, person, code, at)) ? at : null
  })
  if (now === null) throw new AppError('UNAUTHENTICATED', 'the code is wrong')
  const continued = { person, method: 'password_totp', mfa: true, now, continues: session } as const
  const fresh = await createSession(ports.query, ports.random, continued)
  await endSession(ports.query, session)
  return fresh
}

/** A TOTP code or a recovery code; each works once, also when two requests bring it at the same moment. */
async function verifySecondFactor(
  ports: IdentityPorts,
  person: UserId,
  code: string,
  now: EpochMs,
): Promise<boolean> {
  const [totp] = await ports.query<{ id: string; secret: string; lastStep: number | null }>(
    `select id, secret, last_step as "lastStep" from credentials where person_id = $1 and kind = 'totp'`,
    [person],
  )
  const step = totp === undefined ? null : ports.totp.verify(totp.secret, code, now, totp.lastStep)
  if (totp !== undefined && step !== null) {
    const taken = await ports.query(
      'update credentials set last_step = $2 where id = $1 and (last_step is null or last_step < $2) returning id',
      [totp.id, step],
    )
    return taken.length === 1
  }
  const used = await ports.query(
    'delete from recovery_codes where digest = $1 and person_id = $2 returning digest',
    [ports.totp.recoveryDigest(code), person],
  )
  return used.length === 1
}
