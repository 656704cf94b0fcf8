import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { faultBench } from './bench.ts'
import { startFaultyUpstream } from './faulty-upstream.ts'
import { spoken, toolDefinition, ways, type WayName } from './ways.ts'

const secret = ['ghp', 'Zx3Kq9Lm2Vb7Nc4Rt8Yw1Ps6Df5Gh0JkUiOa'].join('_')
const { upstream, gatewayFor } = await faultBench()
const names = Object.keys(ways) as WayName[] // of the ways
const streams = names.filter((name) => ways[name].isStream)
const replaced =
  (by: string) =>
  (
    to: Parameters<typeof upstream.state.misdeed>[0],
    call: { readonly type: string; readonly pieces: readonly string[] },
  ) =>
    void to.writeHead(200, { 'content-type': call.type }).end(call.pieces.join('').replaceAll(spoken, by))

test.each(names)(
  'PD-21: no API and no form of an answer goes past the guard of answers: %s',
  async (name) => {
    const gateway = await gatewayFor(ways[name])
    upstream.state.misdeed = replaced(`key ${secret} here`)
    const given = await gateway.ask()
    expect(given.text).not.toContain(secret)
    const record = await gateway.recordOf(given.record)
    expect(record.findings.some(({ side, rule }) => side === 'output' && rule.startsWith('secret.'))).toBe(
      true,
    )
  },
)

test.each(names)('PD-22: what was not read to its end is not recorded as inspected: %s', async (name) => {
  const gateway = await gatewayFor(ways[name])
  upstream.state.misdeed = (to, { type, pieces }) => {
    to.writeHead(200, { 'content-type': type })
    to.write(pieces.join('').slice(0, -30), () => setTimeout(() => to.socket.resetAndDestroy(), 15))
  }
  const record = await gateway.recordOf((await gateway.ask()).record)
  expect([record.action, record.inspection, record.released === 'full']).toEqual(['fault', 'partial', false])
})

test.each(names)('PD-25: a guard that fails counts as nothing that has passed: %s', async (name) => {
  const gateway = await gatewayFor(ways[name])
  const { failing } = gateway
  gateway.onCall(() => void (failing.guard = true))
  const given = await gateway.ask()
  expect(given.text).not.toContain(spoken)
  const record = await gateway.recordOf(given.record)
  expect([record.action, record.inspection === 'complete', record.released]).toEqual(['fault', false, 'none'])
})

test.each(streams)(
  'PD-26: with a guard of answers a stream is a stream, event by event: %s',
  async (name) => {
    const gateway = await gatewayFor(ways[name])
    const given = await gateway.ask()
    const events = (text: string) => text.split('\n\n').filter((event) => event.includes('data:')).length
    expect(events(given.text)).toBe(events(ways[name].pieces.join('')))
  },
)

test.each(streams)(
  'PD-27: a stream that is held up for a while, with collections of garbage meanwhile, goes on: %s',
  async (name) => {
    const gateway = await gatewayFor(ways[name])
    const collect = globalThis.gc ?? (() => void Array.from({ length: 200 }, () => new Uint8Array(1_048_576)))
    upstream.state.misdeed = async (to, { type, pieces }) => {
      to.writeHead(200, { 'content-type': type })
      for (const piece of pieces) {
        to.write(piece)
        collect()
        await sleep(20)
      }
      to.end()
    }
    const given = await gateway.ask()
    expect([given.status, ways[name].isWhole(given.text)]).toEqual([200, true])
  },
)

test.each(streams)('PD-28: what is clean leaves before the stream is over: %s', async (name) => {
  const way = ways[name]
  const gateway = await gatewayFor(way)
  let finish = (): void => {}
  upstream.state.misdeed = (to, { type, pieces }) => {
    to.writeHead(200, { 'content-type': type })
    to.write(pieces.slice(0, -1).join(''))
    finish = () => void to.end(pieces.at(-1))
  }
  const response = await fetch(`${gateway.address}${way.path}`, {
    method: 'POST',
    headers: gateway.headers(),
    body: way.ask('Is it real?'),
  })
  const reader = response.body?.getReader()
  let text = ''
  while (!text.includes(spoken)) text += new TextDecoder().decode((await reader?.read())?.value)
  finish() // nothing of the end was there before
  await reader?.cancel()
})

test.each(names)('PD-31: a caller does not choose where its call goes: %s', async (name) => {
  const way = ways[name]
  const gateway = await gatewayFor(way)
  const elsewhere = await startFaultyUpstream(toolDefinition)
  const given = await gateway.ask({
    headers: {
      'x-portkey-custom-host': elsewhere.origin,
      'x-portkey-config': JSON.stringify({ custom_host: elsewhere.origin }),
      'x-forwarded-host': new URL(elsewhere.origin).host,
      'x-upstream-url': elsewhere.origin,
      'openai-organization': 'other',
    },
  })
  await vi.waitFor(() => expect(upstream.calls).toHaveLength(1))
  expect([given.status, elsewhere.calls]).toEqual([200, []])
  await elsewhere.close()
})
