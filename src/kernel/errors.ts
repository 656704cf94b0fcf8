import type { Json } from './canonical-json.ts'
import type { Reason } from './decided.ts'

export type ErrorSpec = { readonly status: number; readonly retry: boolean; readonly title: string }

/** Every fault that leaves the process, with its HTTP status and whether sending the same again can help. */
export const errors = {
  INVALID_INPUT: { status: 400, retry: false, title: 'the input does not have the documented form' },
  UNAUTHENTICATED: { status: 401, retry: false, title: 'sign in first' },
  STEP_UP_REQUIRED: {
    status: 401,
    retry: false,
    title: 'this act needs a stronger or fresher proof of who you are',
  },
  FORBIDDEN: { status: 403, retry: false, title: 'your roles do not allow this' },
  NOT_FOUND: { status: 404, retry: false, title: 'there is no such record, or you may not read it' },
  METHOD_NOT_ALLOWED: { status: 405, retry: false, title: 'the path exists, the method does not' },
  STALE: { status: 409, retry: false, title: 'the record has changed since it was read; read it again' },
  IDEMPOTENCY_MISMATCH: {
    status: 409,
    retry: false,
    title: 'this idempotency key was used for another request',
  },
  IDEMPOTENCY_IN_PROGRESS: {
    status: 409,
    retry: true,
    title: 'the first request with this idempotency key is still running',
  },
  IDEMPOTENCY_ANSWER_LOST: {
    status: 409,
    retry: false,
    title:
      'the first request with this idempotency key was carried out, but its answer is lost; read the record',
  },
  TOO_LARGE: { status: 413, retry: false, title: 'the body is larger than this route accepts' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, retry: false, title: 'send application/json' },
  REFUSED: { status: 422, retry: false, title: 'the rules do not allow this now; every reason is listed' },
  LEDGER_TOO_LARGE: {
    status: 422,
    retry: false,
    title: 'the facts exceed what one ledger entry holds; nothing was written',
  },
  LEDGER_BODY_INVALID: {
    status: 422,
    retry: false,
    title: 'the facts have no canonical form; nothing was written',
  },
  PRECONDITION_REQUIRED: { status: 428, retry: false, title: 'send the revision that you read in If-Match' },
  THROTTLED: { status: 429, retry: true, title: 'too many attempts; wait as long as Retry-After says' },
  INTERNAL: { status: 500, retry: false, title: 'an error that is ours; the request id finds it in the log' },
  FAIL_CLOSED: {
    status: 503,
    retry: true,
    title: 'ledger, clock or signer is unavailable; nothing was changed',
  },
  UNAVAILABLE: { status: 503, retry: true, title: 'the database is unavailable; nothing was changed' },
  OUTCOME_UNKNOWN: {
    status: 503,
    retry: true,
    title: 'the database was lost during the commit; send the same again with the same idempotency key',
  },
} as const satisfies Record<string, ErrorSpec>

export type ErrorCode = keyof typeof errors

/** A fault with a code of the table above. `detail` is one lower-case sentence without secrets or prompt text. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly reasons: readonly Reason[]
  readonly extra: { readonly [name: string]: Json }
  constructor(
    code: ErrorCode,
    detail: string = errors[code].title,
    options: { reasons?: readonly Reason[]; extra?: { readonly [name: string]: Json }; cause?: unknown } = {},
  ) {
    super(detail, { cause: options.cause })
    this.code = code
    this.reasons = options.reasons ?? []
    this.extra = options.extra ?? {}
  }
  get status(): number {
    return errors[this.code].status
  }
}
