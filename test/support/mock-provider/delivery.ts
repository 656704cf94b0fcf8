import type { ServerResponse } from 'node:http'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'

/** Where a body is cut before it is written: nowhere, at random places, or at every byte. */
export type Split = 'whole' | 'bytes' | { readonly seed: number }

/** Writes `bytes` in pieces, each flushed by itself; stops quietly when the other side is gone. */
export async function deliver(
  response: ServerResponse,
  bytes: Uint8Array,
  split: Split,
  pauseMs = 0,
): Promise<void> {
  response.socket?.setNoDelay(true)
  for (let at = 0, n = 0; at < bytes.length && !response.destroyed; n += 1) {
    const size = sizeOf(split, n)
    if (!response.write(bytes.subarray(at, at + size))) await drained(response)
    at += size
    if (pauseMs > 0) await sleep(pauseMs)
    else if (split !== 'whole') await turn()
  }
}

/** Sizes follow from the seed: mostly a few bytes, now and then a long piece. */
function sizeOf(split: Split, n: number): number {
  if (split === 'whole') return Number.POSITIVE_INFINITY
  if (split === 'bytes') return 1
  const noise = hash(split.seed * 65_537 + n)
  return 1 + (noise % 16 === 0 ? (noise >>> 8) % 4_096 : (noise >>> 8) % 24)
}

/** Integer noise (the finaliser of MurmurHash3). */
function hash(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}
