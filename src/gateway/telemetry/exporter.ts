import type { Log } from '../ports.ts'
import { conventions } from './conventions.ts'
import type { Attribute, Span } from './span.ts'

/** Hands a body over to a collector; false when that did not take it. It ends within its own time. */
export type SendTraces = (body: string) => Promise<boolean>

export type SpanExporter = {
  readonly add: (span: Span) => void
  /** Sends what waits, once. */
  readonly flush: () => Promise<void>
  readonly dropped: () => number
  readonly start: () => void
  readonly close: () => Promise<void>
}

/**
 * Sends spans in batches. What a collector does not take is dropped and counted: telemetry is no record, and a collector
 * that is gone costs neither memory nor calls.
 */
export function createSpanExporter(options: {
  readonly send: SendTraces
  readonly resource: readonly Attribute[]
  readonly log: Log
  readonly everyMs?: number
  readonly maxBatch?: number
  readonly maxQueue?: number
}): SpanExporter {
  const { send, resource, log, everyMs = 5_000, maxBatch = 512, maxQueue = 2_048 } = options
  let queue: Span[] = []
  let sending: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  let [dropped, isFailing] = [0, false]

  async function sendOne(): Promise<void> {
    const spans = queue.slice(0, maxBatch)
    if (spans.length === 0) return
    queue = queue.slice(maxBatch)
    const isTaken = await send(bodyOf(spans)).catch(() => false)
    if (!isTaken) dropped += spans.length
    if (isTaken === isFailing) log(isTaken ? 'info' : 'warn', isTaken ? 'otlp.taken_again' : 'otlp.not_taken')
    isFailing = !isTaken
  }

  function flush(): Promise<void> {
    sending ??= sendOne().finally(() => {
      sending = null
    })
    return sending
  }

  function bodyOf(spans: readonly Span[]): string {
    const scope = { name: 'countersign.gateway' }
    const { schemaUrl } = conventions
    return JSON.stringify({
      resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ scope, spans, schemaUrl }] }],
    })
  }

  return {
    add: (span) => {
      if (queue.length >= maxQueue) {
        dropped += 1
        return
      }
      queue.push(span)
      if (queue.length >= maxBatch && !isFailing) void flush()
    },
    flush,
    dropped: () => dropped,
    start: () => {
      timer = setInterval(() => void flush(), everyMs).unref()
    },
    close: async () => {
      if (timer !== null) clearInterval(timer)
      await flush() // the batch that is under way
      await flush()
    },
  }
}
