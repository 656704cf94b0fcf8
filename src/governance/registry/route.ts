import {
  addDays,
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type DeploymentId,
  type Digest,
  type EpochMs,
  type KeyId,
  type Reason,
  type RouteId,
  type UpstreamId,
} from '../../kernel/index.ts'
import { parseRange } from '../../kernel/address-range.ts'

/** Where the calls for one alias go, and under which name the upstream knows the model. */
export type ModelTarget = { readonly upstreamId: UpstreamId; readonly model: string }
export type Models = { readonly [alias: string]: ModelTarget }

/** A key that was issued and not revoked. Its secret is nowhere; its digest stands in the event that issued it. */
export type LiveKey = { readonly id: KeyId; readonly agent: string; readonly expiresAt: EpochMs }

/** The way of one deployment to its models. It exists with its deployment, at first without models and keys. */
export type State = { readonly s: 'open'; readonly models: Models; readonly keys: readonly LiveKey[] }
export const initial: State = { s: 'open', models: {}, keys: [] }

export type Command =
  /** Replaces all models. */
  | { readonly c: 'configure'; readonly models: Models }
  | {
      readonly c: 'issue_key'
      readonly keyId: KeyId
      readonly secretDigest: Digest
      readonly agent: string
      readonly expiresAt: EpochMs
      readonly sources: readonly string[] // CIDR; empty: any
    }
  | { readonly c: 'revoke_key'; readonly keyId: KeyId }

type About = {
  readonly routeId: RouteId
  readonly deploymentId: DeploymentId
  readonly by: Actor
  readonly at: EpochMs
}
export type Event =
  | (About & { readonly e: 'gateway.route.published'; readonly models: Models })
  | (About & {
      readonly e: 'gateway.key.issued'
      readonly keyId: KeyId
      readonly secretDigest: Digest
      readonly agent: string
      readonly expiresAt: EpochMs
      readonly sources: readonly string[]
    })
  | (About & { readonly e: 'gateway.key.revoked'; readonly keyId: KeyId })

export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  readonly routeId: RouteId
  readonly deploymentId: DeploymentId
  readonly deploymentRetired: boolean
  /** `provider/model` of each model in a release of the deployment's system. */
  readonly aliases: ReadonlySet<string>
  readonly upstreams: ReadonlyMap<UpstreamId, 'active' | 'disabled'>
}

export type Refusal =
  | Reason<'DEPLOYMENT_RETIRED' | 'KEY_UNKNOWN'>
  | Reason<'ALIAS_UNKNOWN', { alias: string }>
  | Reason<'UPSTREAM_UNKNOWN' | 'UPSTREAM_DISABLED', { upstreamId: string }>
  | Reason<'LIFETIME_OUT_OF_RANGE', { maxDays: number }>
  | Reason<'RANGE_INVALID', { range: string }>
  | Reason<'TOO_MANY_KEYS', { max: number }>

export const maxKeyDays = 90
export const maxLiveKeys = 20

/** Applies one command. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const { routeId, deploymentId, actor: by, now: at } = ctx
  const about = { routeId, deploymentId, by, at }
  switch (command.c) {
    case 'configure':
      return unless<Event, Refusal>(modelFaults(command.models, ctx), {
        e: 'gateway.route.published',
        ...about,
        models: command.models,
      })
    case 'issue_key': {
      const { keyId, secretDigest, agent, expiresAt } = command
      return unless<Event, Refusal>(keyFaults(state, command, ctx), {
        e: 'gateway.key.issued',
        ...about,
        keyId,
        secretDigest,
        agent,
        expiresAt,
        sources: [...new Set(command.sources)].sort(),
      })
    }
    case 'revoke_key': {
      // INVARIANT: stopping needs one person. Nothing in `ctx` may refuse a revocation.
      const { keyId } = command
      if (!state.keys.some(({ id }) => id === keyId)) return refuse({ code: 'KEY_UNKNOWN', params: {} })
      return unless<Event, Refusal>([], { e: 'gateway.key.revoked', ...about, keyId })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'gateway.route.published':
      return { ...state, models: event.models }
    case 'gateway.key.issued': {
      const { keyId: id, agent, expiresAt, at } = event
      // What has run out by itself is dropped here, so that the state never grows beyond the limit.
      const others = state.keys.filter((key) => key.expiresAt > at && key.id !== id)
      return { ...state, keys: [...others, { id, agent, expiresAt }] }
    }
    case 'gateway.key.revoked':
      return { ...state, keys: state.keys.filter(({ id }) => id !== event.keyId) }
    default:
      return unreachable(event)
  }
}

function modelFaults(models: Models, ctx: Context): Refusal[] {
  const faults: Refusal[] = ctx.deploymentRetired ? [{ code: 'DEPLOYMENT_RETIRED', params: {} }] : []
  for (const [alias, { upstreamId }] of Object.entries(models)) {
    const path = `/models/${alias.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (!ctx.aliases.has(alias)) faults.push({ code: 'ALIAS_UNKNOWN', params: { alias }, path })
    const upstream = ctx.upstreams.get(upstreamId)
    if (upstream === 'active') continue
    const code = upstream === undefined ? 'UPSTREAM_UNKNOWN' : 'UPSTREAM_DISABLED'
    faults.push({ code, params: { upstreamId }, path })
  }
  return faults
}

function keyFaults(
  state: State,
  { expiresAt, sources }: Command & { c: 'issue_key' },
  { now, deploymentRetired }: Context,
): Refusal[] {
  const faults: Refusal[] = deploymentRetired ? [{ code: 'DEPLOYMENT_RETIRED', params: {} }] : []
  if (expiresAt <= now || expiresAt > addDays(now, maxKeyDays))
    faults.push({ code: 'LIFETIME_OUT_OF_RANGE', params: { maxDays: maxKeyDays }, path: '/expiresAt' })
  sources.forEach((range, i) => {
    if (parseRange(range) === null)
      faults.push({ code: 'RANGE_INVALID', params: { range }, path: `/sources/${i}` })
  })
  if (state.keys.filter((key) => key.expiresAt > now).length >= maxLiveKeys)
    faults.push({ code: 'TOO_MANY_KEYS', params: { max: maxLiveKeys } })
  return faults
}
