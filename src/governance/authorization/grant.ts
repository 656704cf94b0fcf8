import { z } from 'zod'
import type {
  DataClass,
  DeploymentId,
  Digest,
  Effect,
  Environment,
  EpochMs,
  Autonomy,
  GrantId,
  IdKind,
  JsonObject,
  RouteId,
  SystemId,
  Tier,
  UseCaseId,
} from '../../kernel/index.ts'
import { digestOfBytes, environments, isDigest, isId } from '../../kernel/index.ts'
import type { Ed25519Key, JwsFault, JwsSigner } from '../../kernel/jws.ts'
import { publicKeyFromRaw, signJws, verifyJws } from '../../kernel/jws.ts'

export const grantType = 'cs-grant+jwt'
export const trustType = 'cs-trust+jwt'
export const audiences = ['gateway', 'ci', 'admission', 'connector'] as const
export type Audience = (typeof audiences)[number]

/** What a grant states: this deployment may run this release, within this scope, until `exp`. */
export type GrantClaims = {
  readonly v: 1
  readonly iss: string // `urn:countersign:<installation id>`
  readonly aud: readonly Audience[]
  readonly jti: GrantId
  readonly sub: DeploymentId
  readonly uc: UseCaseId
  readonly sys: SystemId
  readonly env: Environment
  readonly rte: readonly RouteId[]
  readonly rel: Digest
  readonly ucr: Digest
  readonly bas: {
    readonly k: 'decision' | 'override' | 'extension'
    readonly id: string
    readonly seq: number
  }
  readonly tier: Tier
  readonly mode: 'enforce' | 'observe'
  readonly dcm: number // index into `dataClasses`
  readonly scp: Digest
  readonly htl: Digest
  readonly cnf?: { readonly 'x5t#S256': string }
  readonly epo: number
  readonly iat: number // seconds
  readonly nbf: number
  readonly exp: number
}

/** The scope document behind `scp`: intake ∩ release ∩ conditions ∩ vendor ceilings. */
export type GrantScope = {
  readonly models: readonly string[]
  readonly tools: readonly {
    readonly toolId: string
    readonly definitionSha256: Digest
    readonly effect: Effect
    readonly autonomyMax: Autonomy
  }[]
  readonly capabilities: readonly string[]
  readonly regions: readonly string[]
  readonly externalSend: boolean
  readonly dataClassMax: DataClass
  readonly guardPolicy: Digest
  readonly toolPolicy: Digest
  readonly volumePerDay: number
}

/** One key that enforcement points trust for grants. */
export type TrustedKey = {
  readonly kid: string
  readonly publicKey: string // raw, base64url
  readonly use: 'grant'
  readonly signFrom: EpochMs
  readonly signUntil: EpochMs
  readonly verifyUntil: EpochMs
}
export type TrustBundle = { readonly v: 1; readonly iss: string; readonly keys: readonly TrustedKey[] }

export type GrantFault =
  | JwsFault
  | 'bad_claims'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'key_not_trusted'
  | 'not_yet_valid'
  | 'expired'
  | 'stopped'

export type GrantResult =
  | { readonly ok: true; readonly kid: string; readonly claims: GrantClaims }
  | { readonly ok: false; readonly fault: GrantFault }

export type GrantExpectation = {
  readonly now: EpochMs
  readonly aud: Audience
  /** Highest stop epoch that this verifier has ever seen for a deployment. */
  readonly minEpoch: (deployment: DeploymentId) => number
}

/** Lifetime of a grant in seconds. A verifier that sees only the token refuses it no later than this. */
export const grantLifetimeSeconds: Readonly<Record<Tier, number>> = { 1: 900, 2: 600, 3: 300 }

/** Seconds by which the clock of the issuer may run ahead of the verifier's. There is none for the end. */
export const notBeforeLeewaySeconds = 5

/** End of a grant issued at `iat` (seconds) that rests on an authorization until `until`. */
export function grantExpiry(iat: number, tier: Tier, until: EpochMs): number {
  return Math.min(iat + grantLifetimeSeconds[tier], Math.floor(until / 1_000))
}

/** Signs a grant. Throws when the claims are outside the closed profile: that is a fault of the issuer, never data. */
export function issueGrant(claims: GrantClaims, signer: JwsSigner): string {
  const parsed = claimsSchema.parse(claims)
  const token = signJws(parsed as unknown as JsonObject, grantType, signer) // plain JSON by its schema
  if (token.length > 4_096) throw new RangeError('a grant is at most 4 KiB')
  return token
}

/** Checks signature, form, issuer and audience, but neither clock nor epoch: what can be cached by token hash. */
export function parseGrant(token: string, bundle: TrustBundle, aud: Audience): GrantResult {
  const read = verifyJws(token, { typ: grantType, keyOf: (kid) => keyIn(bundle, kid) })
  if (!read.ok) return read
  const parsed = claimsSchema.safeParse(read.payload)
  if (!parsed.success) return { ok: false, fault: 'bad_claims' }
  const claims = parsed.data as GrantClaims // each id and digest is checked by its own parser in the schema
  if (claims.iss !== bundle.iss) return { ok: false, fault: 'wrong_issuer' }
  if (!claims.aud.includes(aud)) return { ok: false, fault: 'wrong_audience' }
  return { ok: true, kid: read.kid, claims }
}

/** The digest in the claim `scp` of a token, whoever signed it: enough to fetch a document by. Null where there is none. */
export function scopeNamedBy(token: string): string | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const named = typeof claims === 'object' && claims !== null && 'scp' in claims ? claims.scp : null
    return typeof named === 'string' ? named : null
  } catch {
    return null
  }
}

/** Whether a parsed grant holds at `now`: key still trusted, inside its time, not stopped. Null when it does. */
export function faultOfGrant(
  grant: { readonly kid: string; readonly claims: GrantClaims },
  bundle: TrustBundle,
  { now, minEpoch }: Pick<GrantExpectation, 'now' | 'minEpoch'>,
): GrantFault | null {
  const { claims } = grant
  const key = bundle.keys.find(({ kid }) => kid === grant.kid)
  const issuedAt = claims.iat * 1_000
  if (key === undefined || now >= key.verifyUntil || issuedAt < key.signFrom || issuedAt >= key.signUntil)
    return 'key_not_trusted'
  if (now < (claims.nbf - notBeforeLeewaySeconds) * 1_000) return 'not_yet_valid'
  if (now >= claims.exp * 1_000) return 'expired'
  return claims.epo < minEpoch(claims.sub) ? 'stopped' : null
}

/** The whole check of one grant token. */
export function verifyGrant(token: string, bundle: TrustBundle, expected: GrantExpectation): GrantResult {
  const parsed = parseGrant(token, bundle, expected.aud)
  if (!parsed.ok) return parsed
  const fault = faultOfGrant(parsed, bundle, expected)
  return fault === null ? parsed : { ok: false, fault }
}

/** Signs a trust bundle with the installation root key, whose `kid` is its own raw public key. */
export function issueTrustBundle(bundle: TrustBundle, root: JwsSigner): string {
  return signJws(bundleSchema.parse(bundle), trustType, root)
}

/** What enforcement points pin at enrolment: the digest of the raw root public key. */
export function rootFingerprint(rawRootKey: string): Digest {
  return digestOfBytes(Buffer.from(rawRootKey, 'base64url'))
}

/** Reads a trust bundle that the pinned root signed; null for every other text. */
export function verifyTrustBundle(token: string, pinned: Digest): TrustBundle | null {
  const keyOf = (kid: string) => (rootFingerprint(kid) === pinned ? publicKeyFromRaw(kid) : null)
  const read = verifyJws(token, { typ: trustType, keyOf, maxBytes: 65_536 })
  if (!read.ok) return null
  const parsed = bundleSchema.safeParse(read.payload)
  return parsed.success ? (parsed.data as unknown as TrustBundle) : null // instants are whole by the schema
}

function keyIn(bundle: TrustBundle, kid: string): Ed25519Key | null {
  const key = bundle.keys.find((candidate) => candidate.kid === kid)
  return key === undefined ? null : publicKeyFromRaw(key.publicKey)
}

const id = (kind: IdKind) => z.string().refine((text) => isId(kind, text))
const digest = z.string().refine(isDigest)
const whole = z.number().int().nonnegative()
const claimsSchema = z
  .strictObject({
    v: z.literal(1),
    iss: z.string().regex(/^urn:countersign:[\w.-]{1,64}$/),
    aud: z.array(z.enum(audiences)).min(1).max(4),
    jti: id('grant'),
    sub: id('deployment'),
    uc: id('useCase'),
    sys: id('system'),
    env: z.enum(environments),
    rte: z.array(id('route')).min(1).max(32),
    rel: digest,
    ucr: digest,
    bas: z.strictObject({
      k: z.enum(['decision', 'override', 'extension']),
      id: z.string().max(64),
      seq: whole,
    }),
    tier: z.union([z.literal(1), z.literal(2), z.literal(3)]),
    mode: z.enum(['enforce', 'observe']),
    dcm: whole.max(3),
    scp: digest,
    htl: digest,
    cnf: z.strictObject({ 'x5t#S256': z.string().regex(/^[\w-]{43}$/) }).optional(),
    epo: whole,
    iat: whole,
    nbf: whole,
    exp: whole,
  })
  .refine(({ iat, nbf, exp, tier }) => nbf === iat && exp > iat && exp - iat <= grantLifetimeSeconds[tier])
const bundleSchema = z.strictObject({
  v: z.literal(1),
  iss: z.string().regex(/^urn:countersign:[\w.-]{1,64}$/),
  keys: z
    .array(
      z.strictObject({
        kid: z.string().min(1).max(64),
        publicKey: z.string().regex(/^[\w-]{43}$/),
        use: z.literal('grant'),
        signFrom: whole,
        signUntil: whole,
        verifyUntil: whole,
      }),
    )
    .max(16)
    .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length),
})
