// A process of its own for each side of the bench, so that its CPU time and memory are its alone. Started by bench.ts with
// the role and the origin of the upstream; answers every message with what it has used so far.
import type { Started } from './target-floor.ts'

/** CPU time in microseconds, memory in bytes. */
export type Usage = { readonly cpu: number; readonly rss: number; readonly peakRss: number }

/** Each loads what is its own, and nothing else. */
const starts: Readonly<Record<string, (upstream: string) => Promise<Started>>> = {
  upstream: async () => (await import('./target-floor.ts')).startUpstream(),
  floor: async (origin) => (await import('./target-floor.ts')).startFloor(origin),
  countersign: async (origin) => (await import('./target-countersign.ts')).startCountersign(origin, 'core'),
  full: async (origin) => (await import('./target-countersign.ts')).startCountersign(origin, 'full'),
  portkey: async (origin) => (await import('./target-portkey.ts')).startPortkey(origin),
}
const [, , role = '', upstream = ''] = process.argv
const start = starts[role]
if (start === undefined) throw new RangeError(role)
const started = await start(upstream)
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  const peakRss = process.resourceUsage().maxRSS * 1_024
  process.send?.({ cpu: user + system, rss: process.memoryUsage.rss(), peakRss } satisfies Usage)
})
process.on('disconnect', () => process.exit())
process.send?.(started)
