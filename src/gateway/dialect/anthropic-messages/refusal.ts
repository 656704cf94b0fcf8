import { reasons, type ReasonCode } from '../../reasons.ts'

/** A refusal as the Anthropic API words it. SPEC: Anthropic API reference, errors. */
export function anthropicRefusal(code: ReasonCode, record: string): string {
  const { status, message } = reasons[code]
  return JSON.stringify({
    type: 'error',
    error: { type: typeOf(status), message: `${message} (${code})`, ...detailsOf(code) },
    request_id: record,
  })
}

/** By this a client knows that it may go on without a thread, sending the whole conversation. */
function detailsOf(code: ReasonCode): object {
  if (code !== 'thread_unsupported') return {}
  return { details: { error_code: 'thread_unsupported_request', unsupported: ['thread'] } }
}

function typeOf(status: number): string {
  const known: Readonly<Record<number, string>> = {
    401: 'authentication_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
  }
  return known[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
}
