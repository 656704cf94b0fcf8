/** When a target is left alone, and for how long. SPEC: gateway design, section 11. */
export type BreakerTerms = {
  /** Failures one after the other that open it. */
  readonly streak: number
  /** Or this part of the attempts in the window, once there are `least` of them. */
  readonly share: number
  readonly least: number
  readonly windowMs: number
  /** Length of the first pause; each failed probe doubles it, up to `longestMs`. */
  readonly firstMs: number
  readonly longestMs: number
}

export const usualTerms: BreakerTerms = {
  streak: 5,
  share: 0.5,
  least: 20,
  windowMs: 10_000,
  firstMs: 5_000,
  longestMs: 60_000,
}

/** Attempts that ended within one second of the clock. */
type Second = { readonly at: number; readonly ok: number; readonly failed: number }

/** `turn` counts the changes of state, so that the outcome of an attempt of before is known as such. */
export type Breaker = { readonly turn: number } & (
  | { readonly s: 'closed'; readonly streak: number; readonly seconds: readonly Second[] }
  | { readonly s: 'open'; readonly until: number; readonly pauseMs: number }
  /** One attempt finds out. Without an outcome by `until` another one may. */
  | { readonly s: 'probing'; readonly until: number; readonly pauseMs: number }
)

/** `unknown`: the attempt ended before the target could show anything. */
export type Outcome = 'ok' | 'failed' | 'unknown'

export const closed: Breaker = { s: 'closed', turn: 0, streak: 0, seconds: [] }

/** The state in which an attempt that begins `now` leaves the breaker; null when none may begin. */
export function enter(breaker: Breaker, now: number, { longestMs }: BreakerTerms): Breaker | null {
  if (breaker.s === 'closed') return breaker
  if (now < breaker.until) return null
  return { s: 'probing', turn: breaker.turn + 1, until: now + longestMs, pauseMs: breaker.pauseMs }
}

/**
 * Takes the outcome of an attempt that began in `turn`. What began in another turn says nothing about this one.
 * INVARIANT: a closed breaker opens by failures alone, an open one closes by the success of a probe alone.
 */
export function report(
  breaker: Breaker,
  turn: number,
  outcome: Outcome,
  now: number,
  terms: BreakerTerms,
): Breaker {
  if (breaker.turn !== turn || breaker.s === 'open') return breaker
  if (breaker.s === 'closed') return outcome === 'unknown' ? breaker : counted(breaker, outcome, now, terms)
  const next = turn + 1
  if (outcome === 'ok') return { ...closed, turn: next }
  if (outcome === 'unknown') return { s: 'open', turn: next, until: now, pauseMs: breaker.pauseMs }
  const pauseMs = Math.min(breaker.pauseMs * 2, terms.longestMs)
  return { s: 'open', turn: next, until: now + pauseMs, pauseMs }
}

function counted(
  { turn, streak, seconds }: Breaker & { s: 'closed' },
  outcome: 'ok' | 'failed',
  now: number,
  terms: BreakerTerms,
): Breaker {
  const at = Math.floor(now / 1_000)
  const newest = seconds.at(-1)
  // The usual outcome, some thousand times a second: the list is the same but for one count.
  if (outcome === 'ok' && streak === 0 && newest?.at === at)
    return {
      s: 'closed',
      turn,
      streak,
      seconds: seconds.with(seconds.length - 1, { ...newest, ok: newest.ok + 1 }),
    }
  const recent = seconds.filter((second) => second.at > at - terms.windowMs / 1_000)
  const last = recent.at(-1)
  const current = last?.at === at ? last : { at, ok: 0, failed: 0 }
  const before = last?.at === at ? recent.slice(0, -1) : recent
  const all = [...before, { ...current, [outcome]: current[outcome] + 1 }]
  const failing = outcome === 'ok' ? 0 : streak + 1
  const opens = outcome === 'failed' && (failing >= terms.streak || isMostlyFailing(all, terms))
  if (opens) return { s: 'open', turn: turn + 1, until: now + terms.firstMs, pauseMs: terms.firstMs }
  return { s: 'closed', turn, streak: failing, seconds: all }
}

function isMostlyFailing(seconds: readonly Second[], { least, share }: BreakerTerms): boolean {
  const failed = seconds.reduce((sum, second) => sum + second.failed, 0)
  const total = seconds.reduce((sum, { ok }) => sum + ok, failed)
  return total >= least && failed >= share * total
}
