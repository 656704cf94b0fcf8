import type { GatewayProcesses } from '../../app/ports/leases.ts'
import { secondMs } from '../../kernel/index.ts'
import type { Log } from '../ports.ts'

export type Peers = {
  /** Gateways that live, this one included, by the last answer of the database. */
  readonly living: () => number
  readonly start: () => Promise<void>
  readonly close: () => Promise<void>
}

const beatEveryMs = 10 * secondMs

/**
 * Says that this gateway lives and hears how many do. It sizes leases only: whatever the number says, no budget is spent
 * twice, since the database gives each unit once.
 */
export function createPeers(options: {
  readonly processes: GatewayProcesses
  readonly worker: string
  readonly log: Log
  readonly everyMs?: number
}): Peers {
  const { processes, worker, log, everyMs = beatEveryMs } = options
  let living = 1
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> | null = null

  async function beat(): Promise<void> {
    try {
      living = Math.max(await processes.beat(worker), 1)
    } catch (error) {
      log('warn', 'gateway.peers.unknown', { cause: error instanceof Error ? error.message : 'unknown' })
    }
  }

  return {
    living: () => living,
    start: async () => {
      timer = setInterval(() => {
        running ??= beat().finally(() => {
          running = null
        })
      }, everyMs).unref()
      await beat()
    },
    close: async () => {
      if (timer !== null) clearInterval(timer)
      await running
      await processes.leave(worker).catch(() => undefined) // then it is not counted half a minute later
    },
  }
}
