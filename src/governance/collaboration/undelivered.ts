import {
  unless,
  type Decided,
  type DeliveryId,
  type EpochMs,
  type UserId,
  type WebhookId,
} from '../../kernel/index.ts'
import { mandatoryNoticeKinds, type NoticeKind } from '../../kernel/notice-kinds.ts'

/** Whether somebody may rely on having been told: a delivery of a mandatory kind that failed for good is a fact. */
export type State = { readonly times: number }
export const initial: State = { times: 0 }

export type Command = {
  readonly c: 'give_up'
  readonly deliveryId: DeliveryId
  /** To whom; exactly one of both. */
  readonly person: UserId | null
  readonly webhookId: WebhookId | null
  readonly kinds: readonly NoticeKind[]
  readonly attempts: number
  readonly fault: string
}

export type Event = Omit<Command, 'c'> & {
  readonly e: 'notification.mandatory_undelivered'
  readonly at: EpochMs
}

export type Context = { readonly now: EpochMs }

/** Records that something mandatory did not arrive; of what is not mandatory nothing is recorded. */
export function decide(_state: State, command: Command, { now }: Context): Decided<Event, never> {
  const { deliveryId, person, webhookId, attempts, fault } = command
  const kinds = mandatoryNoticeKinds.filter((kind) => command.kinds.includes(kind))
  if (kinds.length === 0) return { ok: true, events: [] }
  return unless<Event, never>([], {
    e: 'notification.mandatory_undelivered',
    deliveryId,
    person,
    webhookId,
    kinds,
    attempts,
    fault,
    at: now,
  })
}

/** Folds one recorded fact. It may fail again after it was sent again. */
export function evolve({ times }: State, _event: Event): State {
  return { times: times + 1 }
}
