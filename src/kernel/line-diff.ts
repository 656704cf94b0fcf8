/** One line of two texts: in both, only in the second, or only in the first. */
export type DiffLine = { readonly k: 'same' | 'added' | 'removed'; readonly text: string }

/** Beyond this many pairs of lines the middle is told as replaced: the time stays bounded. */
const mostPairs = 4_000_000

/** The lines of two texts side by side, with a longest common sequence of lines as what stayed. */
export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  const same = (lines: readonly string[]) => lines.map((text): DiffLine => ({ k: 'same', text }))
  return [
    ...same(a.slice(0, start)),
    ...middleOf(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...same(a.slice(a.length - end)),
  ]
}

function middleOf(a: readonly string[], b: readonly string[]): DiffLine[] {
  const [rows, columns] = [a.length + 1, b.length + 1]
  if (rows * columns > mostPairs) return [...a.map(as('removed')), ...b.map(as('added'))]
  // lengths[i * columns + j]: of the longest common sequence of a from i and b from j
  const lengths = new Uint16Array(rows * columns)
  const lengthAt = (i: number, j: number) => lengths[i * columns + j] ?? 0
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      lengths[i * columns + j] =
        a[i] === b[j] ? lengthAt(i + 1, j + 1) + 1 : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1))
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]]
    if (left !== undefined && left === right) {
      lines.push({ k: 'same', text: left })
      i += 1
      j += 1
    } else if (left !== undefined && (right === undefined || lengthAt(i + 1, j) >= lengthAt(i, j + 1))) {
      lines.push({ k: 'removed', text: left })
      i += 1
    } else {
      lines.push({ k: 'added', text: right ?? '' })
      j += 1
    }
  }
  return lines
}

function as(k: DiffLine['k']): (text: string) => DiffLine {
  return (text) => ({ k, text })
}
