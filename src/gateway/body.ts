import type { IncomingMessage } from 'node:http'
import type { Limits } from './limits.ts'
import type { ReasonCode } from './reasons.ts'

/** Reads a body up to the cap and within its times. */
export function readBody(
  request: IncomingMessage,
  limits: Limits,
): Promise<Buffer | { refused: ReasonCode }> {
  if (Number(request.headers['content-length'] ?? 0) > limits.requestBytes)
    return Promise.resolve({ refused: 'too_large' })
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    let isSettled = false
    let total: NodeJS.Timeout | undefined
    let idle: NodeJS.Timeout | undefined
    const settle = (result: Buffer | { refused: ReasonCode }) => {
      if (isSettled) return
      isSettled = true
      clearTimeout(total)
      clearTimeout(idle)
      request.removeListener('data', onData)
      resolve(result)
    }
    const onData = (chunk: Buffer) => {
      idle?.refresh()
      size += chunk.length
      if (size > limits.requestBytes) settle({ refused: 'too_large' })
      else chunks.push(chunk)
    }
    const onGone = () => settle({ refused: 'client_gone' })
    request.on('data', onData)
    request.on('end', () => settle(joined(chunks)))
    request.on('error', onGone)
    request.on('close', onGone)
    // Most bodies come with their head, and are there before this runs.
    queueMicrotask(() => {
      if (isSettled) return
      const late = () => settle({ refused: 'body_timeout' })
      total = setTimeout(late, limits.bodyTotalMs)
      idle = setTimeout(late, limits.bodyIdleMs)
    })
  })
}

/** The chunks as one buffer; the usual single one is not copied. */
export function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
}
