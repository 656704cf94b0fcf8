import { unreachable } from '../../kernel/index.ts'
import { reasons, type ReasonCode } from '../reasons.ts'
import { sseText } from '../wire/sse.ts'
import type { HeadFault } from './head.ts'
import { errorText, resultText, rpcCodes, type MessageFault } from './message.ts'
import { supportedVersions, type Era } from './versions.ts'

/** How the gateway says no to one request. */
export type Words = {
  /** The id of the request as it is written; null when it could not be read. */
  readonly id: string | null
  readonly era: Era
  /** A call of a tool: its model is told why, as the result of the call. */
  readonly isToolCall: boolean
}

/** An error of the protocol itself, and the status that it has over HTTP. */
export type Rejection = {
  readonly status: number
  readonly code: ReasonCode
  readonly error: Parameters<typeof errorText>[1]
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

/**
 * What is said of a message that cannot be read, or whose head and body do not fit each other. `asked`: the version that it
 * asks for. SPEC: JSON-RPC 2.0 5.1; MCP 2026-07-28, error codes.
 */
export function rejectionOf(fault: MessageFault | HeadFault, asked: string | null = null): Rejection {
  const malformed = (code: number, message: string): Rejection => ({
    status: 400,
    code: 'malformed',
    error: { code, message },
  })
  switch (fault) {
    case 'not_json':
      return malformed(rpcCodes.parse, reasons.malformed.message)
    case 'batch':
    case 'no_message':
      return malformed(rpcCodes.invalidRequest, reasons.malformed.message)
    case 'meta_missing':
      return malformed(rpcCodes.invalidParams, 'Invalid params')
    case 'header_mismatch': {
      const error = { code: rpcCodes.headerMismatch, message: 'Header mismatch' }
      return { status: 400, code: 'header_conflict', error }
    }
    case 'version_unsupported': {
      const data = { supported: supportedVersions, requested: asked }
      const error = { code: rpcCodes.unsupportedVersion, message: 'Unsupported protocol version', data }
      return { status: 400, code: 'unsupported_parameter', error }
    }
    default:
      return unreachable(fault)
  }
}

/** One message as an event of a stream. */
export function messageEvent(text: string): string {
  return sseText({ name: 'message', data: text })
}
