import { z } from 'zod'
import type { Json } from '../kernel/index.ts'

/** Opaque position in a list: base64url of the key of its last row. */
const cursor = z
  .string()
  .min(1)
  .max(1_024)
  .regex(/^[A-Za-z0-9_-]+$/, 'a cursor that a page has given out')

/**
 * Query of a list that pages by key: `limit` 1 to 200, a `cursor` of the page before, and one of `sorts`
 * (the first is the default; `-name` descends). `filters` are further members.
 */
export function pageQuery<
  const S extends readonly [string, ...string[]],
  // oxlint-disable-next-line typescript/no-generated-empty-object-type -- no filters are the empty shape
  F extends z.core.$ZodLooseShape = Record<never, never>,
>(sorts: S, filters?: F) {
  return z.strictObject({
    limit: z.coerce.number().int().min(1).max(200).default(50),
    cursor: cursor.optional(),
    sort: z.enum(sorts).default(sorts[0] as S[number] as never), // the first of the list is one of it
    ...(filters ?? ({} as F)), // no filters are the empty shape
  })
}

/** One page of `item`; `next` is absent on the last one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), next: z.string().optional() })
}

/** The cursor after a row with this sort key. */
export function encodeCursor(key: readonly Json[]): string {
  return Buffer.from(JSON.stringify(key), 'utf8').toString('base64url')
}

/** The sort key in a cursor; null when no page has given it out in this form. Values are UNTRUSTED: bind, never splice. */
export function decodeCursor(text: string): readonly (string | number | boolean | null)[] | null {
  try {
    const key: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    const flat = z
      .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .max(8)
      .safeParse(key)
    return flat.success ? flat.data : null
  } catch {
    return null // text that is no JSON is no cursor
  }
}

/** Cuts the `limit + 1` rows that a keyset query read into a page. */
export function toPage<T>(
  rows: readonly T[],
  limit: number,
  keyOf: (row: T) => readonly Json[],
): { items: T[]; next?: string } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return rows.length > limit && last !== undefined ? { items, next: encodeCursor(keyOf(last)) } : { items }
}
