import {
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type Digest,
  type EpochMs,
  type ImportId,
  type Reason,
  type UserId,
} from '../../../kernel/index.ts'
import { importLimits } from './limits.ts'

export type Counts = {
  readonly create: number
  readonly update: number
  readonly unchanged: number
  readonly error: number
}
export type Mode = 'atomic' | 'skip_errors'

/** A plan for many use cases at once, and what became of it. The rows are use cases of their own. */
export type State =
  | { readonly s: 'absent' }
  | Planned
  | (Omit<Planned, 's'> & { readonly s: 'committed' | 'aborted' })
type Planned = {
  readonly s: 'planned'
  readonly id: ImportId
  readonly by: UserId
  readonly planDigest: Digest
  readonly counts: Counts
}
export const initial: State = { s: 'absent' }

type Plan = {
  readonly fileDigest: Digest
  readonly mappingDigest: Digest
  readonly planDigest: Digest
  readonly counts: Counts
}
export type Command =
  | ({ readonly c: 'plan' } & Plan)
  | { readonly c: 'commit'; readonly planDigest: Digest; readonly mode: Mode }
  | { readonly c: 'abort'; readonly counts: Counts; readonly cause: 'person' | 'refused' | 'lapsed' }

type About = { readonly importId: ImportId; readonly at: EpochMs }
export type Event =
  | (About & Plan & { readonly e: 'import.planned'; readonly by: UserId })
  | (About & Plan & { readonly e: 'import.committed'; readonly by: UserId; readonly mode: Mode })
  | (About & {
      readonly e: 'import.aborted'
      readonly by: Actor
      readonly cause: 'person' | 'refused' | 'lapsed'
      /** What had been done by then. */
      readonly counts: Counts
    })

export type Context = {
  readonly now: EpochMs
  readonly id: ImportId
  readonly actor: Actor
  /** The plan as it stands in the tables. */
  readonly plan: Plan
  /** Rows whose use case, and others whose questionnaire, is no longer what the plan was made on. */
  readonly stale: readonly number[]
}
export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'IMPORT_PLAN_STALE', { rows: string; count: number }>
  | Reason<'IMPORT_ATOMIC_TOO_LARGE', { rows: number; maxRows: number }>
  | Reason<'IMPORT_HAS_ERRORS', { rows: number }>
  | Reason<'PERSON_REQUIRED' | 'IMPORT_NOT_YOURS' | 'IMPORT_NOTHING_TO_DO'>

const namedRows = 20

/** Applies one command. Only the person whose plan it is commits it, since the plan says what they may do. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const about = { importId: ctx.id, at: ctx.now }
  const person = ctx.actor.k === 'person' ? ctx.actor.ref : null
  switch (command.c) {
    case 'plan': {
      if (state.s !== 'absent' && state.s !== 'planned') return wrongState(state)
      if (person === null) return refuse({ code: 'PERSON_REQUIRED', params: {} })
      const { c: _, ...plan } = command
      return unless<Event, Refusal>([], { e: 'import.planned', ...about, ...plan, by: person })
    }
    case 'commit': {
      if (state.s !== 'planned') return wrongState(state)
      if (person === null) return refuse({ code: 'PERSON_REQUIRED', params: {} })
      const faults: Refusal[] = []
      if (person !== state.by) faults.push({ code: 'IMPORT_NOT_YOURS', params: {} })
      const { create, update, error } = state.counts
      const isOther = command.planDigest !== state.planDigest
      if (isOther || ctx.stale.length > 0) faults.push(stale(ctx.stale))
      if (create + update === 0) faults.push({ code: 'IMPORT_NOTHING_TO_DO', params: {} })
      if (command.mode === 'atomic') {
        if (create + update > importLimits.atomicRows)
          faults.push({
            code: 'IMPORT_ATOMIC_TOO_LARGE',
            params: { rows: create + update, maxRows: importLimits.atomicRows },
          })
        if (error > 0) faults.push({ code: 'IMPORT_HAS_ERRORS', params: { rows: error } })
      }
      const { mode } = command
      return unless<Event, Refusal>(faults, {
        e: 'import.committed',
        ...about,
        ...ctx.plan,
        by: person,
        mode,
      })
    }
    case 'abort': {
      // INVARIANT: stopping needs one person; what a row has done by then stays, since it is a use case of its own.
      if (state.s !== 'planned' && state.s !== 'committed') return wrongState(state)
      const { counts, cause } = command
      return unless<Event, Refusal>([], { e: 'import.aborted', ...about, by: ctx.actor, cause, counts })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'import.planned': {
      if (state.s !== 'absent' && state.s !== 'planned') return state
      const { importId: id, by, planDigest, counts } = event
      return { s: 'planned', id, by, planDigest, counts }
    }
    case 'import.committed':
      return state.s === 'planned' ? { ...state, s: 'committed' } : state
    case 'import.aborted':
      return state.s === 'planned' || state.s === 'committed' ? { ...state, s: 'aborted' } : state
    default:
      return unreachable(event)
  }
}

/** Names the first rows; a person looks at those and plans again. */
function stale(rows: readonly number[]): Refusal {
  const named = rows.slice(0, namedRows).join(', ')
  return { code: 'IMPORT_PLAN_STALE', params: { rows: named, count: rows.length } }
}

function wrongState(state: State): Decided<never, Refusal> {
  return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
}
