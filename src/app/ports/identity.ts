import type { BoundProof, Digest, EpochMs } from '../../kernel/index.ts'

/** Hashing of passwords. */
export type PasswordPort = {
  readonly hash: (password: string) => Promise<string>
  readonly verify: (password: string, stored: string | null) => Promise<boolean>
  readonly isWeak: (stored: string) => boolean
  /** Why a new password is refused; null when it is accepted. */
  readonly faultOf: (password: string, context: readonly string[]) => string | null
}

/** One-time codes. */
export type TotpPort = {
  readonly create: (account: string) => { readonly secret: string; readonly uri: string }
  readonly verify: (secret: string, code: string, now: EpochMs, lastStep: number | null) => number | null
  readonly recoveryCodes: () => readonly string[]
  readonly recoveryDigest: (code: string) => Digest
}

export type Passkey = {
  readonly credentialId: string
  readonly publicKey: string
  readonly counter: number
  readonly custody: 'synced' | 'device_bound'
}
type Verified<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: string }
export type Ceremony = { readonly challenge: string }

/** Passkeys. Responses come from the browser as they are. */
export type PasskeyPort = {
  readonly beginRegistration: (user: {
    readonly id: string
    readonly name: string
    readonly existing: readonly string[]
  }) => Promise<Ceremony>
  readonly finishRegistration: (challenge: string, response: unknown) => Promise<Verified<Passkey>>
  readonly beginAssertion: (allowed: readonly string[], document?: Digest) => Promise<Ceremony>
  readonly finishAssertion: (
    challenge: string,
    passkey: Passkey,
    response: unknown,
  ) => Promise<Verified<{ readonly counter: number }>>
  readonly finishBoundAssertion: (
    document: Digest,
    passkey: Passkey,
    response: unknown,
  ) => Promise<Verified<{ readonly counter: number; readonly proof: BoundProof }>>
}
