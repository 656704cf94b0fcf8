/**
 * How many blocks of the guard run for each hostile text at two lengths, counted by V8 itself: no clock, the same number
 * each time. A process of its own, since counting begins before the guard is compiled. Prints JSON.
 * Usage: `node test/support/count-operations.ts SHORT LONG`.
 */
import { Session } from 'node:inspector/promises'
import { resolve } from 'node:path'
import { hostileTexts, ordinary } from './hostile-texts.ts'

const [short = 0, long = 0] = process.argv.slice(2).map(Number)
const session = new Session()
session.connect()
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

const { cataloguesIn } = await import('../../src/adapters/files/guard-catalogue.ts')
const { tinyWeights } = await import('../../src/guard/injection/tiny-weights.fixture.ts')
const { createGuard, inspect } = await import('../../src/guard/inspect.ts')
// What a scorer does is the same with any weights.
const guard = createGuard(
  cataloguesIn(resolve(import.meta.dirname, '../../catalogue')),
  tinyWeights({ 'ignore all previous': 8 }),
)

/** Blocks of the guard that have run since the last time. */
async function counted(): Promise<number> {
  const { result } = await session.post('Profiler.takePreciseCoverage')
  let sum = 0
  for (const { url, functions } of result)
    if (url.includes('/src/guard/'))
      for (const { ranges } of functions) for (const { count } of ranges) sum += count
  return sum
}

const found: Record<string, readonly [short: number, long: number]> = {}
for (const [name, textOf] of Object.entries({ ordinary, ...hostileTexts })) {
  await counted()
  inspect(guard, { channel: 'document', text: textOf(short) })
  const atShort = await counted()
  inspect(guard, { channel: 'document', text: textOf(long) })
  found[name] = [atShort, await counted()]
}
process.stdout.write(JSON.stringify(found))
