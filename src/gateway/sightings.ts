import type { Pinned } from '../guard/tools/pin.ts'
import { epochMs, minuteMs, secondMs, type DeploymentId } from '../kernel/index.ts'
import type { GatewayClock, Log, SightingStore, ToolSighting } from './ports.ts'

/** What definitions of tools pass by, for the inventory. Nothing is decided by it. */
export type Sightings = {
  readonly see: (deployment: DeploymentId, tool: string, pin: Pinned) => void
  readonly start: () => void
  readonly close: () => Promise<void>
}

/** A tool that is still the same is told again this often, so that one can see that it is in use. */
const againMs = 10 * minuteMs
const flushMs = 2 * secondMs
/** UNTRUSTED: callers and servers make up as many definitions as they like. What is beyond this is told a little later, or not at all. */
const [mostKnown, mostPending] = [8_192, 256]
const maxKeptBytes = 96 * 1024

/** Collects what is new and hands it on every two seconds. A store that fails costs sightings and no call. */
export function createSightings(options: {
  readonly store: SightingStore
  readonly clock: GatewayClock
  readonly log: Log
}): Sightings {
  const { store, clock, log } = options
  const known = new Map<string, number>()
  const latest = new Map<string, string>()
  let pending = new Map<string, ToolSighting>()
  let timer: NodeJS.Timeout | null = null
  let storing: Promise<void> | null = null

  function see(deployment: DeploymentId, tool: string, pin: Pinned): void {
    const place = `${deployment} ${tool}`
    const name = `${place} ${pin.ok ? pin.digest : ''}`
    const told = known.get(name)
    const now = clock.monotonicMs()
    // What goes back to what it was is news as well: the last that was seen is what a tool is now.
    if (told !== undefined && now - told < againMs && latest.get(place) === name) return
    if (pending.size >= mostPending) return
    put(known, name, now)
    put(latest, place, name)
    pending.set(name, { deployment, tool, ...seenOf(pin), at: epochMs(clock.now()) })
  }

  async function flush(): Promise<void> {
    if (pending.size === 0) return
    const seen = pending
    pending = new Map()
    try {
      await store.store([...seen.values()])
    } catch (error) {
      for (const name of seen.keys()) known.delete(name) // so that it is told when it passes by again
      log('error', 'gateway.sightings.not_stored', {
        cause: error instanceof Error ? error.message : 'unknown',
      })
    }
  }

  function flushOnce(): Promise<void> {
    storing ??= flush().finally(() => {
      storing = null
    })
    return storing
  }

  return {
    see,
    start: () => {
      timer = setInterval(() => void flushOnce(), flushMs).unref()
    },
    close: async () => {
      if (timer !== null) clearInterval(timer)
      await storing
      await flushOnce()
    },
  }
}

/** Puts an entry last; the one that was put first goes where there are too many. */
function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  const [oldest] = map.size >= mostKnown ? map.keys() : []
  if (oldest !== undefined) map.delete(oldest)
  map.set(key, value)
}

/** The definition without what it cannot be kept with: U+0000 has no place in a text of the database. */
function seenOf(pin: Pinned): Pick<ToolSighting, 'digest' | 'definition'> {
  if (!pin.ok) return { digest: null, definition: null }
  const text = JSON.stringify(pin.definition)
  const isKept = Buffer.byteLength(text) <= maxKeptBytes && !text.includes('\\u0000')
  return { digest: pin.digest, definition: isKept ? pin.definition : null }
}
