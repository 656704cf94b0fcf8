import { severities, type Finding, type FindingKind } from '../../guard/finding.ts'
import type { Channel } from '../../guard/text.ts'
import { incompleteViews } from '../../guard/views.ts'
import type { Segment } from '../dialect/reading.ts'

/** Parts of one message that its reader reads as one text. */
export type Run = { readonly channel: Channel; readonly parts: readonly Segment[]; readonly text: string }

/** The runs of a body; none, at the cost of one look at each text, where every message has one part. */
export function runsIn(segments: readonly Segment[]): readonly Run[] {
  const parts = segments.filter(({ run }) => run !== undefined)
  if (parts.length === 0) return none
  return [...Map.groupBy(parts, ({ run }) => run).values()].map((of) => ({
    channel: of[0]?.channel ?? 'unknown', // they are of one message
    parts: of,
    text: of.map(({ text }) => text).join(''),
  }))
}

/** Kinds that are no value: what a part has of them itself says as much as what the parts say together. */
const worded: ReadonlySet<FindingKind> = new Set(['injection', 'structure', 'hidden', 'tool_poisoning'])

/**
 * What was found in each part of a run: `own`, in the order of the parts, and of what was found in `joined`, the text of
 * the run, that which stands in more than one part. Of that each part has its share.
 */
export function withShares(
  { parts }: Run,
  own: readonly (readonly Finding[])[],
  joined: readonly Finding[],
): readonly (readonly Finding[])[] {
  const starts: number[] = []
  let length = 0
  for (const { text } of parts) {
    starts.push(length)
    length += text.length
  }
  const shares: Finding[][] = parts.map(() => [])
  for (const finding of joined) {
    const [first, last] = [
      partAt(starts, finding.start),
      partAt(starts, Math.max(finding.start, finding.end - 1)),
    ]
    if (first === last) continue
    const touched = parts
      .slice(first, last + 1)
      .map(({ text }, n) => shareOf(finding, starts[first + n] ?? 0, text))
    const isSaid = touched.some((share, n) => own[first + n]?.some((found) => says(found, share)))
    if (worded.has(finding.kind) && isSaid) continue
    // What was not read is told once; everything else is in each of them.
    const told = finding.rule === incompleteViews ? touched.slice(0, 1) : touched
    for (const [n, share] of told.entries()) shares[first + n]?.push(share)
  }
  return own.map((found, n) => {
    const more = shares[n] ?? []
    return more.length === 0 ? found : [...found, ...more]
  })
}

/** A half is no value of its rule: as with what had to be decoded, it is kept letter by letter where it is given back. */
function shareOf(finding: Finding, from: number, text: string): Finding {
  const [start, end] = [Math.max(0, finding.start - from), Math.min(text.length, finding.end - from)]
  return { ...finding, start, end, via: finding.via ?? [] }
}

/** Whether a part by itself has the same, and no less of it. */
function says(found: Finding, { kind, severity, start, end }: Finding): boolean {
  const isAsGrave = severities.indexOf(found.severity) >= severities.indexOf(severity)
  return found.kind === kind && isAsGrave && found.start < end && start < found.end
}

/** The part that the unit at `place` stands in, by binary search. */
function partAt(starts: readonly number[], place: number): number {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= place) low = middle
    else high = middle - 1
  }
  return low
}

const none: readonly never[] = []
