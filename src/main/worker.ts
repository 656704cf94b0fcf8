import { recordDueExpiries } from '../app/authorization/expiries.ts'
import { batchRenewals, issueDue, lookAgainAfterStep, type IssuerPorts } from '../app/authorization/issuer.ts'
import { databaseNow } from '../app/clock.ts'
import { createCourier, type DeliveryPorts } from '../app/collaboration/deliver.ts'
import { sweepNotices } from '../app/collaboration/notice-views.ts'
import { systemIssuer } from '../app/command.ts'
import { tickDueCases, type CasePorts } from '../app/committee/cases.ts'
import { sweepGatewayRecords } from '../app/gateway-records.ts'
import { sweepIdentity } from '../app/identity/housekeeping.ts'
import { lapseImports, runImports } from '../app/imports/run.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../kernel/index.ts'

export type WorkerPorts = IssuerPorts & CasePorts & DeliveryPorts & { readonly turnKeys: () => Promise<void> }

type Task = {
  readonly name: string
  readonly everyMs: number
  readonly run: (signal: AbortSignal) => Promise<unknown>
}

/** Days for which records of traffic are kept. */
const keepRecordsDays = 184

/**
 * What must happen without anybody asking: grants, deadlines, key rotation, housekeeping. Nothing that is denied
 * depends on it: expiry is derived, so a worker that stands still opens nothing.
 */
export function startWorker(ports: WorkerPorts): { readonly stop: () => Promise<void> } {
  const now = () => databaseNow(ports.query)
  const courier = createCourier(ports)
  const tasks: readonly Task[] = [
    { name: 'grants', everyMs: 200, run: () => issueDue(ports) },
    { name: 'clock', everyMs: 5 * secondMs, run: () => lookAgainAfterStep(ports.query) },
    {
      name: 'cases',
      everyMs: 5 * secondMs,
      run: async () => tickDueCases(ports, systemIssuer('timer', await now())),
    },
    { name: 'expiries', everyMs: minuteMs, run: () => recordDueExpiries(ports) },
    { name: 'renewals', everyMs: 10 * minuteMs, run: async () => batchRenewals(ports, await now()) },
    { name: 'keys', everyMs: hourMs, run: () => ports.turnKeys() },
    { name: 'identity', everyMs: 10 * minuteMs, run: () => sweepIdentity(ports.query) },
    { name: 'imports', everyMs: 300, run: (signal) => runImports(ports, signal) },
    { name: 'old imports', everyMs: hourMs, run: () => lapseImports(ports) },
    { name: 'deliveries', everyMs: 500, run: (signal) => courier.run(signal) },
    { name: 'notices', everyMs: dayMs, run: () => sweepNotices(ports.query) },
    { name: 'records', everyMs: dayMs, run: () => sweepGatewayRecords(ports.query, keepRecordsDays) },
  ]
  const stopped = new AbortController()
  const running = tasks.map((task) => repeat(task, stopped.signal, ports.log))
  return {
    stop: async () => {
      stopped.abort()
      await Promise.all(running)
      await courier.settled()
    },
  }
}

/** Runs a task again and again; a failure is logged and the next run comes at its time. */
async function repeat(task: Task, signal: AbortSignal, log: IssuerPorts['log']): Promise<void> {
  while (!signal.aborted) {
    try {
      await task.run(signal)
    } catch (error) {
      log('error', `the task \`${task.name}\` failed: ${error instanceof Error ? error.message : 'unknown'}`)
    }
    await pause(task.everyMs, signal)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
