/** What a reader is told. `id` is the size of the log up to which they have been told of it. */
export type Note =
  | { readonly name: 'changed'; readonly topic: string; readonly id: number }
  | { readonly name: 'gap'; readonly id: number }
  | { readonly name: 'beat' }

/** The notes that one reader has not taken yet. */
export type Mailbox = {
  readonly put: (note: Note) => void
  /** Ends it; what was not taken is not told any more. */
  readonly end: () => void
  /** Since when something waits to be taken, by the clock that it was made with; null when nothing does. */
  readonly waitingSince: () => number | null
  readonly notes: AsyncIterable<readonly Note[]>
}

/**
 * A mailbox that cannot grow: of one name and topic it keeps the newest note alone, since notes have no content.
 * A reader who takes nothing therefore costs nothing but the connection, which `waitingSince` tells its owner to end.
 */
export function createMailbox(now: () => number): Mailbox {
  let waiting = new Map<string, Note>()
  let since: number | null = null
  let isEnded = false
  let wake: () => void = () => undefined
  const end = () => {
    isEnded = true
    waiting.clear()
    since = null
    wake()
  }
  const done = { done: true, value: undefined } as const
  const iterator: AsyncIterator<readonly Note[]> = {
    next: async () => {
      while (waiting.size === 0) {
        if (isEnded) return done
        await new Promise<void>((resolve) => (wake = resolve))
      }
      const value = [...waiting.values()]
      waiting = new Map()
      since = null
      return { done: false, value }
    },
    return: async () => {
      end()
      return done
    },
  }
  return {
    put: (note) => {
      if (isEnded) return
      waiting.set(note.name === 'changed' ? note.topic : note.name, note)
      since ??= now()
      wake()
    },
    end,
    waitingSince: () => since,
    notes: { [Symbol.asyncIterator]: () => iterator },
  }
}
