import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { Webhook } from 'standardwebhooks'

export type Received = {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The message, when the reference library believes a signature with this secret; null when it does not. */
  readonly verified: (secret: string) => unknown
}

/** An endpoint on loopback that keeps what it is sent, and answers as it is told. */
export type WebhookReceiver = {
  readonly url: string
  readonly calls: readonly Received[]
  /** 204 unless said. */
  readonly answerWith: (answer: (reply: ServerResponse) => void) => void
  readonly close: () => Promise<void>
}

export async function startReceiver(): Promise<WebhookReceiver> {
  const calls: Received[] = []
  let answer = (reply: ServerResponse): void => void reply.writeHead(204).end()
  const server = createServer((request, reply) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8')
      const { headers } = request
      calls.push({ headers, body, verified: (secret) => verified(secret, headers, body) })
      answer(reply)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}/hook?from=countersign`,
    calls,
    answerWith: (next) => {
      answer = next
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

function verified(secret: string, headers: IncomingHttpHeaders, body: string): unknown {
  try {
    return new Webhook(secret).verify(body, headers as Record<string, string>) // node joins what is sent twice
  } catch {
    return null // the answer of this function
  }
}
