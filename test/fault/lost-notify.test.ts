import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { startDemoProvider, type DemoProvider } from '../../src/adapters/demo-provider/demo-provider.ts'
import { gatewayChannel } from '../../src/adapters/postgres/gateway-feed.ts'
import { snapshotAgeLimitMs } from '../../src/gateway/snapshot.ts'
import type { Tier } from '../../src/kernel/index.ts'
import { freezableLink, type FreezableLink } from '../support/freezable-link.ts'
import { runGateway, type GatewaySetup } from '../support/running-gateway.ts'

const soon = { timeout: 120_000, interval: 25 }
const closers: (() => Promise<unknown>)[] = []
let provider: DemoProvider

beforeAll(async () => {
  provider = await startDemoProvider()
})
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
}, 120_000)
afterAll(() => provider.close())

/** A gateway whose way to the database can be frozen. The control plane reaches it by another way. */
async function start(setup: Omit<GatewaySetup, 'provider' | 'through'> = {}) {
  const links: FreezableLink[] = []
  const gateway = await runGateway({
    provider: provider.origin,
    through: async (database) => {
      const made = await freezableLink(database)
      links.push(made)
      return made.database
    },
    ...setup,
  })
  const [link] = links
  if (link === undefined) throw new Error('no link')
  closers.push(link.close, async () => {
    link.thaw()
    await gateway.close()
  })
  return { ...gateway, link }
}

type Started = Awaited<ReturnType<typeof start>>

/** Waits for a look at the database that begins after this call, and for its end. */
async function nextPoll({ polls }: Started): Promise<void> {
  const { begun } = polls
  await vi.waitFor(() => expect(polls.done).toBeGreaterThan(begun), soon)
}

test.each<readonly [string, (gateway: Started) => Promise<unknown>]>([
  ['nothing notifies', ({ owner }) => owner.query('alter table stops disable trigger notify_gateway')],
  [
    'the listening connection is frozen and nobody is told',
    ({ link }) => vi.waitFor(() => expect(link.freezeWhoSent(`listen ${gatewayChannel}`)).toBe(1), soon),
  ],
  [
    'the listening connection is cut whenever it comes back',
    async ({ owner }) => {
      const cut = setInterval(() => void owner.query(endListeners).catch(() => undefined), 20)
      closers.push(async () => clearInterval(cut))
    },
  ],
])(
  'when %s, the first poll after a stop tells it, and cuts what is running',
  async (_how, lose) => {
    const gateway = await start()
    await gateway.becomes([200, null], soon.timeout)
    const stream = await gateway.openai.chat.completions.create({
      model: 'demo/demo-endless',
      messages: [{ role: 'user', content: 'x' }],
      stream: true,
    })
    const reading = (async () => {
      for await (const _chunk of stream);
    })()
    const cut = expect(reading).rejects.toMatchObject({ code: 'grant_stopped' })
    await lose(gateway)
    await gateway.order('system', gateway.ids.system)
    await nextPoll(gateway)
    expect(await gateway.outcome()).toEqual([403, 'grant_stopped'])
    await cut
  },
  300_000,
)

const endListeners = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and query = 'listen ${gatewayChannel}'`

// A call of tier 3 is admitted in the database itself: of that tier, what runs already runs up to the limit.
test.each<[Tier, [number, string | null]]>([
  [1, [200, null]],
  [2, [200, null]],
  [3, [503, 'record_unavailable']],
])(
  'when the database hangs and notifies nobody, tier %i goes on up to its limit and not longer; a stop holds then',
  async (tier, meanwhile) => {
    const gateway = await start({ tier, pollEveryMs: 250 }) // a clock that is held is soon off
    const { link, skew, outcome } = gateway
    await gateway.becomes([200, null], soon.timeout)
    const stream = await gateway.openai.chat.completions.create({
      model: 'demo/demo-endless',
      messages: [{ role: 'user', content: 'x' }],
      stream: true,
    })
    const reading = (async () => {
      for await (const _chunk of stream);
    })()
    const cut = expect(reading).rejects.toMatchObject({ code: 'snapshot_stale' })
    await vi.waitFor(async () => {
      link.thaw()
      gateway.holdTime()
      await nextPoll(gateway)
      link.freeze() // before the look: a later poll would show how far the held clock is off by then
      expect(await outcome()).toEqual(meanwhile)
    }, soon)
    await gateway.order('system', gateway.ids.system)
    skew.ms = snapshotAgeLimitMs[tier]
    expect(await outcome()).toEqual(meanwhile) // it cannot know: this is what the limit is for
    skew.ms += 1
    expect(await outcome()).toEqual([503, 'snapshot_stale'])
    await cut
    skew.ms = 0
    gateway.letTimeGo()
    link.thaw()
    await nextPoll(gateway)
    expect(await outcome()).toEqual([403, 'grant_stopped'])
  },
  300_000,
)
