/** Every reason a caller can be given, with its HTTP status. Details stay with the operator. */
export const reasons = {
  key_missing: { status: 401, message: 'send a gateway key' },
  key_invalid: { status: 401, message: 'the gateway key is not known' },
  key_expired: { status: 401, message: 'the gateway key has expired' },
  key_revoked: { status: 401, message: 'the gateway key was revoked' },
  key_source_refused: { status: 401, message: 'the gateway key does not work from this address' },
  grant_absent: { status: 403, message: 'no authorization is in force for this deployment' },
  grant_expired: { status: 403, message: 'the authorization of this deployment has expired' },
  grant_stopped: { status: 403, message: 'this deployment was stopped' },
  release_mismatch: {
    status: 403,
    message: 'the authorization covers another release, route or environment',
  },
  model_not_granted: { status: 403, message: 'this model is not in the scope of the authorization' },
  region_not_granted: { status: 403, message: 'the region of this model is not in scope' },
  tool_not_granted: { status: 403, message: 'a tool of this request is not in scope' },
  header_conflict: { status: 400, message: 'two different credentials or conflicting headers were sent' },
  malformed: { status: 400, message: 'the request does not have the documented form' },
  unsupported_parameter: { status: 400, message: 'the request target or query is not supported' },
  unsupported_encoding: { status: 415, message: 'send application/json without content encoding' },
  not_found: { status: 404, message: 'there is no such path' },
  method_not_allowed: { status: 405, message: 'this path does not take this method' },
  body_timeout: { status: 408, message: 'the body did not arrive in time' },
  too_large: { status: 413, message: 'the body is larger than this route accepts' },
  rate_limited: { status: 429, message: 'too many calls; wait a moment' },
  budget_exhausted: { status: 429, message: 'the daily volume of this deployment is used up' },
  snapshot_stale: { status: 503, message: 'the state of authorizations is too old to decide' },
  check_fault: { status: 503, message: 'a check failed; nothing was sent' },
  record_unavailable: { status: 503, message: 'the record of this call cannot be kept; nothing was sent' },
  upstream_auth: { status: 502, message: 'the upstream refused our credential' },
  upstream_unavailable: { status: 502, message: 'the upstream did not give a usable answer' },
  upstream_timeout: { status: 504, message: 'the upstream did not answer in time' },
  client_gone: { status: 499, message: 'the caller went away' },
} as const satisfies Record<string, { status: number; message: string }>

export type ReasonCode = keyof typeof reasons

/** Body of a refusal in the shape of the OpenAI API, so that its clients read it without special care. */
export function errorBody(code: ReasonCode): string {
  const { status, message } = reasons[code]
  return JSON.stringify({ error: { message, type: typeOf(status), param: null, code } })
}

/** Whether a refusal counts as decided (`block`) or as a failure on our side or upstream (`fault`). */
export function actionOf(code: ReasonCode): 'block' | 'fault' {
  return reasons[code].status >= 500 || code === 'client_gone' ? 'fault' : 'block'
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
