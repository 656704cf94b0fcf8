import {
  unless,
  unreachable,
  type Actor,
  type Decided,
  type DeploymentId,
  type Digest,
  type EpochMs,
} from '../../kernel/index.ts'

/** A text that passes at a deployment, as the guard policy in force says. */
export type Entry = {
  readonly channel: string
  readonly rule: string
  readonly window: Digest
  readonly until: EpochMs
}

/** What passes at one deployment, by what it is; told to those who answer for it. */
export type State = { readonly entries: readonly Entry[] }
export const initial: State = { entries: [] }

export type Command =
  /** What the policy that comes into force allows here. */
  | { readonly c: 'follow'; readonly version: number; readonly entries: readonly Entry[] }
  /** Tells what the clock has ended. */
  | { readonly c: 'expire' }

type About = { readonly deploymentId: DeploymentId; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & Entry & { readonly e: 'guard.allow_entry.added'; readonly version: number })
  | (About & Entry & { readonly e: 'guard.allow_entry.expired'; readonly cause: 'clock' | 'policy' })

export type Context = { readonly now: EpochMs; readonly actor: Actor; readonly deploymentId: DeploymentId }

/** Applies one command. Nothing here lets anything pass: the guard policy does; this is what people are told. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event> {
  const { now: at, actor: by, deploymentId } = ctx
  switch (command.c) {
    case 'follow': {
      const { entries, version } = command
      const gone = state.entries.filter((entry) => !entries.some((other) => isSame(entry, other)))
      const added = entries.filter((entry) => !state.entries.some((other) => isSame(entry, other)))
      return unless(
        [],
        ...gone.map(
          (entry): Event => ({
            e: 'guard.allow_entry.expired',
            deploymentId,
            by,
            at,
            cause: 'policy',
            ...entry,
          }),
        ),
        ...added.map(
          (entry): Event => ({ e: 'guard.allow_entry.added', deploymentId, by, at, version, ...entry }),
        ),
      )
    }
    case 'expire': {
      const over = state.entries.filter(({ until }) => until <= at)
      return unless(
        [],
        ...over.map(
          (entry): Event => ({
            e: 'guard.allow_entry.expired',
            deploymentId,
            by,
            at,
            cause: 'clock',
            ...entry,
          }),
        ),
      )
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. Total on any log. */
export function evolve(state: State, event: Event): State {
  const { channel, rule, window, until } = event
  const others = state.entries.filter((entry) => !isSame(entry, event))
  switch (event.e) {
    case 'guard.allow_entry.added':
      return { entries: [...others, { channel, rule, window, until }] }
    case 'guard.allow_entry.expired':
      return { entries: others }
    default:
      return unreachable(event)
  }
}

function isSame(a: Entry, b: Entry): boolean {
  return a.channel === b.channel && a.rule === b.rule && a.window === b.window && a.until === b.until
}
