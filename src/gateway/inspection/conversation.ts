import type { ConversationName } from '../../app/ports/conversation-vault.ts'
import type { Caller } from '../admit.ts'
import type { Ask, Dialect } from '../dialect/dialect.ts'
import type { Segment } from '../dialect/reading.ts'

/**
 * What tells a conversation apart from all others of its key (ADR 0039): the name that the client gives it, else the one
 * that the provider has for it, else how it begins. Requests that repeat the whole conversation begin alike.
 */
export function nameOf(
  { key }: Caller,
  { named, ask, dialect }: { readonly named: string | null; readonly ask: Ask; readonly dialect: Dialect },
  segments: readonly Segment[],
): ConversationName {
  const { id, deployment } = key
  const marks =
    named !== null
      ? ['named', named]
      : ask.thread !== null
        ? ['kept', dialect.name, ask.thread]
        : ['begins', ...opening(segments)]
  return { deployment, key: id, marks }
}

/** The instructions, and what is said until the user has spoken for the first time. */
function opening(segments: readonly Segment[]): readonly string[] {
  const said = segments.filter(({ path }) =>
    spoken.some((place) => path === place || path.startsWith(`${place}/`)),
  )
  const first = said.findIndex(({ channel }) => channel === 'user')
  const rest = first < 0 ? said : said.slice(0, first + 1)
  const instructions = segments.filter(({ path }) =>
    told.some((place) => path === place || path.startsWith(`${place}/`)),
  )
  return [...instructions, ...rest].map(({ text }) => text)
}

const spoken = ['/messages', '/input']
const told = ['/system', '/instructions']
