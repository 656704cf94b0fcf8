import { z } from 'zod'
import { fromRfc3339, idPrefixes, isDigest, type Id, type IdKind } from '../kernel/index.ts'

/** Schema of the ids of one kind. */
export function idOf<K extends IdKind>(kind: K) {
  const form = new RegExp(`^${idPrefixes[kind]}_[0-7][0-9a-hjkmnp-tv-z]{25}$`)
  return z
    .string()
    .regex(form, `an id of the form \`${idPrefixes[kind]}_…\``)
    .transform((text) => text as Id<K>) // the form is checked before
}

/** `sha256:` and 64 hex digits. */
export const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'a digest of the form `sha256:<64 hex digits>`')
  .refine(isDigest)

/** RFC 3339 in UTC with milliseconds, as text. Use `fromRfc3339` for the number. */
export const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'an instant such as `2026-01-31T09:30:00.000Z`')
  .refine((text) => fromRfc3339(text) !== null, 'no such instant')

/** The number of changes of a record; goes back in `If-Match` as `"7"`. */
export const revision = z.int().min(0)

/** Trimmed text of at least one character; over the limit it is refused, never cut. */
export const shortText = z.string().trim().min(1).max(200)
export const longText = z.string().trim().min(1).max(10_000)

export const empty = z.strictObject({})

/** A WebAuthn assertion as the browser returns it. */
export const assertion = z.looseObject({ id: z.string().max(1_400) }).optional()

/** What the authorization of a deployment can be. */
export const authorizationStates = [
  'none',
  'in_review',
  'pending',
  'valid',
  'conditional',
  'emergency',
  'suspended',
  'expired',
  'rejected',
  'revoked',
  'mismatch',
  'blocked',
] as const

/** A text with the kind of event that it belongs to; null once it is erased. */
export const note = z.strictObject({
  event: z.string(),
  at: instant,
  by: idOf('user'),
  text: z.string().nullable(),
})
