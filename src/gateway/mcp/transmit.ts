import type { IncomingHttpHeaders } from 'undici/types/header.js'
import { joined } from '../body.ts'
import type { Upstream } from '../exchange.ts'
import { codeOfFault } from '../fault.ts'
import type { Limits } from '../limits.ts'
import type { Target } from '../ports.ts'
import type { ReasonCode } from '../reasons.ts'
import type { Upstreams } from '../upstream.ts'
import { isEventStreamType, isJsonType } from '../wire/headers.ts'
import { decodeUtf8 } from '../wire/json.ts'
import { SseFramer } from '../wire/sse.ts'

export type ServerHead = { readonly status: number; readonly headers: IncomingHttpHeaders }

/** Who takes what a server sends. After `end` or `fail` nothing follows. */
export type Receiver = {
  readonly started?: (upstream: Upstream) => void
  /** Whether the rest is wanted. */
  readonly head: (head: ServerHead) => boolean
  /** The text of one message; `isStream`: others may follow. */
  readonly message: (text: string, isStream: boolean) => void
  readonly alive?: () => void
  readonly end: () => void
  readonly fail: (code: ReasonCode) => void
}

export type Transmission = {
  readonly method: 'POST' | 'GET' | 'DELETE'
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Buffer | null
}

/** Sends one HTTP request to a server and takes its answer apart into messages, whether it is one or a stream of them. */
export function transmit(
  { upstreams, limits }: { readonly upstreams: Upstreams; readonly limits: Limits },
  target: Target,
  request: Transmission,
  receiver: Receiver,
): void {
  let isOver = false
  let abort = (): void => {}
  let receive: (chunk: Buffer) => void = () => {}
  let finish: () => void = () => {}
  const fail = (code: ReasonCode): void => {
    if (isOver) return
    isOver = true
    abort()
    receiver.fail(code)
  }
  const end = (): void => {
    if (isOver) return
    isOver = true
    receiver.end()
  }
  const step = (work: () => void): void => {
    if (isOver) return
    try {
      work()
    } catch (error) {
      fail(codeOfFault(error))
    }
  }
  const begin = (status: number, headers: IncomingHttpHeaders): void => {
    const [encoding, type] = [headers['content-encoding'], headers['content-type']]
    if (status === 401 || status === 403 || status === 407) return fail('upstream_auth')
    if (!receiver.head({ status, headers })) {
      isOver = true
      return abort()
    }
    if (status === 202 || status === 204) return
    if (encoding !== undefined && encoding !== 'identity') return fail('upstream_unavailable')
    const isAnswer = status === 200 || (status >= 400 && status < 500 && status !== 408)
    if (status === 200 && isEventStreamType(type))
      [receive, finish] = streamReader(limits, receiver, end, fail)
    else if (isAnswer && isJsonType(type)) [receive, finish] = bodyReader(limits, receiver, end, fail)
    else fail('upstream_unavailable')
  }
  finish = end
  try {
    upstreams.dispatch(target, request, {
      onRequestStart: (controller) => {
        abort = () => controller.abort(new Error('the exchange is over'))
        receiver.started?.({
          abort,
          pause: () => controller.pause(),
          resume: () => controller.resume(),
        })
      },
      onResponseStart: (_controller, status, headers) => {
        if (status >= 200) step(() => begin(status, headers))
      },
      onResponseData: (_controller, chunk) => step(() => receive(chunk)),
      onResponseEnd: () => step(() => finish()),
      onResponseError: (_controller, error) => {
        const isLate = 'code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT'
        fail(isLate ? 'upstream_timeout' : 'upstream_unavailable')
      },
    })
  } catch {
    fail('upstream_unavailable') // the address is not allowed
  }
}

type Reader = [(chunk: Buffer) => void, () => void]

function bodyReader(
  limits: Limits,
  receiver: Receiver,
  end: () => void,
  fail: (code: ReasonCode) => void,
): Reader {
  const chunks: Buffer[] = []
  let size = 0
  return [
    (chunk) => {
      receiver.alive?.()
      size += chunk.length
      if (size > limits.responseBytes) fail('upstream_unavailable')
      else chunks.push(chunk)
    },
    () => {
      const text = decodeUtf8(joined(chunks))
      if (text === null) return fail('upstream_unavailable')
      receiver.message(text, false)
      end()
    },
  ]
}

function streamReader(
  limits: Limits,
  receiver: Receiver,
  end: () => void,
  fail: (code: ReasonCode) => void,
): Reader {
  const framer = new SseFramer({ resumes: true })
  let size = 0
  return [
    (chunk) => {
      receiver.alive?.()
      size += chunk.length
      if (size > limits.streamBytes) return fail('upstream_unavailable')
      for (const frame of framer.push(chunk)) {
        if (frame.k === 'garbage') return fail('upstream_unavailable')
        // An event without data only tells a place from which a stream could be taken up again.
        if (frame.k === 'event' && frame.event.data !== '') receiver.message(frame.event.data, true)
      }
    },
    () => (framer.isAtRest ? end() : fail('upstream_unavailable')),
  ]
}
