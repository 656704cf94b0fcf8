import type { Weights } from '../guard/injection/weights.ts'
import type { Guard } from '../guard/inspect.ts'

/** What the commands of the guard touch outside themselves. */
export type GuardWorld = {
  /** The shipped detectors, with a scorer of these weights or without one. */
  readonly guard: (weights: Weights | null) => Guard
  /** Shipped weights, or those in a file. Throws `WeightsError` when they cannot be used. */
  readonly weights: (path: string | null) => Weights
  /** Bytes of a file, or of standard input for `-`. Throws when there is no such file. */
  readonly open: (path: string) => AsyncIterable<Uint8Array>
  /** Writes to standard output and waits until it is taken; `ReaderGone` when nobody reads any more. */
  readonly send: (text: string) => Promise<void>
}

/** Whoever read the output has closed it: there is nothing left to do. */
export class ReaderGone extends Error {
  override readonly name = 'ReaderGone'
}

/** What a shell sees of a process that SIGPIPE has ended. */
export const exitOfBrokenPipe = 141
