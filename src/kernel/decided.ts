/** Parameters of a refusal: plain values that the reader's language renders. */
export type Params = { readonly [name: string]: string | number | boolean }

/** One reason of a refusal. `path` is a JSON pointer into the input, when one field is at fault. */
export type Reason<C extends string = string, P extends Params = Params> = {
  readonly code: C
  readonly params: P
  readonly path?: string
}

/** What a decider answers: the facts to record, or every reason against them at once. */
export type Decided<E, R extends Reason = Reason> =
  | { readonly ok: true; readonly events: readonly E[] }
  | { readonly ok: false; readonly refused: readonly R[] }

/** A refusal for one or more reasons. */
export function refuse<R extends Reason>(...refused: readonly [R, ...R[]]): Decided<never, R> {
  return { ok: false, refused }
}

/** Accepts `events` when there is no reason against them. */
export function unless<E, R extends Reason>(refused: readonly R[], ...events: readonly E[]): Decided<E, R> {
  return refused.length > 0 ? { ok: false, refused } : { ok: true, events }
}

/** Accepts `events` without any reservation. */
export function accept<E>(...events: readonly E[]): Decided<E, never> {
  return { ok: true, events }
}
