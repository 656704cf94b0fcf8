import { findingKinds, type FindingKind } from '../finding.ts'
import { shippedBudgets } from '../normalise/budgets.ts'
import {
  endsOf,
  nameOfAllowed,
  nameOfOff,
  nameOfSource,
  type AllowEntry,
  type GuardPolicy,
  type NamedSource,
  type RedactionMode,
  type RuleOff,
} from './document.ts'

/** One difference between two policies. */
export type PolicyChange =
  | {
      readonly k: 'offset'
      readonly side: 'user' | 'untrusted'
      readonly band: 'flagCenti' | 'highCenti'
      readonly from: number
      readonly to: number
    }
  | { readonly k: 'language'; readonly language: string; readonly isAdded: boolean }
  | { readonly k: 'off'; readonly entry: RuleOff; readonly isAdded: boolean }
  | { readonly k: 'allow'; readonly entry: AllowEntry; readonly isAdded: boolean }
  | { readonly k: 'until'; readonly entry: AllowEntry; readonly from: AllowEntry['until'] }
  | { readonly k: 'source'; readonly entry: NamedSource; readonly isAdded: boolean }
  /** Null: what ships. */
  | {
      readonly k: 'redaction'
      readonly kind: FindingKind
      readonly from: RedactionMode | null
      readonly to: RedactionMode | null
    }
  | { readonly k: 'budget'; readonly budget: 'blobs' | 'work'; readonly from: number; readonly to: number }
  | { readonly k: 'detectors' }

/** What changed from one policy to another; nothing where both say the same. */
export function policyChanges(from: GuardPolicy, to: GuardPolicy): readonly PolicyChange[] {
  const changes: PolicyChange[] = []
  if (from.model !== to.model || from.rules !== to.rules) changes.push({ k: 'detectors' })
  for (const side of ['user', 'untrusted'] as const)
    for (const band of ['flagCenti', 'highCenti'] as const) {
      const [a, b] = [from.offsets[side][band], to.offsets[side][band]]
      if (a !== b) changes.push({ k: 'offset', side, band, from: a, to: b })
    }
  for (const { item, isAdded } of moved(from.languages, to.languages, (language) => language))
    changes.push({ k: 'language', language: item, isAdded })
  for (const { item, isAdded } of moved(from.off, to.off, nameOfOff))
    changes.push({ k: 'off', entry: item, isAdded })
  for (const { item, isAdded } of moved(from.allow, to.allow, nameOfAllowed))
    changes.push({ k: 'allow', entry: item, isAdded })
  for (const { item, isAdded } of moved(from.sources ?? [], to.sources ?? [], nameOfSource))
    changes.push({ k: 'source', entry: item, isAdded })
  for (const kind of findingKinds) {
    const [a, b] = [from.redaction?.[kind] ?? null, to.redaction?.[kind] ?? null]
    if (a !== b) changes.push({ k: 'redaction', kind, from: a, to: b })
  }
  for (const budget of ['blobs', 'work'] as const) {
    const [a, b] = [from, to].map(({ budgets = shippedBudgets }) => budgets[budget])
    if (a !== undefined && b !== undefined && a !== b) changes.push({ k: 'budget', budget, from: a, to: b })
  }
  const ends = endsOf(from.allow)
  for (const entry of to.allow) {
    const before = ends.get(nameOfAllowed(entry))
    if (before !== undefined && before !== entry.until) changes.push({ k: 'until', entry, from: before })
  }
  return changes
}

function moved<T>(
  from: readonly T[],
  to: readonly T[],
  nameOf: (item: T) => string,
): readonly { readonly item: T; readonly isAdded: boolean }[] {
  const [before, after] = [new Set(from.map(nameOf)), new Set(to.map(nameOf))]
  return [
    ...from.filter((item) => !after.has(nameOf(item))).map((item) => ({ item, isAdded: false })),
    ...to.filter((item) => !before.has(nameOf(item))).map((item) => ({ item, isAdded: true })),
  ]
}
