import { AppError, epochMs, minuteMs, type EpochMs, type UserId } from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'
import { createSession, endSession, type SignedIn } from './sessions.ts'
import type { IdentityPorts } from './ports.ts'

/** Wrong tries within the window before an account or an address has to wait. */
export const maxFailures = { account: 5, address: 50 }
const windowMs = 15 * minuteMs

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
  const account = `account:${email.trim().toLowerCase()}`
  const address = `address:${ip}`
  const now = await databaseNow(ports.query)
  await assertNotThrottled(ports.query, account, maxFailures.account)
  await assertNotThrottled(ports.query, address, maxFailures.address)
  const [row] = await ports.query<{ person: UserId; secret: string }>(
    `select p.id as person, c.secret from people p join credentials c on c.person_id = p.id and c.kind = 'password'
     where lower(p.email) = lower($1) and p.state = 'active'`,
    [email.trim()],
  )
  const isRight = await ports.passwords.verify(password, row?.secret ?? null)
  const mfa =
    isRight &&
    row !== undefined &&
    code !== undefined &&
    (await verifySecondFactor(ports, row.person, code, now))
  if (!isRight || row === undefined || (code !== undefined && !mfa)) {
    await ports.query('insert into login_failures (subject, at) values ($1, now()), ($2, now())', [
      account,
      address,
    ])
    throw new AppError('UNAUTHENTICATED', 'e-mail, password or code is wrong')
  }
  if (ports.passwords.isWeak(row.secret))
    await ports.query(`update credentials set secret = $2 where person_id = $1 and kind = 'password'`, [
      row.person,
      await ports.passwords.hash(password),
    ])
  const method = mfa ? 'password_totp' : 'password'
  const session = await createSession(ports.query, ports.random, { person: row.person, method, mfa, now })
  return { token: session.token, mfa, person: row.person }
}

/** Proves the second factor afresh: the old session ends and a new token takes its place. */
export async function stepUp(
  ports: IdentityPorts,
  signedIn: Pick<SignedIn, 'person' | 'session'>,
  code: string,
): Promise<{ readonly token: string }> {
  const account = `account:${signedIn.person}`
  await assertNotThrottled(ports.query, account, maxFailures.account)
  const now = await databaseNow(ports.query)
  if (!(await verifySecondFactor(ports, signedIn.person, code, now))) {
    await ports.query('insert into login_failures (subject, at) values ($1, now())', [account])
    throw new AppError('UNAUTHENTICATED', 'the code is wrong')
  }
  await endSession(ports.query, signedIn.session)
  return createSession(ports.query, ports.random, {
    person: signedIn.person,
    method: 'password_totp',
    mfa: true,
    now,
  })
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

async function assertNotThrottled(query: Query, subject: string, limit: number): Promise<void> {
  const [row] = await query<{ failures: number; last: number | null; now: number }>(
    `select count(*) as failures, max(${millis('at')}) as last, ${millis('clock_timestamp()')} as now from login_failures
     where subject = $1 and at > now() - interval '15 minutes'`,
    [subject],
  )
  if (row === undefined || row.failures < limit || row.last === null) return
  // Each further failure doubles the wait, up to the window itself.
  const waitMs = Math.min(windowMs, 1_000 * 2 ** Math.min(10, row.failures - limit + 3))
  const leftMs = row.last + waitMs - row.now
  if (leftMs > 0)
    throw new AppError('THROTTLED', undefined, { extra: { retryAfterS: Math.ceil(leftMs / 1_000) } })
}

async function databaseNow(query: Query): Promise<EpochMs> {
  const [row] = await query<{ now: number }>(`select ${millis('clock_timestamp()')} as now`)
  return epochMs(row?.now ?? -1)
}
