import { ViewWriter } from './view.ts'

/** Text in the place of a part of the source. */
export type Replacement = { readonly start: number; readonly end: number; readonly text: string }

/** What stands around a replacement is read with it, so far. */
const context = 96

/**
 * A view of the places in which something was replaced, in order, each with what stands around it: a phrase may be
 * encoded in part, and the rest of a long text is read elsewhere.
 */
export function excerptOf(
  source: string,
  replacements: readonly Replacement[],
): ReturnType<ViewWriter['written']> | null {
  if (replacements.length === 0) return null
  const writer = new ViewWriter(source)
  let at = 0
  for (const [index, { start, end, text }] of replacements.entries()) {
    const from = Math.max(at, start - context)
    if (index > 0 && from > at) writer.put('\n\n', at, at + 1)
    writer.keep(from, start)
    writer.put(text, start, end)
    const next = replacements[index + 1]?.start ?? source.length
    at = Math.min(end + context, next)
    writer.keep(end, at)
  }
  return writer.written()
}
