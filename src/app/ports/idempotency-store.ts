import type { CommandId, Digest, Json } from '../../kernel/index.ts'

/** The right to run the request of one key, until somebody else takes it over. */
export type Claim = { readonly principal: string; readonly key: string; readonly token: string }

/** What is known about an idempotency key of one principal. */
export type Begun =
  | { readonly k: 'fresh'; readonly claim: Claim }
  | { readonly k: 'replay'; readonly status: number; readonly body: Json }
  /** Carried out by a command, after which nobody came back with an answer. */
  | { readonly k: 'answer_lost'; readonly command: CommandId; readonly streams: readonly string[] }
  | { readonly k: 'mismatch' }
  | { readonly k: 'in_progress' }

/** Remembers the first answer to each key. `begin` decides alone who runs: of two at once, one gets `fresh`. */
export type IdempotencyStore = {
  readonly begin: (principal: string, key: string, request: Digest) => Promise<Begun>
  readonly finish: (claim: Claim, answer: { status: number; body: Json }) => Promise<void>
  /** Forgets a key whose request changed nothing, so that it may be sent again; keeps one that became a command. */
  readonly abandon: (claim: Claim) => Promise<void>
}
