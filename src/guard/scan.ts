import { adviceOnTexts, type Advice } from './advice.ts'
import { severities, type Finding, type FindingKind, type Severity, type Text } from './finding.ts'
import { injectionRules } from './injection-finding.ts'
import { classOf } from './injection-lane.ts'
import { probabilityOf, type ChannelClass } from './injection/scorer.ts'
import type { Weights } from './injection/weights.ts'
import { tidied, type Guard } from './inspect.ts'
import { Lane } from './lane.ts'
import type { Transform } from './normalise/transform.ts'
import type { Channel, Span } from './text.ts'

/** `full`: detectors and the injection scorer; `core`: detectors alone, as a gateway without the scorer reads. */
export const scanProfiles = ['full', 'core'] as const
export type ScanProfile = (typeof scanProfiles)[number]

/** Whose operating points count: those of the channel that a text comes from, or the same for all. */
export const thresholdSets = ['channel', 'user', 'untrusted'] as const
export type ThresholdSet = (typeof thresholdSets)[number]

/** What was found, with its place in UTF-16 units of the original. */
export type Found = Span & {
  /** `injection`, `pii.<rule>`, or the id of the rule. */
  readonly type: string
  readonly severity: Severity
  /** What had to be decoded to read it, the outermost first; empty when it stands plainly. */
  readonly via: readonly Transform[]
}

export type Scan = {
  /** Probability of an attack at the prior of the weights; 1 where structure tells it; 0 without a scorer. */
  readonly score: number
  /** Whether the text is told as an attack on a model. Personal data and secrets are findings, but no attack. */
  readonly flag: boolean
  /** The worst of its findings; null when there are none. */
  readonly severity: Severity | null
  /** What the product would do about it with no action pending. */
  readonly advice: Advice
  readonly findings: readonly Found[]
}

/** By whose operating points a text of a channel is judged; null where nothing is scored. */
export function classFor(channel: Channel, thresholds: ThresholdSet): ChannelClass | null {
  return thresholds === 'channel' ? classOf[channel] : thresholds
}

/** Reads one text as the product does. Pure: the same text, the same answer. */
export function scan(
  guard: Guard,
  { channel, text }: Pick<Text, 'channel' | 'text'>,
  thresholds: ThresholdSet = 'channel',
): Scan {
  const channelClass = classFor(channel, thresholds)
  const lane = new Lane(guard, channel, null, channelClass)
  lane.push(text)
  lane.end()
  const findings = tidied(lane.take())
  const scored = guard.injection === null || channelClass === null ? null : guard.injection.weights
  const reading = { scored, channelClass: channelClass ?? 'user', bestZ: lane.bestZ }
  const found = findings.map(foundOf)
  const attacks = findings.filter((finding) => isAttack(finding, reading))
  return {
    score: scoreOf(attacks, reading),
    flag: attacks.length > 0,
    severity: worstOf(found),
    advice: adviceOnTexts(findings.map((finding) => ({ ...finding, channel }))),
    findings: found,
  }
}

type Reading = {
  readonly scored: Weights | null
  readonly channelClass: ChannelClass
  readonly bestZ: number | null
}

/** Kinds whose findings hide something from a reader, or try to teach a model a tool. */
const kindsOfAttack: ReadonlySet<FindingKind> = new Set(['hidden', 'tool_poisoning', 'canary'])
/** How far below its operating point the score of a text may lie that forges the marks of a conversation, in z. */
const greyBand = 1

/**
 * Whether a finding says that somebody attacks. Marks of a conversation stand in every text about chat templates: they say
 * so where the words around them nearly do as well, or where nothing reads the words.
 */
function isAttack({ rule, kind, severity }: Finding, { scored, channelClass, bestZ }: Reading): boolean {
  if (kind === 'injection' || rule === injectionRules.hidden) return true
  if (severity !== 'high' && severity !== 'critical') return false
  if (kind !== 'structure') return kindsOfAttack.has(kind)
  if (scored === null) return true
  return bestZ !== null && bestZ >= scored.header.thresholds[channelClass].tFlag - greyBand
}

/** Below that of the operating point where nothing is told as an attack. */
function scoreOf(attacks: readonly Finding[], { scored, channelClass, bestZ }: Reading): number {
  if (attacks.some(({ score }) => score === undefined)) return 1
  if (scored === null) return 0
  const plain = bestZ === null ? 0 : probabilityOf(scored, bestZ, channelClass)
  if (attacks.length > 0) return Math.max(...attacks.map(({ score }) => score ?? 0))
  const { tFlag } = scored.header.thresholds[channelClass]
  return Math.min(plain, Math.max(0, probabilityOf(scored, tFlag, channelClass) - 1e-6))
}

function foundOf({ rule, kind, severity, start, end, via = [] }: Finding): Found {
  const type = kind === 'pii' ? `pii.${rule}` : kind === 'injection' ? 'injection' : rule
  return { type, severity, start, end, via }
}

function worstOf(found: readonly Found[]): Severity | null {
  if (found.length === 0) return null
  return severities[Math.max(...found.map(({ severity }) => severities.indexOf(severity)))] ?? null
}
