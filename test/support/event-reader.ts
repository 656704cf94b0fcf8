import type { Person } from '../../src/main/demo/person.ts'

export type Heard = {
  readonly name: string
  readonly id: number | null
  readonly data: Readonly<Record<string, unknown>>
}

/** A stream of server-sent events as a browser hears it. */
export type EventReader = {
  /** The next event with this name; those before it are put by. Null when the stream ends. */
  readonly next: (name: string) => Promise<Heard | null>
  /** Everything that was heard so far. */
  readonly heard: readonly Heard[]
  readonly close: () => void
}

export function cookieOf(person: Person): string {
  const { cookies } = JSON.parse(person.session()) as { readonly cookies: readonly [string, string][] } // our own form
  return cookies.map(([name, value]) => `${name}=${value}`).join('; ')
}

/** Listens to topics as somebody; throws when the answer is no stream. */
export async function listenTo(
  origin: string,
  person: Person,
  topics: string,
  lastEventId?: number,
): Promise<EventReader> {
  const stop = new AbortController()
  const response = await fetch(`${origin}/api/v1/stream?topics=${topics}`, {
    headers: {
      cookie: cookieOf(person),
      ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }),
    },
    signal: stop.signal,
  })
  if (response.body === null || !response.ok) throw new Error(`no stream: ${response.status}`)
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  const heard: Heard[] = []
  let text = ''
  let seen = 0
  const take = async (): Promise<boolean> => {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
    if (done) return false
    const parts = `${text}${value ?? ''}`.split('\n\n')
    text = parts.pop() ?? ''
    heard.push(...parts.flatMap(eventIn))
    return true
  }
  return {
    heard,
    next: async (name) => {
      for (;;) {
        const at = heard.findIndex((event, i) => i >= seen && event.name === name)
        if (at !== -1) {
          seen = at + 1
          return heard[at] ?? null
        }
        if (!(await take())) return null
      }
    },
    close: () => stop.abort(),
  }
}

function eventIn(part: string): Heard[] {
  const lines = part.split('\n').map((line): [string, string] => {
    const colon = line.indexOf(': ')
    return [line.slice(0, colon), line.slice(colon + 2)]
  })
  const fields = new Map(lines)
  const [name, data, id] = [fields.get('event'), fields.get('data'), fields.get('id')]
  if (name === undefined || data === undefined) return []
  return [{ name, data: JSON.parse(data) as Heard['data'], id: id === undefined ? null : Number(id) }]
}
