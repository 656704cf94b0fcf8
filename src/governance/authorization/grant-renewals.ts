import { refuse, unless, type Decided, type Digest, type EpochMs, type Reason } from '../../kernel/index.ts'

/** Renewals that were recorded together: their number, and the RFC 6962 root over the digests of their claims. */
export type State = { readonly batches: number; readonly until: EpochMs | null }
export const initial: State = { batches: 0, until: null }

export type Command = {
  readonly c: 'batch'
  readonly from: EpochMs
  readonly until: EpochMs
  readonly count: number
  readonly merkleRoot: Digest
}
export type Event = {
  readonly e: 'grant.renewals_batched'
  readonly batch: number
  readonly from: EpochMs
  readonly until: EpochMs
  readonly count: number
  readonly merkleRoot: Digest
}
export type Context = { readonly now: EpochMs }
export type Refusal = Reason<'NOTHING_TO_BATCH' | 'WINDOW_INVALID'>

/** Records a batch. Windows follow each other and never lie ahead. */
export function decide(state: State, command: Command, { now }: Context): Decided<Event, Refusal> {
  const { from, until, count, merkleRoot } = command
  if (count < 1) return refuse({ code: 'NOTHING_TO_BATCH', params: {} })
  const isValid = from < until && until <= now && (state.until === null || from >= state.until)
  const faults: Refusal[] = isValid ? [] : [{ code: 'WINDOW_INVALID', params: {} }]
  return unless<Event, Refusal>(faults, {
    e: 'grant.renewals_batched',
    batch: state.batches + 1,
    from,
    until,
    count,
    merkleRoot,
  })
}

/** Folds one recorded fact. */
export function evolve(_state: State, event: Event): State {
  return { batches: event.batch, until: event.until }
}
