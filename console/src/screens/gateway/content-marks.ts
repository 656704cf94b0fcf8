import type { RecordFinding } from './runtime-record.ts'

/** A string of a body in which something was found, with what was found in its place. `isMarked`: a finding, or what stands for it. */
export type MarkedText = {
  readonly path: string
  readonly pieces: readonly { readonly text: string; readonly isMarked: boolean }[]
}

/**
 * Finds the places of findings in a body as it was sent. Their offsets are those of the text before anything was taken out
 * of it, so that each placeholder moves what comes after it. Null where a place cannot be told: a stream, a body that was cut,
 * a text of which the record does not list all findings.
 */
export function marksIn(body: string, findings: readonly RecordFinding[]): readonly MarkedText[] | null {
  const tree = parse(body)
  if (tree === undefined) return null
  const marked: MarkedText[] = []
  for (const path of new Set(findings.map((finding) => finding.path))) {
    const text = at(tree, path)
    const own = findings.filter((finding) => finding.path === path)
    const pieces = typeof text === 'string' ? piecesOf(text, own) : null
    if (pieces === null) return null
    marked.push({ path, pieces })
  }
  return marked
}

function piecesOf(text: string, findings: readonly RecordFinding[]): MarkedText['pieces'] | null {
  const gaps = gapsOf(findings)
  const left = findings.filter(
    ({ start, end, effect }) =>
      effect !== 'redacted' && !gaps.some((gap) => start < gap.end && gap.start < end),
  )
  const places = [...gaps, ...left].toSorted((a, b) => a.start - b.start)
  const pieces: { text: string; isMarked: boolean }[] = []
  let [shift, done] = [0, 0]
  for (const { start, end, effect } of places) {
    const from = start + shift
    if (from < done) continue // within the one before
    const placeholder =
      effect === 'redacted' ? /^\[[A-Z0-9_ ]{2,40}\]/.exec(text.slice(from))?.[0] : undefined
    if (effect === 'redacted' && placeholder === undefined) return null
    const to = placeholder === undefined ? end + shift : from + placeholder.length
    if (to > text.length) return null
    if (from > done) pieces.push({ text: text.slice(done, from), isMarked: false })
    pieces.push({ text: text.slice(from, to), isMarked: true })
    shift += to - from - (end - start)
    done = to
  }
  if (done < text.length) pieces.push({ text: text.slice(done), isMarked: false })
  return pieces
}

/** What was taken out, as the gateway does it: places that overlap are one, and so are the pieces of one long finding. */
function gapsOf(findings: readonly RecordFinding[]): readonly RecordFinding[] {
  const gaps: RecordFinding[] = []
  const taken = findings.filter(({ effect }) => effect === 'redacted')
  for (const finding of taken.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = gaps.at(-1)
    const goesOn =
      last !== undefined &&
      (finding.start < last.end || (finding.start === last.end && finding.rule === last.rule))
    if (goesOn) gaps[gaps.length - 1] = { ...last, end: Math.max(last.end, finding.end) }
    else gaps.push(finding)
  }
  return gaps
}

/** SPEC: RFC 6901. */
function at(tree: unknown, pointer: string): unknown {
  let value = tree
  for (const name of pointer.split('/').slice(1)) {
    const key = name.replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return undefined // a stream, or cut: its places cannot be told
  }
}
