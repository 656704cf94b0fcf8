import { leftSpools } from '../adapters/files/spool-folder.ts'
import { storeLeft } from '../gateway/left-records.ts'
import type { BatchStore, Log, StoredTraffic } from '../gateway/ports.ts'
import { secondMs } from '../kernel/index.ts'
import { pause } from './tasks.ts'

const againMs = 10 * secondMs

/** Stores what killed gateways have left below `home`, beside the gateway that serves; again and again until all is stored. */
export function recoverLeft(parts: {
  readonly home: string
  readonly worker: string
  readonly store: BatchStore & StoredTraffic
  readonly log: Log
}): { readonly close: () => Promise<void> } {
  const { home, worker, store, log } = parts
  const stopped = new AbortController()
  let waiting = leftSpools(home, worker)

  async function recover(): Promise<void> {
    for (;;) {
      waiting = await storeLeft(waiting, store, log)
      if (waiting.length === 0 || stopped.signal.aborted) return
      await pause(againMs, stopped.signal)
      if (stopped.signal.aborted) return
    }
  }

  const running = recover()
  return {
    close: async () => {
      stopped.abort()
      await running
      for (const spool of waiting) spool.letGo()
    },
  }
}
