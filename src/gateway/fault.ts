import type { ReasonCode } from './reasons.ts'

/** What a call cannot go on with, and what its caller is told of it. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: ReasonCode

  constructor(code: ReasonCode) {
    super(code)
    this.code = code
  }
}

/** What a caller is told of an error. INVARIANT: an error in a check is a refusal. */
export function codeOfFault(error: unknown): ReasonCode {
  return error instanceof Fault ? error.code : 'check_fault'
}
