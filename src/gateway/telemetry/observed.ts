import type { CallTimings, Log, RuntimeRecord } from '../ports.ts'
import type { Records } from '../records.ts'

/** Records as before, of which each is also told to `observers` once it is written. What they throw is logged and no more. */
export function observed(
  records: Records,
  log: Log,
  ...observers: readonly ((record: RuntimeRecord, timings?: CallTimings) => void)[]
): Records {
  return {
    ...records,
    write: (entry, timings) => {
      records.write(entry)
      for (const observe of observers) {
        try {
          observe(entry.record, timings)
        } catch (error) {
          log('warn', 'gateway.telemetry.failed', { cause: error instanceof Error ? error.name : 'unknown' })
        }
      }
    },
  }
}

/** One line of the log for each call: ids, codes and times, and nothing that somebody has written. */
export function logCall(log: Log): (record: RuntimeRecord) => void {
  return ({ id, deployment, key, dialect, action, inspection, codes, status, findingCount, timing }) =>
    log('info', 'gateway.call.settled', {
      record: id,
      deployment,
      key,
      dialect,
      action,
      inspection,
      codes,
      status,
      findings: findingCount,
      ms: timing.totalMs,
    })
}
