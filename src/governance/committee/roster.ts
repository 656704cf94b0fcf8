import type { EpochMs, Fn, SeatId, UnitId, UserId } from '../../kernel/index.ts'
import { delegateOf, type Charter, type QuorumRule, type State as Charters } from './charter.ts'

export const conflictCodes = [
  'requester',
  'owner',
  'release_author',
  'validator',
  'interest',
  'administrator',
  'inactive',
] as const
export type ConflictCode = (typeof conflictCodes)[number]

/** One who may come to vote for a function, with everything that speaks against it. */
export type Candidate = {
  readonly person: UserId
  readonly role: 'holder' | 'delegate' | 'alternate'
  readonly conflicts: readonly ConflictCode[]
  /** Not of the owner's unit. */
  readonly independent: boolean
}
export type RosterEntry = {
  readonly seat: SeatId
  readonly fn: Fn
  readonly chair: boolean
  readonly candidates: readonly Candidate[]
}

/** What is known of people at one moment. */
export type ConflictFacts = {
  readonly conflictsOf: (person: UserId) => readonly ConflictCode[]
  readonly unitOf: (person: UserId) => UnitId | null
  readonly ownerUnit: UnitId | null
}

/**
 * Who votes on a case, frozen when it opens: for each seated function the holder, or first the delegate, then the
 * alternates in the order of the charter. Only a conflict that begins later is added.
 */
export function buildRoster(
  charter: Charter,
  charters: Charters,
  rule: QuorumRule,
  facts: ConflictFacts,
  now: EpochMs,
): readonly RosterEntry[] {
  return charter.seats
    .filter(({ fn }) => rule.seated.includes(fn))
    .map(({ id, fn, chair, holder, alternates }) => {
      const delegate = delegateOf(charters, id, now)
      const order: [UserId, Candidate['role']][] =
        delegate === null
          ? [
              [holder, 'holder'],
              ...alternates.map((person): [UserId, Candidate['role']] => [person, 'alternate']),
            ]
          : [
              [delegate, 'delegate'],
              ...alternates
                .filter((person) => person !== delegate)
                .map((person): [UserId, Candidate['role']] => [person, 'alternate']),
            ]
      const candidates = order.map(([person, role]): Candidate => {
        const unit = facts.unitOf(person)
        // Without a known unit nobody can tell that the person is independent.
        const independent = unit !== null && facts.ownerUnit !== null && unit !== facts.ownerUnit
        return { person, role, conflicts: facts.conflictsOf(person), independent }
      })
      return { seat: id, fn, chair, candidates }
    })
}

/** Who votes for the function now: the first without conflict who has not recused themselves. Null when nobody is left. */
export function voterOf(entry: RosterEntry, recused: readonly UserId[]): Candidate | null {
  return (
    entry.candidates.find(({ person, conflicts }) => conflicts.length === 0 && !recused.includes(person)) ??
    null
  )
}
