/** What a text looks like from where a reader stands: folded units, counted from the beginning of the lane. */
export type Behind = {
  /** How many folded units were read. */
  readonly at: number
  /** The folded unit at a position not more than `reach` before `at`; -1 before the beginning. */
  readonly unitAt: (position: number) => number
  readonly slice: (from: number, to: number) => string
}

/** What one more unit makes of a candidate. */
export const step = {
  /** It may still become a match. */
  more: 0,
  /** It is none. */
  none: 1,
  /** It was one until the unit before. */
  before: 2,
  /** It is one, this unit included. */
  here: 3,
  /** What was read is part of a match, this unit included, and the match goes on. */
  part: 4,
} as const
export type Step = (typeof step)[keyof typeof step]

/**
 * A match that has begun. It is asked about each unit after its trigger until it ends. What it answers depends on the
 * units alone, never on how they were cut into pieces.
 */
export type Candidate = {
  /** Where the match begins, as a position of folded units; it may move on, never back. */
  readonly from: number
  readonly next: (unit: number) => Step
  /** The text is over. `more` is not an answer. */
  readonly end: () => Step
  /** How sure the match is; asked after it ended as one. */
  readonly sureness: () => Sureness
  /** How many of its last units are no part of the match, asked likewise; none when it is left out. */
  readonly spare?: () => number
}

/** `certain`: check digit and context, or a shape that nothing else has. `likely`: one of both. `possible`: neither. */
export type Sureness = 'certain' | 'likely' | 'possible'

/** Longest candidate that is waited for, in folded units: what is longer is no match but a finding of its own. */
export const longestCandidate = 512

export function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57
}

export function isLetter(unit: number): boolean {
  const lower = unit | 32
  return lower >= 97 && lower <= 122
}

export function isWordUnit(unit: number): boolean {
  return isDigit(unit) || isLetter(unit)
}

export function isUpperLetter(unit: number): boolean {
  return unit >= 65 && unit <= 90
}

/** What is taken for the part of an address before its @: of what RFC 5322 3.2.3 allows, what addresses in use have. */
export function isAddressUnit(unit: number): boolean {
  return (
    isWordUnit(unit) || unit === 46 || unit === 45 || unit === 95 || unit === 43 || unit === 37 || unit === 39
  )
}
