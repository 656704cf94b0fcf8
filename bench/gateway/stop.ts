// From the order to stop until the gateway refuses, and until a running stream is cut, with the whole product in this
// process: API, PostgreSQL with fsync, gateway. The clock starts before the order leaves the client.
// Usage: node bench/gateway/stop.ts [rounds] [--write]
import { orderStop } from '../../src/contracts/routes/stops.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import { approveByAll, approved, issueKey, modelAlias, openVote } from '../../src/main/demo/systems.ts'
import { startProduct } from '../../test/support/product.ts'
import { numbersOf, report, summaryOf } from '../measure.ts'

const [rounds = 30] = numbersOf(30)
const product = await startProduct()

/** Asks again and again; a bench that waits for ever measures nothing. */
async function until(holds: () => Promise<boolean>, pauseMs = 10): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('it never came')
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

try {
  const { org, running } = product
  const built = await approved(org, { ...advisorySummariser('Stop bench'), volumePerDay: 1_000_000 })
  const key = await issueKey(org, built)
  const call = (stream: boolean) =>
    fetch(`${running.gateway}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: modelAlias,
        stream,
        messages: [{ role: 'user', content: 'long '.repeat(400) }],
      }),
    })
  const status = async () => {
    const answer = await call(false)
    await answer.text()
    return answer.status
  }
  const target = { scope: 'deployment', targetId: built.deploymentId, reasonCode: 'incident' } as const
  const [refusedMs, acknowledgedMs]: [number[], number[]] = [[], []]
  for (let round = -1; round < rounds; round += 1) {
    await until(async () => (await status()) === 200)
    const orderedAt = performance.now()
    const order = org.commander.call(orderStop, { body: target }).then(({ id }) => ({
      id,
      acknowledgedAt: performance.now(),
    }))
    await until(async () => (await status()) !== 200, 0)
    const refusedAt = performance.now()
    const { id, acknowledgedAt } = await order
    if (round >= 0) {
      refusedMs.push(refusedAt - orderedAt)
      acknowledgedMs.push(acknowledgedAt - orderedAt)
    }
    await approveByAll(org, await openVote(org, built, { kind: 'resume', stops: [id] }))
  }
  report(
    import.meta.dirname,
    'stop to refusal',
    { rounds, gateways: 1, callers: 1 },
    {
      rows: [
        { what: 'order to first refused call, ms', goalP99: 1_000, ...summaryOf(refusedMs) },
        { what: 'order to its acknowledgement, ms', goalP99: null, ...summaryOf(acknowledgedMs) },
      ],
    },
  )
} finally {
  await product.close()
}
process.exit()
