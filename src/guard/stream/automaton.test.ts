import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileAutomaton, start, type Automaton } from './automaton.ts'

/** Every end of a word: position after it, and which word. */
function endsIn(automaton: Automaton, text: string): readonly (readonly [at: number, word: number])[] {
  const found: (readonly [number, number])[] = []
  let row = start
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    const cls = (unit < 128 ? automaton.classes[unit] : automaton.others.get(unit)) ?? 0
    const next = automaton.next[row + cls] ?? 0
    row = next < 0 ? ~next : next
    if (next < 0)
      for (const word of automaton.ends[row / automaton.classCount] ?? []) found.push([i + 1, word])
  }
  return found.toSorted(([a, x], [b, y]) => a - b || x - y)
}

/** The same by looking at each position. */
function slowEndsIn(words: readonly string[], text: string) {
  return Array.from({ length: text.length }, (_, i) =>
    words.flatMap((word, index) =>
      text
        .slice(0, i + 1)
        .toLowerCase()
        .endsWith(word.toLowerCase())
        ? [[i + 1, index] as const]
        : [],
    ),
  ).flat()
}

test('words within words and words that overlap are all found, in any case', () => {
  const words = ['he', 'she', 'his', 'hers']
  expect(endsIn(compileAutomaton(words), 'uSHErs')).toEqual([
    [4, 0],
    [4, 1],
    [6, 3],
  ])
})

test('law: it finds what a search at each position finds', () => {
  const piece = fc.constantFrom('a', 'b', 'я', '7')
  const word = fc.string({ unit: piece, minLength: 1, maxLength: 5 })
  let hits = 0
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 8 }),
      fc.string({ unit: piece, maxLength: 60 }),
      (words, text) => {
        const found = endsIn(compileAutomaton(words), text)
        hits += found.length
        expect(found).toEqual(slowEndsIn(words, text))
      },
    ),
  )
  expect(hits).toBeGreaterThan(50)
})

test('law: what lies further back than the depth of a state is part of no word that is still to come', () => {
  const piece = fc.constantFrom('a', 'b', 'c')
  const word = fc.string({ unit: piece, minLength: 1, maxLength: 5 })
  const text = fc.string({ unit: piece, maxLength: 30 })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), text, text, (words, before, after) => {
      const automaton = compileAutomaton(words)
      let row = start
      for (let i = 0; i < before.length; i += 1) {
        const next = automaton.next[row + (automaton.classes[before.charCodeAt(i)] ?? 0)] ?? 0
        row = next < 0 ? ~next : next
      }
      const safe = before.length - (automaton.depth[row / automaton.classCount] ?? 0)
      for (const [at, index] of slowEndsIn(words, before + after))
        if (at > before.length) expect(at - (words[index] ?? '').length).toBeGreaterThanOrEqual(safe)
    }),
  )
})

test('a word without characters is refused', () => {
  expect(() => compileAutomaton(['a', ''])).toThrow('a word has')
})
