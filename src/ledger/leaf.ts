import { z } from 'zod'
import type { Actor, CommandId, Digest, EpochMs, EventId } from '../kernel/index.ts'
import {
  canonicalBytes,
  canonicalJson,
  digestOf,
  isDigest,
  isId,
  NotCanonical,
  parseCanonical,
} from '../kernel/index.ts'
import { hashFromBase64url } from './base64.ts'

export const maxLeafBytes = 4_096
export const maxCommandEntries = 128

const digest = z.custom<Digest>(isDigest)
const eventId = z.custom<EventId>((text) => isId('event', text))
const commandId = z.custom<CommandId>((text) => isId('command', text))
const actorRef = z
  .string()
  .max(64)
  .refine(
    (text) =>
      (text.startsWith('p:') && isId('user', text.slice(2))) ||
      (text.startsWith('svc:') && isId('service', text.slice(4))) ||
      /^sys:(timer|gateway|monitor|installation)$/.test(text),
  )
const commitment = z.strictObject({
  alg: z.literal('fields-hmac-sha256/1'),
  root: z.string().refine((text) => hashFromBase64url(text) !== null),
})
const sortedSet = <T extends string>(item: z.ZodType<T>) =>
  z
    .array(item)
    .max(16)
    .refine((items) => items.every((one, i) => i === 0 || one > (items[i - 1] ?? '')))

const leafV1 = z.strictObject({
  v: z.literal(1),
  log: z.string().min(1).max(128),
  id: eventId,
  kind: z
    .string()
    .max(64)
    .regex(/^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$/),
  schema: digest,
  at: z.custom<EpochMs>((value) => Number.isSafeInteger(value) && (value as number) >= 0),
  actor: actorRef,
  stream: z
    .string()
    .max(200)
    .regex(/^[a-z][A-Za-z0-9_-]*\/[\x21-\x7e]+$/),
  rev: z.int().min(1),
  cmd: commandId,
  part: z.tuple([z.int().min(1), z.int().min(1).max(maxCommandEntries)]).refine(([i, n]) => i <= n),
  via: z.strictObject({
    channel: z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/),
    authn: z
      .strictObject({ method: z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/), ageS: z.int().min(0) })
      .exactOptional(),
    engine: z.string().min(1).max(128).exactOptional(),
    policies: z.array(digest).max(8).exactOptional(),
  }),
  subjects: sortedSet(digest),
  refs: sortedSet(eventId),
  facts: commitment,
  personal: commitment.exactOptional(),
})

/** What is hashed into the tree for one entry: metadata and commitments, no text typed by a person, no personal data. */
export type LeafV1 = Readonly<z.infer<typeof leafV1>>

/** Why bytes are not a leaf. */
export type LeafFault = 'too_large' | 'not_canonical' | 'bad_form'
export type ParsedLeaf =
  | { readonly ok: true; readonly leaf: LeafV1 }
  | { readonly ok: false; readonly fault: LeafFault }
export type EncodedLeaf =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly fault: LeafFault }

/** The canonical bytes of `leaf`; a fault when it would not be read back. */
export function encodeLeaf(leaf: LeafV1): EncodedLeaf {
  if (!leafV1.safeParse(leaf).success) return { ok: false, fault: 'bad_form' }
  try {
    const bytes = canonicalBytes(leaf)
    return bytes.length > maxLeafBytes ? { ok: false, fault: 'too_large' } : { ok: true, bytes }
  } catch (error) {
    if (error instanceof NotCanonical) return { ok: false, fault: 'not_canonical' }
    throw error
  }
}

/** Reads exactly what `encodeLeaf` writes. */
export function parseLeaf(bytes: Uint8Array): ParsedLeaf {
  if (bytes.length > maxLeafBytes) return { ok: false, fault: 'too_large' }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const parsed = leafV1.safeParse(parseCanonical(text))
    if (!parsed.success) return { ok: false, fault: 'bad_form' }
    if (canonicalJson(parsed.data) !== text) return { ok: false, fault: 'not_canonical' }
    return { ok: true, leaf: parsed.data }
  } catch {
    return { ok: false, fault: 'not_canonical' } // the decoder and the parser throw for nothing else
  }
}

/** How an actor is written in a leaf. */
export function actorRefOf(actor: Actor): string {
  if (actor.k === 'person') return `p:${actor.ref}`
  return actor.k === 'service' ? `svc:${actor.id}` : `sys:${actor.role}`
}

/** The digest that stands for the form of version 1 of `kind`. */
export function schemaDigest(kind: string): Digest {
  return digestOf({ kind, v: 1 })
}
