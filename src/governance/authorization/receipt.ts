import { z } from 'zod'
import {
  environments,
  isDigest,
  isId,
  type DeploymentId,
  type Digest,
  type EpochMs,
} from '../../kernel/index.ts'
import { publicKeyFromRaw, verifyJws, type JwsFault } from '../../kernel/jws.ts'
import type { TrustBundle } from './grant.ts'

export const receiptType = 'cs-gate+jwt'
/** Seconds for which a receipt speaks for the moment at which it was given. */
export const receiptLifetimeSeconds = 900

/** What the gate has answered, signed with a grant key. */
export type ReceiptClaims = Readonly<z.infer<typeof claimsForm>>
export type ReceiptFault = JwsFault | 'bad_claims' | 'wrong_issuer' | 'key_not_trusted' | 'expired'
export type ReceiptResult =
  | { readonly ok: true; readonly claims: ReceiptClaims }
  | { readonly ok: false; readonly fault: ReceiptFault }

/** Checks one receipt of the gate at `now`: signature, form, issuer, and whether it still speaks. */
export function verifyReceipt(token: string, bundle: TrustBundle, now: EpochMs): ReceiptResult {
  const keyNamed = (kid: string) => bundle.keys.find((key) => key.kid === kid)
  const read = verifyJws(token, {
    typ: receiptType,
    keyOf: (kid) => publicKeyFromRaw(keyNamed(kid)?.publicKey ?? ''),
  })
  if (!read.ok) return read
  const parsed = claimsForm.safeParse(read.payload)
  if (!parsed.success) return { ok: false, fault: 'bad_claims' }
  const claims = parsed.data
  if (claims.iss !== bundle.iss) return { ok: false, fault: 'wrong_issuer' }
  const [key, issuedAt] = [keyNamed(read.kid), claims.iat * 1_000]
  if (key === undefined || now >= key.verifyUntil || issuedAt < key.signFrom || issuedAt >= key.signUntil)
    return { ok: false, fault: 'key_not_trusted' }
  return now >= claims.exp * 1_000 ? { ok: false, fault: 'expired' } : { ok: true, claims }
}

const second = z.int().nonnegative()
const claimsForm = z
  .strictObject({
    v: z.literal(1),
    iss: z.string().max(100),
    sub: z.custom<DeploymentId>((text) => isId('deployment', text)),
    env: z.enum(environments),
    rel: z.custom<Digest>(isDigest).nullable(),
    verdict: z.enum(['allow', 'deny', 'unverifiable']),
    codes: z.array(z.string().max(64)).max(100),
    commit: z.string().max(200).nullable(),
    iat: second,
    exp: second,
  })
  .refine(({ iat, exp }) => exp === iat + receiptLifetimeSeconds)
