import type { Tier } from '../../kernel/index.ts'
import type { CallTimings, RuntimeRecord } from '../ports.ts'
import type { Breakers } from '../sending/breakers.ts'
import { snapshotAgeLimitMs } from '../snapshot.ts'
import { createExposition } from './exposition.ts'

/** What is read when somebody scrapes. */
export type Gauges = {
  readonly isReady: () => boolean
  readonly openExchanges: () => number
  /** Calls that wait for a person. */
  readonly heldCalls: () => number
  /** Null before the first snapshot. */
  readonly snapshotAgeMs: () => number | null
  readonly spool: () => { readonly records: number; readonly waitedMs: number; readonly bytes: number }
  /** Spans that no collector took. */
  readonly droppedSpans: () => number
  /** How each target that was tried stands. */
  readonly breakers: Breakers['states']
}

export type Metrics = {
  /** Counts a call, once, when its record is written. */
  readonly settled: (record: RuntimeRecord, timings?: CallTimings) => void
  readonly text: () => string
}

const prefix = 'countersign_gateway_'
const seconds = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60]
const characters = [0, 16, 64, 256, 1_024, 4_096, 16_384, 65_536]
const tiers: readonly Tier[] = [1, 2, 3]
const states = { closed: 0, probing: 1, open: 2 } as const

/** Figures of this worker, with names that stay. No label is a text of a caller: models that they ask for, keys and paths are none. */
export function createMetrics(gauges: Gauges): Metrics {
  const out = createExposition()
  const requests = out.counter(`${prefix}requests_total`, 'Calls by dialect and by what became of them.')
  const refusals = out.counter(`${prefix}refusals_total`, 'Refused calls by their first reason.')
  const faults = out.counter(
    `${prefix}faults_total`,
    'Calls that failed on our side or upstream, by their first reason.',
  )
  const findings = out.counter(
    `${prefix}findings_total`,
    'What the guard found, by kind, severity and effect.',
  )
  const tokens = out.counter(`${prefix}tokens_total`, 'Tokens as the providers count them.')
  const duration = out.histogram(
    `${prefix}request_seconds`,
    'Calls from their head to their record.',
    seconds,
  )
  const inspect = out.histogram(`${prefix}inspect_seconds`, 'Time of the guard in one call.', seconds)
  const added = out.histogram(`${prefix}added_ttft_seconds`, 'Delay of the first byte of an answer.', seconds)
  const upstream = out.histogram(`${prefix}upstream_seconds`, 'Time of the upstream in one call.', seconds)
  const held = out.histogram(
    `${prefix}hold_chars`,
    'Most characters of a stream held back at one time.',
    characters,
  )
  const one = (value: number) => [{ labels: {}, value }]
  out.gauge(`${prefix}ready`, 'Whether new calls are served.', () => one(gauges.isReady() ? 1 : 0))
  out.gauge(`${prefix}held_calls`, 'Calls that wait for a person.', () => one(gauges.heldCalls()))
  out.gauge(`${prefix}open_exchanges`, 'Calls that are running.', () => one(gauges.openExchanges()))
  out.gauge(`${prefix}snapshot_age_seconds`, 'Age of the state by which a tier is decided.', () => {
    const ageMs = gauges.snapshotAgeMs()
    return ageMs === null ? [] : tiers.map((tier) => ({ labels: { tier: `${tier}` }, value: ageMs / 1_000 }))
  })
  out.gauge(`${prefix}snapshot_age_limit_seconds`, 'Age from which a tier is refused.', () =>
    tiers.map((tier) => ({ labels: { tier: `${tier}` }, value: snapshotAgeLimitMs[tier] / 1_000 })),
  )
  out.gauge(`${prefix}spool_records`, 'Records that are not stored yet.', () => one(gauges.spool().records))
  out.gauge(`${prefix}spool_wait_seconds`, 'How long the oldest sealed batch has waited.', () =>
    one(gauges.spool().waitedMs / 1_000),
  )
  out.gauge(`${prefix}spool_bytes`, 'What the spool takes on the disk.', () => one(gauges.spool().bytes))
  out.gauge(`${prefix}dropped_spans`, 'Spans that no collector took, since the start.', () =>
    one(gauges.droppedSpans()),
  )
  out.gauge(`${prefix}breaker_state`, 'Whether a target is used (0), tried once (1) or left alone (2).', () =>
    gauges
      .breakers()
      .map(({ upstream: id, model, state }) => ({ labels: { upstream: id, model }, value: states[state] })),
  )
  const observe = (histogram: { readonly observe: (value: number) => void }, ms: number | undefined) => {
    if (ms !== undefined) histogram.observe(ms / 1_000)
  }
  return {
    settled: (record, timings = {}) => {
      const { dialect, action, codes, usage, timing } = record
      requests.add({ dialect, action })
      const code = codes[0] ?? 'none'
      if (action === 'block') refusals.add({ code })
      if (action === 'fault') faults.add({ code })
      for (const { kind, severity, effect } of record.findings) findings.add({ kind, severity, effect })
      if (usage !== null) {
        tokens.add({ direction: 'input' }, usage.inputTokens)
        tokens.add({ direction: 'output' }, usage.outputTokens)
      }
      observe(duration, timing.totalMs)
      observe(inspect, timings.inspectMs)
      observe(added, timings.addedFirstByteMs)
      observe(upstream, timings.upstreamMs)
      if (timings.heldChars !== undefined) held.observe(timings.heldChars)
    },
    text: out.text,
  }
}
