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
    const settle = (result: Buffer | { refused: ReasonCode }) => {
      clearTimeout(total)
      clearTimeout(idle)
      request.removeListener('data', onData)
      resolve(result)
    }
    const total = setTimeout(() => settle({ refused: 'body_timeout' }), limits.bodyTotalMs).unref()
    const idle = setTimeout(() => settle({ refused: 'body_timeout' }), limits.bodyIdleMs).unref()
    const onData = (chunk: Buffer) => {
      idle.refresh()
      size += chunk.length
      if (size > limits.requestBytes) settle({ refused: 'too_large' })
      else chunks.push(chunk)
    }
    request.on('data', onData)
    request.once('end', () => settle(joined(chunks)))
    request.once('error', () => settle({ refused: 'client_gone' }))
    request.once('close', () => settle({ refused: 'client_gone' }))
  })
}

/** The chunks as one buffer; the usual single one is not copied. */
export function joined(chunks: readonly Buffer[]): Buffer {
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
}
