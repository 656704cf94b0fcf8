/** SPEC: OpenAI API reference, Error codes: `{"error": {message, type, param, code}}`. */
export function openaiError(status: number, message: string): object {
  const [type, code] = kinds[status] ?? ['server_error', null]
  return { error: { message, type, param: null, code } }
}

export const openaiHeaders = {
  'x-request-id': 'req_mock',
  'openai-processing-ms': '7',
  'openai-version': '2020-10-01',
  'openai-organization': 'org-mock',
}

const kinds: Readonly<Record<number, readonly [type: string, code: string | null]>> = {
  400: ['invalid_request_error', null],
  401: ['invalid_request_error', 'invalid_api_key'],
  404: ['invalid_request_error', 'model_not_found'],
  429: ['requests', 'rate_limit_exceeded'],
}
