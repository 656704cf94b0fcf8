import type { person } from '../../governance/people/index.ts'
import { AppError, type CredentialId, type SessionId, type UserId } from '../../kernel/index.ts'
import { people } from '../aggregates/people.ts'
import { runCommand, type Issuer, type Work } from '../command.ts'
import type { Query } from '../ports/query.ts'
import { instant, millis } from '../sql.ts'
import { attempt, maxFailures } from './attempts.ts'
import { personContext } from './person-context.ts'
import type { IdentityPorts } from './ports.ts'
import { endOtherSessions } from './sessions.ts'

/** Refuses a new password that is too short, too long or too common. */
export function assertPassword(ports: IdentityPorts, password: string, context: readonly string[]): void {
  const fault = ports.passwords.faultOf(password, context)
  if (fault === null) return
  throw new AppError('REFUSED', undefined, {
    reasons: [{ code: `PASSWORD_${fault.toUpperCase()}`, params: {}, path: '/password' }],
  })
}

export type Secrets = {
  readonly totp: { readonly secret: string; readonly uri: string }
  readonly recoveryCodes: readonly string[]
}

/** Somebody who has just set their credentials. The secrets are shown once; the session lacks its second factor. */
export type Enrolled = Secrets & { readonly person: UserId; readonly session: string }

/** Records password, TOTP and recovery codes of a person: secrets in their tables, the fact in the ledger. */
export async function setCredentials(
  ports: IdentityPorts,
  work: Work,
  of: { readonly person: UserId; readonly account: string; readonly passwordHash: string },
): Promise<Secrets> {
  const context = await personContext(work, of.person)
  const totp = ports.totp.create(of.account)
  for (const [kind, secret] of [
    ['password', of.passwordHash],
    ['totp', totp.secret],
  ] as const) {
    const id = work.ids.next('credential')
    await work.apply(people, of.person, { c: 'register_credential', credential: { id, kind } }, context)
    await work.tx.query(
      `insert into credentials (id, person_id, kind, secret, created_at) values ($1, $2, $3, $4, ${instant(5)})`,
      [id, of.person, kind, secret, work.now],
    )
  }
  return { totp, recoveryCodes: await setRecoveryCodes(ports, work, context) }
}

async function setRecoveryCodes(
  ports: IdentityPorts,
  work: Work,
  context: person.Context,
): Promise<readonly string[]> {
  const credential = { id: work.ids.next('credential'), kind: 'recovery_codes' } as const
  await work.apply(people, context.id, { c: 'register_credential', credential }, context)
  const codes = ports.totp.recoveryCodes()
  await work.tx.query('insert into recovery_codes (digest, person_id) select unnest($1::text[]), $2', [
    codes.map((code) => ports.totp.recoveryDigest(code)),
    context.id,
  ])
  return codes
}

/** Ten fresh recovery codes; the earlier ones end. */
export function renewRecoveryCodes(
  ports: IdentityPorts,
  issuer: Issuer,
  who: UserId,
): Promise<readonly string[]> {
  return runCommand(ports, issuer, async (work) => {
    const context = await personContext(work, who)
    const { state } = await work.load(people, who)
    const held = state.s === 'absent' ? [] : state.credentials
    for (const { id, kind } of held)
      if (kind === 'recovery_codes') await work.apply(people, who, { c: 'remove_credential', id }, context)
    return setRecoveryCodes(ports, work, context)
  })
}

const codeRefused = (code: 'CODE_WRONG' | 'CEREMONY_OVER') =>
  new AppError('REFUSED', undefined, { reasons: [{ code, params: {}, path: '/code' }] })

/** A secret for the authenticator app of `who`. Nothing changes until a code proves that the app has it. */
export async function beginTotp(
  { query, random, totp }: IdentityPorts,
  who: UserId,
): Promise<{ readonly ceremony: string; readonly secret: string; readonly uri: string }> {
  const [holder] = await query<{ email: string }>('select email from people where id = $1', [who])
  if (holder === undefined) throw new AppError('NOT_FOUND')
  const fresh = totp.create(holder.email)
  const ceremony = Buffer.from(random(24)).toString('base64url')
  await query(`delete from challenges where person_id = $1 and purpose = 'totp'`, [who])
  await query(
    `insert into challenges (id, purpose, person_id, challenge, expires_at)
     values ($1, 'totp', $2, $3, clock_timestamp() + interval '15 minutes')`,
    [ceremony, who, fresh.secret],
  )
  return { ceremony, ...fresh }
}

/**
 * Puts the secret of the ceremony in the place of the one before, once a code of it is given; the other sessions end. A
 * wrong code changes nothing and may be tried again: it is compared with a secret that its sender has just been shown.
 */
export async function finishTotp(
  ports: IdentityPorts,
  issuer: Issuer,
  from: { readonly person: UserId; readonly session: SessionId },
  { ceremony, code }: { readonly ceremony: string; readonly code: string },
): Promise<{ readonly id: CredentialId }> {
  const { person: who } = from
  const made = await runCommand(ports, issuer, async (work) => {
    const [pending] = await work.tx.query<{ secret: string }>(
      `delete from challenges where id = $1 and purpose = 'totp' and person_id = $2 and expires_at > clock_timestamp()
       returning challenge as secret`,
      [ceremony, who],
    )
    if (pending === undefined) throw codeRefused('CEREMONY_OVER')
    const step = ports.totp.verify(pending.secret, code, work.now, null)
    if (step === null) throw codeRefused('CODE_WRONG')
    const id = work.ids.next('credential')
    await work.apply(people, who, { c: 'replace_secret', kind: 'totp', id }, await personContext(work, who))
    await work.tx.query(
      `insert into credentials (id, person_id, kind, secret, last_step, created_at)
       values ($1, $2, 'totp', $3, $4, ${instant(5)})`,
      [id, who, pending.secret, step, work.now],
    )
    return { id }
  })
  await endOtherSessions(ports.query, who, from.session)
  return made
}

/**
 * Puts another password in the place of the one before; the other sessions end. Whoever has a password must give it: an
 * open screen alone takes no account over. `PASSWORD_WRONG` counts like a wrong sign-in and is throttled like one.
 */
export async function changePassword(
  ports: IdentityPorts,
  issuer: Issuer,
  from: { readonly person: UserId; readonly session: SessionId },
  { current, password }: { readonly current?: string | undefined; readonly password: string },
): Promise<void> {
  const { person: who } = from
  const [holder] = await ports.query<{ name: string; email: string; secret: string | null }>(
    `select p.name, p.email, c.secret from people p
       left join credentials c on c.person_id = p.id and c.kind = 'password' where p.id = $1`,
    [who],
  )
  if (holder === undefined) throw new AppError('NOT_FOUND')
  const { name, email, secret } = holder
  assertPassword(ports, password, [name, email])
  if (secret !== null) {
    const limits = [{ subject: `account:${who}`, limit: maxFailures.account }]
    const prove = async () => ((await ports.passwords.verify(current ?? '', secret)) ? true : null)
    const isRight = await attempt(ports.query, limits, prove)
    if (isRight === null)
      throw new AppError('REFUSED', undefined, {
        reasons: [{ code: 'PASSWORD_WRONG', params: {}, path: '/current' }],
      })
  }
  const hash = await ports.passwords.hash(password)
  await runCommand(ports, issuer, async (work) => {
    const id = work.ids.next('credential')
    const context = await personContext(work, who)
    await work.apply(people, who, { c: 'replace_secret', kind: 'password', id }, context)
    await work.tx.query(
      `insert into credentials (id, person_id, kind, secret, created_at) values ($1, $2, 'password', $3, ${instant(4)})`,
      [id, who, hash, work.now],
    )
  })
  await endOtherSessions(ports.query, who, from.session)
}

/** Removes a credential of `who` and ends their other sessions, one of which it may have opened. */
export async function removeCredential(
  ports: IdentityPorts,
  issuer: Issuer,
  from: { readonly person: UserId; readonly session: SessionId; readonly id: CredentialId },
): Promise<void> {
  await runCommand(ports, issuer, async (work) => {
    const context = await personContext(work, from.person)
    const { state } = await work.load(people, from.person)
    if (state.s === 'absent' || !state.credentials.some(({ id }) => id === from.id))
      throw new AppError('NOT_FOUND')
    await work.apply(people, from.person, { c: 'remove_credential', id: from.id }, context)
  })
  await endOtherSessions(ports.query, from.person, from.session)
}

export type CredentialRow = {
  readonly id: CredentialId
  readonly kind: 'password' | 'totp' | 'passkey'
  readonly custody: string | null
  readonly createdAt: number
}

/** Credentials of a person without their secrets, and how many recovery codes are left. */
export async function listCredentials(
  query: Query,
  who: UserId,
): Promise<{ readonly credentials: readonly CredentialRow[]; readonly recoveryCodesLeft: number }> {
  const credentials = await query<CredentialRow>(
    `select id, kind, custody, ${millis('created_at')} as "createdAt" from credentials where person_id = $1 order by id`,
    [who],
  )
  const [codes] = await query<{ left: number }>(
    'select count(*) as left from recovery_codes where person_id = $1',
    [who],
  )
  return { credentials, recoveryCodesLeft: codes?.left ?? 0 }
}
