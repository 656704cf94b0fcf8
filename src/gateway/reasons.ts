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
  capability_not_granted: { status: 403, message: 'an option of this request is not in scope' },
  thread_unsupported: { status: 400, message: 'conversations that the provider keeps are not in scope' },
  media_not_granted: { status: 403, message: 'images, sound and files are not in scope' },
  opaque_input: { status: 400, message: 'send texts, not the numbers of a tokeniser' },
  api_mismatch: { status: 404, message: 'this model is served by another API of the gateway' },
  guard_blocked: { status: 400, message: 'the request was stopped by policy' },
  answer_withheld: { status: 403, message: 'the answer was withheld by policy' },
  data_class_exceeded: {
    status: 403,
    message: 'no provider of this model may be sent data of this class',
  },
  server_not_granted: { status: 403, message: 'this server is not in scope' },
  tool_unknown: { status: 404, message: 'the server has no such tool' },
  tool_definition_poisoned: { status: 403, message: 'the definition of a tool was stopped by policy' },
  approval_pending: { status: 403, message: 'a person has to approve this call; ask again to wait for it' },
  approval_denied: {
    status: 403,
    message: 'a person has to approve this call, and it was denied or nobody can be asked',
  },
  approval_expired: { status: 403, message: 'a person had to approve this call, and nobody did in time' },
  arguments_refused: { status: 400, message: 'the arguments do not fit the schema of the tool' },
  origin_refused: { status: 403, message: 'pages of this origin may not use the gateway' },
  session_unknown: { status: 404, message: 'there is no such session' },
  session_missing: { status: 400, message: 'send the session that `initialize` has opened' },
  input_refused: { status: 403, message: 'the server asked the client for input, which is not in scope' },
  not_acceptable: { status: 406, message: 'accept application/json and text/event-stream' },
  tool_definition_changed: {
    status: 403,
    message: 'a tool of this request is not the one that was approved',
  },
  tool_denied: { status: 403, message: 'a call of a tool was stopped by policy' },
  header_conflict: { status: 400, message: 'two different credentials or conflicting headers were sent' },
  malformed: { status: 400, message: 'the request does not have the documented form' },
  unsupported_parameter: { status: 400, message: 'the request target or query is not supported' },
  unsupported_encoding: { status: 415, message: 'send application/json without content encoding' },
  not_found: { status: 404, message: 'there is no such path' },
  method_not_allowed: { status: 405, message: 'this path does not take this method' },
  body_timeout: { status: 408, message: 'the body did not arrive in time' },
  too_large: { status: 413, message: 'the body is larger than this route accepts' },
  rate_limited: { status: 429, message: 'too many calls; wait a moment' },
  budget_exhausted: { status: 429, message: 'a budget of this key or deployment is used up' },
  budget_unknown: { status: 503, message: 'what is left of a budget cannot be told; nothing was sent' },
  snapshot_stale: { status: 503, message: 'the state of authorizations is too old to decide' },
  check_fault: { status: 503, message: 'a check failed; nothing was sent' },
  vault_unavailable: {
    status: 503,
    message: 'what stands for personal data cannot be kept; nothing was sent',
  },
  record_unavailable: { status: 503, message: 'the record of this call cannot be kept; nothing was sent' },
  process_ended: { status: 503, message: 'the gateway ended in the middle of this call' },
  upstream_auth: { status: 502, message: 'the upstream refused our credential' },
  upstream_unavailable: { status: 502, message: 'the upstream did not give a usable answer' },
  upstream_timeout: { status: 504, message: 'the upstream did not answer in time' },
  client_gone: { status: 499, message: 'the caller went away' },
} as const satisfies Record<string, { status: number; message: string }>

export type ReasonCode = keyof typeof reasons

/** Whether a refusal counts as decided (`block`), as not yet decided by a person (`held`), or as a failure on our side or upstream (`fault`). */
export function actionOf(code: ReasonCode): 'block' | 'held' | 'fault' {
  if (code === 'approval_pending') return 'held'
  return reasons[code].status >= 500 || code === 'client_gone' ? 'fault' : 'block'
}
