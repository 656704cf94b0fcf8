import { reasons, type ReasonCode } from '../reasons.ts'
import { sseText } from '../wire/sse.ts'
import { errorText, resultText, rpcCodes } from './message.ts'
import type { Era } from './versions.ts'

/** How the gateway says no to one request. */
export type Words = {
  /** The id of the request as it is written; null when it could not be read. */
  readonly id: string | null
  readonly era: Era
  /** A call of a tool: its model is told why, as the result of the call. */
  readonly isToolCall: boolean
}

/** Reasons with a code of the protocol. Every other one is told by its HTTP status, which the protocol leaves free. */
const codes: Readonly<Partial<Record<ReasonCode, number>>> = {
  malformed: rpcCodes.invalidRequest,
  method_not_allowed: rpcCodes.methodNotFound,
  tool_not_granted: rpcCodes.invalidParams,
  tool_unknown: rpcCodes.invalidParams,
  unsupported_parameter: rpcCodes.invalidParams,
}

/** The error response for a reason. Details stay with the operator, under the id of the record. */
export function refusalText(id: string | null, reason: ReasonCode, record: string): string {
  const code = codes[reason] ?? reasons[reason].status
  return errorText(id, { code, message: reasons[reason].message, data: { reason, record } })
}

/**
 * The answer in place of one that policy stops. A tool that may not be known is an error of the request; whatever else
 * is stopped about a tool is the result of its call, so that the model can go on.
 */
export function deniedText({ id, era, isToolCall }: Words, reason: ReasonCode, record: string): string {
  if (id === null || !isToolCall || codes[reason] !== undefined) return refusalText(id, reason, record)
  const text = `${reasons[reason].message} (${reason}, record ${record})`
  const result = {
    ...(era === 'modern' ? { resultType: 'complete' } : {}),
    content: [{ type: 'text', text }],
    isError: true,
  }
  return resultText(id, JSON.stringify(result))
}

/** One message as an event of a stream. */
export function messageEvent(text: string): string {
  return sseText({ name: 'message', data: text })
}
