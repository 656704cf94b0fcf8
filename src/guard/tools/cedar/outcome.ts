import type { CedarValue } from './value.ts'

/** What an expression is when its evaluation errs. A value of its own, because throwing costs more than a decision. */
export const erred: unique symbol = Symbol('erred')
export type Outcome = CedarValue | typeof erred
