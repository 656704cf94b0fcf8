import {
  refuse,
  unless,
  unreachable,
  type Decided,
  type Digest,
  type EpochMs,
  type Reason,
} from '../../kernel/index.ts'

/** The traffic of one gateway worker from its start to its end: batches without gaps, records without gaps. */
export type State = { readonly s: 'open' | 'closed'; readonly batches: number; readonly records: number }
export const initial: State = { s: 'open', batches: 0, records: 0 }

export type Counts = {
  readonly allow: number
  /** Facts of before calls were redacted lack it: none was. */
  readonly redact?: number
  readonly block: number
  /** Facts of before calls waited for people lack it: none did. */
  readonly held?: number
  readonly fault: number
}
export type Batch = {
  readonly batch: number
  readonly firstSeq: number
  readonly n: number
  readonly root: Digest
  readonly firstAt: EpochMs
  readonly lastAt: EpochMs
  readonly counts: Counts
}
export type Command = (Batch & { readonly c: 'seal' }) | { readonly c: 'close' }

export type Event =
  | (Batch & { readonly e: 'gateway.traffic.sealed'; readonly worker: string; readonly at: EpochMs })
  | {
      readonly e: 'gateway.traffic.closed'
      readonly worker: string
      readonly batches: number
      readonly records: number
      readonly at: EpochMs
    }

export type Context = { readonly now: EpochMs; readonly worker: string }

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'BATCH_OUT_OF_ORDER', { expected: number }>
  | Reason<'RECORDS_OUT_OF_ORDER', { expected: number }>
  | Reason<'BATCH_EMPTY'>

/** Applies one command. A hole between batches or records is refused: what is missing must show as missing. */
export function decide(
  state: State,
  command: Command,
  { now: at, worker }: Context,
): Decided<Event, Refusal> {
  if (state.s === 'closed') return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
  switch (command.c) {
    case 'seal': {
      const { c: _, ...batch } = command
      const faults: Refusal[] = []
      if (batch.batch !== state.batches)
        faults.push({ code: 'BATCH_OUT_OF_ORDER', params: { expected: state.batches } })
      if (batch.firstSeq !== state.records)
        faults.push({ code: 'RECORDS_OUT_OF_ORDER', params: { expected: state.records } })
      if (batch.n < 1) faults.push({ code: 'BATCH_EMPTY', params: {} })
      return unless<Event, Refusal>(faults, { e: 'gateway.traffic.sealed', worker, ...batch, at })
    }
    case 'close': {
      const { batches, records } = state
      return unless<Event, Refusal>([], { e: 'gateway.traffic.closed', worker, batches, records, at })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'gateway.traffic.sealed':
      return { ...state, batches: event.batch + 1, records: event.firstSeq + event.n }
    case 'gateway.traffic.closed':
      return { ...state, s: 'closed' }
    default:
      return unreachable(event)
  }
}
