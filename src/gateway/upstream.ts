import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import type { Dispatcher } from 'undici'
import { Pool } from 'undici'
import { mayConnect } from '../kernel/connectable.ts'
import type { Target } from './ports.ts'

export type Upstreams = {
  /** Sends one request. Throws when the address of the target is not allowed. */
  readonly dispatch: (
    target: Target,
    request: {
      readonly method?: 'POST' | 'GET' | 'DELETE'
      readonly path: string
      readonly headers: Record<string, string>
      readonly body: Buffer | null
    },
    handler: Dispatcher.DispatchHandler,
  ) => void
  readonly close: () => Promise<void>
}

/**
 * To one origin. A stream has its connection to itself for as long as it runs, and one more would wait for its end unseen:
 * what bounds callers are the limits of their keys, not this.
 */
const mostConnections = 4_096

export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/** One pool per origin and set of allowed private ranges. Redirects are never followed. */
export function createUpstreams(connectTimeoutMs: number): Upstreams {
  const pools = new Map<string, Pool>()
  const ofTargets = new WeakMap<Target, Pool>()
  function poolOf(target: Target): Pool {
    let pool = ofTargets.get(target)
    if (pool === undefined) ofTargets.set(target, (pool = poolTo(target)))
    return pool
  }
  function poolTo({ origin, privateCidrs }: Target): Pool {
    const name = `${origin} ${privateCidrs.join(' ')}`
    const known = pools.get(name)
    if (known !== undefined) return known
    const host = new URL(origin).hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) !== 0 && !mayConnect(host, privateCidrs)) throw new AddressRefused(origin)
    const connect = { timeout: connectTimeoutMs, lookup: guardedLookup(privateCidrs) }
    const pool = new Pool(origin, {
      connections: mostConnections,
      pipelining: 1,
      allowH2: false,
      headersTimeout: 0, // the exchange keeps its own, exact timers
      bodyTimeout: 0,
      connect,
    })
    pools.set(name, pool)
    return pool
  }
  return {
    dispatch: (target, { method = 'POST', path, headers, body }, handler) => {
      poolOf(target).dispatch({ method, path, headers, body }, handler)
    },
    close: async () => {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
      pools.clear()
    },
  }
}

/** Judges the addresses that will really be used, so that a name that changes its answer gains nothing. */
function guardedLookup(privateCidrs: readonly string[]): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0)
      const allowed = found.filter(({ address }) => mayConnect(address, privateCidrs))
      const [first] = allowed
      if (first === undefined) return callback(new AddressRefused(hostname), '', 0)
      if (options.all === true) return callback(null, allowed)
      return callback(null, first.address, first.family)
    })
  }
}
