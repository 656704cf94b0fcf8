import type { UpstreamId } from '../../kernel/index.ts'
import type { Target } from '../ports.ts'
import { closed, enter, report, type Breaker, type BreakerTerms, type Outcome } from './breaker.ts'

/** An attempt that has begun. It may report more than once: an answer may break after it has begun well. */
export type Attempt = { readonly report: (outcome: Outcome) => void }

export type Breakers = {
  /** Null while the target is left alone. */
  readonly enter: (target: Target) => Attempt | null
  /** Each target that was tried since the start, for figures. */
  readonly states: () => readonly {
    readonly upstream: UpstreamId
    readonly model: string
    readonly state: Breaker['s']
  }[]
}

/** The breakers of this process, one for each model of an upstream. What they know goes with the process. */
export function createBreakers(terms: BreakerTerms, monotonicMs: () => number): Breakers {
  const known = new Map<string, { readonly target: Target; breaker: Breaker }>()
  return {
    enter: (target) => {
      const name = `${target.id} ${target.model}`
      const kept = known.get(name) ?? { target, breaker: closed }
      const entered = enter(kept.breaker, monotonicMs(), terms)
      if (entered === null) return null
      kept.breaker = entered
      known.set(name, kept)
      return {
        report: (outcome) => {
          kept.breaker = report(kept.breaker, entered.turn, outcome, monotonicMs(), terms)
        },
      }
    },
    states: () =>
      [...known.values()].map(({ target, breaker }) => ({
        upstream: target.id,
        model: target.model,
        state: breaker.s,
      })),
  }
}
