import { canonical, originalOf } from '../normalise/canonical.ts'
import { languageOf, type Language } from './gate.ts'

/** UTF-16 units by which the language of a text is told, so that counting costs the same for texts of any length. */
const beginning = 384

/** The language of a text by its beginning: for counts of what traffic is in, not for a decision about any window of it. */
export function languageAtBeginning(text: string): Language {
  return languageOf(canonical(originalOf(text.slice(0, beginning))).folded.text)
}
