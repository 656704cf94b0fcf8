import { setImmediate as turn } from 'node:timers/promises'
import { adviceOnTexts } from '../guard/advice.ts'
import type { CanaryWatch } from '../guard/canary/watch.ts'
import { explainInjection } from '../guard/explain-injection.ts'
import { bandOf, trustOf, type Finding, type Text } from '../guard/finding.ts'
import { inspect, type Guard } from '../guard/inspect.ts'
import type { Channel } from '../guard/text.ts'
import type { Policing } from './inspection/policing.ts'
import { isTree, type Tree } from './dialect/reading.ts'
import type { ReasonCode } from './reasons.ts'
import { decodeUtf8, readExactTree } from './wire/json.ts'

/** Texts that somebody wants read, without a call to a model. */
export type Check = { readonly segments: readonly Text[] }

/** Several checks that have nothing to do with each other; `id` is the caller's own name of each. */
export type Batch = { readonly checks: readonly (Check & { readonly id: string })[] }

/** What texts are read for: the detectors, the canaries of the caller, and its guard policy. */
export type Watched = {
  readonly guard: Guard
  readonly watch: CanaryWatch | null
  /** What the organisation says of findings; left out: nothing. */
  readonly policing?: Policing
  /** Whether the caller is told scores, and what speaks for them. With scores one can search for words that pass. */
  readonly isExplained?: boolean
}

/** The capability by which a grant opens them. */
export const explainedChecks = 'guard_scores'

/** Most texts of one check, and most checks of one batch. */
const mostSegments = 512
const mostChecks = 256

/** Most UTF-16 units of one check: they are read in one go, while every other call waits. */
const longestCheck = 65_536

/** Most findings that an answer lists of a check; the advice is of all. */
export const mostFindings = 1_000

/** A check of these texts; refused when they are none, or more than one check may hold. */
export function checkOf(segments: readonly Text[]): Check | { readonly refused: ReasonCode } {
  if (segments.length === 0 || segments.length > mostSegments) return { refused: 'malformed' }
  const length = segments.reduce((sum, { text }) => sum + text.length, 0)
  return length > longestCheck ? { refused: 'too_large' } : { segments }
}

/** The object that a body is; null for one that is none, or that has another reading. */
export function treeOf(bytes: Buffer): Tree | null {
  const text = decodeUtf8(bytes)
  const read = text === null ? null : readExactTree(text)
  return read?.ok === true && isTree(read.tree) ? read.tree : null
}

/**
 * Reads the body of a check: `{"segments":[{"channel":"document","text":"…"}]}`, or of a batch:
 * `{"checks":[{"id":"a","segments":[…]}]}`.
 */
export function readCheck(bytes: Buffer): Check | Batch | { readonly refused: ReasonCode } {
  const tree = treeOf(bytes)
  const checks = membersOf(tree, ['checks'])?.[0]
  if (checks !== undefined) return readBatch(checks)
  const [segments] = membersOf(tree, ['segments']) ?? []
  return readSegments(segments)
}

function readBatch(checks: unknown): Batch | { readonly refused: ReasonCode } {
  if (!Array.isArray(checks) || checks.length === 0 || checks.length > mostChecks)
    return { refused: 'malformed' }
  const found: { readonly id: string; readonly segments: readonly Text[] }[] = []
  for (const check of checks as readonly unknown[]) {
    const [id, segments] = membersOf(check, ['id', 'segments']) ?? []
    if (typeof id !== 'string' || id === '' || id.length > 128) return { refused: 'malformed' }
    if (found.some((other) => other.id === id)) return { refused: 'malformed' }
    const read = readSegments(segments)
    if ('refused' in read) return read
    found.push({ id, ...read })
  }
  return { checks: found }
}

function readSegments(segments: unknown): Check | { readonly refused: ReasonCode } {
  if (!Array.isArray(segments)) return { refused: 'malformed' }
  const found: Text[] = []
  for (const segment of segments as readonly unknown[]) {
    const [channel, text] = membersOf(segment, ['channel', 'text']) ?? []
    if (!isChannel(channel) || typeof text !== 'string') return { refused: 'malformed' }
    found.push({ channel, text })
  }
  return checkOf(found)
}

/** The answer to a check. Places are UTF-16 units of the text of a segment; nothing of a text is repeated. */
export function answerCheck(watched: Watched, record: string, check: Check): string {
  return JSON.stringify({ record, ...resultOf(watched, check), guard: watched.guard.digest })
}

/** The answer to a batch. Other calls have their turn between its checks. */
export async function answerBatch(watched: Watched, record: string, { checks }: Batch): Promise<string> {
  const results: object[] = []
  for (const check of checks) {
    if (results.length > 0) await turn()
    results.push({ id: check.id, ...resultOf(watched, check) })
  }
  return JSON.stringify({ record, results, guard: watched.guard.digest })
}

/** A finding, and in which of the texts of a check it stands. */
export type Located = Finding & { readonly segment: number; readonly channel: Channel }

/** What is found in texts, as far as the guard policy lets it count. */
export function foundIn({ guard, watch, policing }: Watched, segments: readonly Text[]): readonly Located[] {
  return segments.flatMap(({ channel, text }, segment) => {
    const findings = inspect(guard, { channel, text }, watch)
    const standing = { channel, text, taint: 'untrusted', isBelieved: false } as const
    const left = policing?.left(standing, findings, { effectOf: () => 'none' }) ?? findings
    return left.map((finding) => ({ segment, channel, ...finding }))
  })
}

function resultOf(watched: Watched, { segments }: Check): object {
  const { guard, isExplained = false } = watched
  const findings = foundIn(watched, segments)
  return {
    advice: adviceOnTexts(findings),
    findings: findings.slice(0, mostFindings).map((finding) => ({
      segment: finding.segment,
      rule: finding.rule,
      kind: finding.kind,
      severity: finding.severity,
      sureness: finding.sureness,
      start: finding.start,
      end: finding.end,
      via: finding.via, // left out of JSON where there is none
      ...(isExplained ? explained(guard, finding, segments[finding.segment]) : {}),
    })),
    omitted: Math.max(0, findings.length - mostFindings),
  }
}

/** What the scorer says of a finding of its own; nothing of others. */
function explained(guard: Guard, finding: Finding, text: Text | undefined): object {
  if (guard.injection === null || finding.score === undefined || text === undefined) return {}
  return {
    score: finding.score,
    band: bandOf(finding),
    prior: guard.injection.weights.header.calibration.prior,
    features: explainInjection(guard.injection, text, finding),
  }
}

/** The values of exactly these members; null when there are others, or when one of them is missing. */
function membersOf(value: unknown, names: readonly string[]): readonly unknown[] | null {
  if (!isTree(value)) return null
  const members = new Map(Object.entries(value))
  return members.size === names.length && names.every((name) => members.has(name))
    ? names.map((name) => members.get(name))
    : null
}

function isChannel(value: unknown): value is Channel {
  return typeof value === 'string' && Object.hasOwn(trustOf, value)
}
