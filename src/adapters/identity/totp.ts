import { createHash, randomBytes } from 'node:crypto'
import { Secret as OtpSecret, TOTP } from 'otpauth'
import { digestOfBytes, type Digest, type EpochMs } from '../../kernel/index.ts'

const stepS = 30
/** A code of the step before or after is accepted too: clocks differ and people are slow. */
const window = 1
export const recoveryCodeCount = 10

export type NewTotp = { readonly secret: string; readonly uri: string }

/** A fresh TOTP secret (base32) with the address that authenticator apps read. SPEC: RFC 6238. */
export function newTotp(account: string): NewTotp {
  const totp = totpOf(new OtpSecret({ size: 20 }).base32, account)
  return { secret: totp.secret.base32, uri: totp.toString() }
}

/**
 * The step that `code` belongs to, or null when it is wrong. The caller keeps the step and refuses one that is not
 * later than `lastStep`, so that each code works once.
 */
export function verifyTotp(
  secret: string,
  code: string,
  now: EpochMs,
  lastStep: number | null,
): number | null {
  if (!/^\d{6}$/.test(code)) return null
  const delta = totpOf(secret, '').validate({ token: code, timestamp: now, window })
  if (delta === null) return null
  const step = Math.floor(now / 1_000 / stepS) + delta
  return lastStep !== null && step <= lastStep ? null : step
}

/** The code at `now`, for software that signs in by itself: tests and the demo. */
export function totpAt(secret: string, now: EpochMs): string {
  return totpOf(secret, '').generate({ timestamp: now })
}

/** Ten single-use codes with 80 bits each. */
export function newRecoveryCodes(): readonly string[] {
  return Array.from({ length: recoveryCodeCount }, () => {
    const text = randomBytes(10).toString('hex')
    return `${text.slice(0, 5)}-${text.slice(5, 10)}-${text.slice(10, 15)}-${text.slice(15)}`
  })
}

/** What is stored of a recovery code: it has enough entropy for a fast hash. */
export function recoveryDigest(code: string): Digest {
  return digestOfBytes(
    createHash('sha256').update(`countersign recovery\n${code.trim().toLowerCase()}`).digest(),
  )
}

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({
    issuer: 'Countersign',
    label,
    algorithm: 'SHA1',
    digits: 6,
    period: stepS,
    secret: OtpSecret.fromBase32(secret),
  })
}
