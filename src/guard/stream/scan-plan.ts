import { escapeMarks } from '../normalise/escape.ts'
import { foldText } from '../normalise/fold.ts'
import { compileAutomaton, type Automaton } from './automaton.ts'
import type { Behind, Candidate, Sureness } from './candidate.ts'

/** A word that begins something, or is something by itself. Compared without regard to the case of letters. */
export type Trigger = {
  readonly rule: string
  readonly word: string
  /** Called behind the word; null when it is nothing here. A sureness: the word itself is the match. */
  readonly begin: (behind: Behind) => Candidate | Sureness | null
}

/** Words after which certain identifiers are more believable, such as "card" or "IBAN". */
export type ContextWords = { readonly group: string; readonly words: readonly string[] }

/**
 * How well something fits an identifier: `check` when its check digits hold, `shape` when it has none to hold. The
 * `plain` ones look like any other number and need a word of their context.
 */
export type Fit = 'check' | 'shape' | 'plain_check' | 'plain_shape'

/** A number or code with a shape of its own that stands in groups of digits and letters. */
export type IdentifierRule = {
  readonly rule: string
  /** Digits and letters without separators. */
  readonly minLength: number
  readonly maxLength: number
  /** How many separators may stand between its groups; others are not looked at. */
  readonly joints: readonly number[]
  /**
   * Null when it is none. `compact` is without separators, `written` with them; `before` is the unit in front, -1 at
   * the beginning.
   */
  readonly matches: (compact: string, written: string, before: number) => Fit | null
  /** A shape that hardly anything else has. */
  readonly isDistinctive: boolean
  /** The group of words that make it more believable; null when there are none. */
  readonly context: string | null
}

/** Stands for a word with which an escape may begin. */
export const escapeMark: unique symbol = Symbol('escape mark')

/** What a lane is read for, compiled once. */
export type ScanPlan = {
  readonly automaton: Automaton
  /** By index of the automaton's words; a string names a group of context words, `escapeMark` begins an escape. */
  readonly triggers: readonly (Trigger | string | typeof escapeMark)[]
  /** By how many digits and letters there are, and how many separators between them. */
  readonly identifiersOf: (length: number, joints: number) => readonly IdentifierRule[]
  /** The units before a word boundary that may be the beginning of an address are held back. */
  readonly holdsWords: boolean
}

export function compilePlan(plan: {
  readonly triggers: readonly Trigger[]
  readonly context: readonly ContextWords[]
  readonly identifiers: readonly IdentifierRule[]
  readonly holdsWords: boolean
}): ScanPlan {
  const context = plan.context.flatMap(({ group, words }) => words.map((word) => [word, group] as const))
  const words = [...plan.triggers.map(({ word }) => word), ...context.map(([word]) => word), ...escapeMarks]
  const most = (counts: readonly number[]) => counts.reduce((a, b) => Math.max(a, b), 0)
  const longest = most(plan.identifiers.map(({ maxLength }) => maxLength))
  const mostJoints = most(plan.identifiers.flatMap(({ joints }) => joints))
  const byShape = Array.from({ length: longest + 1 }, (_, length) =>
    Array.from({ length: mostJoints + 1 }, (_, count) =>
      plan.identifiers.filter(
        ({ minLength, maxLength, joints }) =>
          minLength <= length && length <= maxLength && joints.includes(count),
      ),
    ),
  )
  return {
    automaton: compileAutomaton(words.map(foldText), digits),
    triggers: [
      ...plan.triggers,
      ...context.map(([, group]) => group),
      ...escapeMarks.map((): typeof escapeMark => escapeMark),
    ],
    identifiersOf: (length, joints) => byShape[length]?.[joints] ?? none,
    holdsWords: plan.holdsWords,
  }
}

const none: readonly IdentifierRule[] = []
/** An identifier opens with one. */
const digits = '0123456789'
