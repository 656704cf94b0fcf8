import type { DeploymentId } from '../../kernel/index.ts'
import type { Limit } from './gateway.ts'

/** What a worker says of one limit. Both numbers are totals, so that the same question may be asked twice. */
export type LeaseAsk = {
  readonly limit: string
  /** All that the worker has spent since it started. */
  readonly spentTotal: number
  /** What it wants to hold unspent from now on. Less than it holds: the rest goes back. */
  readonly target: number
  /** The amount of a limit that a grant sets; null for every other, whose amount the store knows. */
  readonly volume: number | null
}

export type LeaseAnswer = {
  /** What the worker may spend from now on without asking; never more than it wanted. */
  readonly held: number
  /** All that counts as spent by the worker: more than it said when a lease of it was lost in between. */
  readonly reported: number
  readonly spent: number
  /** What all workers hold, this one included. */
  readonly leased: number
}

/** Where all gateway processes meet. A lease that is not renewed within its time counts as spent. */
export type LeaseStore = {
  /** One round trip for all limits asked about; null for a limit that is removed. */
  readonly lease: (
    worker: string,
    asks: readonly LeaseAsk[],
    ttlMs: number,
  ) => Promise<readonly (LeaseAnswer | null)[]>
}

/** The limit that the scope of a grant sets: so many calls of the deployment on a day of UTC. */
export function volumeLimit(deploymentId: DeploymentId, volumePerDay: number): Limit {
  return {
    id: `${volumePrefix}${deploymentId}`,
    target: { scope: 'deployment', deploymentId },
    unit: 'requests',
    amount: volumePerDay,
    window: { k: 'calendar', period: 'day', zone: 'UTC' },
  }
}

export const volumePrefix = 'volume/'

/** The gateways that share the limits. */
export type GatewayProcesses = {
  /** Says that `worker` lives; how many do, itself included. */
  readonly beat: (worker: string) => Promise<number>
  readonly leave: (worker: string) => Promise<void>
}
