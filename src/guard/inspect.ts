import { digestOf, type Digest } from '../kernel/index.ts'
import { emailTrigger } from './identifiers/email.ts'
import { contextWords } from './identifiers/context-words.ts'
import { identifiers } from './identifiers/index.ts'
import type { Finding, FindingKind, Severity, Text } from './finding.ts'
import { trustOf } from './finding.ts'
import { hiddenText } from './rules/hidden.ts'
import { imageLinkTrigger } from './rules/image-link.ts'
import { phraseTriggers, type PhraseRule, type RuleCatalogue } from './rules/rule.ts'
import { secretTriggers, type TokenCatalogue } from './secrets/index.ts'
import { LaneScan, unboundedCandidate, type Match } from './stream/lane-scan.ts'
import { compilePlan, type ScanPlan } from './stream/scan-plan.ts'
import type { Channel } from './text.ts'

/** The detectors, compiled once for all texts. */
export type Guard = {
  readonly plan: ScanPlan
  readonly rules: ReadonlyMap<string, PhraseRule>
  /** Of the catalogues that it was made of. */
  readonly digest: Digest
}

export function createGuard(catalogues: {
  readonly tokens: TokenCatalogue
  readonly rules: RuleCatalogue
}): Guard {
  const { rules } = catalogues.rules
  return {
    plan: compilePlan({
      triggers: [
        ...secretTriggers(catalogues.tokens),
        ...phraseTriggers(rules),
        imageLinkTrigger,
        emailTrigger,
      ],
      context: contextWords,
      identifiers,
      holdsWords: true,
    }),
    rules: new Map(rules.map((rule) => [rule.id, rule])),
    digest: digestOf(catalogues),
  }
}

/**
 * Reads a whole text. Findings are in order of their place. What one rule found piece by piece is one finding, and of
 * two of a kind, one within the other, the one within stays only when it is surer.
 */
export function inspect({ plan, rules }: Guard, { channel, text }: Text): readonly Finding[] {
  const scan = new LaneScan(plan)
  scan.push(text)
  scan.end()
  const found = scan.take().map((match) => findingOf(match, channel, rules))
  return withoutDoubles([...joined(found), ...hiddenText(text, trustOf[channel])])
}

function findingOf(match: Match, channel: Channel, rules: Guard['rules']): Finding {
  const { rule, sureness, start, end } = match
  const phrase = rules.get(rule)
  if (phrase === undefined) return { ...kindAndSeverityOf(match, channel), rule, sureness, start, end }
  const severity = phrase.severity[trustOf[channel] === 'untrusted' ? 'untrusted' : 'user']
  return { kind: phrase.kind, severity, rule, sureness, start, end }
}

function kindAndSeverityOf(
  { rule, sureness }: Match,
  channel: Channel,
): { kind: FindingKind; severity: Severity } {
  if (rule === unboundedCandidate) return { kind: 'opaque', severity: 'medium' }
  if (rule === imageLinkTrigger.rule)
    return { kind: 'exfiltration', severity: channel === 'user' ? 'low' : 'medium' }
  if (rule.startsWith('secret.'))
    return {
      kind: 'secret',
      severity: sureness === 'certain' ? 'critical' : sureness === 'likely' ? 'high' : 'low',
    }
  return {
    kind: 'pii',
    severity: sureness === 'certain' ? 'high' : sureness === 'likely' ? 'medium' : 'info',
  }
}

/** Findings of one rule that touch are one: a long match is told in pieces. */
function joined(findings: readonly Finding[]): readonly Finding[] {
  const last = new Map<string, number>()
  const kept: Finding[] = []
  for (const finding of findings) {
    const at = last.get(finding.rule)
    const before = at === undefined ? undefined : kept[at]
    if (
      at !== undefined &&
      before !== undefined &&
      finding.start <= before.end &&
      finding.end >= before.start
    ) {
      const [start, end] = [Math.min(before.start, finding.start), Math.max(before.end, finding.end)]
      kept[at] = { ...before, start, end }
    } else last.set(finding.rule, kept.push(finding) - 1)
  }
  return kept
}

const order = { possible: 0, likely: 1, certain: 2 } as const

function withoutDoubles(findings: readonly Finding[]): readonly Finding[] {
  const sorted = findings.toSorted(
    (a, b) => a.start - b.start || b.end - a.end || order[b.sureness] - order[a.sureness],
  )
  const kept: Finding[] = []
  for (const finding of sorted) {
    const last = kept.findLast(({ kind }) => kind === finding.kind)
    const isWithin = last !== undefined && finding.end <= last.end
    if (!isWithin || order[finding.sureness] > order[last.sureness]) kept.push(finding)
  }
  return kept
}
