import type { Digest, Json } from '../../kernel/index.ts'

/** What is known about an idempotency key of one principal. */
export type Begun =
  | { readonly k: 'fresh' }
  | { readonly k: 'replay'; readonly status: number; readonly body: Json }
  | { readonly k: 'mismatch' }
  | { readonly k: 'in_progress' }

/** Remembers the first answer to each key. `begin` decides alone who runs: of two at once, one gets `fresh`. */
export type IdempotencyStore = {
  readonly begin: (principal: string, key: string, request: Digest) => Promise<Begun>
  readonly finish: (principal: string, key: string, answer: { status: number; body: Json }) => Promise<void>
  /** Forgets a key whose request changed nothing, so that it may be sent again. */
  readonly abandon: (principal: string, key: string) => Promise<void>
}
