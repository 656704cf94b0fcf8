import { effects, type Effect, type Tier } from '../kernel/index.ts'
import { bandOf, trustOf, type Finding } from './finding.ts'
import type { Channel } from './text.ts'
import type { Evidence } from './tools/derivation.ts'

/** What to do about what was found, the mildest first; the strictest applicable one wins. A verdict is not yet an action. */
export const advices = ['allow', 'flag', 'redact', 'step_up', 'block'] as const
export type Advice = (typeof advices)[number]

/** What is about to happen with what was read. */
export type Pending =
  | { readonly k: 'to_model' }
  | { readonly k: 'reply' }
  | { readonly k: 'tool_call'; readonly effect: Effect; readonly sendsOutside: boolean }

/** A text that looks like an order to a model, and how the arguments of the pending call follow from it. */
export type Suspicion = {
  readonly band: 'flag' | 'high'
  readonly trust: 'user' | 'untrusted'
  readonly evidence: Evidence
  /** Whether it stands in the arguments of the pending call themselves, where nothing can be taken out. */
  readonly isOfArguments?: boolean
}

/** Everything that the advice rests on. */
export type Situation = {
  readonly pending: Pending
  readonly tier: Tier
  readonly suspicions: readonly Suspicion[]
  /** Personal data or secrets above the class that the sink may have. */
  readonly isAboveCeiling: boolean
  /** A canary out of its place. */
  readonly hasCanary: boolean
  /** Whether anything that nobody vouches for is in the conversation. */
  readonly isTainted: boolean
  readonly isTrifecta: boolean
  /** Whether the definition of the tool is another one than the grant pins. */
  readonly isChanged: boolean
}

/** What was found in the arguments of a call. */
export type InArguments = Pick<Situation, 'suspicions' | 'isAboveCeiling' | 'hasCanary'>

/** Why. Codes never change their meaning. */
export const adviceReasons = [
  'injection_flagged',
  'injection_found',
  'injection_linked',
  'data_above_ceiling',
  'canary_out_of_place',
  'lethal_trifecta',
  'definition_changed',
] as const
export type AdviceReason = (typeof adviceReasons)[number]

/** `reasons`: of all rows that apply, in the order of the table. */
export type Advised = { readonly advice: Advice; readonly reasons: readonly AdviceReason[] }

/**
 * The one rule: what is found, where it stands and what is about to happen. A block needs all of them: what surely looks
 * like an order, text that nobody vouches for, a risky call that follows from it. Everything else goes to a person or is
 * repaired, since a scorer that is wrong once in a thousand texts is wrong often.
 * INVARIANT: one finding more, or one more text that nobody vouches for, never makes it milder (checked by a law).
 */
export function adviseOn(situation: Situation): Advised {
  const rows = [
    ...situation.suspicions.map((suspicion) => onSuspicion(suspicion, situation)),
    ...onRest(situation),
  ]
  return {
    advice: rows.reduce<Advice>((worst, { advice }) => stricter(worst, advice), 'allow'),
    reasons: adviceReasons.filter((reason) => rows.some((row) => row.reason === reason)),
  }
}

type Row = { readonly advice: Advice; readonly reason: AdviceReason }

function onSuspicion(
  { band, trust, evidence, isOfArguments = false }: Suspicion,
  { pending, tier, isTrifecta }: Situation,
): Row {
  const isRisky = risky(pending)
  if (band === 'flag') {
    const advice = trust === 'untrusted' && isRisky ? 'step_up' : 'flag'
    return { advice, reason: 'injection_flagged' }
  }
  if (trust === 'user')
    return { advice: grave(pending, tier) ? 'step_up' : 'flag', reason: 'injection_found' }
  // What is taken out of arguments makes another call of them.
  if (!isRisky) return { advice: isOfArguments ? 'step_up' : 'redact', reason: 'injection_found' }
  return evidence !== 'context' || isTrifecta
    ? { advice: 'block', reason: 'injection_linked' }
    : { advice: 'step_up', reason: 'injection_found' }
}

function onRest({ pending, isAboveCeiling, hasCanary, isTainted, isTrifecta, isChanged }: Situation): Row[] {
  const rows: Row[] = []
  const isCall = pending.k === 'tool_call'
  // What is taken out of arguments makes another call of them.
  if (isAboveCeiling) rows.push({ advice: isCall ? 'step_up' : 'redact', reason: 'data_above_ceiling' })
  if (hasCanary) {
    const leaves = isCall && pending.sendsOutside && isTainted
    rows.push({ advice: leaves ? 'block' : isCall ? 'step_up' : 'redact', reason: 'canary_out_of_place' })
  }
  if (isTrifecta) rows.push({ advice: 'step_up', reason: 'lethal_trifecta' })
  if (isChanged) rows.push({ advice: 'step_up', reason: 'definition_changed' })
  return rows
}

/** Whether it changes something or sends something outside. */
function risky(pending: Pending): boolean {
  if (pending.k !== 'tool_call') return false
  return pending.sendsOutside || effects.indexOf(pending.effect) >= effects.indexOf('write')
}

function grave(pending: Pending, tier: Tier): boolean {
  if (pending.k !== 'tool_call') return false
  return pending.effect === 'privileged' || pending.effect === 'containment' || (tier === 3 && risky(pending))
}

/**
 * Advice about texts as such, with no action known: what personal or secret is, and what pretends to be something else
 * in text that nobody vouches for, is taken out; the rest is told. What would have to be taken out of arguments is a
 * matter for a person. What a call does and what it has read are not known here, so that a canary in it is stopped.
 */
export function adviceOnTexts(findings: readonly (Finding & { readonly channel: Channel })[]): Advice {
  return findings.reduce<Advice>((worst, finding) => stricter(worst, adviceOn(finding)), 'allow')
}

function adviceOn(finding: Finding & { readonly channel: Channel }): Advice {
  const { kind, severity, sureness, channel } = finding
  const isOfArguments = channel === 'tool_args'
  if (kind === 'canary') return isOfArguments ? 'block' : 'redact'
  const repaired = isOfArguments ? 'step_up' : 'redact'
  if (kind === 'pii' || kind === 'secret') return sureness === 'possible' ? 'flag' : repaired
  const isBelieved = trustOf[channel] !== 'untrusted'
  if (isBelieved) return 'flag'
  if (kind === 'injection') return bandOf(finding) === 'high' ? repaired : 'flag'
  return severity === 'info' || severity === 'low' ? 'flag' : repaired
}

function stricter(a: Advice, b: Advice): Advice {
  return advices.indexOf(a) >= advices.indexOf(b) ? a : b
}
