import { isServerName } from '../../kernel/server-name.ts'
import { isTree } from '../dialect/reading.ts'
import type { ReasonCode } from '../reasons.ts'
import { decodeUtf8, readExactTree } from '../wire/json.ts'
import { objectText } from '../wire/members.ts'
import { readMessage, writtenAt, type Message } from './message.ts'

/** A message that passes between a client and a server somewhere else, and what it is. */
export type Passing = {
  readonly server: string
  /** `call`: from the client; `list`: all tools of the server; `result`: anything else from the server. */
  readonly kind: 'call' | 'list' | 'result'
  readonly message: Message
}

/** What is to be done with it. */
export type Decision = {
  /** What goes on to the other side as it is written; null: nothing. */
  readonly forward: string | null
  /** What its sender gets instead; null: nothing. */
  readonly back: string | null
  readonly reason: ReasonCode | null
  /** The tools of the server have to be told first; then the same message is asked about again. */
  readonly needsList: boolean
}

/** Reads what an enforcement point asks: `{"server":…,"kind":…,"message":…}`. */
export function readPassing(body: Buffer): Passing | { readonly refused: ReasonCode } {
  const text = decodeUtf8(body)
  const read = text === null ? null : readExactTree(text)
  if (text === null || read?.ok !== true || !isTree(read.tree)) return { refused: 'malformed' }
  const { server, kind, ...rest } = read.tree
  const isKind = kind === 'call' || kind === 'list' || kind === 'result'
  const written = writtenAt(text, 'message')
  if (typeof server !== 'string' || !isServerName(server) || !isKind || written === null)
    return { refused: 'malformed' }
  const message = readMessage(written)
  const isAlone = Object.keys(rest).length === 1
  return 'fault' in message || !isAlone ? { refused: 'malformed' } : { server, kind, message }
}

/** The answer to an enforcement point. Messages stand in it as texts, so that nobody writes a number anew. */
export function decisionText({ forward, back, reason, needsList }: Decision, record: string): string {
  return objectText([
    ['record', JSON.stringify(record)],
    ['forward', JSON.stringify(forward)],
    ['back', JSON.stringify(back)],
    ['reason', JSON.stringify(reason)],
    ['needsList', String(needsList)],
  ])
}
