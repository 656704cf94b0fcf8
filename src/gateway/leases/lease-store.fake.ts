import type { Limit } from '../../app/ports/gateway.ts'
import type { LeaseAnswer, LeaseAsk, LeaseStore } from '../../app/ports/leases.ts'

type Row = { held: number; reported: number; expiresAt: number }
type Bucket = { readonly rows: Map<string, Row>; parts: { readonly at: number; spent: number }[] }

/** The leases of one installation in memory, by the rules of `lease_limit` in the database. */
export function fakeLeaseStore(limits: Pick<ReadonlyMap<string, Limit>, 'get'>, now: () => number) {
  const buckets = new Map<string, Bucket>()

  function leaseOne(worker: string, ask: LeaseAsk, ttlMs: number): LeaseAnswer | null {
    const limit = limits.get(ask.limit)
    if (limit === undefined) return null
    const bucket = buckets.get(ask.limit) ?? { rows: new Map<string, Row>(), parts: [] }
    buckets.set(ask.limit, bucket)
    const at = now()
    const isKept = limit.unit !== 'concurrent'
    let spent = 0
    for (const row of bucket.rows.values()) {
      if (row.held === 0 || row.expiresAt > at) continue
      if (isKept) [row.reported, spent] = [row.reported + row.held, spent + row.held]
      row.held = 0
    }
    const old = bucket.rows.get(worker)
    if (old !== undefined) spent += Math.max(ask.spentTotal - old.reported, 0)
    const part = partOf(limit.window, at)
    const known = bucket.parts.find((other) => other.at === part)
    if (known === undefined) bucket.parts.push({ at: part, spent })
    else known.spent += spent
    bucket.parts = bucket.parts.filter((other) => other.at >= sinceOf(limit.window, at))
    const inWindow = bucket.parts.reduce((sum, other) => sum + other.spent, 0)
    const byOthers = [...bucket.rows].reduce((sum, [name, row]) => sum + (name === worker ? 0 : row.held), 0)
    const amount = ask.volume ?? limit.amount
    const held = Math.max(Math.min(ask.target, amount - inWindow - byOthers), 0)
    const reported = Math.max(old?.reported ?? 0, ask.spentTotal)
    bucket.rows.set(worker, { held, reported, expiresAt: at + ttlMs })
    return { held, reported, spent: inWindow, leased: byOthers + held }
  }

  const store: LeaseStore = {
    lease: async (worker, asks, ttlMs) => asks.map((ask) => leaseOne(worker, ask, ttlMs)),
  }
  return { ...store, leaseOne }
}

const dayMs = 86_400_000

/** Calendar windows of the fake know days of UTC only. */
function partOf(window: Limit['window'], at: number): number {
  if (window.k === 'none') return 0
  const ms = window.k === 'calendar' ? dayMs : Math.max(Math.floor(window.ms / 20), 50)
  return Math.floor(at / ms) * ms
}

function sinceOf(window: Limit['window'], at: number): number {
  return partOf(window, window.k === 'sliding' ? at - window.ms : at)
}
