import type { Folded } from '../normalise/folded.ts'
import type { Match } from './lane-scan.ts'
import type { ReadBack } from './read-back.ts'

/** A lane within a lane: what was decoded, read by the same detectors; spans are those of the source. */
export type Nested = {
  readonly feed: (piece: Folded) => void
  readonly end: () => void
  readonly take: () => readonly Match[]
  /** Where in the source what may still become a match begins; null when there is nothing. */
  readonly heldFrom: number | null
}

/** Where a nested lane takes over: it knows what stands before, and reads on from a position of the outer one. */
export type TakeOver = {
  readonly back: ReadBack
  readonly from: number
  readonly seen: ReadonlyMap<string, number>
}

/** Makes a lane within the lane. */
export type Nest = (over: TakeOver | null) => Nested

/** Of what is decoded, a shape alone says nothing. */
export function isTold({ sureness }: Match): boolean {
  return sureness !== 'possible'
}
