import { unitsOf } from './units.ts'

/** No shorter run of letters and digits is looked at: 18 characters are 24 in base64, and more in all else. */
const shortestRun = 24

/** Whether anything in a text may be a run of encoded characters or an escape. */
export function mayBeEncoded(text: string): boolean {
  const units = unitsOf(text)
  let run = 0
  for (let i = 0; i < text.length; i += 1) {
    const unit = units[i] ?? 0
    const kind = unit < 128 ? kinds[unit] : ends
    if (kind === ofRun) {
      run += 1
      if (run === shortestRun) return true
    } else if (kind === ends) run = 0
    else if (kind === escapes) return true
  }
  return false
}

const [ends, ofRun, stays, escapes] = [0, 1, 2, 3]
/** What each ASCII character does to a run. */
const kinds = new Uint8Array(128)
for (let unit = 0; unit < 128; unit += 1) {
  const letter = unit | 0x20
  if ((letter >= 0x61 && letter <= 0x7a) || (unit >= 0x30 && unit <= 0x39)) kinds[unit] = ofRun
}
/** What stands in an encoded run without ending it, ends of lines too. */
for (const mark of ['+', '/', '-', '_', '=', '\n', '\r']) kinds[mark.charCodeAt(0)] = stays
for (const mark of ['%', '&', '\\']) kinds[mark.charCodeAt(0)] = escapes
