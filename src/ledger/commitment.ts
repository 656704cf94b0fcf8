import type { Json, JsonObject } from '../kernel/index.ts'
import { canonicalBytes, equalBytes, hkdfSha256, hmacSha256, NotCanonical } from '../kernel/index.ts'
import { fromBase64url, hashFromBase64url, toBase64url } from './base64.ts'
import {
  appendLeaves,
  emptyEdge,
  inclusionProof,
  leafHash,
  nodesInMemory,
  rootOf,
  verifyInclusion,
} from './merkle.ts'

/** A binding and hiding commitment to one compartment of an entry. */
export type Commitment = { readonly alg: 'fields-hmac-sha256/1'; readonly root: string }

/** Some or all fields of a compartment, each with its salt. `path` is absent when every field is open. */
export type Opening = { readonly count: number; readonly fields: readonly OpenField[] }
export type OpenField = {
  readonly index: number
  readonly pointer: string
  readonly value: Json
  readonly salt: string
  readonly path?: readonly string[]
}

/** Why a compartment cannot be committed to. */
export type CommitFault = 'bad_key' | 'not_canonical' | 'too_large' | 'too_many_fields'
export type Committed =
  | { readonly ok: true; readonly commitment: Commitment }
  | { readonly ok: false; readonly fault: CommitFault }

export const commitmentAlg = 'fields-hmac-sha256/1'
export const maxCompartmentBytes = 65_536
export const maxCompartmentFields = 64
export const compartmentKeyBytes = 32

type Field = { readonly pointer: string; readonly value: Json; readonly salt: Uint8Array }

/** Commits to `compartment` under its own random key of 32 bytes. */
export function commit(compartment: JsonObject, key: Uint8Array): Committed {
  if (key.length !== compartmentKeyBytes) return { ok: false, fault: 'bad_key' }
  const fault = compartmentFault(compartment)
  if (fault !== null) return { ok: false, fault }
  const root = rootOf(appendLeaves(emptyEdge, fieldsOf(compartment, key).map(fieldLeaf)))
  return { ok: true, commitment: { alg: commitmentAlg, root: toBase64url(root) } }
}

/** Whether `compartment` under `key` is exactly what `commitment` was made for. */
export function openWhole(commitment: Commitment, compartment: JsonObject, key: Uint8Array): boolean {
  const committed = commit(compartment, key)
  const root = hashFromBase64url(commitment.root)
  if (!committed.ok || root === null || commitment.alg !== commitmentAlg) return false
  const rebuilt = hashFromBase64url(committed.commitment.root)
  return rebuilt !== null && equalBytes(rebuilt, root)
}

/** Opens the top-level members `names` (all when left out); reveals nothing of the others but their number. */
export function openFields(compartment: JsonObject, key: Uint8Array, names?: readonly string[]): Opening {
  const fields = fieldsOf(compartment, key)
  const nodes = nodesInMemory(fields.map(fieldLeaf))
  const wanted = names === undefined ? null : new Set(names.map(pointerOf))
  const open = fields.flatMap((field, index): OpenField[] => {
    if (wanted !== null && !wanted.has(field.pointer)) return []
    const shown = { index, pointer: field.pointer, value: field.value, salt: toBase64url(field.salt) }
    if (wanted === null) return [shown]
    return [{ ...shown, path: inclusionProof(BigInt(index), BigInt(fields.length), nodes).map(toBase64url) }]
  })
  return { count: fields.length, fields: open }
}

/** Whether every field of `opening` is one that `commitment` was made for. An opening without fields proves nothing. */
export function verifyOpening(commitment: Commitment, opening: Opening): boolean {
  const root = hashFromBase64url(commitment.root)
  const { count, fields } = opening
  if (root === null || commitment.alg !== commitmentAlg || fields.length === 0) return false
  if (!Number.isSafeInteger(count) || count > maxCompartmentFields || fields.length > count) return false
  if (!fields.every((field, i) => i === 0 || comesAfter(field, fields[i - 1]))) return false
  const leaves = fields.map(openLeaf)
  if (fields.every((field) => field.path === undefined)) {
    if (fields.length !== count || !fields.every((field, i) => field.index === i)) return false
    const all = leaves.filter((leaf) => leaf !== null)
    return all.length === count && equalBytes(rootOf(appendLeaves(emptyEdge, all)), root)
  }
  return fields.every((field, i) => {
    const leaf = leaves[i]
    const path = field.path?.map(hashFromBase64url)
    if (leaf === null || leaf === undefined || path === undefined || !Number.isSafeInteger(field.index))
      return false
    const hashes = path.filter((hash) => hash !== null)
    if (hashes.length !== path.length) return false
    return verifyInclusion(BigInt(field.index), BigInt(count), leaf, hashes, root)
  })
}

/** Why `compartment` is refused before anything is written; null when it is within the limits. */
export function compartmentFault(compartment: JsonObject): CommitFault | null {
  try {
    if (canonicalBytes(compartment).length > maxCompartmentBytes) return 'too_large'
  } catch (error) {
    if (error instanceof NotCanonical) return 'not_canonical'
    throw error
  }
  return Object.keys(compartment).length > maxCompartmentFields ? 'too_many_fields' : null
}

function fieldsOf(compartment: JsonObject, key: Uint8Array): readonly Field[] {
  return Object.entries(compartment)
    .filter(([, value]) => value !== undefined) // canonical JSON leaves such members out
    .map(([name, value]) => {
      const pointer = pointerOf(name)
      return { pointer, value, salt: hkdfSha256(key, Buffer.from(`cs/field/1\0${pointer}`, 'utf8')) }
    })
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.pointer), Buffer.from(b.pointer)))
}

function pointerOf(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function fieldLeaf(field: Field): Uint8Array {
  return leafHash(hmacSha256(field.salt, canonicalBytes([field.pointer, field.value])))
}

function openLeaf(field: OpenField): Uint8Array | null {
  const salt = fromBase64url(field.salt)
  // INVARIANT: HMAC pads short keys, so two salts of different length could give the same code; only 32 bytes count.
  if (salt === null || salt.length !== 32) return null
  try {
    return fieldLeaf({ pointer: field.pointer, value: field.value, salt })
  } catch (error) {
    if (error instanceof NotCanonical) return null
    throw error
  }
}

function comesAfter(field: OpenField, before: OpenField | undefined): boolean {
  if (before === undefined) return true
  return (
    field.index > before.index && Buffer.compare(Buffer.from(field.pointer), Buffer.from(before.pointer)) > 0
  )
}
