import {
  AppError,
  isId,
  secondMs,
  unreachable,
  type ImportId,
  type SessionId,
  type UserId,
} from '../../kernel/index.ts'
import { may } from '../access.ts'
import { lacksSecondFactor } from '../identity/second-factor.ts'
import { lookAtSession } from '../identity/sessions.ts'
import { requireImport } from '../imports/views.ts'
import type { Change, Changes } from '../ports/changes.ts'
import type { Query } from '../ports/query.ts'
import { concerns, entriesFrom, logSize, type Entry, type Listener } from './concerns.ts'
import { createMailbox, type Mailbox, type Note } from './mailbox.ts'

/** Everybody who listens in this process. */
export type Hub = {
  /**
   * Listens for the person of a session. `after` is the last id that they were told before; what the log says since is told
   * at once. `UNAUTHENTICATED` when the session is over, `NOT_FOUND` for an import that they may not see, `THROTTLED` when
   * too many streams of theirs are open.
   */
  readonly open: (asked: Asked) => Promise<AsyncIterable<readonly Note[]>>
  /** Ends every stream; none is opened any more. */
  readonly close: () => void
}

export type Asked = {
  readonly session: SessionId
  readonly topics: readonly string[]
  readonly after: number | null
}

export type HubPorts = {
  readonly query: Query
  readonly changes: Changes
  /** State of the log in this process, in one word. */
  readonly ledgerState: () => string
  readonly log: (level: 'warn' | 'error', message: string) => void
}

const usual = {
  /** How often everybody hears something. */
  beatMs: 15 * secondMs,
  /** How long the hub rests between two looks at the log, so that a busy log is not read for every entry. */
  restMs: 500,
  /** How long somebody may leave what they were told untaken. */
  slowMs: 30 * secondMs,
  perPerson: 5,
  /** Entries that are gone through for one look; whoever is further behind reads everything anew. */
  maxBehind: 1_000,
}

type Stream = {
  readonly session: SessionId
  readonly person: UserId
  readonly topics: ReadonlySet<string>
  readonly mailbox: Mailbox
  /** Up to here the log was told. */
  position: number
}

const importTopic = 'import:'

export function createHub(ports: HubPorts, limits: Partial<typeof usual> = {}): Hub {
  const { query, changes, ledgerState } = ports
  const { beatMs, restMs, slowMs, perPerson, maxBehind } = { ...usual, ...limits }
  const streams = new Set<Stream>()
  let isClosed = false
  let unsubscribe: (() => void) | null = null
  let beating: NodeJS.Timeout | undefined
  let toldState = ledgerState()
  let look: Promise<void> | null = null
  let isLookDue = false

  /** Who a stream belongs to, as they are now; null ends it. */
  async function listenerOf(session: SessionId): Promise<Listener | null> {
    const found = await lookAtSession(query, session)
    if (found === null) return null
    const authority = { k: 'person', grants: found.grants, seat: found.seat } as const
    return lacksSecondFactor(authority, found.authn)
      ? null
      : { authority, person: found.person, now: found.readAt }
  }

  /** Does something for whoever still listens, with what they may do now; whoever no longer may is ended. */
  async function forListeners(
    among: readonly Stream[],
    act: (stream: Stream, listener: Listener) => Promise<void> | void,
  ): Promise<void> {
    for (const stream of among) {
      if (!streams.has(stream)) continue
      const listener = await listenerOf(stream.session)
      if (listener === null) leave(stream)
      else await act(stream, listener)
    }
  }

  function leave(stream: Stream): void {
    streams.delete(stream)
    stream.mailbox.end()
  }

  function tell({ topics, mailbox, position }: Stream, topic: string): void {
    if (topics.has(topic)) mailbox.put({ name: 'changed', topic, id: position })
  }

  /** Looks at the log once more; looks that are asked for meanwhile become one. */
  function lookAtLog(): void {
    isLookDue = true
    look ??= lookWhileDue().finally(() => (look = null))
  }

  async function lookWhileDue(): Promise<void> {
    while (isLookDue && !isClosed) {
      isLookDue = false
      await guarded(async () => {
        const size = await logSize(query)
        const behind = [...streams].filter(({ position }) => position < size)
        const from = Math.max(size - maxBehind, Math.min(...behind.map(({ position }) => position)))
        const entries = behind.length === 0 ? [] : await entriesFrom(query, from, maxBehind)
        await forListeners(behind, (stream, listener) => catchUp(stream, listener, entries, size))
      })
      await new Promise((resolve) => setTimeout(resolve, restMs))
    }
  }

  async function catchUp(
    stream: Stream,
    listener: Listener,
    entries: readonly Entry[],
    size: number,
  ): Promise<void> {
    const { position } = stream
    const isWithin = position >= size - maxBehind
    const topics = await concerns(
      query,
      listener,
      entries.filter(({ index }) => index >= position && index < size),
    )
    stream.position = size
    if (!isWithin) stream.mailbox.put({ name: 'gap', id: size })
    else for (const topic of topics) tell(stream, topic)
  }

  function onChange(change: Change): void {
    switch (change.k) {
      case 'log':
        return lookAtLog()
      case 'session':
        for (const stream of streams) if (stream.session === change.id) leave(stream)
        return
      case 'person': {
        const own = [...streams].filter(({ person }) => person === change.id)
        return void guarded(() => forListeners(own, (stream) => tell(stream, 'work')))
      }
      case 'import': {
        const topic = `${importTopic}${change.id}`
        const following = [...streams].filter(({ topics }) => topics.has(topic))
        return void guarded(() =>
          forListeners(following, async (stream, listener) => {
            if (await seesImport(listener, topic)) tell(stream, topic)
          }),
        )
      }
      case 'unknown':
        for (const { mailbox, position } of streams) mailbox.put({ name: 'gap', id: position })
        return lookAtLog()
      default:
        return unreachable(change)
    }
  }

  async function seesImport(listener: Listener, topic: string): Promise<boolean> {
    const id = topic.slice(importTopic.length)
    if (!isId('import', id)) return false
    return requireImport(query, listener, id as ImportId).then(
      () => true,
      (error: unknown) => {
        if (error instanceof AppError && error.code === 'NOT_FOUND') return false
        throw error
      },
    )
  }

  async function beat(): Promise<void> {
    const state = ledgerState()
    const hasTurned = state !== toldState
    toldState = state
    for (const stream of streams) {
      const since = stream.mailbox.waitingSince()
      if (since !== null && performance.now() - since > slowMs) leave(stream)
    }
    await forListeners([...streams], (stream, { authority, now }) => {
      if (hasTurned && may(authority, 'ledger.read', null, now)) tell(stream, 'health')
      stream.mailbox.put({ name: 'beat' })
    })
    lookAtLog() // were a notification ever lost, it would be made up for here
  }

  /** What fails is tried again with the next change or beat; whoever hears no beat meanwhile knows that they are cut off. */
  async function guarded(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      ports.log('warn', `streams were not served: ${error instanceof Error ? error.message : 'unknown'}`)
    }
  }

  return {
    open: async ({ session, topics, after }) => {
      const listener = await listenerOf(session)
      if (listener === null) throw new AppError('UNAUTHENTICATED')
      for (const topic of topics)
        if (topic.startsWith(importTopic) && !(await seesImport(listener, topic)))
          throw new AppError('NOT_FOUND')
      const size = await logSize(query)
      if (isClosed) throw new AppError('UNAVAILABLE', 'the server is about to stop')
      const { person } = listener
      if ([...streams].filter((one) => one.person === person).length >= perPerson)
        throw new AppError('THROTTLED', `at most ${perPerson} streams of a person are open`, {
          extra: { retryAfterS: beatMs / secondMs },
        })
      const mailbox = createMailbox(() => performance.now())
      const isKnown = after !== null && after <= size
      const position = isKnown ? after : size
      const stream: Stream = { session, person, topics: new Set(topics), mailbox, position }
      streams.add(stream)
      unsubscribe ??= changes.subscribe(onChange)
      beating ??= setInterval(() => void guarded(beat), beatMs)
      if (after !== null && !isKnown) mailbox.put({ name: 'gap', id: size })
      mailbox.put({ name: 'beat' })
      if (position < size) lookAtLog()
      return taken(mailbox, () => leave(stream))
    },
    close: () => {
      isClosed = true
      for (const stream of streams) leave(stream)
      unsubscribe?.()
      clearInterval(beating)
    },
  }
}

/** The notes, and what is to be done when the reader has gone. */
function taken({ notes }: Mailbox, onEnd: () => void): AsyncIterable<readonly Note[]> {
  const iterator = notes[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => iterator.next(),
      return: async () => {
        onEnd()
        return { done: true, value: undefined }
      },
    }),
  }
}
