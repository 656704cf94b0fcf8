import { unreachable } from './brand.ts'
import type { Digest } from './digest.ts'
import { minuteMs, type EpochMs } from './instant.ts'
import type { AuthnContext, Proof } from './vocabulary.ts'

/** How old the authentication behind `recent_auth` and `fresh_passkey` may be. */
export const recentMs = 15 * minuteMs
export const freshMs = 5 * minuteMs

/**
 * Whether `authn` is at least `proof` at `now`. `document` is what a bound proof must have signed; without one,
 * `passkey_bound` is never satisfied. An authentication that lies in the future proves nothing.
 */
export function satisfies(authn: AuthnContext, proof: Proof, now: EpochMs, document?: Digest): boolean {
  const ageMs = now - authn.at
  switch (proof) {
    case 'session':
      return authn.method !== 'none'
    case 'session_mfa':
      return authn.mfa
    case 'recent_auth':
      return authn.mfa && ageMs >= 0 && ageMs <= recentMs
    case 'fresh_passkey':
      return authn.method === 'passkey' && ageMs >= 0 && ageMs <= freshMs
    case 'passkey_bound':
      return authn.bound !== undefined && document !== undefined && authn.bound.document === document
    default:
      return unreachable(proof)
  }
}
