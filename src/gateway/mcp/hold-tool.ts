import type { Caller } from '../admit.ts'
import type { Exchange } from '../exchange.ts'
import type { Again } from '../held/holds.ts'
import type { HoldingDeps } from '../held/model-calls.ts'
import { questionOf } from '../held/question.ts'
import { pendingTelling } from '../held/telling.ts'
import type { Limits } from '../limits.ts'
import type { ReasonCode } from '../reasons.ts'
import type { AskedCall } from '../tools.ts'
import { objectText } from '../wire/members.ts'
import { resultText } from './message.ts'
import { streamHeaders } from './relay.ts'
import type { RequestStates } from './request-state.ts'
import { deniedText, messageEvent, type Words } from './words.ts'

export type HeldTool = {
  readonly exchange: Exchange
  readonly caller: Caller
  /** The session, or what stands for all calls of a client without one. */
  readonly conversation: string
  readonly words: Words & { readonly id: string }
  readonly asked: AskedCall
  /** The client's token of progress as it is written; null when it wants none. */
  readonly progressToken: string | null
  /** What the client was given to bring back; undefined when it brings nothing. */
  readonly requestState: unknown
  /** Whether the client can show something to its user. */
  readonly canShow: boolean
  /** The call as it is decided now; nobody is asked any more when `asked` is null. */
  readonly again: () => Promise<
    { readonly caller: Caller; readonly asked: AskedCall | null } | { readonly refused: ReasonCode }
  >
}

/** `told`: what the client gets in the place of the result. */
export type HeldToolEnd =
  | { readonly k: 'approved' }
  | { readonly k: 'gone' }
  | { readonly k: 'told'; readonly text: string; readonly code: ReasonCode }

type Deps = HoldingDeps & { readonly limits: Limits; readonly states: RequestStates }

/** Holds a call of a tool at the last point before its server, until a person has agreed to exactly this call. */
export async function holdTool(deps: Deps, held: HeldTool): Promise<HeldToolEnd> {
  const { exchange, caller, words, conversation, asked } = held
  const question = (of: Caller, call: AskedCall) => questionOf(deps.approvalKey, of, conversation, call)
  const first = question(caller, asked)
  const no = (code: ReasonCode): HeldToolEnd => ({
    k: 'told',
    text: deniedText(words, code, exchange.id),
    code,
  })
  const following: string[] = []
  if (held.requestState !== undefined) {
    const state = deps.states.open(held.requestState)
    if (state === null) return no('unsupported_parameter')
    if (state.key !== caller.key.id || state.tool !== asked.tool || state.args !== first.args)
      return no('approval_denied')
    following.push(state.approval)
  }
  const again = async (): Promise<Again> => {
    const now = await held.again()
    if ('refused' in now) return { k: 'deny', code: now.refused }
    return now.asked === null ? { k: 'allow' } : { k: 'ask', questions: [question(now.caller, now.asked)] }
  }
  exchange.streams((code) => messageEvent(deniedText(words, code, exchange.id)))
  const stop = keepAlive(deps.limits.keepAliveMs, held)
  try {
    const ended = await deps.holds.hold(exchange, [first], again, following)
    if (ended.k === 'approved' || ended.k === 'gone') return ended
    if (ended.k === 'closed') return no(ended.code)
    const [approval = ''] = ended.ids
    const state = { approval, key: caller.key.id, tool: asked.tool, args: first.args }
    const text = pendingText(held, approval, () => deps.states.seal(state))
    return { k: 'told', text, code: 'approval_pending' }
  } finally {
    stop()
  }
}

/** Tells a client now and then that its call is still there. */
function keepAlive(everyMs: number, { exchange, progressToken }: HeldTool): () => void {
  let n = 0
  const tell = () => {
    n += 1
    exchange.release(
      progressToken === null ? ': waiting\n\n' : messageEvent(progressOf(progressToken, n)),
      streamHeaders,
    )
  }
  const timer = setInterval(() => exchange.guarded(tell), everyMs).unref()
  return () => clearInterval(timer)
}

/** SPEC: progress only ever grows, so that what the server tells later has to be more than anything told here. */
function progressOf(token: string, n: number): string {
  return objectText([
    ['jsonrpc', '"2.0"'],
    ['method', '"notifications/progress"'],
    ['params', `{"progressToken":${token},"progress":${n / 1_000_000},"message":"waiting for a person"}`],
  ])
}

function pendingText(
  { words, asked, exchange, canShow }: HeldTool,
  approval: string,
  sealed: () => string,
): string {
  const { text } = pendingTelling([asked.tool], [approval], exchange.id)
  if (words.era === 'legacy')
    return resultText(words.id, JSON.stringify({ content: [{ type: 'text', text }], isError: true }))
  // What the user of the client says to this is no decision: it only shows them what is waited for.
  const shown = {
    approval: {
      method: 'elicitation/create',
      params: { mode: 'form', message: text, requestedSchema: { type: 'object', properties: {} } },
    },
  }
  const result = {
    resultType: 'input_required',
    ...(canShow ? { inputRequests: shown } : {}),
    requestState: sealed(),
  }
  return resultText(words.id, JSON.stringify(result))
}
