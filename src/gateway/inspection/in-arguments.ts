import type { InArguments } from '../../guard/advice.ts'
import { bandOf, type Finding } from '../../guard/finding.ts'
import { injectionRules } from '../../guard/injection-finding.ts'
import type { Trust } from '../../guard/text.ts'
import type { Effect } from './effect.ts'

export const nothingInArguments: InArguments = { suspicions: [], isAboveCeiling: false, hasCanary: false }

/** Whether a finding is an order to a model, as its words tell. */
export function isOrder({ kind, rule }: Pick<Finding, 'kind' | 'rule'>): boolean {
  return kind === 'injection' || rule === injectionRules.hidden
}

/** Whether a person can agree to a call with such a finding, where it would be taken out of another text. */
export function canBeAskedAbout({ kind }: Pick<Finding, 'kind'>): boolean {
  return kind === 'pii' || kind === 'secret' || kind === 'canary'
}

/**
 * The same with one finding more. `wanted`: what would become of it in a text that can be changed; `taint`: of the
 * conversation, which whoever wrote the arguments has read.
 */
export function withFinding(
  known: InArguments,
  finding: Finding,
  { wanted, taint }: { readonly wanted: Effect; readonly taint: Trust },
): InArguments {
  if (isOrder(finding)) return withOrder(known, finding, taint)
  if (wanted === 'none' || !canBeAskedAbout(finding)) return known
  return finding.kind === 'canary' ? { ...known, hasCanary: true } : { ...known, isAboveCeiling: true }
}

function withOrder(known: InArguments, finding: Finding, taint: Trust): InArguments {
  const band = bandOf(finding)
  if (band === 'quiet') return known
  const trust = taint === 'untrusted' ? 'untrusted' : 'user'
  const suspicion = { band, trust, evidence: 'context', isOfArguments: true } as const
  const isKnown = known.suspicions.some((other) => other.band === band && other.trust === trust)
  return isKnown ? known : { ...known, suspicions: [...known.suspicions, suspicion] }
}

/**
 * What was found in the arguments of each call of an answer. What was found in the answer as its API writes it, and in the
 * arguments of no call, counts for all of them.
 */
export class InCalls {
  readonly #of = new Map<string, InArguments>()

  set(call: Named, found: InArguments): void {
    this.#of.set(nameOf(call), found)
  }

  /** `all`: what was found in arguments anywhere in the answer. */
  of(call: Named, all: InArguments): InArguments {
    const every = [...this.#of.values()]
    const own = this.#of.get(nameOf(call)) ?? nothingInArguments
    const suspicions = all.suspicions.filter(({ band, trust }) =>
      every.every((found) => found.suspicions.every((one) => one.band !== band || one.trust !== trust)),
    )
    const isOfNone = (what: 'isAboveCeiling' | 'hasCanary') =>
      all[what] && every.every((found) => !found[what])
    return {
      suspicions: [...own.suspicions, ...suspicions],
      isAboveCeiling: own.isAboveCeiling || isOfNone('isAboveCeiling'),
      hasCanary: own.hasCanary || isOfNone('hasCanary'),
    }
  }
}

type Named = { readonly name: string; readonly args: string }

function nameOf({ name, args }: Named): string {
  return `${name}\n${args}`
}
