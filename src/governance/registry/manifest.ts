import { z } from 'zod'
import {
  autonomies,
  canonicalBytes,
  dataClasses,
  digestOf,
  effects,
  isDigest,
  isId,
  NotCanonical,
  type Autonomy,
  type DataClass,
  type Digest,
  type Effect,
  type Reason,
  type SystemId,
} from '../../kernel/index.ts'

/** Everything that makes up one release. It names no person, so its digest may be public. */
export type ReleaseManifest = {
  readonly schema: 1
  readonly systemId: SystemId
  readonly models: readonly ManifestModel[]
  readonly prompts: readonly { readonly id: string; readonly sha256: Digest }[]
  readonly tools: readonly ManifestTool[]
  readonly dataSets: readonly ManifestDataSet[]
  readonly capabilities: readonly string[]
  readonly guardPolicy: Digest
  readonly toolPolicy: Digest
  readonly artefacts: readonly ManifestArtefact[]
  readonly regions: readonly string[]
  readonly externalSend: boolean
  readonly params: { readonly [name: string]: string | number | boolean }
}
export type ManifestModel = {
  readonly provider: string
  readonly model: string
  /** The provider's exact version; null when the provider may change it silently. */
  readonly pin: string | null
  readonly region: string
  readonly weightsSha256?: Digest
}
export type ManifestTool = {
  readonly toolId: string
  readonly server: string
  readonly effect: Effect
  readonly autonomy: Autonomy
  readonly definitionSha256: Digest
}
export type ManifestDataSet = {
  readonly id: string
  readonly kind: 'rag' | 'fine_tune' | 'eval'
  readonly dataClass: DataClass
  readonly sha256?: Digest
}
export type ManifestArtefact = {
  readonly kind: 'image' | 'package' | 'commit'
  readonly ref: string
  readonly digest: string
}

export type ManifestFault = Reason<
  'MANIFEST_INVALID' | 'MANIFEST_DUPLICATE' | 'MANIFEST_TOO_LARGE' | 'MANIFEST_NOT_CANONICAL'
>
export type ParsedManifest =
  | { readonly ok: true; readonly manifest: ReleaseManifest }
  | { readonly ok: false; readonly faults: readonly ManifestFault[] }

export const maxManifestBytes = 256 * 1024

/** The keys by which the lists of a manifest are sorted, and by which an item may occur only once. */
const listKeys = {
  models: ['provider', 'model', 'region'],
  prompts: ['id'],
  tools: ['toolId'],
  dataSets: ['id'],
  capabilities: [],
  artefacts: ['kind', 'ref'],
  regions: [],
} as const satisfies { readonly [list: string]: readonly string[] }

/**
 * Reads a manifest out of decoded JSON. All faults are named at once, each with its JSON pointer. The lists of the
 * result are sorted by their keys, so that two files that differ in order are one release.
 */
export function parseManifest(json: unknown): ParsedManifest {
  const size = sizeOf(json)
  if (typeof size !== 'number') return { ok: false, faults: [size] }
  if (size > maxManifestBytes)
    return {
      ok: false,
      faults: [{ code: 'MANIFEST_TOO_LARGE', params: { maxBytes: maxManifestBytes, bytes: size } }],
    }
  const parsed = manifestForm.safeParse(json)
  if (!parsed.success) return { ok: false, faults: parsed.error.issues.map(faultOf) }
  const manifest = sorted(parsed.data as ReleaseManifest) // the form checks exactly this type
  const faults = duplicatesIn(manifest)
  return faults.length > 0 ? { ok: false, faults } : { ok: true, manifest }
}

/** The name of a release: the digest of its manifest with sorted lists. */
export function releaseDigest(manifest: ReleaseManifest): Digest {
  return digestOf(sorted(manifest))
}

const word = z.string().min(1, 'must not be empty').max(200)
const longWord = z.string().min(1, 'must not be empty').max(1_000)
const digest = z.custom<Digest>(isDigest, 'not a digest `sha256:<64 hex>`')
const list = <T extends z.ZodType>(item: T) => z.array(item).max(500)

const manifestForm = z.strictObject({
  schema: z.literal(1),
  systemId: z.custom<SystemId>((text) => isId('system', text), 'not the id of a system'),
  models: list(
    z.strictObject({
      provider: word,
      model: word,
      pin: word.nullable(),
      region: word,
      weightsSha256: digest.optional(),
    }),
  ),
  prompts: list(z.strictObject({ id: word, sha256: digest })),
  tools: list(
    z.strictObject({
      toolId: word,
      server: word,
      effect: z.enum(effects),
      autonomy: z.enum(autonomies),
      definitionSha256: digest,
    }),
  ),
  dataSets: list(
    z.strictObject({
      id: word,
      kind: z.enum(['rag', 'fine_tune', 'eval']),
      dataClass: z.enum(dataClasses),
      sha256: digest.optional(),
    }),
  ),
  capabilities: list(word),
  guardPolicy: digest,
  toolPolicy: digest,
  artefacts: list(
    z.strictObject({ kind: z.enum(['image', 'package', 'commit']), ref: longWord, digest: longWord }),
  ),
  regions: list(word),
  externalSend: z.boolean(),
  params: z.record(word, z.union([z.string().max(4_000), z.int(), z.boolean()])),
})

function sizeOf(json: unknown): number | ManifestFault {
  try {
    return canonicalBytes(json).length
  } catch (cause) {
    if (!(cause instanceof NotCanonical)) throw cause
    return { code: 'MANIFEST_NOT_CANONICAL', params: { detail: cause.message } }
  }
}

function faultOf(issue: z.core.$ZodIssue): ManifestFault {
  const members = issue.code === 'unrecognized_keys' ? { unknown: issue.keys.join(' ') } : {}
  return {
    code: 'MANIFEST_INVALID',
    params: { rule: issue.code, detail: issue.message.replace(/^Invalid (input|option): /, ''), ...members },
    path: pointer(issue.path),
  }
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

function sorted(manifest: ReleaseManifest): ReleaseManifest {
  const ordered = Object.entries(listKeys).map(([name, keys]) => {
    const items = manifest[name as keyof typeof listKeys] // the names of `listKeys` are its keys
    return [name, [...items].sort((a, b) => compareText(keyOf(a, keys), keyOf(b, keys)))]
  })
  return { ...manifest, ...Object.fromEntries(ordered) } as ReleaseManifest // same members, other order
}

function duplicatesIn(manifest: ReleaseManifest): ManifestFault[] {
  return Object.entries(listKeys).flatMap(([name, keys]) => {
    const items = manifest[name as keyof typeof listKeys].map((item) => keyOf(item, keys)) // as above
    const repeated = new Set(items.filter((key, index) => items[index - 1] === key))
    return [...repeated].map(
      (key): ManifestFault => ({ code: 'MANIFEST_DUPLICATE', params: { key }, path: `/${name}` }),
    )
  })
}

function keyOf(item: unknown, keys: readonly string[]): string {
  if (typeof item === 'string') return JSON.stringify([item])
  const members = new Map(Object.entries(item as object)) // items are texts or objects
  return JSON.stringify(keys.map((key) => members.get(key)))
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
