import { Pool } from 'undici'
import type { Started } from './target-floor.ts'

/** What one call gave, and when its bytes came, in ms since it was sent. */
export type Answer = {
  readonly status: number
  readonly text: string
  readonly firstMs: number
  readonly lastMs: number
  /** Times between pieces of the body. */
  readonly gapsMs: readonly number[]
}

let serial = 0
/** So many of them are a body of 4 KB. */
const [sentence, sentences] = ['The host made a connection to a rare domain. ', 86]

/** Calls of a target over so many connections. Every call has a body of its own, so that no cache can help, save for
 * the earlier turns of a conversation. */
export function callerOf({ origin, key, headers = {} }: Started, connections: number) {
  const pool = new Pool(origin, { connections })
  return {
    close: () => pool.close(),
    call: async (wish: {
      stream: boolean
      model?: string
      text?: string
      /** Of a conversation, of which all but the last were sent before. */
      turns?: number
    }): Promise<Answer> => {
      serial += 1
      const { stream, model = 'demo', text = '', turns = 1 } = wish
      const words = sentence.repeat(Math.ceil(sentences / turns))
      const earlier = Array.from({ length: turns - 1 }, (_, n) => ({
        role: n % 2 === 0 ? 'user' : 'assistant',
        content: `Turn ${n}. ${words}`,
      }))
      const messages = [...earlier, { role: 'user', content: `${serial} ${text}${words}` }]
      const sentAt = performance.now()
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
        body: JSON.stringify({ model, messages, stream }),
      })
      const pieces: Buffer[] = []
      const times: number[] = []
      await new Promise((resolve, reject) => {
        body.on('data', (piece: Buffer) => {
          times.push(performance.now() - sentAt)
          pieces.push(piece)
        })
        body.on('end', resolve).on('error', reject)
      })
      return {
        status: statusCode,
        text: Buffer.concat(pieces).toString(),
        firstMs: times[0] ?? Number.NaN,
        lastMs: performance.now() - sentAt,
        gapsMs: times.slice(1).map((at, n) => at - (times[n] ?? at)),
      }
    },
  }
}
