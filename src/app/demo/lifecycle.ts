import type { Reason } from '../../kernel/index.ts'
import { unreachable } from '../../kernel/index.ts'

/** Why an installation does not offer a demo. */
export type Hindrance = 'off' | 'own_database' | 'behind_proxy' | 'in_demo'

/** Where the demo organisation beside this installation stands. */
export type State =
  | { readonly k: 'none' }
  /** It is being filled; what has happened so far, in the words of the walk. */
  | { readonly k: 'loading'; readonly steps: readonly string[] }
  | { readonly k: 'starting' }
  | { readonly k: 'running'; readonly origin: string; readonly gateway: string }
  /** It stands in its folder, whole, and does not run. */
  | { readonly k: 'stopped' }
  | { readonly k: 'removing' }
  | { readonly k: 'failed'; readonly during: 'load' | 'start' | 'run' | 'remove'; readonly why: string }

export type Command = 'load' | 'start' | 'remove'

export type Event =
  | { readonly e: 'load_begun' | 'start_begun' | 'remove_begun' | 'removed' }
  | { readonly e: 'step'; readonly line: string }
  | { readonly e: 'ready'; readonly origin: string; readonly gateway: string }
  /** The process has ended without having been asked to. */
  | { readonly e: 'ended'; readonly why: string }
  | { readonly e: 'remove_failed'; readonly why: string }

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['k'] }>
  | Reason<'DEMO_NOT_OFFERED', { why: Hindrance }>
  | Reason<'INSTALLATION_NOT_EMPTY'>

export type Facts = {
  readonly hindrance: Hindrance | null
  /** Whether nothing has been registered in the installation itself. */
  readonly isEmpty: boolean
}

/** Everything that speaks against a command now. Removing is never refused for what the installation has become. */
export function objectionsTo(state: State, command: Command, { hindrance, isEmpty }: Facts): Refusal[] {
  const objections: Refusal[] = []
  if (!isPossible(state, command)) objections.push({ code: 'WRONG_STATE', params: { state: state.k } })
  if (command === 'remove') return objections
  if (hindrance !== null) objections.push({ code: 'DEMO_NOT_OFFERED', params: { why: hindrance } })
  if (command === 'load' && !isEmpty) objections.push({ code: 'INSTALLATION_NOT_EMPTY', params: {} })
  return objections
}

function isPossible(state: State, command: Command): boolean {
  switch (command) {
    case 'load':
      return state.k === 'none' || (state.k === 'failed' && state.during === 'load')
    case 'start':
      return state.k === 'stopped' || (state.k === 'failed' && isWhole(state.during))
    case 'remove':
      return state.k !== 'none' && state.k !== 'removing'
    default:
      return unreachable(command)
  }
}

/** Whether a demo that failed then had been filled to its end. */
function isWhole(during: (State & { k: 'failed' })['during']): boolean {
  return during === 'start' || during === 'run'
}

const mostSteps = 200

/** Folds what has happened. An event that does not fit, such as a line after the end, leaves the state as it was. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'load_begun':
      return { k: 'loading', steps: [] }
    case 'start_begun':
      return { k: 'starting' }
    case 'remove_begun':
      return { k: 'removing' }
    case 'removed':
      return { k: 'none' }
    case 'step':
      return state.k === 'loading'
        ? { k: 'loading', steps: [...state.steps, event.line].slice(-mostSteps) }
        : state
    case 'ready':
      return state.k === 'loading' || state.k === 'starting'
        ? { k: 'running', origin: event.origin, gateway: event.gateway }
        : state
    case 'ended':
      if (state.k === 'loading') return { k: 'failed', during: 'load', why: event.why }
      if (state.k === 'starting') return { k: 'failed', during: 'start', why: event.why }
      return state.k === 'running' ? { k: 'failed', during: 'run', why: event.why } : state
    case 'remove_failed':
      return state.k === 'removing' ? { k: 'failed', during: 'remove', why: event.why } : state
    default:
      return unreachable(event)
  }
}

/** Where a demo stands when the product starts, by what is in its folder. */
export function found(folder: 'none' | 'begun' | 'whole' | 'foreign'): State {
  switch (folder) {
    case 'none':
      return { k: 'none' }
    case 'whole':
      return { k: 'stopped' }
    case 'begun':
      return { k: 'failed', during: 'load', why: 'it was interrupted before its end' }
    case 'foreign':
      return {
        k: 'failed',
        during: 'remove',
        why: 'the folder of the demo was not made by this installation',
      }
    default:
      return unreachable(folder)
  }
}
