import type { Limit } from '../../app/ports/gateway.ts'
import type { LeaseAnswer, LeaseAsk } from '../../app/ports/leases.ts'
import { volumePrefix } from '../../app/ports/leases.ts'
import { secondMs } from '../../kernel/index.ts'

/** What one worker may spend of one limit without asking, and what it has spent. Times are monotonic. */
export type Lease = {
  /** Takes `units` out of the room; false when there is not enough. */
  readonly reserve: (units: number, now: number) => boolean
  readonly has: (units: number, now: number) => boolean
  /** Gives a reservation back of which nothing was begun. */
  readonly release: (units: number) => void
  /** Gives a reservation back, and counts what was really spent. */
  readonly settle: (reserved: number, spent: number) => void
  /** A call waits for `units` more than there are. */
  readonly wait: (units: number) => void
  readonly stopWaiting: (units: number) => void
  /** What to ask the store. From then on the worker spends only what it holds whatever becomes of the question. */
  readonly ask: (now: number, limit: Limit, isLast: boolean) => LeaseAsk
  /** Takes an answer to a question that was sent at `sentAt`; null: the limit is removed. */
  readonly take: (answer: LeaseAnswer | null, sentAt: number) => void
  readonly isLow: (now: number, limit: Limit) => boolean
  readonly isIdle: () => boolean
  readonly state: () => LeaseState
}

export type LeaseState = {
  readonly room: number
  readonly held: number
  readonly reserved: number
  /** All that calls have cost above their reservation, since the start. */
  readonly overshoot: number
}

/** How long a lease lasts that nobody renews; longer than any snapshot may be old, and the time to its next renewal. */
export const leaseTtlMs = 360_000
export const renewEveryMs = 10_000

/** What a worker keeps in hand however little it is asked for, so that a database that hangs is not felt at once. */
const [inHand, inHandPart] = [16, 100]

/**
 * Units to hold for two seconds of traffic at `rate` units a second, and a few of a large amount in any case. All workers together hold no more than half of the
 * amount for traffic that has not come yet.
 */
export function leaseSize(rate: number, amount: number, workers: number): number {
  const few = Math.min(inHand, Math.ceil(amount / inHandPart))
  return Math.min(Math.max(Math.ceil(2 * rate), few, 1), largestLease(amount, workers))
}

/**
 * A lease that holds nothing yet. INVARIANT: what is spent or reserved out of it never exceeds what the store has given,
 * whether answers arrive, are lost or come late; only a call that costs more than its reservation goes beyond, by just
 * that much. The law in budgets.test.ts checks it.
 */
export function createLease(
  limitId: string,
  unit: Limit['unit'],
  workersNow: () => number,
  ttlMs: number,
): Lease {
  let held = 0 // given by the store as of `acknowledged`
  let acknowledged = 0 // of `spentTotal`, what `held` is already less by
  let spentTotal = 0
  let confirmed = 0 // of `spentTotal`, what the store is known to have counted
  let reserved = 0
  let prepaid = 0 // of `reserved`, what the store counts as spent already, since the lease that held it was lost
  let waiting = 0
  let until = -Infinity
  let overshoot = 0
  let [taken, rate, measuredAt] = [0, 0, -Infinity]

  const room = () => held - (spentTotal - acknowledged) - (reserved - prepaid)

  /** Units a second: of the last second at least, so that a burst counts at once. */
  function measure(now: number): number {
    const elapsedMs = Math.max(now - measuredAt, secondMs)
    const current = elapsedMs === Infinity ? taken : (taken * secondMs) / elapsedMs
    if (now - measuredAt < secondMs) return Math.max(rate, current)
    ;[taken, rate, measuredAt] = [0, current, now]
    return current
  }

  const has = (units: number, now: number) => now < until && room() >= units

  return {
    has,
    reserve: (units, now) => {
      if (!has(units, now)) return false
      reserved += units
      taken += units
      return true
    },
    release: (units) => {
      reserved -= units
      taken -= units
    },
    settle: (units, spent) => {
      reserved -= units
      if (unit === 'concurrent') return
      const covered = Math.min(prepaid, units)
      prepaid -= covered
      spentTotal += Math.max(spent - covered, 0)
      overshoot += Math.max(spent - units, 0)
    },
    wait: (units) => {
      waiting += units
    },
    stopWaiting: (units) => {
      waiting -= units
    },
    ask: (now, limit, isLast) => {
      const observed = Math.max(measure(now), waiting) // who waits now is traffic of this second
      const [{ amount }, workers] = [limit, workersNow()]
      // A small limit is leased unit by unit, for calls that are there, so that no worker sits on what another one needs.
      const spare =
        isLast || observed === 0 || largestLease(amount, workers) === 1
          ? 0
          : leaseSize(observed, amount, workers)
      const target = reserved - prepaid + waiting + spare
      held = Math.min(held - (spentTotal - acknowledged), target)
      acknowledged = spentTotal
      const volume = limitId.startsWith(volumePrefix) ? amount : null
      return { limit: limitId, spentTotal, target, volume }
    },
    take: (answer, sentAt) => {
      if (answer === null) {
        ;[held, until] = [0, -Infinity]
        return
      }
      // A lost lease counts as spent: first what was settled out of it since the question, then what is in flight.
      const lost = Math.max(answer.reported - spentTotal, 0)
      prepaid += Math.min(lost, reserved - prepaid)
      spentTotal += lost
      acknowledged = answer.reported
      confirmed = answer.reported
      held = answer.held
      until = sentAt + ttlMs
    },
    isLow: (now, { amount }) => {
      const workers = workersNow()
      return largestLease(amount, workers) > 1 && room() < leaseSize(measure(now), amount, workers) / 4
    },
    isIdle: () =>
      held === 0 && reserved === 0 && waiting === 0 && taken === 0 && rate === 0 && spentTotal === confirmed,
    state: () => ({ room: room(), held, reserved, overshoot }),
  }
}

function largestLease(amount: number, workers: number): number {
  return Math.max(Math.ceil(amount / (2 * workers)), 1)
}
