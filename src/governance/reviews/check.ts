import {
  satisfies,
  unless,
  unreachable,
  type Actor,
  type AuthnContext,
  type Decided,
  type Digest,
  type Environment,
  type EpochMs,
  type Reason,
  type Tier,
  type UserId,
} from '../../kernel/index.ts'

/** The newest recorded result of one required check on one release in one environment. */
export type CheckResult = {
  readonly checkId: string
  readonly release: Digest
  readonly environment: Environment
  readonly result: 'pass' | 'fail' | 'inconclusive'
  readonly artefactDigest: Digest
  readonly by: Actor
  readonly at: EpochMs
  readonly validUntil: EpochMs
}
export type State = { readonly s: 'absent' } | ({ readonly s: 'recorded' } & CheckResult)
export const initial: State = { s: 'absent' }

export type Command = {
  readonly c: 'record'
  readonly checkId: string
  readonly release: Digest
  readonly environment: Environment
  readonly result: CheckResult['result']
  readonly artefactDigest: Digest
  readonly validUntil: EpochMs
}
export type Event = { readonly e: 'check.recorded' } & CheckResult
export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  readonly authn: AuthnContext
  readonly isValidator: boolean
  readonly tier: Tier
  readonly releaseAuthor: UserId | null
  readonly owners: ReadonlySet<UserId>
}
export type Refusal = Reason<
  | 'NOT_A_VALIDATOR'
  | 'VALIDATOR_NOT_INDEPENDENT'
  | 'VALIDITY_OUT_OF_RANGE'
  | 'OTHER_CHECK'
  | 'STEP_UP_REQUIRED'
>

const maxValidityMs = 366 * 86_400_000

/** Records a result. A later result replaces an earlier one, whichever way it went. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const { c: _, ...facts } = command
  const faults: Refusal[] = []
  const add = (code: Refusal['code']) => faults.push({ code, params: {} })
  const { actor, now } = ctx
  if (!ctx.isValidator) add('NOT_A_VALIDATOR')
  const involved = actor.k === 'person' && (actor.ref === ctx.releaseAuthor || ctx.owners.has(actor.ref))
  // In tier 3 the validator is independent; a failure is believed from anyone who may validate.
  if (ctx.tier === 3 && involved && command.result === 'pass') add('VALIDATOR_NOT_INDEPENDENT')
  if (actor.k === 'person' && !satisfies(ctx.authn, 'session_mfa', now)) add('STEP_UP_REQUIRED')
  if (command.validUntil <= now || command.validUntil > now + maxValidityMs) add('VALIDITY_OUT_OF_RANGE')
  if (state.s === 'recorded' && !isSame(state, command)) add('OTHER_CHECK')
  return unless(faults, { e: 'check.recorded', ...facts, by: actor, at: now })
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'check.recorded': {
      if (state.s === 'recorded' && !isSame(state, event)) return state
      const { checkId, release, environment, result, artefactDigest, by, at, validUntil } = event
      return { s: 'recorded', checkId, release, environment, result, artefactDigest, by, at, validUntil }
    }
    default:
      return unreachable(event.e)
  }
}

export type CheckStatus = 'pass' | 'fail' | 'inconclusive' | 'expired' | 'missing'

/** What the check says at `now`. A result that has run out says nothing. */
export function checkStatus(state: State, now: EpochMs): CheckStatus {
  if (state.s === 'absent') return 'missing'
  if (state.result === 'pass' && now >= state.validUntil) return 'expired'
  return state.result
}

type Key = Pick<CheckResult, 'checkId' | 'release' | 'environment'>
function isSame(a: Key, b: Key): boolean {
  return a.checkId === b.checkId && a.release === b.release && a.environment === b.environment
}
