import type { ReasonCode } from '../reasons.ts'

/** A server does not do what the protocol says, or cannot be reached. */
export class LinkFault extends Error {
  override readonly name = 'LinkFault'
  readonly code: ReasonCode

  constructor(code: ReasonCode) {
    super(code)
    this.code = code
  }
}

/** What a caller is told of an error on the way to a server. INVARIANT: an error in a check is a refusal. */
export function codeOfFault(error: unknown): ReasonCode {
  return error instanceof LinkFault ? error.code : 'check_fault'
}
