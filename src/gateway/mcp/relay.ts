import type { Channel } from '../../guard/text.ts'
import type { Caller } from '../admit.ts'
import type { Exchange } from '../exchange.ts'
import type { Inspection } from '../inspection/inspection.ts'
import type { ReasonCode } from '../reasons.ts'
import { membersOf, objectText } from '../wire/members.ts'
import { replaceStrings } from '../wire/splice.ts'
import type { Sink } from './link.ts'
import type { Brought } from '../inspection/suspicion.ts'
import { errorText, resultText, rpcCodes, writtenAt, type Answer, type Message } from './message.ts'
import { readReply } from './places.ts'
import { resultIn } from './result-in.ts'
import { deniedText, messageEvent, type Words } from './words.ts'

export type Relayed = {
  readonly exchange: Exchange
  readonly caller: Caller
  readonly inspection: Inspection
  readonly method: string
  readonly words: Words & { readonly id: string }
  /** The client's token of progress as it is written; null when it wants none. */
  readonly progressToken: string | null
  readonly onSent: (cancel: () => void) => void
  /** The client is given something of the server. */
  readonly onReleased: (brought: Brought) => void
}

/** Notifications that belong to a request. Others have no listener here. */
const told: ReadonlySet<string> = new Set(['notifications/progress', 'notifications/message'])

export const streamHeaders: Record<string, string> = { 'x-accel-buffering': 'no' }

/**
 * Takes what a server sends while it works and hands on what passes the guard, message by message: nothing leaves before
 * the whole message that it stands in was read.
 */
export function relayTo(relayed: Relayed): Sink {
  const { exchange, caller, inspection, method, words, progressToken } = relayed
  const channel: Channel = method === 'tools/call' ? 'tool_result' : 'document'
  const isHeld = caller.grant.claims.tier === 3
  let [sentAs, held, hasBegun, isAnswered] = ['', '', exchange.hasBegun, false]

  const tell = (message: Message & { readonly k: 'notification' }): void => {
    if (!told.has(message.method)) return
    const isProgress = message.method === 'notifications/progress'
    if (isProgress && (progressToken === null || String(message.params['progressToken']) !== sentAs)) return
    const { segments } = readReply(message, channel)
    const { edits, isBlocked } = inspection.judge('output', segments)
    if (isBlocked) return withhold('answer_withheld')
    const params = membersOf(writtenAt(replaceStrings(message.text, edits), 'params') ?? '{}')
    if (params !== null && isProgress && progressToken !== null) params.set('progressToken', progressToken)
    const text = objectText([
      ['jsonrpc', '"2.0"'],
      ['method', JSON.stringify(message.method)],
      ['params', objectText(params ?? [])],
    ])
    if (isHeld) held += messageEvent(text)
    else {
      hasBegun = true
      relayed.onReleased(inspection.takeBrought())
      exchange.release(messageEvent(text), streamHeaders)
    }
  }

  /** What comes behind the answer is nobody's, while it is judged as well as afterwards. */
  const answer = async (message: Answer): Promise<void> => {
    isAnswered = true
    const { segments, media } = readReply(message, channel)
    const judging = inspection.judgeByLength('output', segments)
    const { edits, isBlocked } = judging instanceof Promise ? await judging : judging
    if (exchange.isOver) return
    const { capabilities } = caller.grant.scope
    exchange.inspectedAll()
    if (message.k === 'result' && !isComplete(message.result['resultType'])) return withhold('input_refused')
    if (isBlocked) return withhold('answer_withheld')
    if (!media.every(({ kind }) => capabilities.includes(`media:${kind}`)))
      return withhold('media_not_granted')
    const edited = replaceStrings(message.text, edits)
    relayed.onReleased(inspection.takeBrought())
    if (message.k === 'result') {
      const members = membersOf(writtenAt(edited, 'result') ?? '{}') ?? []
      finish(resultText(words.id, resultIn(words.era, method, members)))
    } else
      finish(errorMessage(words.id, edited), isUnknownMethod(message) && words.era === 'modern' ? 404 : 200)
  }

  const finish = (text: string, status = 200): void => {
    if (hasBegun || held !== '') {
      exchange.release(held + messageEvent(text), streamHeaders)
      exchange.finishStream()
    } else exchange.send(status, {}, Buffer.from(text, 'utf8'), text)
  }

  const withhold = (code: ReasonCode): void => {
    const text = deniedText(words, code, exchange.id)
    if (hasBegun) exchange.withholdStream(messageEvent(text), streamHeaders, code)
    else exchange.send(200, {}, Buffer.from(text, 'utf8'), text, code)
  }

  exchange.streams((code) => messageEvent(deniedText(words, code, exchange.id)))
  return {
    sent: (id, cancel) => {
      sentAs = id
      relayed.onSent(cancel)
    },
    started: (upstream) => exchange.reached(upstream),
    alive: () => exchange.idle(),
    message: (message) =>
      exchange.guarded((): void | Promise<void> => {
        if (isAnswered || message.k === 'request') return
        return message.k === 'notification' ? tell(message) : answer(message)
      }),
    end: () => {
      if (!isAnswered) exchange.refuse('upstream_unavailable')
    },
    fail: (code) => {
      if (!isAnswered) exchange.refuse(code)
    },
  }
}

/** SPEC: MCP 2026-07-28: an absent `resultType` is `complete`. */
function isComplete(resultType: unknown): boolean {
  return resultType === undefined || resultType === 'complete'
}

function isUnknownMethod(message: Answer): boolean {
  return message.k === 'error' && message.error['code'] === rpcCodes.methodNotFound
}

function errorMessage(id: string, text: string): string {
  const error = writtenAt(text, 'error')
  if (error === null) return errorText(id, { code: 502, message: 'the server gave no usable error' })
  return objectText([
    ['jsonrpc', '"2.0"'],
    ['id', id],
    ['error', error],
  ])
}
