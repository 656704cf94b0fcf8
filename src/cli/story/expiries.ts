import { expiry, waiver } from '../../governance/authorization/index.ts'
import { condition } from '../../governance/committee/index.ts'
import { unreachable, type EpochMs } from '../../kernel/index.ts'
import type { Entry, World } from './world.ts'

/** Follows the conditions of a decision: imposed as decided, and never met by the word of their owner. */
export function readCondition(world: World, entry: Entry, event: condition.Event): void {
  const before = world.conditions.get(entry.streamId) ?? condition.initial
  if (event.e === 'condition.imposed') {
    const { id, decisionId, due, owner } = event.terms
    const decided = world.decisions.get(decisionId)?.decision.conditions.find((one) => one.id === id)
    const wanted = decided === undefined ? null : { due: decided.due, owner: decided.owner }
    entry.must(entry.streamId === id, 'STREAM', id, entry.streamId)
    entry.mustEqual('CONDITION_TERMS', wanted, { due, owner })
  } else {
    const owner = before.s === 'absent' ? null : before.terms.owner
    entry.must(event.by !== owner, 'CONDITION_OWNER', 'somebody who does not own it', event.by)
  }
  world.conditions.set(entry.streamId, condition.evolve(before, event))
}

/** What the clock ended, and reminders of it: each at its time, once, and of something that is in force. */
export function readExpiry(world: World, entry: Entry, event: expiry.Event): void {
  const before = world.expiries.get(entry.streamId) ?? expiry.initial
  const subject = subjectOf(world, event)
  entry.mustEqual('EXPIRY_ACTOR', 'sys:timer', entry.leaf.actor)
  if (subject === null)
    return void entry.must(false, 'EXPIRY_UNKNOWN', 'something in force that ends', event.e)
  entry.must(entry.streamId === subject.id, 'STREAM', subject.id, entry.streamId)
  const decided = expiry.decide(before, { c: 'tick', subject }, { now: entry.at })
  entry.mustEqual('EXPIRY', decided.ok ? (decided.events[0] ?? null) : null, event)
  world.expiries.set(entry.streamId, expiry.evolve(before, event))
}

/** What an event is about, with the end that the log gives it; null when the log has nothing in force by that name. */
function subjectOf(world: World, event: expiry.Event): expiry.Subject | null {
  switch (event.e) {
    case 'decision.reminder_due':
    case 'decision.expired': {
      const recorded = world.decisions.get(event.decisionId)
      if (recorded === undefined || recorded.revoked || recorded.decision.outcome === 'rejected') return null
      const { id, notBefore: startsAt, expiresAt: endsAt } = recorded.decision
      return { k: 'decision', id, caseId: recorded.caseId, startsAt, endsAt }
    }
    case 'waiver.expired': {
      const id = event.waiverId
      return ending(waiver.standingOf(world.waivers.get(id) ?? waiver.initial)?.expiresAt, (endsAt) => ({
        k: 'waiver',
        id,
        endsAt,
      }))
    }
    case 'condition.breached': {
      const state = world.conditions.get(event.conditionId) ?? condition.initial
      if (state.s !== 'open') return null
      const { id, decisionId, due: endsAt } = state.terms
      return { k: 'condition', id, decisionId, endsAt }
    }
    case 'tier.override_expired': {
      const id = event.useCaseId
      const state = world.useCases.get(id)
      const lowered = state === undefined || state.s === 'absent' ? null : state.down
      return ending(lowered?.expiresAt, (endsAt) => ({ k: 'tier_override', id, endsAt }))
    }
    default:
      return unreachable(event)
  }
}

function ending(
  endsAt: EpochMs | null | undefined,
  make: (endsAt: EpochMs) => expiry.Subject,
): expiry.Subject | null {
  return endsAt === null || endsAt === undefined ? null : make(endsAt)
}
