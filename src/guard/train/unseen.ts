import { z } from 'zod'
import type { Measured, Weights } from '../injection/weights.ts'
import { isFlagged } from './flagged.ts'
import { measuredShare } from './measure.ts'
import { DataError, rowsIn } from './row.ts'

/** A text that was written apart from all training, and is never learned from. */
const unseenForm = z.object({
  id: z.string().min(1),
  text: z.string().min(1),
  label: z.enum(['attack', 'benign']),
  style: z.string().min(1),
  channel: z.string().min(1),
  lang: z.string(),
  /** `dev` may be looked at while the scorer is worked on; `held` is only counted. */
  set: z.enum(['dev', 'held']),
})
export type UnseenRow = z.infer<typeof unseenForm>

/** Reads a file of unseen rows, one JSON object a line. Throws `DataError` for a line that is none. */
export function readUnseen(name: string, bytes: Uint8Array): readonly UnseenRow[] {
  return rowsIn(name, bytes, unseenForm)
}

export type UnseenShare = {
  readonly style: string
  readonly label: UnseenRow['label']
  /** Shares flagged at the thresholds of the weights, before the language gate. */
  readonly dev: Measured
  readonly held: Measured
}

/** Shares flagged by style, attacks first, in the order of their names. */
export function unseenShares(weights: Weights, rows: readonly UnseenRow[]): readonly UnseenShare[] {
  const kinds = [...new Set(rows.map(({ label, style }) => `${label} ${style}`))].toSorted()
  return kinds.map((kind) => {
    const ofKind = rows.filter(({ label, style }) => `${label} ${style}` === kind)
    const [first] = ofKind
    if (first === undefined) throw new DataError('a kind without rows') // unreachable
    return {
      style: first.style,
      label: first.label,
      dev: shareOf(weights, ofKind, 'dev'),
      held: shareOf(weights, ofKind, 'held'),
    }
  })
}

function shareOf(weights: Weights, rows: readonly UnseenRow[], set: UnseenRow['set']): Measured {
  const ofSet = rows.filter((row) => row.set === set)
  const flagged = ofSet.filter(({ text, channel }) =>
    isFlagged(weights, text, channel === 'user' ? 'user' : 'untrusted'),
  )
  return measuredShare(flagged.length, ofSet.length)
}
