import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Address } from '../../src/adapters/postgres/embedded.ts'
import type { Database } from '../../src/adapters/postgres/index.ts'

/** A moment on the wire: the client sends `text`, after it has sent `following` where that is given. */
export type Moment = {
  readonly text: string
  readonly following?: string
  /** Whether `text` itself still reaches the server; its answer reaches nobody either way. */
  readonly passes: boolean
}

export type FreezableLink = {
  readonly database: Database
  /** From now on nothing passes in either direction, and neither side is told. New connections hang likewise. */
  readonly freeze: () => void
  /** The same, but only for the connections on which the client has sent `text`. How many they are. */
  readonly freezeWhoSent: (text: string) => number
  /** Freezes by itself at the moment; resolves then. */
  readonly freezeAt: (moment: Moment) => Promise<void>
  /** What was held goes on its way, to whoever is still there. */
  readonly thaw: () => void
  readonly close: () => Promise<void>
}

type Pair = { readonly near: Socket; readonly far: Socket; sent: string; held: Buffer | null }

/** The first words of a connection say what it is for. */
const rememberedBytes = 4_096

/** Stands between a client and the server of `database`, as a network does. */
export async function freezableLink(database: Database): Promise<FreezableLink> {
  const address = database as Address // of the server of the tests
  const pairs = new Set<Pair>()
  let isFrozen = false
  let awaited: (Moment & { readonly reached: () => void }) | null = null
  let isNear = false // whether `following` has passed

  function stall({ near, far }: Pair): void {
    near.pause()
    far.pause()
  }

  function freeze(): void {
    isFrozen = true
    pairs.forEach(stall)
  }

  function pass(pair: Pair, chunk: Buffer): void {
    if (pair.sent.length < rememberedBytes) pair.sent += chunk.toString('latin1')
    if (awaited !== null) {
      const isNow = chunk.includes(awaited.text) && (awaited.following === undefined || isNear)
      if (awaited.following !== undefined && chunk.includes(awaited.following)) isNear = true
      if (isNow) {
        const { passes, reached } = awaited
        awaited = null
        freeze()
        reached()
        if (!passes) {
          pair.held = chunk
          return
        }
      }
    }
    pair.far.write(chunk)
  }

  const server = createServer((near) => {
    const onSocket = address.host.startsWith('/')
    const far = onSocket
      ? connect(join(address.host, `.s.PGSQL.${address.port}`))
      : connect(address.port, address.host)
    const pair: Pair = { near, far, sent: '', held: null }
    pairs.add(pair)
    near.on('data', (chunk: Buffer) => pass(pair, chunk))
    far.on('data', (chunk: Buffer) => near.write(chunk))
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => undefined) // `close` follows
      one.on('close', () => {
        pairs.delete(pair)
        other.destroy()
      })
    }
    if (isFrozen) stall(pair)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const listening = server.address()
  if (listening === null || typeof listening === 'string') throw new Error('no port')
  return {
    database: { ...address, host: '127.0.0.1', port: listening.port },
    freeze,
    freezeWhoSent: (text) => {
      const meant = [...pairs].filter(({ sent }) => sent.includes(text))
      meant.forEach(stall)
      return meant.length
    },
    freezeAt: (moment) =>
      new Promise((reached) => {
        isNear = false
        awaited = { ...moment, reached }
      }),
    thaw: () => {
      isFrozen = false
      for (const pair of pairs) {
        if (pair.held !== null) pair.far.write(pair.held)
        pair.held = null
        pair.near.resume()
        pair.far.resume()
      }
    },
    close: async () => {
      for (const { near } of pairs) near.destroy()
      await new Promise((done) => server.close(done))
    },
  }
}
