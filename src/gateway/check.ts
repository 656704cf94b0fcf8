import { setImmediate as turn } from 'node:timers/promises'
import { adviceOnTexts } from '../guard/advice.ts'
import type { CanaryWatch } from '../guard/canary/watch.ts'
import { explainInjection } from '../guard/explain-injection.ts'
import { bandOf, trustOf, type Finding, type Text } from '../guard/finding.ts'
import { inspect, type Guard } from '../guard/inspect.ts'
import type { Channel } from '../guard/text.ts'
import type { Policing } from './inspection/policing.ts'
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
export const mostSegments = 512
const mostChecks = 256

/** Most UTF-16 units of one check: they are read in one go, while every other call waits. */
export const longestCheck = 65_536

/** Most findings that an answer lists of a check; the advice is of all. */
export const mostFindings = 1_000

/**
 * Reads the body of a check: `{"segments":[{"channel":"document","text":"…"}]}`, or of a batch:
 * `{"checks":[{"id":"a","segments":[…]}]}`.
 */
export function readCheck(bytes: Buffer): Check | Batch | { readonly refused: ReasonCode } {
  const text = decodeUtf8(bytes)
  const read = text === null ? null : readExactTree(text)
  if (read?.ok !== true) return { refused: 'malformed' }
  const checks = membersOf(read.tree, ['checks'])?.[0]
  if (checks !== undefined) return readBatch(checks)
  const [segments] = membersOf(read.tree, ['segments']) ?? []
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
  if (!Array.isArray(segments) || segments.length === 0 || segments.length > mostSegments)
    return { refused: 'malformed' }
  const found: Text[] = []
  let length = 0
  for (const segment of segments as readonly unknown[]) {
    const [channel, content] = membersOf(segment, ['channel', 'text']) ?? []
    if (!isChannel(channel) || typeof content !== 'string') return { refused: 'malformed' }
    length += content.length
    if (length > longestCheck) return { refused: 'too_large' }
    found.push({ channel, text: content })
  }
  return { segments: found }
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

/** What is found in a text, as far as the guard policy lets it count. */
export function foundIn({ guard, watch, policing }: Watched, { channel, text }: Text): readonly Finding[] {
  const findings = inspect(guard, { channel, text }, watch)
  const standing = { channel, text, taint: 'untrusted', isBelieved: false } as const
  return policing?.left(standing, findings, { effectOf: () => 'none' }) ?? findings
}

function resultOf(watched: Watched, { segments }: Check): object {
  const { guard, isExplained = false } = watched
  const findings = segments.flatMap(({ channel, text }, segment) =>
    foundIn(watched, { channel, text }).map((finding) => ({ segment, channel, ...finding })),
  )
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
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const members = new Map<string, unknown>(Object.entries(value))
  return members.size === names.length && names.every((name) => members.has(name))
    ? names.map((name) => members.get(name))
    : null
}

function isChannel(value: unknown): value is Channel {
  return typeof value === 'string' && Object.hasOwn(trustOf, value)
}
