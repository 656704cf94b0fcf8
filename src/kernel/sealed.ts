import type { JsonObject } from './canonical-json.ts'

/**
 * A recorded fact. `e` is its kind; all other members but `sealed` are facts that a decider may need: closed types,
 * ids, digests, instants, pseudonyms. `sealed` is text that people typed: it goes into the erasable compartment of the
 * ledger entry, and `evolve` never reads it.
 */
export type Fact = { readonly e: string; readonly sealed?: JsonObject }
