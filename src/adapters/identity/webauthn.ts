import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { BoundProof, Digest } from '../../kernel/index.ts'
import { challengeOf, credentialDigest, isPasskeyKey, verifyAssertion } from '../../kernel/passkey.ts'

/** Whom passkeys are made for. */
export type RelyingParty = { readonly id: string; readonly name: string; readonly origins: readonly string[] }

/** What is kept of a passkey. */
export type Passkey = {
  readonly credentialId: string // base64url
  readonly publicKey: string // COSE, base64url
  readonly counter: number
  readonly custody: 'synced' | 'device_bound'
}

export type PasskeyFault = 'not_verified' | 'wrong_credential' | 'malformed'
export type Verified<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: PasskeyFault }

/** Options for a new passkey; `challenge` is kept and handed to `finishRegistration`. */
export function beginRegistration(
  party: RelyingParty,
  user: { readonly id: string; readonly name: string; readonly existing: readonly string[] },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: party.name,
    rpID: party.id,
    userName: user.name,
    userID: new Uint8Array(Buffer.from(user.id, 'utf8')),
    attestationType: 'none',
    excludeCredentials: user.existing.map((id) => ({ id })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    supportedAlgorithmIDs: [-7, -8],
  })
}

/** UNTRUSTED: `response` comes from the browser as it is. */
export async function finishRegistration(
  party: RelyingParty,
  challenge: string,
  response: unknown,
): Promise<Verified<Passkey>> {
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as RegistrationResponseJSON, // the library checks every member
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: [-7, -8],
    })
    if (!verified || registrationInfo === undefined) return { ok: false, fault: 'not_verified' }
    const { credential, credentialDeviceType } = registrationInfo
    const publicKey = Buffer.from(credential.publicKey).toString('base64url')
    // A passkey whose signatures nobody can verify from the ledger is no passkey here.
    if (!isPasskeyKey(publicKey)) return { ok: false, fault: 'not_verified' }
    const custody = credentialDeviceType === 'singleDevice' ? 'device_bound' : 'synced'
    return {
      ok: true,
      value: { credentialId: credential.id, publicKey, counter: credential.counter, custody },
    }
  } catch {
    return { ok: false, fault: 'malformed' } // the library throws for every response that it cannot accept
  }
}

/** Options for signing in (random challenge) or for signing a document (its digest is the challenge). */
export function beginAssertion(
  party: RelyingParty,
  allowed: readonly string[],
  document?: Digest,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({
    rpID: party.id,
    userVerification: 'required',
    allowCredentials: allowed.map((id) => ({ id })),
    ...(document === undefined
      ? {}
      : { challenge: new Uint8Array(Buffer.from(challengeOf(document), 'base64url')) }),
  })
}

/** Verifies an assertion with user verification; the value is the new signature counter. UNTRUSTED: `response`. */
export async function finishAssertion(
  party: RelyingParty,
  challenge: string,
  passkey: Passkey,
  response: unknown,
): Promise<Verified<{ readonly counter: number }>> {
  const given = response as AuthenticationResponseJSON // the library checks every member
  if (given?.id !== passkey.credentialId) return { ok: false, fault: 'wrong_credential' }
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: given,
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: true,
      credential: {
        id: passkey.credentialId,
        publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
        counter: passkey.counter,
      },
    })
    if (!verified) return { ok: false, fault: 'not_verified' }
    return { ok: true, value: { counter: authenticationInfo.newCounter } }
  } catch {
    return { ok: false, fault: 'malformed' } // also a counter that did not rise
  }
}

/**
 * Verifies that the passkey signed exactly `document`, and gives what a decider accepts as proof of it. The proof passes
 * the offline check as well: what is recorded is what a stranger will verify.
 */
export async function finishBoundAssertion(
  party: RelyingParty,
  document: Digest,
  passkey: Passkey,
  response: unknown,
): Promise<Verified<{ readonly counter: number; readonly proof: BoundProof }>> {
  const verified = await finishAssertion(party, challengeOf(document), passkey, response)
  if (!verified.ok) return verified
  const { id, response: parts } = response as AuthenticationResponseJSON // verified above
  const { authenticatorData, clientDataJSON, signature } = parts
  const assertion = { authenticatorData, clientDataJSON, signature }
  if (!verifyAssertion(assertion, document, passkey.publicKey).ok) return { ok: false, fault: 'not_verified' }
  const credentialId = credentialDigest(id)
  return {
    ok: true,
    value: { counter: verified.value.counter, proof: { document, credentialId, assertion } },
  }
}
