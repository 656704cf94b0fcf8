import { z } from 'zod'
import { digestOf, epochMs, isDigest, isId, type DeploymentId, type Digest } from '../../kernel/index.ts'
import { findingKinds, type FindingKind } from '../finding.ts'
import { shippedBudgets, type Budgets } from '../normalise/budgets.ts'
import type { Channel } from '../text.ts'

/** How far a threshold of the scorer is moved, in hundredths of its score z. Above zero is looser. */
const offset = z.int().min(-100).max(100)
const offsets = z.strictObject({ flagCenti: offset, highCenti: offset })
const deployment = z.custom<DeploymentId>((text) => isId('deployment', text), 'the id of a deployment')
const digest = z.custom<Digest>(isDigest, 'a digest')
const rule = z.string().min(1).max(80)
const until = z.int().min(0).max(8_640_000_000_000_000).transform(epochMs)

/** Channels that come with a request. What a model writes is never let through because it was let through before. */
export const allowableChannels = [
  'user',
  'document',
  'tool_result',
  'tool_def',
  'unknown',
] as const satisfies Channel[]

/** A text that somebody has looked at, and that passes in one place until a date. It holds nothing of the text. */
const allowEntry = z.strictObject({
  deployment,
  channel: z.enum(allowableChannels),
  rule,
  /** Keyed digest of the text round the finding, as `windowText` makes it. */
  window: digest,
  until,
})

const ruleOff = z.strictObject({ deployment, rule })

/**
 * A server, or one tool of it, whose results a deployment believes like its users. It is a server that the gateway itself
 * reaches: what a client says of a result is no source.
 */
const namedSource = z.strictObject({
  deployment,
  server: z.string().min(1).max(64),
  /** Null: all that comes from the server. */
  tool: z.string().min(1).max(128).nullable(),
})
/** Most sources: who is believed like a user is a short list. */
export const mostSources = 50

/** What may be done where something is found, the mildest first. */
export const redactionModes = ['flag', 'token', 'redact', 'block'] as const
export type RedactionMode = (typeof redactionModes)[number]

/** Most entries of each kind: the policy has to fit into one entry of the ledger. */
export const mostEntries = 200

/**
 * What an organisation changes of the guard. `model` and `rules` name what it was written for: the weights of the scorer,
 * and the catalogues of the detectors.
 */
export const guardPolicyDocument = z.strictObject({
  model: digest.nullable(),
  rules: digest,
  /** Languages in which the scorer counts. Where one of the weights is missing, what it finds is only told. */
  languages: z.array(z.string().regex(/^[a-z]{2}$/, 'a language such as `en`')).max(32),
  offsets: z.strictObject({ user: offsets, untrusted: offsets }),
  off: z.array(ruleOff).max(mostEntries),
  /** Left out where there are none, so that what was published before there could be any keeps its digest. */
  sources: z.array(namedSource).max(mostSources).exactOptional(),
  /** What is done about kinds of findings, in the place of what ships; never milder in tier 3. */
  redaction: z.partialRecord(z.enum(findingKinds), z.enum(redactionModes)).exactOptional(),
  /** How much is decoded of a text before it counts as unread, in the place of what ships. */
  budgets: z.strictObject({ blobs: z.int().min(8).max(256), work: z.int().min(16).max(256) }).exactOptional(),
  allow: z.array(allowEntry).max(mostEntries),
})
export type GuardPolicy = z.output<typeof guardPolicyDocument>
export type AllowEntry = GuardPolicy['allow'][number]
export type RuleOff = GuardPolicy['off'][number]
export type Offsets = GuardPolicy['offsets']
/** As strict as any policy may be: what is read so holds for all of them. */
export const strictestOffsets: Offsets = {
  user: { flagCenti: -100, highCenti: -100 },
  untrusted: { flagCenti: -100, highCenti: -100 },
}
export type NamedSource = z.output<typeof namedSource>
export type Redaction = Readonly<Partial<Record<FindingKind, RedactionMode>>>

/** The policy that changes nothing, for these detectors. */
export function shippedPolicy(of: Pick<GuardPolicy, 'model' | 'rules' | 'languages'>): GuardPolicy {
  const none = { flagCenti: 0, highCenti: 0 }
  return { ...of, offsets: { user: none, untrusted: none }, off: [], allow: [] }
}

/** By what releases, grants and the ledger name a policy: entries in any order are the same policy. */
export function guardPolicyDigest(policy: GuardPolicy): Digest {
  return digestOf(inOrder(policy))
}

/** The policy with its lists in order and without doubles; of two entries for the same the longer one counts. */
export function inOrder(policy: GuardPolicy): GuardPolicy {
  const { languages, off, allow, sources = [], redaction = {}, budgets, ...rest } = policy
  const ends = endsOf(allow)
  return {
    ...rest,
    ...(sources.length === 0 ? {} : { sources: sortedBy(sources, nameOfSource) }),
    ...(Object.keys(redaction).length === 0 ? {} : { redaction }),
    ...(budgets === undefined || isShipped(budgets) ? {} : { budgets }),
    languages: [...new Set(languages)].toSorted(),
    off: sortedBy(off, nameOfOff),
    allow: sortedBy(allow, nameOfAllowed).map((entry) => ({
      ...entry,
      until: ends.get(nameOfAllowed(entry)) ?? entry.until,
    })),
  }
}

/** Until when each thing is allowed. */
export function endsOf(allow: readonly AllowEntry[]): ReadonlyMap<string, AllowEntry['until']> {
  const ends = new Map<string, AllowEntry['until']>()
  for (const entry of allow) {
    const name = nameOfAllowed(entry)
    const known = ends.get(name)
    if (known === undefined || known < entry.until) ends.set(name, entry.until)
  }
  return ends
}

/** What an entry allows; how long, it does not say. */
export function nameOfAllowed({
  deployment: id,
  channel,
  rule: of,
  window,
}: Omit<AllowEntry, 'until'>): string {
  return `${id} ${channel} ${of} ${window}`
}

export function nameOfOff({ deployment: id, rule: of }: RuleOff): string {
  return `${id} ${of}`
}

export function nameOfSource({ deployment: id, server, tool }: NamedSource): string {
  return JSON.stringify([id, server, tool])
}

function isShipped({ blobs, work }: Budgets): boolean {
  return blobs === shippedBudgets.blobs && work === shippedBudgets.work
}

function sortedBy<T>(items: readonly T[], nameOf: (item: T) => string): T[] {
  const byName = new Map(items.map((item) => [nameOf(item), item]))
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
}
