import type { Finding } from '../../src/guard/finding.ts'
import { inspect, type Guard } from '../../src/guard/inspect.ts'
import type { LeakText } from './leak-texts.ts'

/** How well one kind is found. A finding counts when it covers half of the value, and the value half of it. */
export type LeakScore = {
  readonly type: string
  readonly texts: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
}

/** Reads all texts as documents; `typeOf` says which kind a finding is told as, null when it is none of these. */
export function measureLeaks(
  guard: Guard,
  texts: readonly LeakText[],
  typeOf: (finding: Finding) => string | null,
): readonly LeakScore[] {
  const counts = new Map<string, { texts: number; found: number; hits: number; wrong: number }>()
  const countOf = (type: string) => {
    const count = counts.get(type) ?? { texts: 0, found: 0, hits: 0, wrong: 0 }
    counts.set(type, count)
    return count
  }
  for (const { type, text, start, end } of texts) {
    if (type !== null) countOf(type).texts += 1
    let isFound = false
    for (const finding of inspect(guard, { channel: 'document', text })) {
      const told = typeOf(finding)
      if (told === null) continue
      const overlap = Math.min(end, finding.end) - Math.max(start, finding.start)
      const isHit = told === type && 2 * overlap >= Math.max(end - start, finding.end - finding.start)
      if (isHit) isFound = true
      else countOf(told).wrong += 1
    }
    if (isFound && type !== null) countOf(type).hits += 1
  }
  return [...counts]
    .map(([type, { texts: all, hits, wrong }]) => {
      const precision = hits + wrong === 0 ? 1 : hits / (hits + wrong)
      const recall = all === 0 ? 0 : hits / all
      return {
        type,
        texts: all,
        precision,
        recall,
        f1: hits === 0 ? 0 : (2 * precision * recall) / (precision + recall),
      }
    })
    .toSorted((a, b) => (a.type < b.type ? -1 : 1))
}

/** Personal data as it is redacted: what is only possible is told and left. */
export function typeOfPersonal({ kind, sureness, rule }: Finding): string | null {
  return kind === 'pii' && sureness !== 'possible' ? rule : null
}

const genericRules: ReadonlySet<string> = new Set([
  'secret.password',
  'secret.credential',
  'secret.bearer',
  'secret.basic',
  'secret.login',
  'secret.connection-string',
])

/** Tokens of providers, and everything else that is a secret. */
export function typeOfSecret({ kind, rule }: Finding): string | null {
  if (kind !== 'secret') return null
  return genericRules.has(rule) ? 'generic' : 'provider'
}
