/**
 * Many words at once in one pass (A. V. Aho, M. J. Corasick, "Efficient string matching", CACM 18, 1975), as a dense
 * table: each character costs one lookup, however many words there are.
 */
export type Automaton = {
  /** The class of each ASCII character. Upper and lower case are one class; 0 is every character that no word has. */
  readonly classes: Uint8Array
  /** The classes of other characters, lower-cased, as far as words have them. */
  readonly others: ReadonlyMap<number, number>
  readonly classCount: number
  /**
   * `next[row + class]`: the row of the state after that character; the row of a state is `classCount` times the state.
   * Where a word ends, or after a character to stop at, it is the complement of the row, so that one comparison tells.
   */
  readonly next: Int32Array
  /** How many characters before the next one may still begin a word that is not complete, by state. */
  readonly depth: Uint16Array
  /** The words that end in a state, longest first, by state; indices into the list that was compiled. */
  readonly ends: readonly (readonly number[])[]
  readonly lengths: Uint16Array
}

export const start = 0

/**
 * Compiles `words`, which are compared without regard to the case of letters. `stops`: ASCII characters at which a reader
 * stops whatever the words say. Throws when a word is empty or holds more than 65,535 UTF-16 units.
 */
export function compileAutomaton(words: readonly string[], stops = ''): Automaton {
  const { classes, others, classCount } = classesOf([...words, stops])
  const isStop = new Set(Array.from(stops, (stop) => classes[stop.charCodeAt(0)]))
  const classOf = (unit: number) => (unit < 128 ? classes[unit] : others.get(unit)) ?? 0
  const [trie, ends, depth] = trieOf(words, classOf)
  const fail = new Int32Array(trie.length)
  const next = new Int32Array(trie.length * classCount)
  const queue: number[] = [start]
  for (const state of queue) {
    const children = trie[state] ?? new Map<number, number>()
    const back = fail[state] ?? start
    ends[state] = [...(ends[state] ?? []), ...(state === start ? [] : (ends[back] ?? []))]
    for (let cls = 0; cls < classCount; cls += 1) {
      const child = children.get(cls)
      const fallback = state === start ? start : (next[back * classCount + cls] ?? start)
      next[state * classCount + cls] = child ?? fallback
      if (child === undefined) continue
      fail[child] = fallback
      queue.push(child)
    }
  }
  for (let at = 0; at < next.length; at += 1) {
    const state = next[at] ?? start
    const row = state * classCount
    next[at] = isStop.has(at % classCount) || (ends[state] ?? []).length > 0 ? ~row : row
  }
  return {
    classes,
    others,
    classCount,
    next,
    depth: Uint16Array.from(depth),
    ends,
    lengths: Uint16Array.from(words, (word) => word.length),
  }
}

/** The row after one more ASCII character; its complement where something is to be done. */
export function stepped({ classes, next }: Automaton, row: number, unit: number): number {
  return next[row + (classes[unit] ?? 0)] ?? start
}

/** Where a reader stands in a piece, in which row, and in which row it was before. */
export type Cursor = { at: number; row: number; before: number }

/**
 * Reads ASCII up to `end`, or behind the first character after which something is to be done: the row is then a
 * complement. Nothing else is in this loop, which sees each unit of nearly all traffic.
 */
export function advance({ classes, next }: Automaton, ascii: Uint8Array, end: number, cursor: Cursor): void {
  let { at, row, before } = cursor
  while (at < end && row >= 0) {
    before = row
    row = next[row + (classes[ascii[at] ?? 0] ?? 0)] ?? start
    at += 1
  }
  cursor.at = at
  cursor.row = row
  cursor.before = before
}

function classesOf(words: readonly string[]) {
  const classes = new Uint8Array(128)
  const others = new Map<number, number>()
  let classCount = 1
  for (const word of words)
    for (const unit of unitsOf(word)) {
      if (unit >= 128) {
        if (!others.has(unit)) others.set(unit, classCount++)
      } else if (classes[unit] === 0) {
        classes[unit] = classCount
        const upper = String.fromCharCode(unit).toUpperCase().charCodeAt(0)
        if (upper < 128) classes[upper] = classCount
        classCount += 1
      }
    }
  if (classCount > 256) throw new Error('the words have more than 255 different characters')
  return { classes, others, classCount }
}

function trieOf(words: readonly string[], classOf: (unit: number) => number) {
  const trie: Map<number, number>[] = [new Map()]
  const ends: number[][] = [[]]
  const depth = [0]
  for (const [index, word] of words.entries()) {
    if (word.length === 0 || word.length > 0xffff) throw new Error('a word has 1 to 65,535 units')
    let state = start
    for (const unit of unitsOf(word)) {
      const cls = classOf(unit)
      const known = trie[state]?.get(cls)
      if (known !== undefined) {
        state = known
        continue
      }
      const child = trie.push(new Map()) - 1
      ends.push([])
      depth.push((depth[state] ?? 0) + 1)
      trie[state]?.set(cls, child)
      state = child
    }
    ends[state]?.push(index)
  }
  return [trie, ends, depth] as const
}

function* unitsOf(word: string): Generator<number> {
  const lower = word.toLowerCase()
  for (let i = 0; i < lower.length; i += 1) yield lower.charCodeAt(i)
}
