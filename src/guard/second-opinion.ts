import { trustOf, type Finding } from './finding.ts'
import { injectionRules } from './injection-finding.ts'
import type { Channel } from './text.ts'

/** What a second reader has made of a finding: one step up, one step down, or nothing. */
export type Opinion = 'lift' | 'lower' | 'keep'

/** From which probability on an opinion is one. In between the first verdict stays. */
const [lifts, lowers] = [0.8, 0.2]

/** The findings about which a second reader is asked: what the scorer could not decide. In other languages it finds nothing. */
export function isAskedAbout({ kind, band }: Finding): boolean {
  return kind === 'injection' && band === 'flag'
}

/** The parts of a text that a reader of `maxChars` UTF-16 units gets to see of a finding: all of it, in parts that overlap by half. */
export function partsOf(text: string, { start, end }: Finding, maxChars: number): readonly string[] {
  const step = Math.max(1, maxChars >> 1)
  const parts: string[] = []
  for (let at = start; ; at += step) {
    parts.push(text.slice(at, Math.min(end, at + maxChars)))
    if (at + maxChars >= end) return parts
  }
}

/** The opinion of a reader whose probabilities for the parts of a finding are these. */
export function opinionOf(probabilities: readonly number[]): Opinion {
  const most = Math.max(...probabilities)
  return most >= lifts ? 'lift' : most <= lowers ? 'lower' : 'keep'
}

/** The finding as it counts with an opinion; null when it is none any more. Findings that were not asked about stay. */
export function withOpinion(finding: Finding, channel: Channel, opinion: Opinion): Finding | null {
  if (opinion === 'keep' || !isAskedAbout(finding)) return finding
  if (opinion === 'lower') return null
  const severity = trustOf[channel] === 'untrusted' ? 'high' : 'medium'
  const { z: _decidedOtherwise, ...rest } = finding
  return { ...rest, rule: injectionRules.high, band: 'high', severity, sureness: 'certain' }
}
