import { crc32 } from '../../kernel/crc32.ts'
import type { Sureness } from '../stream/candidate.ts'

/** What a token says about itself beyond its form, where its provider has published it. */
export const tokenChecks = ['crc32-base62', 'jwt'] as const
export type TokenCheck = (typeof tokenChecks)[number]

/** How sure a token with the form of its kind is. Without its checksum it may be an older one, or made up. */
export const surenessBy: Readonly<Record<TokenCheck, (body: string) => Sureness>> = {
  'crc32-base62': (body) => (hasChecksum(body) ? 'certain' : 'likely'),
  jwt: (token) => (isJwtHeader(token.slice(0, token.indexOf('.'))) ? 'certain' : 'possible'),
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The last six characters are the CRC-32 of those before, in base 62 (GitHub and npm, "new token formats", 2021). */
function hasChecksum(body: string): boolean {
  let [rest, digits] = [crc32(body.slice(0, -6)), '']
  for (let i = 0; i < 6; i += 1) {
    digits = base62.charAt(rest % 62) + digits
    rest = Math.floor(rest / 62)
  }
  return digits === body.slice(-6)
}

/** Whether the first part of a JSON Web Token is a JOSE header: an object with `alg` (RFC 7515 4.1.1). */
function isJwtHeader(part: string): boolean {
  try {
    const value: unknown = JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof value === 'object' && value !== null && 'alg' in value
  } catch {
    return false // no base64, or no JSON: then it only looks like one
  }
}
