import {
  actorText,
  hourMs,
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type Digest,
  type DocumentFault,
  type EpochMs,
  type JsonObject,
  type Reason,
} from '../../kernel/index.ts'

/** `shadow`: read beside what is in force, without effect. At most one version is `active`: it is in force. */
export type Stage = 'draft' | 'shadow' | 'active' | 'retired'

export type Version = {
  readonly version: number
  readonly s: Stage
  /** Null of a draft, which may still change. */
  readonly digest: Digest | null
  /** Who has written in it or put it into shadow: none of them activates it. */
  readonly authors: readonly string[]
  /** The instant from which it was read beside calls. */
  readonly shadowedAt: EpochMs | null
  /** For which detectors its effect was computed. */
  readonly ground: Digest | null
}

/** The versions of the guard policy of the organisation, oldest first; at most the last one is a draft. */
export type State = { readonly versions: readonly Version[] }
export const initial: State = { versions: [] }

export type Command =
  /** Writes the draft: the one that is there, or that of a next version. */
  | { readonly c: 'draft' }
  | { readonly c: 'discard' }
  /** Fixes the draft for good and begins to read by it without effect. */
  | { readonly c: 'shadow' }
  /** `differences`: how many the person has seen between it and what is in force. */
  | { readonly c: 'activate'; readonly version: number; readonly differences: number }
  /** Puts the draft in force at once, which one person may where nothing becomes weaker. */
  | { readonly c: 'tighten' }
  | { readonly c: 'retire'; readonly version: number }

type About = { readonly version: number; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & { readonly e: 'guard.policy.drafted'; readonly policy: JsonObject })
  | (About & { readonly e: 'guard.policy.discarded' })
  | (About & {
      readonly e: 'guard.policy.shadowed'
      readonly digest: Digest
      readonly policy: JsonObject
      readonly ground: Digest
      /** What it would have changed, as it was computed before. */
      readonly effect: JsonObject
    })
  | (About & {
      readonly e: 'guard.policy.activated'
      readonly digest: Digest
      readonly policy: JsonObject
      readonly strictness: Strictness
      /** Null where it was put in force at once, because nothing becomes weaker. */
      readonly shadow: { readonly requests: number; readonly differences: number } | null
    })
  | (About & {
      readonly e: 'guard.policy.retired'
      readonly digest: Digest
      /** The version that came in its place; null where somebody has ended it. */
      readonly replacedBy: number | null
    })

export type Strictness = 'not_weaker' | 'weaker' | 'incomparable'

/** What the use case found out about a version before it is decided upon. */
export type Subject = {
  readonly policy: JsonObject
  readonly digest: Digest
  readonly faults: readonly DocumentFault[]
  /** Compared with what is in force now. */
  readonly strictness: Strictness
  /** Null while nobody has computed it. */
  readonly effect: { readonly summary: JsonObject; readonly losses: readonly Loss[] } | null
}

/** A limit of the regression corpus that a version breaks. Shares are in hundredths of a percent. */
export type Loss = { readonly measure: string; readonly isBp: number; readonly limitBp: number }

export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  /** Of the version that the command is about; null where it has nothing to be about. */
  readonly subject: Subject | null
  /** What the detectors of now are: an effect that was computed for others says nothing. */
  readonly ground: Digest
  /** Calls that the version was read beside, and differences that were counted until now. */
  readonly shadow: { readonly requests: number; readonly differences: number }
  readonly least: { readonly hours: number; readonly requests: number }
  /** Whether what is in force without the active version is at least as strict as it. */
  readonly retiring: Strictness
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: Stage | 'absent' }>
  | Reason<'SELF_APPROVAL' | 'EFFECT_NOT_COMPUTED' | 'NOTHING_CHANGED'>
  | Reason<'TOO_MANY_SHADOWS', { max: number }>
  | Reason<'DIFFERENCES_NOT_SEEN', { now: number }>
  | Reason<'SHADOW_TOO_SHORT', { hours: number; requests: number; leastHours: number; leastRequests: number }>
  | Reason<'POLICY_WEAKER', { strictness: Strictness }>
  | Reason<'REGRESSION_WORSE', { measure: string; isBp: number; limitBp: number }>
  | DocumentFault

/** Each version in shadow is asked for every finding of every call. */
export const maxShadows = 1

/** Applies one command. A person who wrote in a version never activates it, unless nothing becomes weaker by it. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const last = state.versions.at(-1)
  const { actor: by, now: at, subject } = ctx
  switch (command.c) {
    case 'draft': {
      if (subject === null) return refuse(wrongState(last))
      const version = last?.s === 'draft' ? last.version : (last?.version ?? 0) + 1
      const event: Event = { e: 'guard.policy.drafted', version, by, at, policy: subject.policy }
      return unless<Event, Refusal>(subject.faults, event)
    }
    case 'discard':
      if (last?.s !== 'draft') return refuse(wrongState(last))
      return unless<Event, Refusal>([], { e: 'guard.policy.discarded', version: last.version, by, at })
    case 'shadow': {
      if (last?.s !== 'draft' || subject === null) return refuse(wrongState(last))
      const { policy, digest, effect } = subject
      return unless<Event, Refusal>(shadowFaults(state, subject), {
        e: 'guard.policy.shadowed',
        version: last.version,
        by,
        at,
        digest,
        policy,
        ground: ctx.ground,
        effect: effect?.summary ?? {},
      })
    }
    case 'activate': {
      const found = versionOf(state, command.version)
      if (found?.s !== 'shadow' || subject === null) return refuse(wrongState(found))
      const { policy, digest, strictness } = subject
      const faults = activationFaults(found, command.differences, ctx)
      const { version } = found
      const event: Event = {
        e: 'guard.policy.activated',
        version,
        by,
        at,
        digest,
        policy,
        strictness,
        shadow: ctx.shadow,
      }
      return unless<Event, Refusal>(
        [...subject.faults, ...faults],
        ...replaced(state, version, by, at),
        event,
      )
    }
    case 'tighten': {
      if (last?.s !== 'draft' || subject === null) return refuse(wrongState(last))
      const { policy, digest, strictness, faults } = subject
      const objections: Refusal[] = [...faults]
      // INVARIANT: what one person puts in force alone finds and stops whatever was found and stopped before.
      if (strictness !== 'not_weaker') objections.push({ code: 'POLICY_WEAKER', params: { strictness } })
      if (isKnown(state, digest)) objections.push({ code: 'NOTHING_CHANGED', params: {} })
      const { version } = last
      const event: Event = {
        e: 'guard.policy.activated',
        version,
        by,
        at,
        digest,
        policy,
        strictness,
        shadow: null,
      }
      return unless<Event, Refusal>(objections, ...replaced(state, version, by, at), event)
    }
    case 'retire': {
      const found = versionOf(state, command.version)
      if ((found?.s !== 'shadow' && found?.s !== 'active') || found.digest === null)
        return refuse(wrongState(found))
      const isLoosening = found.s === 'active' && ctx.retiring !== 'not_weaker'
      const faults: Refusal[] = isLoosening
        ? [{ code: 'POLICY_WEAKER', params: { strictness: ctx.retiring } }]
        : []
      const { version, digest } = found
      const event: Event = { e: 'guard.policy.retired', version, by, at, digest, replacedBy: null }
      return unless<Event, Refusal>(faults, event)
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. Total on any log. */
export function evolve(state: State, event: Event): State {
  const { version } = event
  const found = versionOf(state, version)
  const authors = [...new Set([...(found?.authors ?? []), actorText(event.by)])]
  const put = (next: Version): State => ({
    versions: [...state.versions.filter((item) => item.version !== version), next].toSorted(
      (a, b) => a.version - b.version,
    ),
  })
  const isDraft = found?.s === 'draft'
  switch (event.e) {
    case 'guard.policy.drafted':
      if (found !== undefined && !isDraft) return state
      return put({ version, s: 'draft', digest: null, authors, shadowedAt: null, ground: null })
    case 'guard.policy.discarded':
      return isDraft ? { versions: state.versions.filter((item) => item !== found) } : state
    case 'guard.policy.shadowed': {
      const { digest, ground, at } = event
      return isDraft ? put({ version, s: 'shadow', digest, authors, shadowedAt: at, ground }) : state
    }
    case 'guard.policy.activated':
      if (found === undefined || (!isDraft && found.s !== 'shadow')) return state
      return put({ ...found, s: 'active', digest: event.digest })
    case 'guard.policy.retired':
      return found?.s === 'shadow' || found?.s === 'active' ? put({ ...found, s: 'retired' }) : state
    default:
      return unreachable(event)
  }
}

/** The version in force; undefined where what ships is. */
export function activeOf({ versions }: State): Version | undefined {
  return versions.find(({ s }) => s === 'active')
}

/** The version in force ends with the one that takes its place. */
function replaced(state: State, version: number, by: Actor, at: EpochMs): readonly Event[] {
  const active = activeOf(state)
  if (active === undefined || active.digest === null) return []
  const { version: ended, digest } = active
  return [{ e: 'guard.policy.retired', version: ended, by, at, digest, replacedBy: version }]
}

function shadowFaults(state: State, { faults, digest, effect }: Subject): readonly Refusal[] {
  const objections: Refusal[] = [...faults]
  if (state.versions.filter(({ s }) => s === 'shadow').length >= maxShadows)
    objections.push({ code: 'TOO_MANY_SHADOWS', params: { max: maxShadows } })
  if (isKnown(state, digest)) objections.push({ code: 'NOTHING_CHANGED', params: {} })
  if (effect === null) objections.push({ code: 'EFFECT_NOT_COMPUTED', params: {} })
  for (const loss of effect?.losses ?? []) objections.push({ code: 'REGRESSION_WORSE', params: loss })
  return objections
}

function activationFaults(version: Version, seen: number, ctx: Context): readonly Refusal[] {
  const { now, shadow, least } = ctx
  const objections: Refusal[] = []
  if (version.authors.includes(actorText(ctx.actor))) objections.push({ code: 'SELF_APPROVAL', params: {} })
  const hours = Math.floor((now - (version.shadowedAt ?? now)) / hourMs)
  const { requests } = shadow
  if (hours < least.hours || requests < least.requests)
    objections.push({
      code: 'SHADOW_TOO_SHORT',
      params: { hours, requests, leastHours: least.hours, leastRequests: least.requests },
    })
  if (seen < shadow.differences)
    objections.push({ code: 'DIFFERENCES_NOT_SEEN', params: { now: shadow.differences } })
  if (version.ground !== ctx.ground) objections.push({ code: 'EFFECT_NOT_COMPUTED', params: {} })
  return objections
}

/** Whether a published version says the same: its digest names one version for good. */
function isKnown({ versions }: State, digest: Digest): boolean {
  return versions.some((version) => version.digest === digest)
}

function wrongState(version: Version | undefined): Refusal {
  return { code: 'WRONG_STATE', params: { state: version?.s ?? 'absent' } }
}

function versionOf({ versions }: State, version: number): Version | undefined {
  return versions.find((item) => item.version === version)
}
