import {
  addDays,
  refuse,
  satisfies,
  unless,
  unreachable,
  type Actor,
  type AuthnContext,
  type DecisionId,
  type Decided,
  type Digest,
  type EpochMs,
  type IdSource,
  type Reason,
  type SystemId,
  type Tier,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import { undeclaredTools, type DeclaredAction, type UndeclaredTool } from './declared-tools.ts'
import { releaseDigest, type ReleaseManifest } from './manifest.ts'
import {
  classifyChange,
  type AnswersChange,
  type ChangeClass,
  type ChangeLine,
  type PolicyStrictness,
} from './material-change.ts'

export type SystemKind = 'built' | 'bought' | 'embedded'
/** One release: its manifest, who made it, and what it was made from. Its name is its digest. */
export type Release = {
  readonly digest: Digest
  readonly manifest: ReleaseManifest
  readonly parent: Digest | null
  readonly author: Actor
  readonly createdAt: EpochMs
}
export type ClassifiedChange = {
  readonly from: Digest
  readonly to: Digest
  readonly class: ChangeClass
  readonly tier: Tier
}
export type Extension = { readonly decisionId: DecisionId; readonly to: Digest; readonly at: EpochMs }

/** An AI system with all its releases. */
export type AiSystem = {
  readonly s: 'registered' | 'retired'
  readonly id: SystemId
  readonly useCaseId: UseCaseId
  readonly kind: SystemKind
  readonly vendorRef: string | null
  readonly releases: { readonly [digest: string]: Release }
  /** The newest classification of each pair of releases. */
  readonly changes: readonly ClassifiedChange[]
  readonly extensions: readonly Extension[]
}
export type State = { readonly s: 'absent' } | AiSystem
export const initial: State = { s: 'absent' }

export type Command =
  | {
      readonly c: 'register'
      readonly useCaseId: UseCaseId
      readonly kind: SystemKind
      readonly vendorRef?: string
    }
  | { readonly c: 'retire'; readonly reasonCode: string }
  | { readonly c: 'create_release'; readonly manifest: ReleaseManifest; readonly parent?: Digest }
  | { readonly c: 'classify_change'; readonly from: Digest; readonly to: Digest }
  | { readonly c: 'extend_decision'; readonly decisionId: DecisionId; readonly to: Digest }

type About = { readonly systemId: SystemId; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & {
      readonly e: 'system.registered'
      readonly useCaseId: UseCaseId
      readonly kind: SystemKind
      readonly vendorRef: string | null
    })
  | (About & { readonly e: 'system.retired'; readonly reasonCode: string })
  | (About & {
      readonly e: 'release.created'
      readonly digest: Digest
      readonly parent: Digest | null
      readonly manifest: ReleaseManifest
    })
  | (About & {
      readonly e: 'release.change_classified'
      readonly from: Digest
      readonly to: Digest
      readonly class: ChangeClass
      readonly lines: readonly ChangeLine[]
      readonly tier: Tier
    })
  | (About & {
      readonly e: 'release.decision_extended'
      readonly decisionId: DecisionId
      readonly from: Digest
      readonly to: Digest
      readonly class: 'none' | 'minor'
      readonly tier: Tier
      readonly checkRunDigests: readonly Digest[]
    })

/** The approval that is to be extended. */
export type DecisionFact = {
  readonly id: DecisionId
  readonly outcome: 'approved' | 'approved_with_conditions' | 'rejected'
  readonly release: Digest
  readonly decidedAt: EpochMs
  readonly notBefore: EpochMs
  readonly expiresAt: EpochMs
  readonly revoked: boolean
}
export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  readonly authn: AuthnContext
  readonly ids: IdSource
  readonly tier: Tier
  /** Actions of the triaged use-case revision; null when the use case is not triaged. */
  readonly declaredActions: readonly DeclaredAction[] | null
  readonly answers: AnswersChange
  readonly strictness: PolicyStrictness
  readonly decision: DecisionFact | null
  /** Required checks on the release that the decision is to be extended to. */
  readonly checks: { readonly allPass: boolean; readonly runs: readonly Digest[] }
  readonly seatedSecurity: ReadonlySet<UserId>
  /** Requester and owners of the use case. */
  readonly interested: ReadonlySet<UserId>
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: string }>
  | Reason<'RELEASE_UNKNOWN' | 'RELEASE_EXISTS', { release: string }>
  | Reason<'MANIFEST_OF_OTHER_SYSTEM' | 'USE_CASE_NOT_TRIAGED'>
  | UndeclaredTool
  | Reason<
      | 'NOT_CLASSIFIED'
      | 'CHANGE_IS_MATERIAL'
      | 'TIER_3_NEVER_EXTENDS'
      | 'DECISION_NOT_IN_FORCE'
      | 'CHECKS_NOT_PASSED'
      | 'SECURITY_SEAT_REQUIRED'
      | 'AUTHOR_CONFLICT'
      | 'OWNER_CONFLICT'
      | 'STEP_UP_REQUIRED'
      | 'ALREADY_EXTENDED'
    >
  | Reason<'EXTENSIONS_EXHAUSTED', { max: number; days: number }>

export const maxExtensions = 5
export const extensionDays = 30

/** Applies one command. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  if (command.c === 'register') {
    if (state.s !== 'absent') return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
    const systemId = ctx.ids.next('system')
    const { useCaseId, kind, vendorRef = null } = command
    const about = { systemId, by: ctx.actor, at: ctx.now }
    return unless<Event, Refusal>([], { e: 'system.registered', ...about, useCaseId, kind, vendorRef })
  }
  if (state.s !== 'registered') return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
  const about = { systemId: state.id, by: ctx.actor, at: ctx.now }
  switch (command.c) {
    case 'retire':
      // INVARIANT: stopping needs one person. Nothing in `ctx` may refuse a retirement.
      return unless<Event, Refusal>([], { e: 'system.retired', ...about, reasonCode: command.reasonCode })
    case 'create_release': {
      const { manifest, parent = null } = command
      const digest = releaseDigest(manifest)
      return unless<Event, Refusal>(releaseFaults(state, digest, command, ctx), {
        e: 'release.created',
        ...about,
        digest,
        parent,
        manifest,
      })
    }
    case 'classify_change': {
      const { from, to } = command
      const [old, next] = [releaseOf(state, from), releaseOf(state, to)]
      if (old === undefined || next === undefined) return refuse(unknown(old === undefined ? from : to))
      const change = classifyChange(old.manifest, next.manifest, ctx.answers, ctx.tier, ctx.strictness)
      const { tier } = ctx
      return unless<Event, Refusal>([], {
        e: 'release.change_classified',
        ...about,
        from,
        to,
        ...change,
        tier,
      })
    }
    case 'extend_decision':
      return extend(state, command, ctx)
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  if (event.e === 'system.registered') {
    if (state.s !== 'absent') return state
    const { systemId: id, useCaseId, kind, vendorRef } = event
    return { s: 'registered', id, useCaseId, kind, vendorRef, releases: {}, changes: [], extensions: [] }
  }
  if (state.s === 'absent' || event.systemId !== state.id) return state
  switch (event.e) {
    case 'system.retired':
      return { ...state, s: 'retired' }
    case 'release.created': {
      if (releaseOf(state, event.digest) !== undefined) return state
      const { digest, manifest, parent, by: author, at: createdAt } = event
      return {
        ...state,
        releases: { ...state.releases, [digest]: { digest, manifest, parent, author, createdAt } },
      }
    }
    case 'release.change_classified': {
      const { from, to, class: changeClass, tier } = event
      const others = state.changes.filter((change) => change.from !== from || change.to !== to)
      return { ...state, changes: [...others, { from, to, class: changeClass, tier }] }
    }
    case 'release.decision_extended': {
      const { decisionId, to, at } = event
      return { ...state, extensions: [...state.extensions, { decisionId, to, at }] }
    }
    default:
      return unreachable(event)
  }
}

/** Releases to which `decisionId` was extended. */
export function extensionsOf(state: State, decisionId: DecisionId): Digest[] {
  if (state.s === 'absent') return []
  return state.extensions.filter((extension) => extension.decisionId === decisionId).map(({ to }) => to)
}

function releaseOf(state: AiSystem, digest: Digest): Release | undefined {
  return Object.hasOwn(state.releases, digest) ? state.releases[digest] : undefined
}

function unknown(release: Digest): Refusal {
  return { code: 'RELEASE_UNKNOWN', params: { release } }
}

function releaseFaults(
  state: AiSystem,
  digest: Digest,
  { manifest, parent }: Command & { c: 'create_release' },
  ctx: Context,
): Refusal[] {
  const faults: Refusal[] = []
  if (manifest.systemId !== state.id) faults.push({ code: 'MANIFEST_OF_OTHER_SYSTEM', params: {} })
  if (releaseOf(state, digest) !== undefined)
    faults.push({ code: 'RELEASE_EXISTS', params: { release: digest } })
  if (parent !== undefined && releaseOf(state, parent) === undefined) faults.push(unknown(parent))
  if (ctx.declaredActions === null) faults.push({ code: 'USE_CASE_NOT_TRIAGED', params: {} })
  else faults.push(...undeclaredTools(manifest, ctx.declaredActions))
  return faults
}

function extend(
  state: AiSystem,
  { decisionId, to }: Command & { c: 'extend_decision' },
  ctx: Context,
): Decided<Event, Refusal> {
  const { decision, tier, now } = ctx
  const release = releaseOf(state, to)
  if (release === undefined) return refuse(unknown(to))
  if (decision === null || decision.id !== decisionId)
    return refuse({ code: 'DECISION_NOT_IN_FORCE', params: {} })
  const from = decision.release
  // INVARIANT: the change is measured from the approved release itself, so that small steps never add up unseen.
  const change = state.changes.find((candidate) => candidate.from === from && candidate.to === to)
  if (change === undefined || change.tier !== tier) return refuse({ code: 'NOT_CLASSIFIED', params: {} })
  if (change.class === 'material') return refuse({ code: 'CHANGE_IS_MATERIAL', params: {} })
  const faults: Refusal[] = []
  const add = (code: 'TIER_3_NEVER_EXTENDS' | 'DECISION_NOT_IN_FORCE' | 'CHECKS_NOT_PASSED') =>
    faults.push({ code, params: {} })
  if (tier === 3) add('TIER_3_NEVER_EXTENDS')
  const inForce = decision.outcome !== 'rejected' && !decision.revoked
  if (!inForce || now < decision.notBefore || now >= decision.expiresAt) add('DECISION_NOT_IN_FORCE')
  if (!ctx.checks.allPass) add('CHECKS_NOT_PASSED')
  const extensions = extensionsOf(state, decisionId)
  if (extensions.includes(to)) faults.push({ code: 'ALREADY_EXTENDED', params: {} })
  if (extensions.length >= maxExtensions || now >= addDays(decision.decidedAt, extensionDays))
    faults.push({ code: 'EXTENSIONS_EXHAUSTED', params: { max: maxExtensions, days: extensionDays } })
  if (tier !== 1) faults.push(...signerFaults(release, ctx))
  return unless<Event, Refusal>(faults, {
    e: 'release.decision_extended',
    systemId: state.id,
    by: ctx.actor,
    at: now,
    decisionId,
    from,
    to,
    class: change.class,
    tier,
    checkRunDigests: [...ctx.checks.runs].sort(),
  })
}

function signerFaults(release: Release, ctx: Context): Refusal[] {
  const { actor } = ctx
  if (actor.k !== 'person' || !ctx.seatedSecurity.has(actor.ref))
    return [{ code: 'SECURITY_SEAT_REQUIRED', params: {} }]
  const faults: Refusal[] = []
  if (release.author.k === 'person' && release.author.ref === actor.ref)
    faults.push({ code: 'AUTHOR_CONFLICT', params: {} })
  if (ctx.interested.has(actor.ref)) faults.push({ code: 'OWNER_CONFLICT', params: {} })
  if (!satisfies(ctx.authn, 'recent_auth', ctx.now)) faults.push({ code: 'STEP_UP_REQUIRED', params: {} })
  return faults
}
