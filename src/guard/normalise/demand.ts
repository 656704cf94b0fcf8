import { isLetter } from '../stream/candidate.ts'
import {
  isFunctionWord,
  isPackedFunctionWord,
  isPackedTurnedWord,
  isStrange,
  packed,
} from './function-words.ts'
import { isForeign } from './look-alike.ts'
import { fewestRunTogether, isLink, leastLinked } from './run-together.ts'
import { leetPointsOf } from './spelling.ts'
import { unitsOf } from './units.ts'

/** Which readings a text asks for, seen in one pass that costs little where it asks for none. */
export type Demand = {
  /** Letters one by one with separators between them. */
  readonly spaced: boolean
  /** Words with digits between their letters. */
  readonly leet: boolean
  readonly codeList: boolean
  readonly morse: boolean
  /** Hardly any of its words holds a sentence together. */
  readonly foreign: boolean
  readonly lineWords: boolean
  /** Tags stand within words. */
  readonly tagged: boolean
  /** Letters of another alphabet stand among Latin ones. */
  readonly mixed: boolean
  /** Many variation selectors. */
  readonly selectors: boolean
  /** A word is so long that it may be several. */
  readonly runTogether: boolean
  /** Words stand with the same sign between them in the place of spaces. */
  readonly linked: boolean
}

const [fewestSpaced, fewestCodes, fewestSigns, fewestLines] = [5, 8, 16, 6]
const longestWord = 6
/** So many eighths of a word are looked up before ordinary text is known by one word of eight. */
const mostKnownFirst = 16
/** So many words that hold sentences together only when they are turned round, and more than of those that do only as they are. */
const fewestTurned = 2
/** Four points of leet writing in so many words; fewer do where a text has hardly more words. */
const [mostLeetGap, fewestTags, fewestSelectors] = [12, 3, 4]
const [shortLeetPoints, mostWordsPerPoint] = [2, 4]
const [letter, digit, sign, dash, lineFeed, space] = [1, 2, 4, 8, 16, 32]
const inWord = letter | digit | sign
/** The first half of variation selectors from U+E0100 on. */
const highOfSelectors = 0xdb40
const classes = new Uint8Array(128)
for (let unit = 0; unit < 128; unit += 1) {
  const lower = unit | 32
  if (lower >= 97 && lower <= 122) classes[unit] = letter
  else if (unit >= 48 && unit <= 57) classes[unit] = digit
}
classes[64] = classes[36] = sign // what stands for letters in leet writing
classes[46] = classes[45] = dash
classes[10] = lineFeed
classes[32] = classes[47] = classes[124] = space

/** Reads a text once for what its words look like. */
export function demandOf(text: string): Demand {
  const units = unitsOf(text)
  // One by one, here and below: what is taken apart from a list costs twice as much in a loop over each unit of a text.
  let singles = 0
  let mostSingles = 0
  let codes = 0
  let mostCodes = 0
  let signs = 0
  let mostSigns = 0
  let words = 0
  let known = 0
  let lineWords = 0
  let lines = 0
  let mostLines = 0
  let tags = 0
  let foreign = 0
  let selectors = 0
  let isTag = false
  let isLeet = false
  let isRunTogether = false
  let isLinked = false
  let lastEnd = -1
  let link = 0
  let linkWords = 0
  let linkKnown = 0
  let turned = 0
  let straight = 0
  let leet = 0
  const lastLeet = [-99, -99, -99] // the counts of words at which the last points of leet writing stood
  const { length: size } = text
  for (let at = 0; at <= size; at += 1) {
    const unit = at < size ? (units[at] ?? 0) : 10
    const cls = unit < 128 ? (classes[unit] ?? 0) : letter
    if ((cls & inWord) !== 0) {
      let end = at
      let kinds = 0
      let before = 0
      let isInner = false
      let isPlain = true
      let name = 0
      for (; end < size; end += 1) {
        const one = units[end] ?? 0
        const kind = one < 128 ? (classes[one] ?? 0) : letter
        if ((kind & inWord) === 0) break
        name = packed(name, one)
        if (one >= 128) {
          isPlain = false
          if (one >= 0x370) {
            if (isForeign(one)) foreign += 1
            else if ((one >= 0xfe00 && one <= 0xfe0f) || one === highOfSelectors) selectors += 1
          }
        }
        if (kind === letter && (before & digit) !== 0 && (kinds & letter) !== 0) isInner = true
        kinds |= kind
        before = kind
      }
      const length = end - at
      if (kinds === letter) {
        if (length >= fewestRunTogether && isPlain) isRunTogether = true
        const joint = units[at - 1] ?? 0
        const isNext = linkWords > 0 && lastEnd === at - 1 && (linkWords > 1 ? joint === link : isLink(joint))
        if (isNext) {
          linkWords += 1
          link = joint
        } else {
          linkWords = 1
          linkKnown = 0
        }
        if ((isNext || isLink(units[end] ?? 0)) && length >= 2 && length <= longestWord) {
          const isKnown = isPlain
            ? isPackedFunctionWord(name)
            : isFunctionWord(text.slice(at, end).toLowerCase())
          if (isKnown) linkKnown += 1
        }
        if (isNext && linkKnown > 0 && linkWords >= leastLinked(link)) isLinked = true
      } else linkWords = 0
      lastEnd = end
      // What stands behind an apostrophe is no word of its own.
      if (lineWords === 0 || at === 0 || (units[at - 1] ?? 0) <= 32) lineWords += 1
      if (signs > mostSigns) mostSigns = signs
      signs = 0
      if (length === 1) singles += 1
      else if (singles > 0) {
        mostSingles = Math.max(singles, mostSingles)
        singles = 0
      }
      if (length <= 4 && (kinds === digit || (kinds & sign) === 0) && isHexadecimal(units, at, end))
        codes += 1
      else if (codes > 0) {
        mostCodes = Math.max(codes, mostCodes)
        codes = 0
      }
      words += 1
      if (kinds === letter && length >= 2 && length <= longestWord && known * 8 <= words + mostKnownFirst) {
        const isKnown = isPlain
          ? isPackedFunctionWord(name)
          : isFunctionWord(text.slice(at, end).toLowerCase())
        const isTurned = isPlain && isPackedTurnedWord(name)
        if (isKnown) known += 1
        if (isTurned && !isKnown) turned += 1
        else if (isKnown && !isTurned) straight += 1
      } else if (kinds !== letter && (kinds & letter) !== 0) {
        const points = leetPointsOf(text, at, end, isInner)
        leet += points
        for (let point = 0; point < points; point += 1) {
          lastLeet.push(words)
          if (words - (lastLeet.shift() ?? 0) <= mostLeetGap) isLeet = true
        }
      }
      at = end - 1
      continue
    }
    if (cls === dash) signs += 1
    else if (cls === 0) {
      signs = 0
      if (unit === 60) isTag = (at > 0 && isLetter(units[at - 1] ?? 0)) || (isTag && units[at - 1] === 62)
      else if (unit === 62 && isTag && units[at + 1] !== 60) {
        isTag = false
        if (isLetter(units[at + 1] ?? 0)) tags += 1
      }
    } else if (cls === lineFeed) {
      lines = lineWords === 1 ? lines + 1 : lineWords > 1 ? 0 : lines
      if (lines > mostLines) mostLines = lines
      lineWords = 0
    }
  }
  return {
    spaced: Math.max(singles, mostSingles) >= fewestSpaced,
    leet: isLeet || (leet >= shortLeetPoints && leet * mostWordsPerPoint >= words),
    codeList: Math.max(codes, mostCodes) >= fewestCodes,
    morse: Math.max(signs, mostSigns) >= fewestSigns,
    foreign: isStrange(words, known) || (turned >= fewestTurned && turned > straight),
    lineWords: mostLines >= fewestLines,
    tagged: tags >= fewestTags,
    mixed: foreign > 0 && foreign < text.length / 2,
    selectors: selectors >= fewestSelectors,
    runTogether: isRunTogether,
    linked: isLinked,
  }
}

function isHexadecimal(units: Uint16Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const unit = units[at] ?? 0
    const lower = unit | 32
    if (!(unit >= 48 && unit <= 57) && !(lower >= 97 && lower <= 102) && lower !== 120) return false
  }
  return true
}
