import {
  unless,
  type Actor,
  type Decided,
  type DeploymentId,
  type Digest,
  type Environment,
  type EpochMs,
} from '../../kernel/index.ts'
import type { GateAnswer } from './gate.ts'

/** How often the gate of a deployment was asked, and what it last said. */
export type State = { readonly evaluations: number; readonly last: GateAnswer['verdict'] | null }
export const initial: State = { evaluations: 0, last: null }

export type Command = {
  readonly c: 'record'
  readonly release: Digest | null
  readonly environment: Environment
  readonly answer: GateAnswer
  readonly receiptDigest: Digest
  readonly commit: string | null
}
export type Event = {
  readonly e: 'gate.evaluated'
  readonly deploymentId: DeploymentId
  readonly releaseDigest: Digest | null
  readonly environment: Environment
  readonly verdict: GateAnswer['verdict']
  readonly reasonCodes: readonly string[]
  readonly receiptDigest: Digest
  readonly commit: string | null
  readonly by: Actor
  readonly at: EpochMs
}
export type Context = { readonly now: EpochMs; readonly actor: Actor; readonly deploymentId: DeploymentId }

/** Records one evaluation; whoever may ask the gate leaves this trace. */
export function decide(_state: State, command: Command, ctx: Context): Decided<Event> {
  const { release, environment, answer, receiptDigest, commit } = command
  return unless([], {
    e: 'gate.evaluated',
    deploymentId: ctx.deploymentId,
    releaseDigest: release,
    environment,
    verdict: answer.verdict,
    reasonCodes: [...new Set(answer.reasons.map(({ code }) => code))].sort(),
    receiptDigest,
    commit,
    by: ctx.actor,
    at: ctx.now,
  })
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  return { evaluations: state.evaluations + 1, last: event.verdict }
}
