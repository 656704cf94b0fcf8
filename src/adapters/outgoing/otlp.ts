import { Agent, request } from 'undici'
import type { Secret } from '../../kernel/index.ts'

/** Where traces go, as the operator says: no caller has a part in it. */
export type Collector = {
  readonly url: string
  readonly headers: Secret<Readonly<Record<string, string>>>
  readonly timeoutMs: number
}

/** Sends a body by OTLP/HTTP in JSON. False unless the collector says that it took it; redirects are not followed. */
export function createOtlpSender({ url, headers, timeoutMs }: Collector): {
  readonly send: (body: string) => Promise<boolean>
  readonly close: () => Promise<void>
} {
  const agent = new Agent({ connections: 1, connect: { timeout: timeoutMs } })
  return {
    send: async (body) => {
      const answer = await request(url, {
        method: 'POST',
        dispatcher: agent,
        headers: { ...headers.reveal(), 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      })
      await answer.body.dump({ limit: 65_536 })
      return answer.statusCode >= 200 && answer.statusCode < 300
    },
    close: () => agent.destroy(),
  }
}
