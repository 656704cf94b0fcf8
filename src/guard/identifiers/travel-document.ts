import { isDigit, isUpperLetter, step, type Candidate } from '../stream/candidate.ts'
import type { Trigger } from '../stream/scan-plan.ts'

/** The machine-readable zone of a passport, a visa or an identity card (ICAO Doc 9303 parts 3 to 7): two or three lines. */
export const travelDocumentTriggers: readonly Trigger[] = [
  'P<',
  'V<',
  'I<',
  'A<',
  'C<',
  'IDD<<',
  'IDFRA',
].map((word) => ({
  rule: 'mrz',
  word,
  begin: (behind): Candidate | null => {
    const from = behind.at - word.length
    const before = behind.unitAt(from - 1)
    if (behind.slice(from, behind.at) !== word || isZoneUnit(before)) return null
    let zone = word
    return {
      from,
      next: (unit) => {
        if (!isZoneUnit(unit) && unit !== 10 && unit !== 13) return step.none
        zone += String.fromCharCode(unit)
        if (zone.length > longestZone) return step.none
        return isZone(zone.replaceAll('\r', '')) ? step.here : step.more
      },
      end: () => step.none,
      sureness: () => 'certain',
    }
  },
}))

const longestZone = 96
const lineFeed = '\n'

/** Lengths of the lines, and where the number, the date of birth and the date of expiry stand, each with its check digit. */
const layouts = [
  {
    lines: [44, 44],
    fields: [
      [1, 0, 9],
      [1, 13, 19],
      [1, 21, 27],
    ],
  },
  {
    lines: [36, 36],
    fields: [
      [1, 0, 9],
      [1, 13, 19],
      [1, 21, 27],
    ],
  },
  {
    lines: [30, 30, 30],
    fields: [
      [0, 5, 14],
      [1, 0, 6],
      [1, 8, 14],
    ],
  },
] as const

function isZone(zone: string): boolean {
  const lines = zone.split(lineFeed)
  return layouts.some(
    ({ lines: lengths, fields }) =>
      lengths.length === lines.length &&
      lengths.every((length, i) => lines[i]?.length === length) &&
      fields.every(([line, from, to]) => hasCheckDigit(lines[line] ?? '', from, to)),
  )
}

const weights = [7, 3, 1]

/** ICAO Doc 9303 part 3, 4.9: letters count from 10, the filler as nothing; weights 7, 3, 1. */
function hasCheckDigit(line: string, from: number, to: number): boolean {
  let sum = 0
  for (let i = from; i < to; i += 1) {
    const character = line[i] ?? '<'
    const value = character === '<' ? 0 : Number.parseInt(character, 36)
    sum += value * (weights[(i - from) % 3] ?? 0)
  }
  return line[to] === String(sum % 10)
}

function isZoneUnit(unit: number): boolean {
  return isUpperLetter(unit) || isDigit(unit) || unit === 60
}
