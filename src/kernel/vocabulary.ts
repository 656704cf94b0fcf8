import type { Digest } from './digest.ts'
import type { ServiceId, UserId } from './ids.ts'
import type { EpochMs } from './instant.ts'

/** The six functions that sit on the committee. */
export const functions = ['security', 'risk', 'legal', 'privacy', 'it', 'data_science'] as const
export type Fn = (typeof functions)[number]

export const tiers = [1, 2, 3] as const
export type Tier = (typeof tiers)[number]

/** Where a release runs. A production decision never covers another environment. */
export const environments = ['dev', 'test', 'validation', 'prod'] as const
export type Environment = (typeof environments)[number]

/** Ascending order of harm in each of the following lists. */
/** APIs that an upstream may speak. Azure's differs from OpenAI's in how it takes a key; `mcp` serves tools, no model. */
export const upstreamApis = ['openai', 'azure', 'anthropic', 'mcp'] as const
export type UpstreamApi = (typeof upstreamApis)[number]

export const dataClasses = ['public', 'internal', 'confidential', 'restricted'] as const
export type DataClass = (typeof dataClasses)[number]
export const effects = ['read', 'draft', 'write', 'privileged', 'containment'] as const
export type Effect = (typeof effects)[number]
export const autonomies = ['A0', 'A1', 'A2', 'A3', 'A4'] as const
export type Autonomy = (typeof autonomies)[number]

export const legalClasses = [
  'out_of_scope',
  'minimal',
  'transparency',
  'high_risk',
  'undetermined',
  'prohibited',
] as const
export type LegalClass = (typeof legalClasses)[number]

/** Who acts. People appear by their random pseudonym only. */
export type Actor =
  | { readonly k: 'person'; readonly ref: UserId }
  | { readonly k: 'service'; readonly id: ServiceId }
  | { readonly k: 'system'; readonly role: 'timer' | 'gateway' | 'monitor' | 'installation' }

/** One text for an actor: the id of a person or service, or `sys:<role>`. */
export function actorText(actor: Actor): string {
  return actor.k === 'person' ? actor.ref : actor.k === 'service' ? actor.id : `sys:${actor.role}`
}

/** How the actor proved who they are, and when. */
export type AuthnMethod = 'passkey' | 'password_totp' | 'password' | 'api_key' | 'setup_token' | 'none'
export type AuthnContext = {
  readonly method: AuthnMethod
  readonly mfa: boolean
  readonly at: EpochMs
  /** Present when the person's passkey signed exactly this document. */
  readonly bound?: BoundProof
}

/** What an authenticator answered, each part base64url. It is recorded whole, so that a stranger can verify it again. */
export type Assertion = {
  readonly authenticatorData: string
  readonly clientDataJSON: string
  readonly signature: string
}

/** A verified WebAuthn assertion over `document`, by the passkey whose credential id has this digest. */
export type BoundProof = {
  readonly document: Digest
  readonly credentialId: Digest
  readonly assertion: Assertion
}

/** The strength of proof that an act demands, weakest first. */
export const proofs = ['session', 'session_mfa', 'recent_auth', 'fresh_passkey', 'passkey_bound'] as const
export type Proof = (typeof proofs)[number]
