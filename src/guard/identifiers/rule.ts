import type { Fit, IdentifierRule } from '../stream/scan-plan.ts'

type Shape = {
  readonly rule: string
  readonly length: number | readonly [min: number, max: number]
  /**
   * How it may be written: `9` a digit, `A` a letter, `X` either, anything else itself; `~` one separator, a space, a
   * hyphen or a full stop, the same one throughout. Without separators the compact form counts as plain.
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
    isDistinctive,
    context: context ?? null,
    matches: (compact, written): Fit | null => {
      const upper = compact.toUpperCase()
      const layout = layouts.find((candidate) => isLaidOut(written.toUpperCase(), candidate))
      if (layout === undefined || (check !== undefined && !check(upper))) return null
      const isPlain = !isRare && compact.length === written.length
      if (check === undefined) return isPlain ? 'plain_shape' : 'shape'
      return isPlain ? 'plain_check' : 'check'
    },
  }
}

function isLaidOut(written: string, layout: string): boolean {
  if (written.length !== layout.length) return false
  let separator = ''
  for (let i = 0; i < layout.length; i += 1) {
    const [wanted, has] = [layout[i] ?? '', written[i] ?? '']
    const isDigit = has >= '0' && has <= '9'
    const isLetter = has >= 'A' && has <= 'Z'
    if (wanted === '~') {
      if (!' -.'.includes(has) || (separator !== '' && separator !== has)) return false
      separator = has
    } else if (
      wanted === '9'
        ? !isDigit
        : wanted === 'A'
          ? !isLetter
          : wanted === 'X'
            ? !isDigit && !isLetter
            : wanted !== has
    )
      return false
  }
  return true
}
