import { openStream } from '../../../src/contracts/routes/stream.ts'
import type { Message, Note, Topic } from './stream.ts'

/** What the tab does that has the stream. */
export type Lead = {
  /** What another tab has said. */
  readonly take: (message: Message) => void
  /** What this tab wants has changed. */
  readonly update: () => void
  readonly end: () => void
}

/** Time in which the other tabs say what they want, before the stream is opened for all of them. */
const gatherMs = 100
/** Time after which a stream that was refused is asked for again. */
const refusedMs = 10_000
/** Time after which what was left out is asked for once more. */
const forgivenMs = 60_000
const most = 10

/** Holds the one stream of this browser, for what its tabs want, and passes on what it hears. */
export function leadStream({
  wants,
  onHeard,
  say,
}: {
  readonly wants: () => readonly Topic[]
  readonly onHeard: (note: Note) => void
  readonly say: (message: Message) => void
}): Lead {
  const others = new Map<string, readonly Topic[]>()
  let source: EventSource | null = null
  let asked: readonly Topic[] = []
  let timer = 0
  /** Imports that were refused, with everything else: they may be gone or not ours, so the rest is asked for without them. */
  const refused = new Set<Topic>()

  function wantedNow(): readonly Topic[] {
    const all = new Set([...wants(), ...[...others.values()].flat()])
    return [...all].filter((topic) => !refused.has(topic)).slice(0, most)
  }

  function open(): void {
    source?.close()
    asked = wantedNow()
    if (asked.length === 0) return
    const opened = new EventSource(`${openStream.path}?${new URLSearchParams({ topics: asked.join() })}`)
    source = opened
    // What changed before it was open, nobody has told. A connection that the browser resumes goes on by its last id.
    opened.addEventListener(
      'open',
      () => {
        hear('open')
        if (refused.size > 0) later(forgivenMs, forgive) // it may have been the server and not the imports
      },
      { once: true },
    )
    opened.addEventListener('beat', () => hear('beat'))
    opened.addEventListener('gap', () => hear('gap'))
    opened.addEventListener('changed', ({ data }: MessageEvent<string>) => {
      const { topic } = JSON.parse(data) as { readonly topic: Topic } // as the route describes it
      hear({ topic })
    })
    opened.addEventListener('error', () => {
      if (opened.readyState !== EventSource.CLOSED || source !== opened) return // the browser tries again
      const imports = asked.filter((topic) => topic.startsWith('import:'))
      if (imports.length === 0) refused.clear()
      for (const topic of imports) refused.add(topic)
      later(refusedMs)
    })
  }

  function later(ms: number, act = open): void {
    clearTimeout(timer)
    timer = window.setTimeout(act, ms)
  }

  function forgive(): void {
    refused.clear()
    open()
  }

  function hear(note: Note): void {
    onHeard(note)
    say({ k: 'heard', note })
  }

  /** What nobody wants any more may still be told; only what is missing is worth another stream. */
  function update(): void {
    if (wantedNow().some((topic) => !asked.includes(topic))) later(gatherMs)
  }

  say({ k: 'ask' })
  later(gatherMs)
  return {
    take: (message) => {
      if (message.k === 'gone') others.delete(message.tab)
      if (message.k !== 'wants') return
      others.set(message.tab, message.topics)
      update()
    },
    update,
    end: () => {
      clearTimeout(timer)
      source?.close()
    },
  }
}
