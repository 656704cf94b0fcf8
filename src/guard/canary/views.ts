import type { Readings } from '../normalise/readings.ts'
import type { Channel } from '../text.ts'
import { CanaryLane, type CanaryMatch, type CanaryWatch } from './watch.ts'

/**
 * The leaks in what a whole text says once it is decoded: in base64, in escapes, turned round, spelled otherwise. Spans
 * are those of the text. Some are in the text as it stands too.
 */
export function leaksInViews(
  watch: CanaryWatch,
  channel: Channel,
  readings: Readings,
): readonly CanaryMatch[] {
  const seen = (written: string) => {
    const lane = new CanaryLane(watch, channel)
    lane.push(written)
    lane.end()
    return lane.take()
  }
  const { text } = readings
  const { length } = text
  // A token alone says nothing of its language, so that nothing else would ask for these two.
  const turned = seen(rewritten(text, (at) => text.charCodeAt(length - 1 - at)))
  const rotated = seen(rewritten(text, (at) => rotation(text.charCodeAt(at))))
  const leaks: CanaryMatch[] = [
    ...turned.map((match) => ({
      ...match,
      start: length - match.end,
      end: length - match.start,
      via: ['reversed'] as const,
    })),
    ...rotated.map((match) => ({ ...match, via: ['rot13'] as const })),
  ]
  if (!readings.mayHaveViews) return leaks
  for (const { text: decoded, map, via } of readings.all.derived)
    for (const match of seen(decoded))
      leaks.push({ ...match, ...map.toOriginal(match.start, match.end), via })
  return leaks
}

/** A text of the same length, of which `unitAt` gives each UTF-16 unit. */
function rewritten({ length }: string, unitAt: (at: number) => number): string {
  const units = new Uint16Array(length)
  for (let at = 0; at < length; at += 1) units[at] = unitAt(at)
  return Buffer.from(units.buffer).toString('utf16le')
}

/** ROT13 of letters. */
function rotation(unit: number): number {
  const letter = unit | 0x20
  if (letter < 0x61 || letter > 0x7a) return unit
  return letter < 0x6e ? unit + 13 : unit - 13
}
