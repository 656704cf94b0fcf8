import {
  AppError,
  digestOfBytes,
  epochMs,
  hmacSha256,
  type CredentialId,
  type Digest,
  type EpochMs,
  type SessionId,
  type UserId,
} from '../../kernel/index.ts'
import { people } from '../aggregates/people.ts'
import { runCommand, type Issuer } from '../command.ts'
import type { Ceremony, Passkey } from '../ports/identity.ts'
import type { Query } from '../ports/query.ts'
import { instant, millis } from '../sql.ts'
import { personContext } from './person-context.ts'
import type { IdentityPorts } from './ports.ts'
import { createSession, endSession } from './sessions.ts'

/** What the browser gets; it answers with the same `ceremony`. */
export type Begun = { readonly ceremony: string; readonly options: Ceremony }
/** UNTRUSTED: `response` comes from the browser as it is. */
export type Finish = { readonly ceremony: string; readonly response: unknown }

/** Begins to register a passkey of `who`. */
export async function beginRegistration(ports: IdentityPorts, who: UserId): Promise<Begun> {
  const [holder] = await ports.query<{ email: string }>('select email from people where id = $1', [who])
  if (holder === undefined) throw new AppError('NOT_FOUND')
  const existing = await passkeyIdsOf(ports.query, who)
  const options = await ports.passkeys.beginRegistration({ id: who, name: holder.email, existing })
  return { ceremony: await keepChallenge(ports, options, { purpose: 'register', person: who }), options }
}

/** Records the new passkey: its public key is a fact, so that a stranger can verify what it signs. */
export async function finishRegistration(
  ports: IdentityPorts,
  issuer: Issuer,
  who: UserId,
  { ceremony, response }: Finish,
): Promise<{ readonly id: CredentialId }> {
  const { challenge } = await takeChallenge(ports.query, ceremony, { purpose: 'register', person: who })
  const finished = await ports.passkeys.finishRegistration(challenge, response)
  if (!finished.ok) throw unproven()
  const { credentialId: externalId, publicKey, custody, counter } = finished.value
  return runCommand(ports, issuer, async (work) => {
    const context = await personContext(work, who)
    const taken = await work.tx.query('select id from credentials where external_id = $1', [externalId])
    if (taken.length > 0)
      throw new AppError('REFUSED', undefined, { reasons: [{ code: 'CREDENTIAL_EXISTS', params: {} }] })
    const id = work.ids.next('credential')
    const credentialDigest = digestOfBytes(Buffer.from(externalId, 'base64url'))
    const credential = { id, kind: 'passkey', credentialDigest, publicKey, custody } as const
    await work.apply(people, who, { c: 'register_credential', credential }, context)
    await work.tx.query(
      `insert into credentials (id, person_id, kind, external_id, public_key, counter, custody, created_at)
       values ($1, $2, 'passkey', $3, $4, $5, $6, ${instant(7)})`,
      [id, who, externalId, publicKey, counter, custody, work.now],
    )
    return { id }
  })
}

/**
 * Begins to sign in, with the passkeys of an address or with whichever the device offers. An address that nobody has,
 * and one without passkeys, answers in the same shape and at the same cost: with a made-up passkey, always the same.
 */
export async function beginSignIn(ports: IdentityPorts, email: string | undefined): Promise<Begun> {
  const account = email === undefined ? null : accountDigest(email)
  const options = await ports.passkeys.beginAssertion(
    email === undefined ? [] : await passkeyIdsAt(ports, email),
  )
  return { ceremony: await keepChallenge(ports, options, { purpose: 'sign_in', account }), options }
}

/** Signs in whoever holds the passkey. No failure of others stands in the way. */
export async function finishSignIn(
  ports: IdentityPorts,
  { ceremony, response }: Finish,
): Promise<{ readonly token: string; readonly person: UserId }> {
  const { challenge, account, now } = await takeChallenge(ports.query, ceremony, { purpose: 'sign_in' })
  const [found] = await ports.query<PasskeyRow & { email: string }>(
    `select ${passkeyColumns}, p.email from credentials c join people p on p.id = c.person_id
     where c.external_id = $1 and c.kind = 'passkey' and p.state = 'active'`,
    [idIn(response)],
  )
  if (found === undefined || (account !== null && account !== accountDigest(found.email))) throw unproven()
  const finished = await ports.passkeys.finishAssertion(challenge, found, response)
  if (!finished.ok) throw unproven()
  await raiseCounter(ports.query, found, finished.value.counter)
  const { person } = found
  const session = await createSession(ports.query, ports.random, {
    person,
    method: 'passkey',
    mfa: true,
    now,
  })
  return { token: session.token, person }
}

/** Begins to prove a passkey of `who` afresh. */
export async function beginStepUp(ports: IdentityPorts, who: UserId): Promise<Begun> {
  const own = await passkeyIdsOf(ports.query, who)
  if (own.length === 0)
    throw new AppError('REFUSED', undefined, { reasons: [{ code: 'NO_PASSKEY', params: {} }] })
  const options = await ports.passkeys.beginAssertion(own)
  return { ceremony: await keepChallenge(ports, options, { purpose: 'step_up', person: who }), options }
}

/** Proves a passkey afresh: the old session ends and a new token takes its place. */
export async function finishStepUp(
  ports: IdentityPorts,
  signedIn: { readonly person: UserId; readonly session: SessionId },
  { ceremony, response }: Finish,
): Promise<{ readonly token: string }> {
  const { person, session } = signedIn
  const { challenge, now } = await takeChallenge(ports.query, ceremony, { purpose: 'step_up', person })
  const passkey = await ownPasskey(ports.query, person, response)
  if (passkey === null) throw unproven()
  const finished = await ports.passkeys.finishAssertion(challenge, passkey, response)
  if (!finished.ok) throw unproven()
  await raiseCounter(ports.query, passkey, finished.value.counter)
  const continued = { person, method: 'passkey', mfa: true, now, continues: session } as const
  const fresh = await createSession(ports.query, ports.random, continued)
  await endSession(ports.query, session)
  return fresh
}

export type PasskeyRow = Passkey & { readonly id: CredentialId; readonly person: UserId }

const passkeyColumns = `c.id, c.person_id as person, c.external_id as "credentialId", c.public_key as "publicKey",
  c.counter, c.custody`

/** The passkey of `who` that a response names; null when it is none of theirs. */
export async function ownPasskey(query: Query, who: UserId, response: unknown): Promise<PasskeyRow | null> {
  const [row] = await query<PasskeyRow>(
    `select ${passkeyColumns} from credentials c where c.external_id = $1 and c.person_id = $2 and c.kind = 'passkey'`,
    [idIn(response), who],
  )
  return row ?? null
}

/** Ids of the passkeys of `who`, as the browser knows them. */
export async function passkeyIdsOf(query: Query, who: UserId): Promise<readonly string[]> {
  const rows = await query<{ id: string }>(
    `select external_id as id from credentials where person_id = $1 and kind = 'passkey' order by created_at`,
    [who],
  )
  return rows.map(({ id }) => id)
}

/**
 * Keeps the signature counter of a verified assertion. Of two assertions with the same counter one is refused; a
 * passkey that is synced between devices counts nothing and always says 0.
 */
export async function raiseCounter(query: Query, { id }: PasskeyRow, counter: number): Promise<void> {
  const raised = await query(
    'update credentials set counter = $2 where id = $1 and (counter < $2 or (counter = 0 and $2 = 0)) returning id',
    [id, counter],
  )
  if (raised.length === 0) throw unproven()
}

/** One answer for everything that a passkey did not prove. */
export function unproven(): AppError {
  return new AppError('UNAUTHENTICATED', 'the passkey was not accepted')
}

type Purpose =
  | { readonly purpose: 'register' | 'step_up'; readonly person: UserId }
  | { readonly purpose: 'sign_in'; readonly account: Digest | null }

async function keepChallenge(
  { query, random }: IdentityPorts,
  { challenge }: Ceremony,
  of: Purpose,
): Promise<string> {
  const id = Buffer.from(random(24)).toString('base64url')
  await query(
    `insert into challenges (id, purpose, person_id, account, challenge, expires_at)
     values ($1, $2, $3, $4, $5, clock_timestamp() + interval '5 minutes')`,
    [
      id,
      of.purpose,
      of.purpose === 'sign_in' ? null : of.person,
      of.purpose === 'sign_in' ? of.account : null,
      challenge,
    ],
  )
  return id
}

/** A challenge answers once, for its purpose and its person. */
async function takeChallenge(
  query: Query,
  id: string,
  of: { readonly purpose: Purpose['purpose']; readonly person?: UserId },
): Promise<{ readonly challenge: string; readonly account: Digest | null; readonly now: EpochMs }> {
  const [taken] = await query<{ challenge: string; account: Digest | null; now: number }>(
    `delete from challenges where id = $1 and purpose = $2 and person_id is not distinct from $3
       and expires_at > clock_timestamp()
     returning challenge, account, ${millis('clock_timestamp()')} as now`,
    [id, of.purpose, of.person ?? null],
  )
  if (taken === undefined) throw unproven()
  return { ...taken, now: epochMs(taken.now) }
}

async function passkeyIdsAt(ports: IdentityPorts, email: string): Promise<readonly string[]> {
  const decoy = Buffer.from(hmacSha256(await decoyKey(ports), accountDigest(email))).toString('base64url')
  const rows = await ports.query<{ id: string }>(
    `select c.external_id as id from people p join credentials c on c.person_id = p.id and c.kind = 'passkey'
     where lower(p.email) = lower($1) and p.state = 'active' order by c.created_at`,
    [email.trim()],
  )
  return rows.length === 0 ? [decoy] : rows.map(({ id }) => id)
}

/** Random, of this installation: without it nobody tells a made-up passkey from a real one. */
async function decoyKey({ query, random }: IdentityPorts): Promise<Uint8Array> {
  const fresh = Buffer.from(random(32)).toString('base64url')
  await query(
    `insert into settings (name, value) values ('identity_decoy_key', $1) on conflict (name) do nothing`,
    [fresh],
  )
  const [kept] = await query<{ value: string }>(
    `select value from settings where name = 'identity_decoy_key'`,
  )
  return Buffer.from(kept?.value ?? fresh, 'base64url')
}

function accountDigest(email: string): Digest {
  return digestOfBytes(`countersign account\n${email.trim().toLowerCase()}`)
}

/** UNTRUSTED: the id that a response claims. */
function idIn(response: unknown): string {
  const id = (response as { readonly id?: unknown } | null)?.id
  return typeof id === 'string' ? id : ''
}
