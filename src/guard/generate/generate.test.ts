import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readFamily, readParts, type Family, type Parts } from './family.ts'
import { FamilyExhausted, generateFamily } from './generate.ts'
import { grammarOf, type Grammar } from './grammar.ts'
import { readTemplate } from './template.ts'

type Written = { readonly family?: string; readonly texts: readonly string[] } & Record<string, unknown>

const facts = { version: 1, label: 'attack', style: 'a style', channel: 'user', lang: 'en', count: 1 }

function read(written: Written): Family {
  const reading = readFamily('f.json', { family: 'f', ...facts, ...written })
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults))
  return reading.value
}

function sharedOf(parts: Readonly<Record<string, readonly string[]>>): Parts {
  const reading = readParts('p.json', parts)
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults))
  return reading.value
}

function grammar(
  families: readonly Written[],
  shared: Readonly<Record<string, readonly string[]>> = {},
): Grammar {
  const reading = grammarOf(families.map(read), sharedOf(shared))
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults))
  return reading.value
}

function faultsOf(...families: readonly Written[]): readonly string[] {
  const reading = grammarOf(families.map(read), new Map())
  return reading.ok ? [] : reading.faults.map(({ file, fault }) => `${file}: ${fault}`)
}

const textsOf = (of: Grammar, name = 'f', seed = 1) =>
  [...generateFamily(of, name, seed)].map(({ text }) => text)

test.each([
  ['plain', ['as it is'], {}, /^as it is$/],
  ['a part', ['say {word}'], { word: ['one'] }, /^say one$/],
  ['with a capital first letter', ['{word^}s'], { word: ['one'] }, /^Ones$/],
  ['in capitals', ['{word!}s'], { word: ['one'] }, /^ONEs$/],
  ['a capital first letter beyond the BMP', ['{word^}'], { word: ['\u{10428}x'] }, /^\u{10400}x$/u],
  ['a part of a part', ['{outer}'], { outer: ['<{inner}>'], inner: ['x'] }, /^<x>$/],
  ['a number', ['port {n:5-7}'], {}, /^port [567]$/],
  ['a number with zeros', ['{n:01-09}'], {}, /^0[1-9]$/],
  ['runs', ['{hex:8} {b64:6} {alnum:4}'], {}, /^[0-9a-f]{8} [\w+/]{6} [A-Za-z0-9]{4}$/],
  ['a choice in place', ['{one|two {word}|}!'], { word: ['w'] }, /^(one|two w|)!$/],
  ['a choice in a choice', ['{a|{b|c}d}'], {}, /^(a|bd|cd)$/],
  ['braces that are meant', ['\\{"a": "{word}"}, \\}'], { word: ['w'] }, /^\{"a": "w"\}, \}$/],
  ['what is left out, with its space', ['drop {none} this {none}. {none}'], { none: [''] }, /^drop this\.$/],
  ['indentation as it is', ['a\n    b'], {}, /^a\n {4}b$/],
  ['other backslashes', ['C:\\temp \\n |'], {}, /^C:\\temp \\n \|$/],
])('a template: %s', (_what, texts, parts, expected) => {
  expect(textsOf(grammar([{ texts, parts }]))[0]).toMatch(expected)
})

test.each([
  ['an open brace', 'say {word', 'unit 4 opens a brace that nothing closes'],
  ['an open choice', '{a|b', 'unit 0 opens a brace that nothing closes'],
  ['a closing brace alone', 'say }', 'unit 4 closes a brace that nothing has opened'],
  ['no name', '{}', 'is no name'],
  ['a name in capitals', '{Word}', 'is no name'],
  ['a family without a name', '{@}', 'is no name'],
  ['a range turned round', '{n:9-1}', 'is no range'],
  ['a range without an end', '{n:9}', 'is no range'],
  ['a run of nothing', '{hex:0}', 'no length between 1 and 4096'],
  ['a run without end', '{b64:99999}', 'no length between 1 and 4096'],
  ['a run of an unknown kind', '{oct:8}', 'is no kind of number or run'],
])('a template with %s is refused', (_what, text, fault) => {
  const reading = readTemplate(text)
  expect(reading.ok ? '' : reading.fault).toContain(fault)
})

test.each([
  ['an unknown part', [{ texts: ['{word}'] }], 'f: the part `word` is unknown'],
  ['an unknown family', [{ texts: ['{@g}'] }], 'f: the family `g` is unknown'],
  [
    'a cycle of parts',
    [{ texts: ['{a}'], parts: { a: ['{b}'], b: ['x {a}'] } }],
    'f: a cycle: f.a → f.b → f.a',
  ],
  [
    'a cycle of families',
    [{ texts: ['{@g}'] }, { family: 'g', texts: ['{@f}'] }],
    'g: a cycle: @f → @g → @f',
  ],
  ['a part that nothing names', [{ texts: ['a'], parts: { b: ['c'] } }], 'f: nothing names the part `b`'],
  ['too few ways', [{ texts: ['{a|b}', 'c'], count: 4 }], 'f: 3 ways to write a text, but 4 are wanted'],
  ['a name twice', [{ texts: ['a'] }, { texts: ['b'] }], 'f: a second family has this name'],
  ['an unknown twin', [{ texts: ['a'], twin: 'g' }], 'f: the twin `g` is unknown'],
  [
    'a twin of the same label',
    [
      { texts: ['a'], twin: 'g' },
      { family: 'g', texts: ['b'] },
    ],
    'f: the twin `g` has the same label',
  ],
] as const)('families with %s are refused', (_what, families, fault) => {
  expect(faultsOf(...families)).toContain(fault)
})

test('a file with several faults is refused with all of them', () => {
  const reading = readFamily('f.json', { ...facts, family: 'f', texts: ['{', '}'], parts: { a: ['{n:x}'] } })
  expect(reading.ok ? [] : reading.faults.map(({ fault }) => fault.slice(0, 9))).toEqual([
    'texts[0]:',
    'texts[1]:',
    'a[0]: uni',
  ])
  const unknown = readFamily('f.json', { ...facts, family: 'f', texts: [], channel: 'fax', colour: 'red' })
  expect(unknown.ok ? 0 : unknown.faults.length).toBe(3)
})

test('a part of the family comes before a shared one of the same name', () => {
  const of = grammar([{ texts: ['{word} {other}'], parts: { word: ['own'] } }], {
    word: ['s'],
    other: ['shared'],
  })
  expect(textsOf(of)).toEqual(['own shared'])
})

test('a part that is kept is drawn once for each text', () => {
  const parts = { name: ['a', 'b', 'c', 'd', 'e'] }
  const of = grammar([
    { texts: ['{=name} {=name} {=name!} {@g}'], parts, count: 20 },
    { family: 'g', texts: ['{=name}{=name}'], parts },
  ])
  const texts = textsOf(of)
  expect(texts.filter((text) => /^(\w) \1 [A-E] (\w)\2$/.test(text))).toHaveLength(20)
  expect(texts.some((text) => text.charAt(0) !== text.at(-1))).toBe(true)
})

test('a family that repeats itself gives up with a number', () => {
  const of = grammar([{ texts: ['{a|a}', '{a|a|a}'], count: 5 }])
  expect(() => textsOf(of)).toThrow(FamilyExhausted)
  expect(() => textsOf(of)).toThrow('gives 1 distinct texts of 5')
})

test('what a family uses is known, through other families too', () => {
  const of = grammar([
    { texts: ['{@g}'] },
    { family: 'g', texts: ['{word}'], parts: { word: ['{@h}'] } },
    { family: 'h', texts: ['x'] },
  ])
  expect([...(of.uses.get('f') ?? [])].toSorted()).toEqual(['f', 'g', 'h'])
  expect([...(of.uses.get('h') ?? [])]).toEqual(['h'])
})

const anyWords = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 3, maxLength: 6 })
const anyFamilies = fc
  .record({ words: anyWords, others: anyWords, seed: fc.nat(), count: fc.integer({ min: 1, max: 12 }) })
  .map(({ words, others, seed, count }) => ({
    seed,
    count,
    family: { texts: ['{w} and {w^} {n:1-40}', '{hex:6} {w!}', 'say {@g}'], parts: { w: words }, count },
    other: { family: 'g', texts: ['{w}, {n:1-9}'], parts: { w: others }, count },
    third: { family: 'a', texts: ['{w}'], parts: { w: others }, count: 1 },
  }))

test('law: equal seeds give equal texts whatever else there is, all distinct, and more continue the same list', () => {
  fc.assert(
    fc.property(anyFamilies, ({ seed, count, family, other, third }) => {
      const alone = grammar([family, other])
      const beside = grammar([third, other, family])
      const rows = [...generateFamily(alone, 'f', seed)]
      expect([...generateFamily(beside, 'f', seed)]).toEqual(rows)
      expect([...generateFamily(beside, 'f', seed, count + 3)].slice(0, count)).toEqual(rows)
      expect(new Set(rows.map(({ text }) => text)).size).toBe(count)
      expect(new Set(rows.map(({ id }) => id)).size).toBe(count)
    }),
    { numRuns: 200 },
  )
})

test('another seed gives other texts, and every alternative comes', () => {
  const of = grammar([{ texts: ['{w} {hex:12}'], parts: { w: ['a', 'b', 'c', 'd'] }, count: 400 }])
  expect(textsOf(of, 'f', 1)).not.toEqual(textsOf(of, 'f', 2))
  const counts = new Map<string, number>()
  for (const text of textsOf(of)) counts.set(text.slice(0, 1), (counts.get(text.slice(0, 1)) ?? 0) + 1)
  for (const word of ['a', 'b', 'c', 'd']) {
    expect(counts.get(word)).toBeGreaterThan(60)
    expect(counts.get(word)).toBeLessThan(140)
  }
})
