import { lookAlikes } from './tables/confusables.ts'
import { ViewWriter } from './view.ts'

const latinOf = new Map<number, string>()
for (const [target, sources] of Object.entries(lookAlikes))
  for (const source of sources) latinOf.set(source.codePointAt(0) ?? 0, target)

/** Letters of Greek, Cyrillic, Armenian and Cherokee, by blocks; of phonetic extensions those that are Greek or Cyrillic. */
const foreign: readonly (readonly [from: number, to: number])[] = [
  [0x370, 0x58f],
  [0x13a0, 0x13ff],
  [0x1c80, 0x1c8f],
  [0x1d26, 0x1d2b],
  [0x1f00, 0x1fff],
  [0x2de0, 0x2dff],
  [0xa640, 0xa69f],
  [0xab70, 0xabbf],
]

const latin: typeof foreign = [
  [0xc0, 0x2af],
  [0x1e00, 0x1eff],
  [0x2c60, 0x2c7f],
  [0xa720, 0xa7ff],
  [0xab30, 0xab6f],
]

/** The Latin letter that a letter looks like, in whichever case; null when there is none. */
export function latinLikeOf(point: number): string | null {
  if (point < 0x370) return null
  const small = String.fromCodePoint(point).toLowerCase().codePointAt(0) ?? 0
  return latinOf.get(small) ?? null
}

export function isForeign(point: number): boolean {
  return point >= 0x370 && foreign.some(([from, to]) => point >= from && point <= to)
}

export function isLatin(point: number): boolean {
  const lower = point | 32
  if (point < 0x80) return lower >= 97 && lower <= 122
  return point !== 0xd7 && point !== 0xf7 && latin.some(([from, to]) => point >= from && point <= to)
}

type Word = {
  readonly from: number
  readonly to: number
  readonly isMixed: boolean
  readonly isAlike: boolean
}

/**
 * Folds letters that look like Latin ones in words that mix them with Latin ones; then, where most letters are Latin,
 * in words that have no others either. Null when there is nothing to fold.
 */
export function withoutLookAlikes(text: string): ReturnType<ViewWriter['written']> | null {
  const words: Word[] = []
  let [latin, others] = [0, 0]
  for (let at = 0; at < text.length; ) {
    const word = wordAt(text, at)
    at = word.to === at ? at + 1 : word.to
    latin += word.latin + (word.latin > 0 ? word.alike : 0)
    others += word.others + (word.latin > 0 ? 0 : word.alike)
    if (word.alike > 0) words.push({ ...word, isMixed: word.latin > 0, isAlike: word.others === 0 })
  }
  const folded = words.filter(({ isMixed, isAlike }) => isMixed || (isAlike && latin > others))
  if (folded.length === 0) return null
  const writer = new ViewWriter(text)
  let kept = 0
  for (const { from, to } of folded)
    for (let at = from; at < to; at += 1) {
      const letter = latinLikeOf(text.charCodeAt(at))
      if (letter === null) continue
      writer.keep(kept, at)
      writer.put(letter, at, at + 1)
      kept = at + 1
    }
  writer.keep(kept, text.length)
  return writer.written()
}

/** The letters from `from` on, and whose they are. */
function wordAt(text: string, from: number) {
  let [to, latin, alike, others] = [from, 0, 0, 0]
  for (; to < text.length; to += 1) {
    const unit = text.charCodeAt(to)
    if (isLatin(unit)) latin += 1
    else if (unit < 0x370) break
    else if (isForeign(unit)) {
      if (latinLikeOf(unit) === null) others += 1
      else alike += 1
    } else if ((unit >= 0x2000 && unit < 0x2c00) || (unit >= 0x3000 && unit < 0x3040)) break
    else others += 1
  }
  return { from, to, latin, alike, others }
}
