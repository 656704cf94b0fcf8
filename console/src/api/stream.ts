import { useEffect, useSyncExternalStore } from 'react'
import { queries } from './client.ts'
import { leadStream, type Lead } from './stream-lead.ts'

/** Something of which the server tells that it has changed. */
export type Topic = 'work' | 'health' | 'traffic' | `import:${string}`
/** Whether the server is heard: not yet, within the time that it promises, or not any more. */
export type Hearing = 'waiting' | 'heard' | 'lost'

/** What one tab of this browser says to the others. */
export type Message =
  | { readonly k: 'wants'; readonly tab: string; readonly topics: readonly Topic[] }
  /** Whoever leads has just begun, and asks what the others want. */
  | { readonly k: 'ask' }
  | { readonly k: 'gone'; readonly tab: string }
  | { readonly k: 'heard'; readonly note: Note }
/** A topic that has changed; everything, because something may have been missed or a stream begins; or a sign of life. */
export type Note = { readonly topic: Topic } | 'gap' | 'open' | 'beat'

/** Silence after which the connection counts as lost; the server says something every 15 seconds. */
const silenceMs = 45_000
const lookMs = 5_000
/** How often is read again what nobody tells us of. */
export const lostMs = 10_000
/** The same while changes are told: for what the clock alone changes. */
export const calmMs: Readonly<Record<'work' | 'health' | 'traffic' | 'import', number>> = {
  work: 300_000,
  health: 60_000,
  traffic: 30_000,
  import: 30_000,
}

/** How often at most something is read anew because it has changed, so that a busy hour does not make everybody read all the time. */
const paceMs = { work: 5_000, health: 5_000, traffic: 1_000, import: 1_000 }

/** Routes whose answers a topic may have changed, by their ids or the beginning of these. */
const concerned = {
  work: ['work.', 'notices.'],
  health: ['ledger.status', 'stops.list'],
  traffic: ['gatewayRecords.list'],
  import: ['imports.'],
}

const tab = crypto.randomUUID()
const wanted = new Map<Topic, number>()
const listeners = new Set<() => void>()
let hearing: Hearing = 'waiting'
let heardAt = 0
let channel: BroadcastChannel | null = null
let lead: Lead | null = null

type Kind = keyof typeof concerned
/** When each was read anew last, and what will do so next. */
const readAt = new Map<Kind, number>()
const reading = new Map<Kind, ReturnType<typeof setTimeout>>()

export function kindOf(topic: Topic): Kind {
  return topic === 'work' || topic === 'health' || topic === 'traffic' ? topic : 'import'
}

/**
 * Listens to the server until the returned function is called. Of all tabs of a browser one holds the lock and with it the
 * stream; it passes on what it hears. When it goes, the next one takes over.
 */
export function startStream(): () => void {
  const stop = new AbortController()
  const own = new BroadcastChannel('countersign.stream')
  channel = own
  hearing = 'waiting'
  heardAt = performance.now()
  own.addEventListener('message', ({ data }: MessageEvent<Message>) => take(data)) // no other page has this origin
  const begin = async () => {
    lead = leadStream({ wants: topics, onHeard: hear, say })
    await new Promise<void>((ended) => stop.signal.addEventListener('abort', () => ended()))
  }
  // The browser gives the lock to one tab at a time; the rest wait here.
  navigator.locks.request('countersign.stream', { signal: stop.signal }, begin).catch(() => undefined)
  const timer = setInterval(() => {
    if (hearing !== 'lost' && performance.now() - heardAt > silenceMs) turn('lost')
  }, lookMs)
  const onHide = () => say({ k: 'gone', tab })
  window.addEventListener('pagehide', onHide)
  tellWants()
  return () => {
    onHide()
    window.removeEventListener('pagehide', onHide)
    clearInterval(timer)
    lead?.end()
    lead = null
    stop.abort()
    own.close()
    if (channel === own) channel = null
  }
}

/** Whether the server is heard. */
export function useHearing(): Hearing {
  return useSyncExternalStore(subscribe, () => hearing)
}

/** Wants to hear of a topic while the component is on the page: what was read of it is then read anew when it changes. */
export function useTopic(topic: Topic | undefined): Hearing {
  useEffect(() => {
    if (topic === undefined) return undefined
    wanted.set(topic, (wanted.get(topic) ?? 0) + 1)
    tellWants()
    return () => {
      const left = (wanted.get(topic) ?? 1) - 1
      if (left > 0) wanted.set(topic, left)
      else wanted.delete(topic)
      tellWants()
    }
  }, [topic])
  return useHearing()
}

function take(message: Message): void {
  switch (message.k) {
    case 'ask':
      return say({ k: 'wants', tab, topics: topics() })
    case 'heard':
      return hear(message.note)
    default:
      lead?.take(message)
  }
}

/** INVARIANT: what is heard has no content; it makes what was read be read again, with all checks of a reading. */
function hear(note: Note): void {
  heardAt = performance.now()
  if (hearing !== 'heard') {
    const wasLost = hearing === 'lost'
    turn('heard')
    if (wasLost) readSoon(topics())
  }
  if (note === 'gap') readSoon(topics())
  else if (note === 'open') readLater(topics())
  // Another tab may follow calls while somebody points at ours, which then stands still.
  else if (note !== 'beat' && (note.topic !== 'traffic' || wanted.has('traffic'))) readSoon([note.topic])
}

/** Reads at once what has not been read anew for a while, and the rest when that is over. */
function readSoon(changed: readonly Topic[]): void {
  for (const kind of new Set(changed.map(kindOf))) {
    const wait = (readAt.get(kind) ?? -Infinity) + paceMs[kind] - performance.now()
    if (wait <= 0) readAnew(kind)
    else readIn(kind, wait)
  }
}

/** What was read just before a stream was open may lack what came in between; a page that loads has better to do first. */
function readLater(changed: readonly Topic[]): void {
  for (const kind of new Set(changed.map(kindOf))) readIn(kind, paceMs[kind])
}

function readIn(kind: Kind, ms: number): void {
  if (!reading.has(kind))
    reading.set(
      kind,
      setTimeout(() => readAnew(kind), ms),
    )
}

function readAnew(kind: Kind): void {
  clearTimeout(reading.get(kind))
  reading.delete(kind)
  readAt.set(kind, performance.now())
  void queries.invalidateQueries({
    predicate: ({ queryKey: [route] }) =>
      typeof route === 'string' && concerned[kind].some((beginning) => route.startsWith(beginning)),
  })
}

function tellWants(): void {
  lead?.update()
  say({ k: 'wants', tab, topics: topics() })
}

function topics(): readonly Topic[] {
  return [...wanted.keys()]
}

function say(message: Message): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a broadcast channel has none
  channel?.postMessage(message)
}

function turn(to: Hearing): void {
  hearing = to
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
