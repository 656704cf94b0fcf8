import type { Caller } from '../admit.ts'
import type { Exchange } from '../exchange.ts'
import type { Inspection } from '../inspection/inspection.ts'
import { membersOf, objectText } from '../wire/members.ts'
import { replaceStrings } from '../wire/splice.ts'
import type { Link } from './link.ts'
import { offers } from './may-call.ts'
import { writtenAt, type Message } from './message.ts'
import { readReply } from './places.ts'
import { streamHeaders } from './relay.ts'
import { messageEvent } from './words.ts'
import type { Brought } from '../inspection/suspicion.ts'

export type Listening = {
  readonly exchange: Exchange
  readonly caller: Caller
  readonly inspection: Inspection
  readonly link: Link
  /** After this time the stream ends, and its client opens another one. */
  readonly lifetimeMs: number
  readonly onReleased: (brought: Brought) => void
}

const keepAliveMs = 25_000

/** Hands on what a server tells outside of requests. Answers the way to end it in good order. */
export async function listen(listening: Listening): Promise<() => void> {
  const { exchange, inspection, link, lifetimeMs } = listening
  exchange.inspect(inspection)
  let finish = (): void => {}
  const stop = await link.listen({
    message: (message) => exchange.guarded(() => tell(listening, message)),
    end: () => finish(),
  })
  if (stop === null) {
    exchange.refuse('method_not_allowed')
    return finish
  }
  if (exchange.isOver) {
    stop()
    return finish
  }
  const alive = setInterval(() => {
    exchange.release(': alive\n\n', streamHeaders)
    exchange.idle()
  }, keepAliveMs).unref()
  const late = setTimeout(() => finish(), lifetimeMs).unref()
  exchange.onSettled(() => {
    clearInterval(alive)
    clearTimeout(late)
    stop()
  })
  finish = () => {
    if (exchange.isOver) return
    exchange.inspectedAll()
    exchange.finishStream()
  }
  exchange.lastsUntilGone()
  if (!exchange.goTo(link.target)) return finish
  exchange.reached({ abort: stop, pause: () => {}, resume: () => {} })
  exchange.streams(() => '')
  exchange.idle()
  exchange.release(': open\n\n', streamHeaders)
  return finish
}

function tell(
  { exchange, caller, inspection, link, onReleased }: Listening,
  message: Message & { readonly k: 'notification' },
): void {
  if (!isTold(caller, link.server, message.method)) return
  const { segments } = readReply(message, 'document')
  const { edits, isBlocked } = inspection.judge('output', segments)
  if (isBlocked) return exchange.note('answer_withheld')
  const params = membersOf(writtenAt(replaceStrings(message.text, edits), 'params') ?? '{}')
  onReleased(inspection.takeBrought())
  const text = objectText([
    ['jsonrpc', '"2.0"'],
    ['method', JSON.stringify(message.method)],
    ...(params === null || params.size === 0 ? [] : ([['params', objectText(params)]] as const)),
  ])
  exchange.release(messageEvent(text), streamHeaders)
}

/** What belongs to something that the grant opens. */
function isTold({ grant: { scope } }: Caller, server: string, method: string): boolean {
  switch (method) {
    case 'notifications/tools/list_changed':
    case 'notifications/message':
      return true
    case 'notifications/resources/list_changed':
    case 'notifications/resources/updated':
      return offers(scope.capabilities, 'resources', server)
    case 'notifications/prompts/list_changed':
      return offers(scope.capabilities, 'prompts', server)
    default:
      return false
  }
}
