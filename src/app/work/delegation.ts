import { charter } from '../../governance/committee/index.ts'
import { review } from '../../governance/reviews/index.ts'
import type { EpochMs, Fn, ReviewId, SeatId, UserId } from '../../kernel/index.ts'
import type { WorkKind } from '../../kernel/work-kinds.ts'
import type { WorkItem } from './item.ts'

/** The command with which something can be given to somebody else, or why there is none. */
export type Delegation =
  /** `seats.delegate`: what the seat signs from then on, its alternate signs. */
  | { readonly k: 'seat'; readonly seat: SeatId; readonly fn: Fn }
  /** `reviews.assign`: by whoever holds the seat of its function. */
  | { readonly k: 'review'; readonly review: ReviewId; readonly fn: Fn }
  | { readonly k: 'none'; readonly why: Hindrance }

export type Hindrance =
  /** The roster of a case is fixed when it opens. */
  | 'ROSTER_FIXED'
  /** Only who holds the seat of the function assigns a review. */
  | 'LEAD_ASSIGNS'
  | 'NO_ALTERNATE'
  /** It waits for everybody who may do it, so nobody has to be given it. */
  | 'WAITS_FOR_ROLE'
  /** It falls to whoever owns the record. */
  | 'OWNERS'
  /** The owner of a condition is named when it is imposed. */
  | 'OWNER_FIXED'
  /** Whoever renews a waiver asks in their own name. */
  | 'OWN_REQUEST'
  | 'PERSONAL'

/** Without a command to give it away: why, by kind. */
const hindrances: {
  readonly [K in Exclude<WorkKind, 'charter_signature' | 'review_assign' | 'review_lead'>]: Hindrance
} = {
  ballot: 'ROSTER_FIXED',
  start_vote: 'ROSTER_FIXED',
  close_vote: 'ROSTER_FIXED',
  triage: 'WAITS_FOR_ROLE',
  information: 'OWNERS',
  review_information: 'OWNERS',
  condition_owned: 'OWNER_FIXED',
  attestation: 'WAITS_FOR_ROLE',
  waiver_accept: 'WAITS_FOR_ROLE',
  waiver_expiring: 'OWN_REQUEST',
  override_second: 'WAITS_FOR_ROLE',
  override_review: 'WAITS_FOR_ROLE',
  decision_expiring: 'OWNERS',
  evidence_missing: 'OWNERS',
  release_blocked: 'OWNERS',
  role_request: 'WAITS_FOR_ROLE',
  recovery_request: 'WAITS_FOR_ROLE',
  mention: 'PERSONAL',
}

/** How `item` can be given to somebody else by the person for whom it waits. */
export function delegationOf(
  item: WorkItem,
  {
    charters,
    person,
    now,
  }: { readonly charters: charter.State; readonly person: UserId; readonly now: EpochMs },
): Delegation {
  const held =
    charter.charterInForce(charters, now)?.charter.seats.filter(({ holder }) => holder === person) ?? []
  switch (item.kind) {
    case 'charter_signature': {
      const seat = held[0]
      if (seat === undefined || seat.alternates.length === 0) return { k: 'none', why: 'NO_ALTERNATE' }
      return { k: 'seat', seat: seat.id, fn: seat.fn }
    }
    case 'review_assign':
    case 'review_lead': {
      const fn = review.functionOf[item.why.params['kind'] as review.ReviewKind] // the source of the item wrote its kind
      if (!held.some((seat) => seat.fn === fn)) return { k: 'none', why: 'LEAD_ASSIGNS' }
      return { k: 'review', review: item.id as ReviewId, fn } // the source of the item gave its id
    }
    default:
      return { k: 'none', why: hindrances[item.kind] }
  }
}
