import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical, originalOf } from './canonical.ts'
import { OffsetMap, Runs } from './offset-map.ts'

const read = (text: string) => canonical(originalOf(text))
const folded = (text: string) => read(text).folded.text

test.each<[string, string, string]>([
  ['case', 'IGNORE All', 'ignore all'],
  ['line breaks', 'a\r\nb\rc\n\n\nd', 'a b c\n\nd'],
  ['white space', 'a \t\u3000\u00a0b', 'a b'],
  ['controls', 'a\u0000\u0007b', 'ab'],
  ['escapes of terminals', 'a\u001b[31mred\u001b[0m \u001b]0;title\u0007b', 'ared b'],
  ['an escape that never ends', `\u001b[${'1;'.repeat(400)}`, '1;'.repeat(400)],
  ['tags', 'a\u{e0048}\u{e0069}\u{e007f}', 'ahi'],
  ['zero width', 'i\u200bg\u2060n\u00adore', 'ignore'],
  ['compatibility', '\uff49\u{1d420}\u24dd\u1d52re \ufb01x', 'ignore fix'],
  ['marks', 'i\u0301\u0302\u0303gnor\u00e9', 'ignore'],
  ['look-alikes in a mixed word', 'ign\u043ere', 'ignore'],
  [
    'look-alikes alone in a Latin text',
    'please r\u0435ad the \u0430\u0440\u0440 now',
    'please read the app now',
  ],
  [
    'look-alikes in a text of their own',
    '\u0441\u043e\u0440 \u043f\u0440\u0438\u0432\u0435\u0442',
    '\u0441\u043e\u0440 \u043f\u0440\u0438\u0432\u0435\u0442',
  ],
  ['bidirectional controls', 'a\u202eb\u202cc\u2066d\u2069', 'abcd'],
  ['half a pair', 'a\ud83db', 'a\ufffdb'],
])('%s', (_what, text, expected) => {
  expect(folded(text)).toBe(expected)
})

test.each<[string, string, readonly string[]]>([
  ['plain', 'caf\u00e9 \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627', []],
  ['an escape of a terminal', '\u001b[2J', ['terminal-escape']],
  ['a letter cut in two', 'se\u200bcret', ['invisible-text']],
  ['joiners of emoji', '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}', []],
  ['stacked marks', 'a\u0301\u0302\u0303', ['stacked-marks']],
  ['an override', '\u202eabc', ['bidi']],
  ['a mixed word', 'p\u0430ypal', ['look-alike']],
])('what is noticed: %s', (_what, text, expected) => {
  expect([...read(text).signals]).toEqual(expected)
})

test('variation selectors that spell a text are read', () => {
  const bytes = [...new TextEncoder().encode('obey')].map((byte) =>
    String.fromCodePoint(byte < 16 ? 0xfe00 + byte : 0xe0100 + byte - 16),
  )
  expect(read(`ok${bytes.join('')}!`).spelled).toEqual([{ text: 'obey', span: { start: 2, end: 10 } }])
})

const odd = fc.constantFrom('\u200b', '\u00ad', '\ufeff', '\u2060', '\u034f')
const character = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 2 }),
  fc.string({ unit: 'grapheme', maxLength: 2 }),
  fc.constantFrom(
    '\r',
    '\n',
    ' ',
    '\t',
    '\u001b[3',
    '\u202e',
    '\u202c',
    '\ud83d',
    '\u0430',
    '\u041d',
    '\u03a3',
    'a',
    'Z',
    '\ufe0f',
    '\u{e0041}',
    '\ufb01',
    '\u0301',
  ),
)
const anyText = fc.array(character, { maxLength: 24 }).map((parts) => parts.join(''))

test('law: every span of the view comes from a span of the original that is not empty, in order', () => {
  fc.assert(
    fc.property(anyText, fc.nat(100), fc.nat(100), (text, a, b) => {
      const { text: view, map } = read(text).folded
      expect(map.length).toBe(view.length)
      let [start, end] = [0, 0]
      for (let at = 0; at < view.length; at += 1) {
        const span = map.toOriginal(at, at + 1)
        expect(span.end).toBeGreaterThan(span.start)
        expect(span.end).toBeLessThanOrEqual(text.length)
        expect(span.start).toBeGreaterThanOrEqual(start)
        expect(span.end).toBeGreaterThanOrEqual(end)
        ;({ start, end } = span)
      }
      const [from, to] = [Math.min(a, b), Math.max(a, b) + 1]
      if (to > view.length) return
      const whole = map.toOriginal(from, to)
      expect(whole).toEqual({
        start: map.toOriginal(from, from + 1).start,
        end: map.toOriginal(to - 1, to).end,
      })
    }),
    { numRuns: 1_000 },
  )
})

test('law: the view of a view is itself', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(folded(folded(text))).toBe(folded(text))
    }),
    { numRuns: 3_000 },
  )
})

test('law: what cannot be seen, case and compatible forms change nothing', () => {
  const plain = fc.stringMatching(/^[a-z0-9 ,.]{1,40}$/)
  fc.assert(
    fc.property(plain, odd, fc.nat(40), (text, invisible, at) => {
      const expected = folded(text)
      expect(folded(text.slice(0, at) + invisible + text.slice(at))).toBe(expected)
      expect(folded(text.toUpperCase())).toBe(expected)
      const wide = Array.from(text, (c) =>
        c === ' ' ? '\u3000' : String.fromCharCode(c.charCodeAt(0) + 0xfee0),
      )
      expect(folded(wide.join(''))).toBe(expected)
      expect(folded(text.normalize('NFKD'))).toBe(folded(text.normalize('NFC')))
    }),
  )
})

test('every code point folds as its normal forms do', () => {
  const wrong: number[] = []
  for (let point = 0xa0; point < 0x1fbff; point += 1) {
    if ((point >= 0x3400 && point <= 0xf8ff) || (point >= 0x11000 && point <= 0x1d000)) continue // no compatible forms but of Hangul
    const text = String.fromCodePoint(point)
    const forms = (['NFC', 'NFD', 'NFKC', 'NFKD'] as const).map((form) => folded(text.normalize(form)))
    if (forms.some((form) => form !== folded(text)) || folded(folded(text)) !== folded(text))
      wrong.push(point)
  }
  expect(wrong.map((point) => point.toString(16))).toEqual([])
})

test('law: a map of a map leads where both lead one after the other', () => {
  const part = fc.record({
    length: fc.integer({ min: 1, max: 4 }),
    gap: fc.nat(2),
    isLinear: fc.boolean(),
    width: fc.integer({ min: 1, max: 4 }),
  })
  const mapOver = (
    parts: readonly { length: number; gap: number; isLinear: boolean; width: number }[],
    longest: number,
  ) => {
    const runs = new Runs()
    let at = 0
    for (const one of parts) {
      const start = at + one.gap
      const width = one.isLinear ? one.length : one.width
      if (start + width > longest) break
      runs.add(one.length, start, start + width, one.isLinear)
      at = start + width
    }
    return runs.map()
  }
  fc.assert(
    fc.property(
      fc.array(part, { maxLength: 12 }),
      fc.array(part, { maxLength: 12 }),
      fc.nat(30),
      fc.nat(30),
      (a, b, x, y) => {
        const outer = mapOver(a, 1_000)
        const inner = mapOver(b, outer.length)
        const both = outer.after(inner)
        expect(both.length).toBe(inner.length)
        const [from, to] = [Math.min(x, y), Math.max(x, y) + 1]
        if (to > inner.length) return
        const middle = inner.toOriginal(from, to)
        expect(both.toOriginal(from, to)).toEqual(outer.toOriginal(middle.start, middle.end))
      },
    ),
    { numRuns: 1_000 },
  )
  expect(() => OffsetMap.identity(3).toOriginal(1, 1)).toThrow('not one of the view')
})
