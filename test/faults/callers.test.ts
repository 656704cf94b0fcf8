import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { faultBench } from './bench.ts'
import { raw } from './gateway.ts'
import { spoken, ways, type WayName } from './ways.ts'

const { upstream, gatewayFor } = await faultBench()
const names = Object.keys(ways) as WayName[] // of the ways
const streams = names.filter((name) => ways[name].isStream)

/** Heads that two parsers may read differently. `{length}` stands for the right one. */
const ambiguous: readonly (readonly [what: string, lines: readonly string[]])[] = [
  ['a length and chunks', ['content-length: {length}', 'transfer-encoding: chunked']],
  ['chunks and a length', ['transfer-encoding: chunked', 'content-length: {length}']],
  ['two lengths that differ', ['content-length: {length}', 'content-length: 3']],
  ['the same length twice', ['content-length: {length}', 'content-length: {length}']],
  ['two lengths in one', ['content-length: {length}, {length}']],
  ['a length with a sign', ['content-length: +{length}']],
  ['a length in hexadecimal', ['content-length: 0x10']],
  ['a length below zero', ['content-length: -1']],
  ['a space before the colon', ['content-length : {length}']],
  ['a folded header', ['content-length: {length}', 'x-a: b', ' c: d']],
  ['a second host', ['content-length: {length}', 'host: elsewhere']],
  ['two content types', ['content-length: {length}', 'content-type: text/plain']],
  ['two codings', ['transfer-encoding: gzip, chunked']],
  ['a coding nobody has', ['transfer-encoding: xchunked']],
  ['chunked twice', ['transfer-encoding: chunked', 'transfer-encoding: chunked']],
  ['a null byte in a header', ['content-length: {length}', 'x-a: b\0c']],
  ['a bare line feed', ['content-length: {length}', 'x-a: b\nx-b: c']],
  ['a bare carriage return', ['content-length: {length}', 'x-a: b\rx-b: c']],
  ['a header without a name', ['content-length: {length}', ': b']],
  [
    'a flood of headers',
    ['content-length: {length}', ...Array.from({ length: 2_000 }, (_, n) => `x-${n}: ${'a'.repeat(20)}`)],
  ],
  ['an upgrade', ['content-length: {length}', 'connection: upgrade', 'upgrade: h2c']],
]

describe.each(ambiguous)('a head with %s', (_what, lines) => {
  test.each(names)('is refused: %s', async (name) => {
    const gateway = await gatewayFor(ways[name])
    const body = ways[name].ask('Is it real?')
    const extra = lines.map((line) => line.replaceAll('{length}', String(Buffer.byteLength(body))))
    const reply = await raw(gateway.port, [gateway.wire([...extra, 'connection: close'], body)])
    expect(reply).toMatch(/^HTTP\/1\.1 4(00|31|15) /)
    expect(reply).not.toContain(spoken)
    expect(reply.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
    expect(upstream.calls).toEqual([])
    await gateway.settled()
  })
})

/** Bodies in chunks that are none. */
test.each([
  ['no size', 'xyz\r\n{}\r\n0\r\n\r\n'],
  ['a size below zero', '-2\r\n{}\r\n0\r\n\r\n'],
  ['a size beyond all numbers', `${'f'.repeat(40)}\r\n{}\r\n0\r\n\r\n`],
  ['a size that is too small', '1\r\n{}\r\n0\r\n\r\n'],
  ['a line feed alone', '2\n{}\n0\n\n'],
])('chunks with %s are refused in every way', async (_what, body) => {
  for (const name of names) {
    const of = await gatewayFor(ways[name])
    const reply = await raw(of.port, [of.wire(['transfer-encoding: chunked', 'connection: close'], body)])
    expect(reply, name).toMatch(/^HTTP\/1\.1 400 /)
    expect(upstream.calls, name).toEqual([])
    await of.settled()
    await of.close()
  }
})

test.each([
  ['an encoded slash', (path: string) => path.replace(/\/(?=[^/]*$)/, '%2f')],
  ['dots', (path: string) => `/x/..${path}`],
  ['two slashes', (path: string) => `/${path}`],
  ['a backslash', (path: string) => path.replace(/\/(?=[^/]*$)/, '\\')],
  ['a parameter', (path: string) => `${path};x=1`],
  ['a null byte that is encoded', (path: string) => `${path}%00`],
  ['a fragment', (path: string) => `${path}#x`],
  ['an address of another host', (path: string) => `http://elsewhere${path}`],
  ['letters in upper case', (path: string) => path.toUpperCase()],
])('a target with %s leads nowhere', async (_what, change) => {
  for (const name of names) {
    const of = await gatewayFor(ways[name])
    const body = ways[name].ask('Is it real?')
    const wire = of.wire([`content-length: ${Buffer.byteLength(body)}`, 'connection: close'], body)
    const reply = await raw(of.port, [
      wire.replace(`POST ${ways[name].path} `, `POST ${change(ways[name].path)} `),
    ])
    expect(reply, name).toMatch(/^HTTP\/1\.1 40[0-5] /)
    expect(upstream.calls, name).toEqual([])
    await of.close()
  }
})

test.each(names)('%s: of two requests in one piece each is decided by itself', async (name) => {
  const gateway = await gatewayFor(ways[name])
  const [first, second] = ['first', 'second'].map((text) => ways[name].ask(text))
  const wires = [first ?? '', second ?? ''].map((body, n) =>
    gateway.wire(
      [`content-length: ${Buffer.byteLength(body)}`, ...(n === 1 ? ['connection: close'] : [])],
      body,
      n === 1 ? ['authorization'] : [],
    ),
  )
  const reply = await raw(gateway.port, [wires.join('')])
  expect(reply.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 401'])
  expect(upstream.calls.map(({ body }) => body.includes('second'))).toEqual([false])
})

test.each(names)('%s: a body that comes too slowly, or stops, is refused', async (name) => {
  for (const limits of [{ bodyIdleMs: 60 }, { bodyTotalMs: 60 }]) {
    const of = await gatewayFor(ways[name], { limits })
    const reply = await raw(
      of.port,
      [of.wire(['content-length: 500'], '{"x":'), ...Array.from({ length: 30 }, () => ' ')],
      10,
    )
    expect(reply).toMatch(/^HTTP\/1\.1 408 /)
    expect(upstream.calls).toEqual([])
    await of.settled()
    await of.close()
  }
})

test.each(names)('%s: a caller that goes away before the answer ends the call upstream', async (name) => {
  const gateway = await gatewayFor(ways[name])
  upstream.state.misdeed = () => undefined
  const away = new AbortController()
  upstream.state.onCall = () => away.abort()
  const call = fetch(`${gateway.address}${ways[name].path}`, {
    method: 'POST',
    headers: gateway.headers(),
    body: ways[name].ask('Is it real?'),
    signal: away.signal,
  })
  await expect(call).rejects.toThrow()
  await gateway.settled()
  await vi.waitFor(() => expect(upstream.state.closed).toBe(1))
  const [record] = (await gateway.recorded()).slice(-1)
  expect(record).toMatchObject({ codes: ['client_gone'], action: 'fault', released: 'none', status: 499 })
})

test.each(streams)('%s: a caller that reads no more holds the upstream up, and is cut off', async (name) => {
  const way = ways[name]
  const gateway = await gatewayFor(way, { limits: { clientStallMs: 150 } })
  let [written, isPaused] = [0, false]
  upstream.state.misdeed = (to, { type, pieces }) => {
    to.writeHead(200, { 'content-type': type })
    const [first = '', repeated = ''] = pieces.filter(
      (piece) => piece.includes(spoken) || piece.includes('created') || piece.includes('start'),
    )
    const long = (pieces.find((piece) => piece.includes(spoken)) ?? repeated).replace(
      spoken,
      `${spoken} ${'and on '.repeat(2_000)}`,
    )
    to.write(first)
    const more = () => {
      while (!to.destroyed && written < 48 * 1_048_576) {
        written += long.length
        if (to.write(long)) continue
        isPaused = true
        to.once('drain', more)
        return
      }
    }
    more()
  }
  const body = way.ask('Is it real?')
  const socket = connect(gateway.port, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  socket.write(gateway.wire([`content-length: ${Buffer.byteLength(body)}`], body))
  socket.once('data', () => socket.pause())
  await vi.waitFor(() => expect(upstream.calls).toHaveLength(1), { timeout: 10_000 })
  await gateway.settled()
  await vi.waitFor(() => expect(upstream.state.closed).toBe(1), { timeout: 5_000 })
  socket.destroy()
  expect(isPaused).toBe(true)
  expect(written).toBeLessThan(48 * 1_048_576)
  const [record] = (await gateway.recorded()).slice(-1)
  expect(record).toMatchObject({ codes: ['client_gone'], action: 'fault', released: 'partial' })
})
