import { Console } from 'node:console'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { dirname, join } from 'node:path'

export type Summary = { readonly p50: number; readonly p95: number; readonly p99: number }

/** Numbers on the command line in their order, flags left out; `fallbacks` where there are none. */
export function numbersOf(...fallbacks: readonly number[]): number[] {
  const given = process.argv.slice(2).filter((text) => !text.startsWith('--'))
  return fallbacks.map((fallback, i) => Number(given[i] ?? fallback))
}

/** The value below which `share` of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export function summaryOf(values: readonly number[]): Summary {
  return {
    p50: rounded(percentile(values, 0.5)),
    p95: rounded(percentile(values, 0.95)),
    p99: rounded(percentile(values, 0.99)),
  }
}

/** Three significant digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}

/**
 * Runs every task once as a warm-up, then all of them in turn, `rounds` times, each round in another order: a machine
 * whose speed drifts slows all of them alike. Returns what each run of each task gave.
 */
export async function alternate<Name extends string, T>(
  tasks: Readonly<Record<Name, (isWarmUp: boolean) => T | Promise<T>>>,
  rounds: number,
): Promise<Readonly<Record<Name, readonly T[]>>> {
  const names = Object.keys(tasks) as Name[] // of the record above
  const found = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, T[]>
  for (const name of names) await tasks[name](true)
  for (let round = 0; round < rounds; round += 1) {
    for (const name of turned(names, round)) found[name].push(await tasks[name](false))
  }
  return found
}

/** Runs `task` again and again for `seconds`; runs per second of wall time. */
export function rateOf(task: () => unknown, seconds: number): number {
  const beganAt = performance.now()
  let [count, elapsedMs] = [0, 0]
  while (elapsedMs < seconds * 1_000) {
    for (let i = 0; i < 16; i += 1) task()
    count += 16
    elapsedMs = performance.now() - beganAt
  }
  return (count * 1_000) / elapsedMs
}

/** Percentiles of the ratio of two series, pair by pair. */
export function ratioOf(series: readonly number[], floor: readonly number[]): Summary {
  return summaryOf(series.map((value, i) => value / (floor[i] ?? Number.NaN)))
}

/**
 * Prints `results`; with `--write` keeps them beside the bench, with what the machine was. With `--json` they go to
 * standard output as one document, and the tables to standard error.
 */
export function report(folder: string, name: string, conditions: object, results: object): void {
  const isJson = process.argv.includes('--json')
  const screen = isJson ? new Console(process.stderr) : console
  screen.log(`\n${name}`)
  for (const [what, rows] of Object.entries(results)) {
    if (typeof rows !== 'object' || rows === null) screen.log(`${what}: ${String(rows)}`)
    else screen.table(Array.isArray(rows) ? rows : [rows])
  }
  const document = { ...machineFacts(), conditions, ...results }
  if (isJson) process.stdout.write(`${JSON.stringify({ [name]: document }, null, 2)}\n`)
  if (!process.argv.includes('--write')) return
  const path = join(folder, 'results.json')
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify({ ...earlierResults(path), [name]: document }, null, 2)}\n`)
}

/** What a figure means nothing without. */
function machineFacts(): object {
  return {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load1: rounded(loadavg()[0] ?? Number.NaN),
    percentiles: 'of the rounds in rising order, so of rates and ratios the last two are the largest seen',
  }
}

function earlierResults(path: string): object {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as object // a file that we wrote
  } catch {
    return {} // there is none yet
  }
}

function turned<T>(items: readonly T[], by: number): readonly T[] {
  const from = by % items.length
  return [...items.slice(from), ...items.slice(0, from)]
}
