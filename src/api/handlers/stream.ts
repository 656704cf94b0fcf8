import type { Hub } from '../../app/live/hub.ts'
import type { streamRoutes } from '../../contracts/routes/stream.ts'
import { AppError } from '../../kernel/index.ts'
import { EventStream, type Handlers, type Principal } from '../handler.ts'

/** The streams that tell browsers of changes. */
export function streamHandlers<P extends Principal>(hub: Hub): Handlers<typeof streamRoutes, P> {
  return {
    'stream.open': async ({ caller, query: { topics }, raw }) => {
      const { session } = caller()
      if (session === null) throw new AppError('FORBIDDEN', 'browsers listen, not programs; read the lists')
      const asked = { session, topics: [...new Set(topics.split(','))], after: lastIdIn(raw.headers) }
      return new EventStream(await hub.open(asked))
    },
  }
}

/** UNTRUSTED: an id that the stream has not given out is none. */
function lastIdIn(headers: Readonly<Record<string, unknown>>): number | null {
  const text = headers['last-event-id']
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : null
}
