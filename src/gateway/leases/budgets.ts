import type { Limit } from '../../app/ports/gateway.ts'
import type { LeaseAsk, LeaseStore } from '../../app/ports/leases.ts'
import { costOf, highestCost, type ModelPrice, type TokenCounts } from '../../governance/registry/index.ts'
import type { Log } from '../ports.ts'
import type { ReasonCode } from '../reasons.ts'
import type { Estimate } from './estimate.ts'
import { createLease, leaseTtlMs, renewEveryMs, type Lease, type LeaseState } from './lease.ts'
import { within } from '../within.ts'

export type BudgetRefusal = {
  readonly refused: ReasonCode & ('budget_exhausted' | 'budget_unknown' | 'rate_limited')
  /** The limit that refuses; for operators, not for callers. */
  readonly limit: string
}

export type Reservation = {
  /**
   * Once, when the call has ended: what it has used, or null when nobody can say, which costs what was reserved. `price`:
   * of the target that has answered, where it is not the one for which was reserved.
   */
  readonly settle: (usage: TokenCounts | null, price?: ModelPrice | null) => void
}

export type Budgets<C> = {
  /**
   * Takes what a call may cost out of every limit of its caller, or out of none. It answers at once while the leases of
   * this process have room; else it asks the store first.
   */
  readonly reserve: (
    caller: C,
    estimate: Estimate,
  ) => Reservation | BudgetRefusal | Promise<Reservation | BudgetRefusal>
  readonly start: () => void
  /** Gives back what is left and reports what was spent. */
  readonly close: () => Promise<void>
  /** By limit, for metrics. */
  readonly state: () => ReadonlyMap<string, LeaseState>
}

export type BudgetOptions<C> = {
  readonly store: LeaseStore
  /** Every limit that calls of `caller` count in. */
  readonly limitsOf: (caller: C) => readonly Limit[]
  /** Names this process among all; never used again by another one. */
  readonly worker: string
  /** Gateway processes that share the limits, as far as is known now. */
  readonly workers: () => number
  readonly monotonicMs: () => number
  readonly log: Log
  readonly ttlMs?: number
  /** How long a call waits for the store. */
  readonly answerWithinMs?: number
}

/** How long a question that was refused, or failed, is not asked again. */
const pauseMs = 250

type Slot = {
  readonly lease: Lease
  limit: Limit
  /** Until then, at least this many units are not to be had; asking again would only ask the same. */
  denied: { readonly units: number; readonly until: number } | null
  askedAt: number
}
type Share = { readonly slot: Slot; readonly units: number }

/** Spends from the leases of this process, and renews them from the one store that all processes share. */
export function createBudgets<C>(options: BudgetOptions<C>): Budgets<C> {
  const { store, limitsOf, worker, workers, monotonicMs, log } = options
  const { ttlMs = leaseTtlMs, answerWithinMs = 1_000 } = options
  const slots = new Map<string, Slot>()
  const due = new Set<Slot>()
  let running: Promise<boolean> | null = null
  let failedUntil = -Infinity
  let timer: NodeJS.Timeout | null = null

  function slotOf(limit: Limit): Slot {
    let slot = slots.get(limit.id)
    if (slot === undefined) {
      const lease = createLease(limit.id, limit.unit, workers, ttlMs)
      slot = { lease, limit, denied: null, askedAt: -Infinity }
      slots.set(limit.id, slot)
    }
    if (slot.limit !== limit) [slot.limit, slot.denied] = [limit, null]
    return slot
  }

  /** Asks for everything that is due, in one round trip. Whether it was answered. */
  async function askStore(isLast: boolean): Promise<boolean> {
    const sentAt = monotonicMs()
    const asked = [...due].map((slot) => ({ slot, ask: slot.lease.ask(sentAt, slot.limit, isLast) }))
    due.clear()
    for (const { slot } of asked) slot.askedAt = sentAt
    try {
      const asks: readonly LeaseAsk[] = asked.map(({ ask }) => ask)
      const answers = await store.lease(worker, asks, ttlMs)
      for (const [i, { slot }] of asked.entries()) slot.lease.take(answers[i] ?? null, sentAt)
      return true
    } catch (error) {
      failedUntil = monotonicMs() + pauseMs
      log('error', 'gateway.budgets.unknown', { cause: error instanceof Error ? error.message : 'unknown' })
      return false
    }
  }

  /** The answer to a question that goes out from now on. What comes due meanwhile shares it. */
  function renew(wanted: readonly Slot[], isLast = false): Promise<boolean> {
    for (const slot of wanted) due.add(slot)
    const before = running ?? Promise.resolve(true)
    const next = before.then(() => due.size === 0 || askStore(isLast))
    running = next
    void next.finally(() => {
      if (running === next) running = null
    })
    return next
  }

  function renewInBackground(slot: Slot, now: number): void {
    if (now - slot.askedAt < pauseMs || now < failedUntil || due.has(slot)) return
    void renew([slot])
  }

  /** Takes all shares or none; the first that has no room otherwise. */
  function take(shares: readonly Share[], now: number): Share | null {
    for (const [i, share] of shares.entries()) {
      if (share.slot.lease.reserve(share.units, now)) continue
      for (const { slot, units } of shares.slice(0, i)) slot.lease.release(units)
      return share
    }
    for (const { slot } of shares) if (slot.lease.isLow(now, slot.limit)) renewInBackground(slot, now)
    return null
  }

  async function reserveLater(
    shares: readonly Share[],
    estimate: Estimate,
  ): Promise<Reservation | BudgetRefusal> {
    const lacking = shares.filter(({ slot, units }) => !slot.lease.has(units, monotonicMs()))
    for (const { slot, units } of lacking) slot.lease.wait(units)
    const isAnswered = await within(renew(lacking.map(({ slot }) => slot)), answerWithinMs, false)
    for (const { slot, units } of lacking) slot.lease.stopWaiting(units)
    const now = monotonicMs()
    const without = take(shares, now)
    if (without === null) return reservationOf(shares, estimate)
    if (!isAnswered) {
      failedUntil = now + pauseMs
      return refusalOf(without, 'budget_unknown')
    }
    without.slot.denied = { units: without.units, until: now + pauseMs }
    return refusalOf(without, codeOf(without.slot.limit))
  }

  const everySlot = () => [...slots.values()]
  return {
    reserve: (caller, estimate) => {
      const shares: Share[] = []
      for (const limit of limitsOf(caller)) {
        const units = unitsOf(limit.unit, estimate)
        const slot = slotOf(limit)
        // INVARIANT: what cannot be counted is not spent.
        if (units === null) return refusalOf({ slot, units: 0 }, 'budget_unknown')
        shares.push({ slot, units })
      }
      const now = monotonicMs()
      const without = take(shares, now)
      if (without === null) return reservationOf(shares, estimate)
      const { denied, limit } = without.slot
      if (denied !== null && now < denied.until && without.units >= denied.units)
        return refusalOf(without, codeOf(limit))
      if (now < failedUntil) return refusalOf(without, 'budget_unknown')
      return reserveLater(shares, estimate)
    },
    start: () => {
      timer = setInterval(() => {
        for (const [id, { lease }] of slots) if (lease.isIdle()) slots.delete(id)
        if (slots.size > 0) void renew(everySlot())
      }, renewEveryMs).unref()
    },
    close: async () => {
      if (timer !== null) clearInterval(timer)
      await running
      if (slots.size > 0) await renew(everySlot(), true)
    },
    state: () => new Map([...slots].map(([id, { lease }]) => [id, lease.state()])),
  }
}

function reservationOf(shares: readonly Share[], estimate: Estimate): Reservation {
  let isOpen = true
  return {
    settle: (usage, price = estimate.price) => {
      if (!isOpen) return
      isOpen = false
      for (const { slot, units } of shares)
        slot.lease.settle(units, spentOf(slot.limit.unit, units, usage, price))
    },
  }
}

/** Units of a limit that a call may need at most; null when nobody can say. */
function unitsOf(unit: Limit['unit'], { inputTokens, maxOutputTokens, price }: Estimate): number | null {
  if (unit === 'requests' || unit === 'concurrent') return 1
  if (unit === 'tokens') return inputTokens + maxOutputTokens
  return price === null ? null : highestCost(inputTokens, maxOutputTokens, price)
}

/** UNTRUSTED: counts come from the provider. What is no count costs what was reserved. */
function spentOf(
  unit: Limit['unit'],
  units: number,
  usage: TokenCounts | null,
  price: ModelPrice | null,
): number {
  if (unit === 'requests' || unit === 'concurrent' || usage === null) return units
  const counts = [usage.input, usage.cachedInput, usage.cacheWrite, usage.output]
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0 && count <= 1e9)) return units
  if (unit === 'tokens') return counts.reduce((sum, count) => sum + count, 0)
  return price === null ? units : costOf(usage, price)
}

/** Whether waiting helps soon, or the amount is used up for long. */
function codeOf({ unit, window }: Limit): BudgetRefusal['refused'] {
  return unit === 'concurrent' || window.k === 'sliding' ? 'rate_limited' : 'budget_exhausted'
}

function refusalOf({ slot }: Share, refused: BudgetRefusal['refused']): BudgetRefusal {
  return { refused, limit: slot.limit.id }
}
