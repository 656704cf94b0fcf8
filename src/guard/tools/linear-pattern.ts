import { RE2JS } from 're2js'

/** Work of one check: each unit of a text costs the size of the pattern that reads it. */
export type Meter = { left: number }

/** What a check throws when its patterns have read more than it may cost. */
export class TooMuchWork extends Error {
  override readonly name = 'TooMuchWork'
}

/** A pattern in the form that the validator asks for; its text names it. */
export type LinearPattern = {
  readonly test: (text: string) => boolean
  readonly toString: () => string
  /** Steps of its program: `a{1000}` has a thousand. */
  readonly size: number
}

export const maxPatternLength = 1_024

/**
 * Compiles a pattern of ECMA-262 for an engine whose time grows with the text and no faster. What that engine cannot do
 * (look-around, back references, more than 1,000 repetitions) throws.
 */
export function linearPattern(pattern: string, meter: Meter): LinearPattern {
  if (pattern.length > maxPatternLength) throw new RangeError('the pattern is too long')
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern))
  const size = compiled.programSize()
  return {
    test: (text) => {
      meter.left -= (text.length + 1) * size
      if (meter.left < 0) throw new TooMuchWork('a pattern has read too much')
      return compiled.matcher(text).find()
    },
    toString: () => pattern,
    size,
  }
}
