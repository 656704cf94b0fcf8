import {
  refuse,
  unless,
  unreachable,
  type Actor,
  type DataClass,
  type Decided,
  type EpochMs,
  type Reason,
  type UpstreamApi,
  type UpstreamId,
} from '../../kernel/index.ts'
import { isPrivate } from '../../kernel/address-range.ts'
import { isOpenedHost, networkFaults, type NetworkRefusal } from '../../kernel/opened-networks.ts'

/** A provider that the gateway may send to. Its secret stands sealed in a table of its own making, never here. */
export type Upstream = {
  readonly s: 'active' | 'disabled'
  readonly id: UpstreamId
  readonly name: string
  readonly origin: string
  readonly basePath: string
  readonly api: UpstreamApi
  readonly region: string
  /** Highest class of data that it may be sent; left out in states of the first version: what a grant allows. */
  readonly ceiling?: DataClass
  /** Version by which the older paths of Azure are addressed; null or left out: the paths that every vendor has. */
  readonly apiVersion?: string | null
  /** Private networks into which its name or address may lead. */
  readonly privateCidrs: readonly string[]
  readonly hasSecret: boolean
}
export type State = { readonly s: 'absent' } | Upstream
export const initial: State = { s: 'absent' }

export type Command =
  | {
      readonly c: 'register'
      readonly upstreamId: UpstreamId
      readonly name: string
      readonly origin: string
      readonly basePath: string
      readonly api: UpstreamApi
      readonly region: string
      /** Left out: what a grant allows. */
      readonly ceiling?: DataClass
      readonly apiVersion?: string
      readonly privateCidrs: readonly string[]
      readonly hasSecret: boolean
    }
  | { readonly c: 'change_secret' }
  | { readonly c: 'set_ceiling'; readonly ceiling: DataClass }
  | { readonly c: 'disable' }

type About = { readonly upstreamId: UpstreamId; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & {
      readonly e: 'gateway.upstream.registered'
      readonly name: string
      readonly origin: string
      readonly basePath: string
      /** Left out in facts of the first version, which knew one API. */
      readonly api?: UpstreamApi
      readonly region: string
      /** Left out where nothing but the grant bounds what it is sent, as in facts of the first version. */
      readonly ceiling?: DataClass
      readonly apiVersion?: string
      readonly privateCidrs: readonly string[]
      readonly hasSecret: boolean
    })
  | (About & { readonly e: 'gateway.upstream.secret_changed' })
  | (About & { readonly e: 'gateway.upstream.ceiling_set'; readonly ceiling: DataClass })
  | (About & { readonly e: 'gateway.upstream.disabled' })

export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  /** Whether an active upstream has the name. */
  readonly nameTaken: boolean
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<
      | 'NAME_TAKEN'
      | 'ORIGIN_INVALID'
      | 'ORIGIN_NOT_ENCRYPTED'
      | 'BASE_PATH_INVALID'
      | 'API_VERSION_INVALID'
      | 'NOTHING_CHANGED'
    >
  | NetworkRefusal

/** Applies one command. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const wrong = refuse<Refusal>({ code: 'WRONG_STATE', params: { state: state.s } })
  switch (command.c) {
    case 'register': {
      if (state.s !== 'absent') return wrong
      const { c: _, privateCidrs, ...facts } = command
      return unless<Event, Refusal>(faultsIn(command, ctx), {
        e: 'gateway.upstream.registered',
        ...facts,
        privateCidrs: [...new Set(privateCidrs)].sort(),
        by: ctx.actor,
        at: ctx.now,
      })
    }
    case 'change_secret':
      if (state.s !== 'active') return wrong
      return unless<Event, Refusal>([], {
        e: 'gateway.upstream.secret_changed',
        upstreamId: state.id,
        by: ctx.actor,
        at: ctx.now,
      })
    case 'set_ceiling': {
      if (state.s !== 'active') return wrong
      const { ceiling } = command
      const faults: Refusal[] =
        (state.ceiling ?? 'restricted') === ceiling ? [{ code: 'NOTHING_CHANGED', params: {} }] : []
      return unless<Event, Refusal>(faults, {
        e: 'gateway.upstream.ceiling_set',
        upstreamId: state.id,
        ceiling,
        by: ctx.actor,
        at: ctx.now,
      })
    }
    case 'disable':
      // INVARIANT: stopping needs one person. Nothing in `ctx` may refuse it, and there is no way back.
      if (state.s !== 'active') return wrong
      return unless<Event, Refusal>([], {
        e: 'gateway.upstream.disabled',
        upstreamId: state.id,
        by: ctx.actor,
        at: ctx.now,
      })
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'gateway.upstream.registered': {
      if (state.s !== 'absent') return state
      const {
        upstreamId: id,
        name,
        origin,
        basePath,
        api = 'openai',
        region,
        ceiling = 'restricted',
        apiVersion = null,
        privateCidrs,
        hasSecret,
      } = event
      const facts = { id, name, origin, basePath, api, region, ceiling, apiVersion, privateCidrs, hasSecret }
      return { s: 'active', ...facts }
    }
    case 'gateway.upstream.secret_changed':
      return state.s === 'active' ? { ...state, hasSecret: true } : state
    case 'gateway.upstream.ceiling_set':
      return state.s === 'active' ? { ...state, ceiling: event.ceiling } : state
    case 'gateway.upstream.disabled':
      return state.s === 'absent' ? state : { ...state, s: 'disabled' }
    default:
      return unreachable(event)
  }
}

function faultsIn(
  { origin, basePath, api, apiVersion, privateCidrs }: Command & { c: 'register' },
  { nameTaken }: Context,
): Refusal[] {
  const faults: Refusal[] = nameTaken ? [{ code: 'NAME_TAKEN', params: {}, path: '/name' }] : []
  faults.push(...networkFaults(privateCidrs))
  const url = plainOrigin(origin)
  if (url === null) faults.push({ code: 'ORIGIN_INVALID', params: {}, path: '/origin' })
  else if (url.protocol === 'http:' && !isOpenedHost(url, privateCidrs, isPrivate))
    faults.push({ code: 'ORIGIN_NOT_ENCRYPTED', params: {}, path: '/origin' })
  if (!/^(\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+)*$/.test(basePath) || basePath.length > 200)
    faults.push({ code: 'BASE_PATH_INVALID', params: {}, path: '/basePath' })
  const isVersion =
    apiVersion === undefined || (api === 'azure' && /^\d{4}-\d{2}-\d{2}(-preview)?$/.test(apiVersion))
  if (!isVersion) faults.push({ code: 'API_VERSION_INVALID', params: {}, path: '/apiVersion' })
  return faults
}

/** An origin in its one spelling; null for every text with more than scheme, host and port. */
function plainOrigin(text: string): URL | null {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null
  return url.origin === text ? url : null
}
