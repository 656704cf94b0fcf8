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
import { isServerName } from '../../kernel/server-name.ts'

/** Where calls may go, and under which name the upstream knows the model. */
export type Way = {
  readonly upstreamId: UpstreamId
  readonly model: string
  /** The declared model that it is, where it is not the one of the alias; the grant must name it too. */
  readonly declaredAs?: string
}

/** The first way of an alias, and those that are tried in their order when the ones before give no answer. */
export type ModelTarget = Way & { readonly fallbacks?: readonly Way[] }
export type Models = { readonly [alias: string]: ModelTarget }

/** All ways of an alias in their order. */
export function waysOf({ fallbacks = [], ...first }: ModelTarget): readonly Way[] {
  return [first, ...fallbacks]
}

/** Ways that an alias may have beside its first one. */
export const maxFallbacks = 4

/** Where the calls for the tools of one server go. */
export type ServerTarget = { readonly upstreamId: UpstreamId }
export type Servers = { readonly [server: string]: ServerTarget }

/** A key that was issued and not revoked. Its secret is nowhere; its digest stands in the event that issued it. */
export type LiveKey = { readonly id: KeyId; readonly agent: string; readonly expiresAt: EpochMs }

/** The way of one deployment to its models and tools. It exists with its deployment, at first without any and without keys. */
export type State = {
  readonly s: 'open'
  readonly models: Models
  /** Left out in states of the first version, which knew no tool servers. */
  readonly servers?: Servers
  readonly keys: readonly LiveKey[]
}
export const initial: State = { s: 'open', models: {}, keys: [] }

export type Command =
  /** Replaces all models, and all servers unless they are left out. */
  | { readonly c: 'configure'; readonly models: Models; readonly servers?: Servers }
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
  | (About & {
      readonly e: 'gateway.route.published'
      readonly models: Models
      /** Left out where they stay as they are. */
      readonly servers?: Servers
    })
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
  /** Servers of the tools in a release of the deployment's system. */
  readonly servers: ReadonlySet<string>
  readonly upstreams: ReadonlyMap<UpstreamId, 'active' | 'disabled'>
  /** Those of them that serve tools, and no model. */
  readonly toolUpstreams: ReadonlySet<UpstreamId>
  /** Those of them that speak the API of Anthropic; all others that serve models speak OpenAI's. */
  readonly anthropicUpstreams: ReadonlySet<UpstreamId>
}

export type Refusal =
  | Reason<'DEPLOYMENT_RETIRED' | 'KEY_UNKNOWN'>
  | Reason<'ALIAS_UNKNOWN', { alias: string }>
  | Reason<'SERVER_UNKNOWN', { server: string }>
  | Reason<'UPSTREAM_UNKNOWN' | 'UPSTREAM_DISABLED' | 'UPSTREAM_OF_OTHER_API', { upstreamId: string }>
  | Reason<'FALLBACK_OF_OTHER_API' | 'FALLBACK_TWICE', { upstreamId: string }>
  | Reason<'TOO_MANY_FALLBACKS', { max: number }>
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
      return unless<Event, Refusal>(wayFaults(command, ctx), {
        e: 'gateway.route.published',
        ...about,
        models: command.models,
        ...(command.servers === undefined ? {} : { servers: command.servers }),
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
      return {
        ...state,
        models: event.models,
        ...(event.servers === undefined ? {} : { servers: event.servers }),
      }
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

function wayFaults({ models, servers = {} }: Command & { c: 'configure' }, ctx: Context): Refusal[] {
  const faults: Refusal[] = ctx.deploymentRetired ? [{ code: 'DEPLOYMENT_RETIRED', params: {} }] : []
  for (const [alias, target] of Object.entries(models)) {
    const path = `/models/${alias.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (!ctx.aliases.has(alias)) faults.push({ code: 'ALIAS_UNKNOWN', params: { alias }, path })
    faults.push(...targetFaults(target, path, ctx))
  }
  for (const [server, { upstreamId }] of Object.entries(servers)) {
    const path = `/servers/${server.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (!ctx.servers.has(server) || !isServerName(server))
      faults.push({ code: 'SERVER_UNKNOWN', params: { server }, path })
    faults.push(...upstreamFaults(upstreamId, path, ctx, { servesTools: true }))
  }
  return faults
}

function targetFaults(target: ModelTarget, path: string, ctx: Context): Refusal[] {
  const ways = waysOf(target)
  const faults: Refusal[] =
    ways.length > maxFallbacks + 1
      ? [{ code: 'TOO_MANY_FALLBACKS', params: { max: maxFallbacks }, path }]
      : []
  for (const [n, { upstreamId, model, declaredAs }] of ways.entries()) {
    const at = n === 0 ? path : `${path}/fallbacks/${n - 1}`
    if (declaredAs !== undefined && !ctx.aliases.has(declaredAs))
      faults.push({ code: 'ALIAS_UNKNOWN', params: { alias: declaredAs }, path: `${at}/declaredAs` })
    const unusable = upstreamFaults(upstreamId, at, ctx, { servesTools: false })
    faults.push(...unusable)
    if (n === 0 || unusable.length > 0) continue
    const before = ways.slice(0, n)
    if (before.some((other) => other.upstreamId === upstreamId && other.model === model))
      faults.push({ code: 'FALLBACK_TWICE', params: { upstreamId }, path: at })
    // Nothing is translated: what callers send to the first way must be understood by all.
    const isOther = (of: UpstreamId) => ctx.anthropicUpstreams.has(of)
    if (isOther(upstreamId) !== isOther(target.upstreamId))
      faults.push({ code: 'FALLBACK_OF_OTHER_API', params: { upstreamId }, path: at })
  }
  return faults
}

function upstreamFaults(
  upstreamId: UpstreamId,
  path: string,
  { upstreams, toolUpstreams }: Context,
  { servesTools }: { readonly servesTools: boolean },
): Refusal[] {
  const upstream = upstreams.get(upstreamId)
  if (upstream === 'active' && toolUpstreams.has(upstreamId) === servesTools) return []
  const unusable = upstream === undefined ? 'UPSTREAM_UNKNOWN' : 'UPSTREAM_DISABLED'
  return [{ code: upstream === 'active' ? 'UPSTREAM_OF_OTHER_API' : unusable, params: { upstreamId }, path }]
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
