import type { Actor, CommandId, EpochMs, EventId, Json, JsonObject } from '../../kernel/index.ts'

/** Where a command came in and how its actor had proved who they are. */
export type Via = {
  readonly channel: 'api' | 'cli' | 'gateway' | 'system' | 'setup'
  readonly authn?: { readonly method: string; readonly ageS: number }
  readonly engine?: string
}

/** One event on its way into the ledger, with the state of its stream after it. */
export type AppendEvent = {
  /** `<aggregate>/<id>` */
  readonly stream: string
  readonly kind: string
  readonly facts: JsonObject
  readonly personal?: JsonObject
  readonly state: Json
}

export type AppendCommand = {
  readonly commandId: CommandId
  readonly actor: Actor
  readonly via: Via
  readonly events: readonly AppendEvent[]
}

export type StreamHead = { readonly rev: number; readonly state: Json | null }

/** One database transaction. Its last statements append: usually one command, for an atomic import several. */
export interface Tx {
  /** The database clock at the start of the transaction. */
  now(): Promise<EpochMs>
  query<R extends object = Record<string, unknown>>(sql: string, params?: readonly unknown[]): Promise<R[]>
  /** Locks the heads in sorted order and returns them by stream; a stream without entries has revision 0. */
  lockStreams(streams: readonly string[]): Promise<ReadonlyMap<string, StreamHead>>
  append(command: AppendCommand): Promise<readonly EventId[]>
}

/**
 * Runs work in one serialisable-by-locks transaction. Conflicts re-run the whole work, at most five times.
 * Errors: `STALE` when conflicts persist, `UNAVAILABLE` when the database is gone, `LEDGER_TOO_LARGE`.
 */
export interface UnitOfWork {
  run<T>(work: (tx: Tx) => Promise<T>): Promise<T>
}
