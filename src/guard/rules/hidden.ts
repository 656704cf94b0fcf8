import type { Finding } from '../finding.ts'
import type { Trust } from '../text.ts'

/** Fewest characters in a row that cannot be seen and still say something. */
const fewest = 3

/**
 * Text that a reader does not see and a model reads: tag characters (U+E0000 block), runs of variation selectors that
 * spell bytes, and text under an override of its direction (Unicode Standard Annex 9).
 */
export function hiddenText(text: string, trust: Trust): readonly Finding[] {
  const findings: Finding[] = []
  const add = (rule: string, start: number, end: number) =>
    findings.push({
      rule,
      kind: 'hidden',
      severity: trust === 'untrusted' ? 'high' : 'medium',
      sureness: 'certain',
      start,
      end,
    })
  for (let at = 0; at < text.length; ) {
    const unit = text.charCodeAt(at)
    if (unit < firstSuspicious) {
      at += 1
      continue
    }
    const [rule, end, count] = runAt(text, at)
    if (rule !== null && count >= fewest) add(rule, at, end)
    at = Math.max(end, at + 1)
  }
  return findings
}

const firstSuspicious = 0x200b

/** What begins at `at`, where it ends, and how many characters it has. */
function runAt(text: string, at: number): readonly [rule: string | null, end: number, count: number] {
  const point = text.codePointAt(at) ?? 0
  if (point === 0x202d || point === 0x202e) {
    const close = text.indexOf('\u202c', at)
    const end = close < 0 ? text.length : close + 1
    return ['hidden.override', end, end - at]
  }
  const rule = isTag(point) ? 'hidden.tags' : isSelector(point) ? 'hidden.selectors' : null
  if (rule === null) return [null, at + 1, 0]
  const goesOn = rule === 'hidden.tags' ? isTag : isSelector
  let [end, count] = [at, 0]
  for (let next = point; end < text.length && goesOn(next); next = text.codePointAt(end) ?? 0) {
    end += next > 0xffff ? 2 : 1
    count += 1
  }
  // A flag of a region is a black flag with tags behind it (Unicode Technical Standard 51, ED-14C).
  const isFlag = rule === 'hidden.tags' && text.codePointAt(at - 2) === 0x1f3f4 && count <= 7
  return [isFlag ? null : rule, end, count]
}

function isTag(point: number): boolean {
  return point >= 0xe0020 && point <= 0xe007f
}

function isSelector(point: number): boolean {
  return (point >= 0xfe00 && point <= 0xfe0f) || (point >= 0xe0100 && point <= 0xe01ef)
}
