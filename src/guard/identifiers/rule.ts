import { isDigit, isLetter, isWordUnit } from '../stream/candidate.ts'
import type { Fit, IdentifierRule } from '../stream/scan-plan.ts'

type Shape = {
  readonly rule: string
  readonly length: number | readonly [min: number, max: number]
  /**
   * How it may be written: `9` a digit, `A` a letter, `X` either, anything else itself. Without separators the compact
   * form counts as plain.
   */
  readonly layouts: readonly string[]
  /** Without it nothing can be checked. */
  readonly check?: (compact: string) => boolean
  /** Whether the compact form, too, is a shape that little else has; else it needs a word of its context. */
  readonly isRare?: boolean
  readonly isDistinctive?: boolean
  readonly context?: string
}

/** An identifier that is written in one of a few layouts. */
export function identifier({
  rule,
  length,
  layouts,
  check,
  isRare = false,
  isDistinctive = false,
  context,
}: Shape): IdentifierRule {
  const [minLength, maxLength] = typeof length === 'number' ? [length, length] : length
  return {
    rule,
    minLength,
    maxLength,
    joints: [...new Set(layouts.map(jointsOf))],
    isDistinctive,
    context: context ?? null,
    matches: (compact, written): Fit | null => {
      if (!layouts.some((layout) => isLaidOut(written, layout))) return null
      if (check !== undefined && !check(compact.toUpperCase())) return null
      const isPlain = !isRare && (compact.length === written.length || isThousands(written))
      if (check === undefined) return isPlain ? 'plain_shape' : 'shape'
      return isPlain ? 'plain_check' : 'check'
    },
  }
}

/** Separators in a layout: what is neither a digit nor a letter. */
function jointsOf(layout: string): number {
  return layout.split('').filter((part) => !'9AX'.includes(part)).length
}

/** Three by three digits: any large number is written so. */
function isThousands(written: string): boolean {
  return isLaidOut(written, '999 999 999')
}

function isLaidOut(written: string, layout: string): boolean {
  if (written.length !== layout.length) return false
  for (let i = 0; i < layout.length; i += 1) {
    const [wanted, has] = [layout.charAt(i), written.charCodeAt(i)]
    const fits =
      wanted === '9'
        ? isDigit(has)
        : wanted === 'A'
          ? isLetter(has)
          : wanted === 'X'
            ? isWordUnit(has)
            : wanted === written.charAt(i)
    if (!fits) return false
  }
  return true
}
