import type { Finding, Severity } from './finding.ts'
import { trustOf } from './finding.ts'
import type { Channel } from './text.ts'

/** What to do about what was found, the mildest first; the strictest applicable one wins. A verdict is not yet an action. */
export const advices = ['allow', 'flag', 'redact', 'step_up', 'block'] as const
export type Advice = (typeof advices)[number]

/**
 * Advice about texts as such, with no action pending: what personal or secret is, and what pretends to be something
 * else in text that nobody vouches for, is taken out; the rest is told.
 */
export function adviceOnTexts(findings: readonly (Finding & { readonly channel: Channel })[]): Advice {
  return findings.reduce<Advice>((worst, finding) => stricter(worst, adviceOn(finding)), 'allow')
}

function adviceOn({ kind, severity, sureness, channel }: Finding & { readonly channel: Channel }): Advice {
  if (kind === 'pii' || kind === 'secret') return sureness === 'possible' ? 'flag' : 'redact'
  const isBelieved = trustOf[channel] !== 'untrusted'
  return !isBelieved && isAtLeast(severity, 'medium') ? 'redact' : 'flag'
}

function stricter(a: Advice, b: Advice): Advice {
  return advices.indexOf(a) >= advices.indexOf(b) ? a : b
}

const weights: Readonly<Record<Severity, number>> = { info: 0, low: 1, medium: 2, high: 3, critical: 4 }

function isAtLeast(severity: Severity, least: Severity): boolean {
  return weights[severity] >= weights[least]
}
