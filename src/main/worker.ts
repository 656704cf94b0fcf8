import { recordDueExpiries } from '../app/authorization/expiries.ts'
import { batchRenewals, issueDue, lookAgainAfterStep, type IssuerPorts } from '../app/authorization/issuer.ts'
import { recordLeaks } from '../app/canaries.ts'
import { databaseNow } from '../app/clock.ts'
import { createCourier, type DeliveryPorts } from '../app/collaboration/deliver.ts'
import { sweepNotices } from '../app/collaboration/notice-views.ts'
import { systemIssuer } from '../app/command.ts'
import { tickDueCases, type CasePorts } from '../app/committee/cases.ts'
import { sweepConversations } from '../app/conversations.ts'
import { makeGatewayWeeks, sweepGatewayRecords } from '../app/gateway-records.ts'
import { sweepContent } from '../app/gateway-content.ts'
import { sweepIdentity } from '../app/identity/housekeeping.ts'
import { lapseImports, runImports } from '../app/imports/run.ts'
import { tellOverAllowances, type GuardPolicyPorts } from '../app/guard/policies.ts'
import { tellChangedTools } from '../app/tools/watch.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../kernel/index.ts'
import { startTasks, type Task } from './tasks.ts'

export type WorkerPorts = IssuerPorts &
  CasePorts &
  DeliveryPorts &
  GuardPolicyPorts & { readonly turnKeys: () => Promise<void> }

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
    { name: 'changed tools', everyMs: 5 * secondMs, run: () => tellChangedTools(ports) },
    { name: 'allowed texts', everyMs: minuteMs, run: () => tellOverAllowances(ports) },
    { name: 'identity', everyMs: 10 * minuteMs, run: () => sweepIdentity(ports.query) },
    { name: 'content', everyMs: hourMs, run: () => sweepContent(ports.query) },
    { name: 'conversations', everyMs: minuteMs, run: () => sweepConversations(ports.query) },
    { name: 'canaries', everyMs: secondMs, run: () => recordLeaks(ports) },
    { name: 'imports', everyMs: 300, run: (signal) => runImports(ports, signal) },
    { name: 'old imports', everyMs: hourMs, run: () => lapseImports(ports) },
    { name: 'deliveries', everyMs: 500, run: (signal) => courier.run(signal) },
    { name: 'notices', everyMs: dayMs, run: () => sweepNotices(ports.query) },
    { name: 'weeks of records', everyMs: hourMs, run: () => makeGatewayWeeks(ports.query) },
    { name: 'records', everyMs: dayMs, run: () => sweepGatewayRecords(ports.query, keepRecordsDays) },
  ]
  const running = startTasks(tasks, ports.log)
  return {
    stop: async () => {
      await running.stop()
      await courier.settled()
    },
  }
}
