import type { RecordFinding } from './runtime-record.ts'

/** A finding with its number in the list, which the strip and the keys go by. */
export type Numbered = RecordFinding & { readonly n: number }

/** The findings at one place of one side, in order of where they begin. */
export type Place = {
  readonly side: RecordFinding['side']
  readonly path: string
  readonly channel: string
  readonly findings: readonly Numbered[]
}

/** What was found, by place: what was sent before what was answered, each place where its first finding stood in the list. */
export function placesOf(findings: readonly RecordFinding[]): readonly Place[] {
  const groups = new Map<string, RecordFinding[]>()
  for (const finding of findings) {
    const key = JSON.stringify([finding.side, finding.path, finding.channel])
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [finding])
    else group.push(finding)
  }
  const sides = ['input', 'output'] as const
  let n = 0
  return sides.flatMap((side) =>
    [...groups.values()].flatMap((group) => {
      const [first] = group
      if (first === undefined || first.side !== side) return []
      const { path, channel } = first
      const ordered = group.toSorted((a, b) => a.start - b.start || b.end - a.end)
      return [{ side, path, channel, findings: ordered.map((finding) => ({ ...finding, n: (n += 1) })) }]
    }),
  )
}

/** Where a finding is drawn on a bar from 0 to 1; the end of the bar stays free, since the text may go on. */
export function stretchOf(
  { start, end }: Pick<RecordFinding, 'start' | 'end'>,
  lastEnd: number,
): { readonly from: number; readonly length: number } {
  const whole = Math.max(1, lastEnd) / drawnShare
  const length = Math.max(leastShare, (end - start) / whole)
  return { from: Math.min(start / whole, 1 - length), length }
}

const drawnShare = 0.9
/** What is short must still be seen. */
const leastShare = 0.006
