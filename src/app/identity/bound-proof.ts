import {
  AppError,
  digestOf,
  digestOfBytes,
  epochMs,
  type Digest,
  type JsonObject,
  type UserId,
} from '../../kernel/index.ts'
import { personOf, type Issuer } from '../command.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'
import { ownPasskey, passkeyIdsOf, raiseCounter, unproven } from './passkeys.ts'
import type { IdentityPorts } from './ports.ts'

/**
 * The issuer of one act that their passkey has signed: `document` (or its digest) says everything that the act does.
 * Without an assertion `STEP_UP_REQUIRED`, whose member `sign` says what to sign; `UNAUTHENTICATED` for a wrong one.
 * Each assertion proves one act: the second use is refused, also when the first act was refused by its decider.
 */
export async function boundIssuer(
  ports: Pick<IdentityPorts, 'query' | 'passkeys'>,
  issuer: Issuer,
  document: JsonObject | Digest,
  assertion: unknown,
): Promise<Issuer> {
  const who = personOf(issuer)
  if (who === null) throw new AppError('FORBIDDEN', 'only a person proves an act with a passkey')
  if (issuer.isDry === true) return issuer // nothing is signed to be thrown away
  const digest = typeof document === 'string' ? document : digestOf(document)
  if (assertion === undefined) throw await signatureWanted(ports, who, digest)
  const passkey = await ownPasskey(ports.query, who, assertion)
  if (passkey === null) throw unproven()
  const finished = await ports.passkeys.finishBoundAssertion(digest, passkey, assertion)
  if (!finished.ok) {
    if (await isUsed(ports.query, assertion)) throw alreadyUsed()
    throw unproven()
  }
  const { counter, proof: bound } = finished.value
  const [first] = await ports.query<{ now: number }>(
    `insert into used_assertions (digest, person_id, at) values ($1, $2, clock_timestamp())
     on conflict (digest) do nothing returning ${millis('at')} as now`,
    [assertionDigest(assertion), who],
  )
  if (first === undefined) throw alreadyUsed()
  await raiseCounter(ports.query, passkey, counter)
  return { ...issuer, authn: { method: 'passkey', mfa: true, at: epochMs(first.now), bound } }
}

async function signatureWanted(
  { query, passkeys }: Pick<IdentityPorts, 'query' | 'passkeys'>,
  who: UserId,
  digest: Digest,
): Promise<AppError> {
  const credentialIds = await passkeyIdsOf(query, who)
  const { challenge } = await passkeys.beginAssertion(credentialIds, digest)
  return new AppError('STEP_UP_REQUIRED', 'sign this act with your passkey', {
    extra: { sign: { digest, challenge, credentialIds } },
  })
}

/** A passkey that counts is refused for its counter when its assertion comes again; this tells the reason. */
async function isUsed(query: Query, assertion: unknown): Promise<boolean> {
  const rows = await query('select digest from used_assertions where digest = $1', [
    assertionDigest(assertion),
  ])
  return rows.length > 0
}

function alreadyUsed(): AppError {
  return new AppError('REFUSED', undefined, { reasons: [{ code: 'PROOF_ALREADY_USED', params: {} }] })
}

/**
 * Names an assertion by the bytes that it signs and the first number of its signature. The second number of an ECDSA
 * signature has a twin that verifies as well, so anybody could write the same assertion in another way.
 */
function assertionDigest(assertion: unknown): Digest {
  const { response } = assertion as { readonly response?: Readonly<Record<string, unknown>> } // UNTRUSTED
  const bytesOf = (name: string) => {
    const text = response?.[name]
    return Buffer.from(typeof text === 'string' ? text : '', 'base64url')
  }
  const signature = bytesOf('signature')
  const parts = [bytesOf('authenticatorData'), bytesOf('clientDataJSON'), firstNumber(signature)]
  return digestOfBytes(Buffer.concat(parts.map((part) => Buffer.from(digestOfBytes(part), 'utf8'))))
}

/** `r` of a DER signature (SPEC: RFC 3279 2.2.3), or `R` of an Ed25519 one. */
function firstNumber(signature: Buffer): Buffer {
  const isDer = signature[0] === 0x30 && signature[1] === signature.length - 2 && signature[2] === 0x02
  return isDer ? signature.subarray(4, 4 + (signature[3] ?? 0)) : signature.subarray(0, 32)
}
