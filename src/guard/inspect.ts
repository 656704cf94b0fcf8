import { digestOf, type Digest } from '../kernel/index.ts'
import { contextWords } from './identifiers/context-words.ts'
import { identifiers } from './identifiers/index.ts'
import { personalTriggers } from './identifiers/triggers.ts'
import type { CanaryWatch } from './canary/watch.ts'
import { severities, type Finding, type Text } from './finding.ts'
import { noOffsets, type InjectionScorer } from './injection-lane.ts'
import type { Weights } from './injection/weights.ts'
import { Lane } from './lane.ts'
import { languageOf } from './language/gate.ts'
import { shippedBudgets, type Budgets } from './normalise/budgets.ts'
import { addressTriggers } from './rules/address.ts'
import { imageLinkTrigger } from './rules/image-link.ts'
import { sendTriggers } from './rules/send-to.ts'
import { phraseTriggers, type PhraseRule, type RuleCatalogue } from './rules/rule.ts'
import { secretTriggers, type TokenCatalogue } from './secrets/index.ts'
import type { TreatmentCatalogue } from './treatment.ts'
import { compilePlan, type ScanPlan } from './stream/scan-plan.ts'

/** The detectors, compiled once for all texts. */
export type Guard = {
  readonly plan: ScanPlan
  /** For what a reader does not see. */
  readonly hiddenPlan: ScanPlan
  /** Whether a rule is about personal data. */
  readonly isOfPerson: (rule: string) => boolean
  readonly rules: ReadonlyMap<string, PhraseRule>
  readonly treatments: TreatmentCatalogue['tiers']
  /** How much of a text is decoded. */
  readonly budgets: Budgets
  /** What looks for orders to a model; null where nothing does. */
  readonly injection: InjectionScorer | null
  /** Of the catalogues that it was made of. */
  readonly rulesDigest: Digest
  /** Of the catalogues and the weights. */
  readonly digest: Digest
}

/** `weights`: of the injection scorer; null, and nothing is scored. */
export function createGuard(
  catalogues: {
    readonly tokens: TokenCatalogue
    readonly rules: RuleCatalogue
    readonly treatments: TreatmentCatalogue
  },
  weights: Weights | null,
): Guard {
  const { rules } = catalogues.rules
  const ofPersons = new Set([...personalTriggers, ...identifiers].map(({ rule }) => rule))
  const ofHidden = rules.filter(({ within }) => within === 'hidden')
  return {
    plan: compilePlan({
      triggers: [
        ...secretTriggers(catalogues.tokens),
        ...phraseTriggers(rules.filter(({ within }) => within === undefined)),
        imageLinkTrigger,
        ...addressTriggers,
        ...sendTriggers,
        ...personalTriggers,
      ],
      context: contextWords,
      identifiers,
      holdsWords: true,
    }),
    hiddenPlan: compilePlan({
      triggers: phraseTriggers(ofHidden),
      context: [],
      identifiers: [],
      holdsWords: false,
    }),
    isOfPerson: (rule) => ofPersons.has(rule),
    rules: new Map(rules.map((rule) => [rule.id, rule])),
    treatments: catalogues.treatments.tiers,
    budgets: shippedBudgets,
    injection: weights === null ? null : { weights, languageOf, offsets: noOffsets },
    rulesDigest: digestOf(catalogues),
    digest: digestOf(weights === null ? catalogues : { ...catalogues, injection: weights.digest }),
  }
}

/** The same guard with moved thresholds of its scorer; itself where nothing is moved. */
export function withOffsets(guard: Guard, offsets: InjectionScorer['offsets'] | null): Guard {
  if (offsets === null || !isMoved(offsets)) return guard
  return guard.injection === null ? guard : { ...guard, injection: { ...guard.injection, offsets } }
}

/** The same guard as a policy has it read: with moved thresholds and other budgets; itself where nothing is other. */
export function guardUnder(
  guard: Guard,
  policy: { readonly offsets: InjectionScorer['offsets']; readonly budgets: Budgets } | null,
): Guard {
  if (policy === null) return guard
  const { offsets, budgets } = policy
  const read = withOffsets(guard, offsets)
  const isSame = budgets.blobs === guard.budgets.blobs && budgets.work === guard.budgets.work
  return isSame ? read : { ...read, budgets }
}

function isMoved({ user, untrusted }: InjectionScorer['offsets']): boolean {
  return [user, untrusted].some(({ flagCenti, highCenti }) => flagCenti !== 0 || highCenti !== 0)
}

/**
 * Reads a whole text. Findings are in order of their place. What one rule found piece by piece is one finding, and of
 * two of a kind, one within the other, the one within stays only when it is surer or graver.
 */
export function inspect(
  guard: Guard,
  { channel, text, channelClass }: Text,
  watch: CanaryWatch | null = null,
): readonly Finding[] {
  const lane = new Lane(guard, channel, watch, channelClass)
  lane.push(text)
  lane.end()
  return tidied(lane.take())
}

/** Findings of one lane as they are told: those that touch joined, those that a wider one says as well left out, in order. */
export function tidied(findings: readonly Finding[]): readonly Finding[] {
  return findings.length === 0 ? findings : withoutDoubles(joined(findings.toSorted(byPlace)))
}

/** A total order: findings that differ in nothing else differ in how they were read, the plain one first. */
function byPlace(a: Finding, b: Finding): number {
  const isFirst =
    a.start - b.start ||
    b.end - a.end ||
    order[b.sureness] - order[a.sureness] ||
    Number(generic.has(a.rule)) - Number(generic.has(b.rule))
  if (isFirst !== 0) return isFirst
  return nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0
}

/** Rules that say less than any other about the same place. */
const generic: ReadonlySet<string> = new Set(['secret.credential', 'secret.password', 'secret.bearer'])

function nameOf({ rule, via }: Finding): string {
  return via === undefined ? rule : `${rule} ${via.join(' ')}`
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
      // Of windows that touch, the one that looks most like an order speaks for all.
      const stronger = (finding.z ?? 0) > (before.z ?? 0) ? finding : before
      kept[at] = { ...stronger, start, end }
    } else last.set(finding.rule, kept.push(finding) - 1)
  }
  return kept
}

const order = { possible: 0, likely: 1, certain: 2 } as const

function isGraver(a: Finding, b: Finding): boolean {
  return severities.indexOf(a.severity) > severities.indexOf(b.severity)
}

function withoutDoubles(findings: readonly Finding[]): readonly Finding[] {
  const sorted = findings.toSorted(byPlace)
  const kept: Finding[] = []
  for (const finding of sorted) {
    const last = kept.findLast(({ kind }) => kind === finding.kind)
    const isWithin = last !== undefined && finding.end <= last.end
    if (!isWithin || order[finding.sureness] > order[last.sureness] || isGraver(finding, last))
      kept.push(finding)
  }
  return kept
}
