import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, vi } from 'vitest'
import type { RuntimeRecord } from '../../src/gateway/ports.ts'
import type { Guard } from '../../src/guard/inspect.ts'
import { runMemoryGateway, shippedGuard, type MemorySetup } from '../support/memory-gateway.ts'
import type { FaultyUpstream } from './faulty-upstream.ts'
import { grantedTools, model, type Way } from './ways.ts'

/** What a caller was given. `isBroken`: the connection ended before the answer did. */
export type Given = {
  readonly status: number
  readonly reason: string | null
  readonly record: string | null
  readonly text: string
  readonly isBroken: boolean
}

/** A gateway for one way, in front of the faulty upstream, whose guard, records and budgets can be made to fail. */
export async function gatewayFor(way: Way, upstream: FaultyUpstream, setup: Partial<MemorySetup> = {}) {
  const failing = { guard: false, records: false }
  const guard: Guard = {
    ...shippedGuard,
    get plan() {
      if (failing.guard) throw new Error('a detector has failed')
      return shippedGuard.plan
    },
  }
  upstream.reset()
  Object.assign(upstream.state, { isLegacy: way.isLegacy, answer: { type: way.type, pieces: way.pieces } })
  const api = way.path === '/v1/messages' ? ('anthropic' as const) : ('openai' as const)
  const gateway = await runMemoryGateway({
    servers: { tickets: `${upstream.origin}/mcp` },
    models: { [model]: { address: `${upstream.origin}/v1`, api } },
    guard,
    store: () => {
      if (failing.records) throw new Error('the disk is full')
    },
    ...setup,
    scope: { tools: grantedTools, ...setup.scope },
    limits: { retries: 0, ...setup.limits },
  })
  const session = way.isLegacy ? await opened(gateway.address, gateway.token) : null
  const headers = (token = gateway.token): Record<string, string> => ({
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    ...way.headers,
    ...(session === null ? {} : { 'mcp-session-id': session }),
  })
  await gateway.recorded()

  return {
    ...gateway,
    failing,
    /** What happens when a call has reached the upstream, before it answers. */
    onCall: (work: () => void) => void (upstream.state.onCall = work),
    headers,
    ask: (change: Change = {}) =>
      asked(
        `${gateway.address}${way.path}`,
        { ...headers(), ...change.headers },
        change.body ?? way.ask('Is it real?'),
      ),
    /** The head and body of a call as they go over the wire, for those who spoil them. */
    wire: (extra: readonly string[], body: string, left: readonly string[] = []) =>
      [
        `POST ${way.path} HTTP/1.1`,
        'host: gateway',
        ...Object.entries(headers())
          .filter(([name]) => !left.includes(name))
          .map(([name, value]) => `${name}: ${value}`),
        ...extra,
        '',
        body,
      ].join('\r\n'),
    port: Number(new URL(gateway.address).port),
    /** The record of the call that was given `id`; there is exactly one. */
    recordOf: async (id: string | null): Promise<RuntimeRecord> => {
      const records = (await gateway.recorded()).filter((record) => record.id === id)
      expect(records).toHaveLength(1)
      return records[0] as RuntimeRecord // of the one that is there
    },
    settled: () =>
      vi.waitFor(() => expect(gateway.openExchanges()).toBe(0), { timeout: 10_000, interval: 5 }),
  }
}

export type FaultGateway = Awaited<ReturnType<typeof gatewayFor>>
export type Change = {
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Record<string, string>
}

async function asked(
  url: string,
  headers: Record<string, string>,
  body: string | Uint8Array<ArrayBuffer>,
): Promise<Given> {
  const kept = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''))
  const response = await fetch(url, { method: 'POST', headers: kept, body })
  let [text, isBroken] = ['', false]
  const decoder = new TextDecoder()
  try {
    for await (const bytes of response.body ?? [])
      text += decoder.decode(bytes as Uint8Array, { stream: true })
  } catch {
    isBroken = true
  }
  const of = (name: string) => response.headers.get(name)
  return {
    status: response.status,
    reason: of('countersign-reason'),
    record: of('countersign-record'),
    text,
    isBroken,
  }
}

async function opened(address: string, token: string): Promise<string> {
  const response = await fetch(`${address}/mcp/tickets`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    },
    body: '{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}',
  })
  await response.arrayBuffer()
  const session = response.headers.get('mcp-session-id')
  if (session === null) throw new Error('no session')
  return session
}

/** Sends bytes as they are, in portions, and reads until the other side closes. */
export function raw(port: number, portions: readonly string[], pauseMs = 0): Promise<string> {
  return new Promise((resolve) => {
    let reply = ''
    const socket = connect(port, '127.0.0.1', () => void write())
    const write = async () => {
      for (const portion of portions) {
        if (socket.destroyed) return
        socket.write(portion, 'latin1')
        if (pauseMs > 0) await sleep(pauseMs)
      }
    }
    socket.on('data', (chunk) => (reply += chunk.toString('latin1')))
    socket.on('close', () => resolve(reply))
    socket.on('error', () => socket.destroy())
  })
}
