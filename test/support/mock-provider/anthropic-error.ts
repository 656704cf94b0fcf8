/** SPEC: Anthropic API reference, Errors: `{"type": "error", "error": {type, message}, "request_id"}`. */
export function anthropicError(status: number, message: string): object {
  return {
    type: 'error',
    error: { type: types[status] ?? 'api_error', message },
    request_id: anthropicHeaders['request-id'],
  }
}

export const anthropicHeaders = {
  'request-id': 'req_mock',
  'anthropic-organization-id': 'org-mock',
  'anthropic-ratelimit-requests-remaining': '999',
}

const types: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
}
