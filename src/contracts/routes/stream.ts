import { z } from 'zod'
import { idPrefixes } from '../../kernel/index.ts'
import { route } from '../route.ts'
import { empty } from '../schemas.ts'

const topic = `(work|health|traffic|import:${idPrefixes.import}_[0-7][0-9a-hjkmnp-tv-z]{25})`
/** How many topics one stream may have. */
const most = 10

export const openStream = route({
  id: 'stream.open',
  method: 'GET',
  path: '/api/v1/stream',
  tag: 'home',
  summary:
    'Tells a browser that something which its person may read has changed, never what; with `Last-Event-ID` it goes on where it was',
  access: { signedIn: true },
  query: z.strictObject({
    /** What is listened to, separated by commas: `work`, `health`, `traffic`, `import:<id>`. */
    topics: z
      .string()
      .regex(new RegExp(`^${topic}(,${topic}){0,${most - 1}}$`), `1 to ${most} topics, separated by commas`),
  }),
  reply: z.string(),
  produces: 'text/event-stream',
  events: {
    /** What was read of the topic may no longer hold. */
    changed: z.strictObject({ topic: z.string() }),
    /** Something may have been missed: all of it is to be read anew. */
    gap: empty,
    /** Every 15 seconds, so that silence tells a lost connection. */
    beat: empty,
  },
})

export const streamRoutes = [openStream] as const
