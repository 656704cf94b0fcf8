import { escapeMarks } from './escape.ts'
import { unitsOf } from './units.ts'

/** No shorter run of letters and digits is looked at: 18 characters are 24 in base64, and more in all else. */
const shortestRun = 24

/** Whether anything in a text may be a run of encoded characters or an escape. */
export function mayBeEncoded(text: string): boolean {
  if (escapeMarks.some((mark) => text.includes(mark))) return true
  const units = unitsOf(text)
  for (let from = 0; from + shortestRun <= text.length; ) {
    // No run goes on over a unit that ends it: of ordinary words one unit in a few is looked at.
    let last = from + shortestRun - 1
    while (last >= from && kindOf(units[last] ?? 0) !== ends) last -= 1
    if (last >= from) {
      from = last + 1
      continue
    }
    let run = 0
    let at = from
    for (; at < text.length; at += 1) {
      const kind = kindOf(units[at] ?? 0)
      if (kind === ends) break
      if (kind === ofRun) run += 1
      if (run === shortestRun) return true
    }
    from = at + 1
  }
  return false
}

function kindOf(unit: number): number {
  return unit < 128 ? (kinds[unit] ?? ends) : ends
}

const [ends, ofRun, stays] = [0, 1, 2]
/** What each ASCII character does to a run. */
const kinds = new Uint8Array(128)
for (let unit = 0; unit < 128; unit += 1) {
  const letter = unit | 0x20
  if ((letter >= 0x61 && letter <= 0x7a) || (unit >= 0x30 && unit <= 0x39)) kinds[unit] = ofRun
}
/** What stands in an encoded run without ending it, ends of lines too. */
for (const mark of ['+', '/', '-', '_', '=', '\n', '\r']) kinds[mark.charCodeAt(0)] = stays
