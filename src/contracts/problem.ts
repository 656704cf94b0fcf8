import { z } from 'zod'
import { errors, type ErrorCode, type Json } from '../kernel/index.ts'

const plain = z.union([z.string(), z.number(), z.boolean()])

export const reasonView = z.object({
  code: z.string(),
  params: z.record(z.string(), plain),
  path: z.string().optional(),
})

/** One field at fault. `pointer` is a JSON pointer; `in` says into what. */
export const fieldError = z.object({
  in: z.enum(['params', 'query', 'body', 'header']),
  pointer: z.string(),
  message: z.string(),
})

export type FieldError = z.output<typeof fieldError>

/** Problem document. SPEC: RFC 9457 3. Members beyond these are additions of one code, such as the current revision. */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(Object.keys(errors) as [ErrorCode, ...ErrorCode[]]), // keys of the table are its codes
  retry: z.boolean(),
  reasons: z.array(reasonView),
  errors: z.array(fieldError).optional(),
  requestId: z.string(),
})

export type Problem = z.output<typeof problem>

/** The document of one fault. `extra` never replaces a standard member. */
export function problemOf(fault: {
  readonly code: ErrorCode
  readonly detail: string
  readonly requestId: string
  readonly reasons?: readonly {
    code: string
    params: Readonly<Record<string, string | number | boolean>>
    path?: string
  }[]
  readonly errors?: readonly FieldError[]
  readonly extra?: { readonly [name: string]: Json }
}): Problem {
  const spec = errors[fault.code]
  return {
    ...fault.extra,
    type: `urn:countersign:problem:${fault.code}`,
    title: spec.title,
    status: spec.status,
    detail: fault.detail,
    code: fault.code,
    retry: spec.retry,
    reasons: (fault.reasons ?? []).map((reason) => ({ ...reason, params: { ...reason.params } })),
    ...(fault.errors === undefined ? {} : { errors: [...fault.errors] }),
    requestId: fault.requestId,
  }
}
