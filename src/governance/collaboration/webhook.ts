import {
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type EpochMs,
  type Reason,
  type WebhookId,
} from '../../kernel/index.ts'
import { isLoopback } from '../../kernel/address-range.ts'
import type { NoticeKind } from '../../kernel/notice-kinds.ts'
import { isOpenedHost, networkFaults, type NetworkRefusal } from '../../kernel/opened-networks.ts'

/** An endpoint that is told of facts. Its address and secrets stand in tables of their own, never here. */
export type Webhook = {
  readonly s: 'active' | 'disabled'
  readonly id: WebhookId
  readonly kinds: readonly NoticeKind[]
  /** Private networks into which its name or address may lead. */
  readonly privateCidrs: readonly string[]
  /** How many secrets it has had. */
  readonly secrets: number
}
export type State = { readonly s: 'absent' } | Webhook
export const initial: State = { s: 'absent' }

export type Command =
  | {
      readonly c: 'register'
      readonly webhookId: WebhookId
      readonly url: string
      readonly kinds: readonly NoticeKind[]
      readonly privateCidrs: readonly string[]
    }
  /** What it is told of, and what people call it; an empty description is none. */
  | { readonly c: 'change'; readonly kinds: readonly NoticeKind[]; readonly description: string }
  /** Another address, judged as at first. It comes with another secret: whoever runs the old address knows the one of now. */
  | { readonly c: 'move'; readonly url: string; readonly privateCidrs: readonly string[] }
  /** A further secret; the one before is believed for `overlapHours` longer. */
  | { readonly c: 'rotate'; readonly overlapHours: number }
  /** `gone`: the endpoint itself has said that it is there no longer. */
  | { readonly c: 'disable'; readonly cause: 'person' | 'gone' }

type About = { readonly webhookId: WebhookId; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & {
      readonly e: 'webhook.registered'
      readonly kinds: readonly NoticeKind[]
      readonly privateCidrs: readonly string[]
      readonly sealed: { readonly host: string }
    })
  | (About & {
      readonly e: 'webhook.changed'
      readonly kinds: readonly NoticeKind[]
      readonly sealed: { readonly description: string }
    })
  | (About & {
      readonly e: 'webhook.moved'
      readonly privateCidrs: readonly string[]
      readonly sealed: { readonly host: string }
    })
  | (About & { readonly e: 'webhook.secret_rotated'; readonly overlapHours: number })
  | (About & { readonly e: 'webhook.disabled'; readonly cause: 'person' | 'gone' })

export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  /** How many endpoints are active. */
  readonly active: number
}

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'URL_INVALID' | 'URL_NOT_ENCRYPTED'>
  | NetworkRefusal
  | Reason<'TOO_MANY_WEBHOOKS', { max: number }>

/** Each active endpoint costs a row and a connection for every fact that it wants. */
export const maxWebhooks = 50
/** The newest secret and the one before it. */
export const maxLiveSecrets = 2
/** A week is enough to change a secret everywhere. */
export const maxOverlapHours = 168

/** Applies one command. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const wrong = refuse<Refusal>({ code: 'WRONG_STATE', params: { state: state.s } })
  const { actor: by, now: at } = ctx
  switch (command.c) {
    case 'register': {
      if (state.s !== 'absent') return wrong
      const { webhookId, kinds, privateCidrs, url } = command
      const tooMany: Refusal[] =
        ctx.active < maxWebhooks ? [] : [{ code: 'TOO_MANY_WEBHOOKS', params: { max: maxWebhooks } }]
      return unless<Event, Refusal>([...tooMany, ...faultsIn(command)], {
        e: 'webhook.registered',
        webhookId,
        kinds: setOf(kinds),
        privateCidrs: setOf(privateCidrs),
        by,
        at,
        sealed: { host: endpointOf(url)?.host ?? '' },
      })
    }
    case 'change': {
      if (state.s !== 'active') return wrong
      const { kinds, description } = command
      return unless<Event, Refusal>([], {
        e: 'webhook.changed',
        webhookId: state.id,
        kinds: setOf(kinds),
        by,
        at,
        sealed: { description },
      })
    }
    case 'move': {
      if (state.s !== 'active') return wrong
      const { url, privateCidrs } = command
      return unless<Event, Refusal>(faultsIn(command), {
        e: 'webhook.moved',
        webhookId: state.id,
        privateCidrs: setOf(privateCidrs),
        by,
        at,
        sealed: { host: endpointOf(url)?.host ?? '' },
      })
    }
    case 'rotate': {
      if (state.s !== 'active') return wrong
      const { overlapHours } = command
      return unless<Event, Refusal>([], {
        e: 'webhook.secret_rotated',
        webhookId: state.id,
        overlapHours,
        by,
        at,
      })
    }
    case 'disable':
      // INVARIANT: stopping needs one person. Nothing in `ctx` may refuse it, and there is no way back.
      if (state.s !== 'active') return wrong
      return unless<Event, Refusal>([], {
        e: 'webhook.disabled',
        webhookId: state.id,
        cause: command.cause,
        by,
        at,
      })
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'webhook.registered': {
      if (state.s !== 'absent') return state
      const { webhookId: id, kinds, privateCidrs } = event
      return { s: 'active', id, kinds, privateCidrs, secrets: 1 }
    }
    case 'webhook.changed':
      return state.s === 'active' ? { ...state, kinds: event.kinds } : state
    case 'webhook.moved':
      return state.s === 'active'
        ? { ...state, privateCidrs: event.privateCidrs, secrets: state.secrets + 1 }
        : state
    case 'webhook.secret_rotated':
      return state.s === 'active' ? { ...state, secrets: state.secrets + 1 } : state
    case 'webhook.disabled':
      return state.s === 'absent' ? state : { ...state, s: 'disabled' }
    default:
      return unreachable(event)
  }
}

function setOf<T extends string>(values: readonly T[]): readonly T[] {
  return [...new Set(values)].sort()
}

function faultsIn({ url, privateCidrs }: Command & { c: 'register' | 'move' }): Refusal[] {
  const faults: Refusal[] = [...networkFaults(privateCidrs)]
  const endpoint = endpointOf(url)
  if (endpoint === null) faults.push({ code: 'URL_INVALID', params: {}, path: '/url' })
  else if (endpoint.protocol === 'http:' && !isOpenedHost(endpoint, privateCidrs, isLoopback))
    faults.push({ code: 'URL_NOT_ENCRYPTED', params: {}, path: '/url' })
  return faults
}

/** The address of an endpoint; null when it is none, or holds a name and password or a fragment. */
function endpointOf(text: string): URL | null {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null
  return url.username === '' && url.password === '' && url.hash === '' ? url : null
}
