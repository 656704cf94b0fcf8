/** That something was committed, never what. */
export type Change =
  /** The log has new entries. */
  | { readonly k: 'log' }
  | { readonly k: 'import' | 'person' | 'session'; readonly id: string }
  /** Listening begins, or begins again: what happened before was not heard. */
  | { readonly k: 'unknown' }

export type Changes = {
  /** Tells of every change until the returned function is called. */
  readonly subscribe: (onChange: (change: Change) => void) => () => void
}
