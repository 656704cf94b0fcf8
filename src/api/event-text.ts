import type { ServerEvent } from './handler.ts'

/** How long a browser waits before it connects anew. */
const retryMs = 3_000

/**
 * Events as they go over the wire. No generator: a reader who goes away must end what they listened to at once, also
 * while it waits for the next event.
 */
export function eventText(events: AsyncIterable<readonly ServerEvent[]>): AsyncIterable<string> {
  const taken = events[Symbol.asyncIterator]()
  let isBegun = false
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        if (!isBegun) {
          isBegun = true
          return { done: false, value: `retry: ${retryMs}\n\n` }
        }
        const next = await taken.next()
        if (next.done === true) return { done: true, value: undefined }
        return { done: false, value: next.value.map(textOf).join('') }
      },
      return: async () => {
        await taken.return?.()
        return { done: true, value: undefined }
      },
    }),
  }
}

/** SPEC: HTML, 9.2.5. No member has a line break, since it is JSON. */
function textOf({ name, id, ...data }: ServerEvent): string {
  const place = id === undefined ? '' : `id: ${id}\n`
  return `${place}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
