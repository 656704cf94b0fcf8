/**
 * What the guard needs for a text: ordinary ones of every size, read whole as the product reads them, beside `JSON.parse`
 * of the same text; hostile ones of a megabyte; the same text in pieces of four characters; and the start of
 * `countersign guard scan` with its memory. Figures are processor time, medians of rounds that take turns.
 * Usage: `node bench/guard/bench.ts [rounds] [hostile units] [--json] [--write]`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadGuard, loadGuardWithoutScorer, weightsFile } from '../../src/adapters/files/guard-catalogue.ts'
import { inspect, type Guard } from '../../src/guard/inspect.ts'
import { Lane } from '../../src/guard/lane.ts'
import { languageOf } from '../../src/guard/language/gate.ts'
import { normalise } from '../../src/guard/normalise/normalise.ts'
import type { Channel } from '../../src/guard/text.ts'
import { hostileTexts, ordinary } from '../../test/support/hostile-texts.ts'
import { alternate, numbersOf, percentile, report, rounded } from '../measure.ts'

const [rounds = 0, hostileUnits = 0] = numbersOf(5, 1_048_576)
const catalogue = resolve(import.meta.dirname, '../../catalogue')
const full = loadGuard(catalogue)
const core = loadGuardWithoutScorer(catalogue)

/** Texts are read until a clock of microseconds tells them apart. */
const leastMs = 20

const sizes = [100, 300, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576]
const bySize = await alternate(
  Object.fromEntries(
    sizes.map((size) => [
      `${size}`,
      () => {
        const text = ordinary(size)
        const json = JSON.stringify(text)
        return {
          full: microsecondsOf(() => inspect(full, { channel: 'document', text })),
          user: microsecondsOf(() => inspect(full, { channel: 'user', text })),
          core: microsecondsOf(() => inspect(core, { channel: 'document', text })),
          normalise: microsecondsOf(() => normalise(text)),
          parse: microsecondsOf(() => JSON.parse(json)),
        }
      },
    ]),
  ),
  rounds,
)
const sizeRows = sizes.map((size) => {
  const series = bySize[`${size}`] ?? []
  const of = (key: 'full' | 'user' | 'core' | 'normalise' | 'parse', share = 0.5) =>
    percentile(
      series.map((row) => row[key]),
      share,
    )
  return {
    units: size,
    'us, whole': rounded(of('full')),
    'us, whole, p99': rounded(of('full', 0.99)),
    'us, of a user': rounded(of('user')),
    'us, without scorer': rounded(of('core')),
    'us, normaliser alone': rounded(of('normalise')),
    'MB/s, whole': rounded(size / of('full')),
    'times JSON.parse': rounded(of('full') / of('parse')),
  }
})
const perUnit = (size: number) => (sizeRows.find(({ units }) => units === size)?.['us, whole'] ?? 0) / size

const hostileRows = Object.entries({ ordinary, ...hostileTexts }).map(([name, textOf]) => {
  const [small, large] = [textOf(hostileUnits / 16), textOf(hostileUnits)]
  const atSmall = bestOf(full, 'document', small)
  const atLarge = bestOf(full, 'document', large)
  return {
    text: name,
    'ms for all': rounded(atLarge / 1_000),
    'MB/s': rounded(large.length / atLarge),
    'per unit, all against a sixteenth': rounded(atLarge / large.length / (atSmall / small.length)),
  }
})
const ordinaryMs = hostileRows[0]?.['ms for all'] ?? Number.NaN

const streamed = ordinary(65_536)
const wholeUs = microsecondsOf(() => inspect(full, { channel: 'document', text: streamed }))
const inPiecesUs = microsecondsOf(() => {
  const lane = new Lane(full, 'document')
  for (let at = 0; at < streamed.length; at += 4) lane.push(streamed.slice(at, at + 4))
  lane.end()
  return lane.take()
})

const window = ordinary(140).toLowerCase()

report(
  import.meta.dirname,
  'guard',
  { rounds, hostileUnits, processorTime: true },
  {
    rows: sizeRows,
    hostile: hostileRows,
    laws: [
      {
        'per unit, 1 MiB against 4 KiB': rounded(perUnit(1_048_576) / perUnit(4_096)),
        'dearest hostile text against ordinary': rounded(
          Math.max(...hostileRows.map((row) => row['ms for all'])) / ordinaryMs,
        ),
        'pieces of 4 against whole': rounded(inPiecesUs / wholeUs),
        'us, language of a window': rounded(microsecondsOf(() => languageOf(window))),
        'KiB, weights': Math.round(statSync(join(catalogue, 'guard', weightsFile)).size / 1_024),
      },
    ],
    start: startRows(),
  },
)

/** The shipped command with one text, as a shell starts it: compiled for the first time, and from then on. */
function startRows() {
  const cache = mkdtempSync(join(tmpdir(), 'cs-bench-'))
  const main = resolve(import.meta.dirname, '../../src/main/main.ts')
  const text = `${JSON.stringify({ id: 1, text: ordinary(300), channel: 'user' })}\n`
  const run = () => {
    const beganAt = performance.now()
    const script = `process.argv.splice(1, 1, ${JSON.stringify(main)}, 'guard', 'scan', '--jsonl');
      process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)));
      await import(${JSON.stringify(main)})`
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script, '-'], {
      input: text,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: cache },
    })
    return { ms: performance.now() - beganAt, rssMiB: Math.round(Number(stderr) / 1_024) }
  }
  const cold = run()
  const warm = Array.from({ length: 5 }, run)
  rmSync(cache, { recursive: true, force: true })
  const median = percentile(
    warm.map(({ ms }) => ms),
    0.5,
  )
  return [
    { start: 'cold', ms: Math.round(cold.ms), 'RSS in MiB': cold.rssMiB },
    { start: 'warm', ms: Math.round(median), 'RSS in MiB': Math.max(...warm.map(({ rssMiB }) => rssMiB)) },
  ]
}

/** Processor time of one call, in microseconds. */
function microsecondsOf(task: () => unknown): number {
  let [count, spent] = [0, 0]
  for (let batch = 1; spent < leastMs * 1_000; batch *= 2) {
    const before = process.cpuUsage()
    for (let i = 0; i < batch; i += 1) task()
    const { user, system } = process.cpuUsage(before)
    spent = user + system
    count = batch
  }
  return spent / count
}

/** The least of three: a hostile text is read for a long time, and whatever else runs only adds to it. */
function bestOf(guard: Guard, channel: Channel, text: string): number {
  const times = Array.from({ length: 3 }, () => {
    const before = process.cpuUsage()
    inspect(guard, { channel, text })
    const { user, system } = process.cpuUsage(before)
    return Math.max(1, user + system)
  })
  return Math.min(...times)
}
