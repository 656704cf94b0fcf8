import { reasons, type ReasonCode } from '../../reasons.ts'

/** A refusal as the OpenAI API words it. SPEC: OpenAI API reference, errors. */
export function openaiRefusal(code: ReasonCode): string {
  const { status, message } = reasons[code]
  const told = code === 'guard_blocked' ? 'content_filter' : code
  return JSON.stringify({ error: { message, type: typeOf(status), param: null, code: told } })
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
