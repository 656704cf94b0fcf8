import { expect, test } from 'vitest'
import { readGenerators, shippedGenerators } from '../src/cli/generators-folder.ts'
import { generateFamily, type Grammar } from '../src/guard/generate/index.ts'

const reading = await readGenerators(shippedGenerators)
const sample = 120

function shipped(): Grammar {
  if (reading.ok) return reading.value
  throw new Error(reading.faults.map(({ file, fault }) => `${file}: ${fault}`).join('\n'))
}

test('every family that ships is sound', () => {
  expect(reading.ok ? [] : reading.faults).toEqual([])
})

test('there are enough families and texts of both labels', () => {
  const of = (label: string) => [...shipped().families.values()].filter((family) => family.label === label)
  const texts = (label: string) => of(label).reduce((sum, { count }) => sum + count, 0)
  expect(of('attack').length).toBeGreaterThanOrEqual(24)
  expect(of('benign').length).toBeGreaterThanOrEqual(30)
  expect(texts('attack')).toBeGreaterThanOrEqual(10_000)
  expect(texts('benign')).toBeGreaterThanOrEqual(20_000)
})

test('every family gives as many texts as it says, none of them endless', () => {
  for (const [name, { count }] of shipped().families) {
    let texts = 0
    for (const { text } of generateFamily(shipped(), name, 1)) {
      texts += 1
      if (text.length > 12_000) throw new Error(`${name}: ${text.length} characters`)
    }
    expect([name, texts]).toEqual([name, count])
  }
})

/** Runs of five words of a text. */
function runsOf(text: string): readonly string[] {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? []
  return words.slice(4).map((_, at) => words.slice(at, at + 5).join(' '))
}

test('no text of a family is also one of its twin', () => {
  const grammar = shipped()
  const textsOf = (name: string) => [...generateFamily(grammar, name, 3)].map(({ text }) => text)
  const common: string[] = []
  for (const { family, label, twin } of grammar.families.values()) {
    if (label !== 'attack' || twin === null) continue
    const harmless = new Set(textsOf(twin))
    common.push(
      ...textsOf(family)
        .filter((text) => harmless.has(text))
        .map((text) => `${family}: ${text}`),
    )
  }
  expect(common).toEqual([])
})

/** Twins may share what surrounds their orders: both stay on one side of every split. */
test('no family but its twin says what another one says', () => {
  const grammar = shipped()
  const texts = [...grammar.families.keys()].map((name) => ({
    name,
    runs: [...generateFamily(grammar, name, 2, Math.min(sample, grammar.families.get(name)?.count ?? 0))].map(
      ({ text }) => new Set(runsOf(text)),
    ),
  }))
  const owners = new Map<string, Set<string>>()
  for (const { name, runs } of texts)
    for (const run of runs.flatMap((set) => [...set]))
      owners.set(run, (owners.get(run) ?? new Set()).add(name))
  const alike: string[] = []
  for (const { name, runs } of texts) {
    const counts = new Map<string, number>()
    for (const set of runs.filter(({ size }) => size >= 5)) {
      const shared = new Map<string, number>()
      for (const run of set)
        for (const owner of owners.get(run) ?? []) shared.set(owner, (shared.get(owner) ?? 0) + 1)
      for (const [owner, count] of shared)
        if (count * 2 > set.size) counts.set(owner, (counts.get(owner) ?? 0) + 1)
    }
    for (const [other, count] of counts)
      if (
        other !== name &&
        other !== grammar.families.get(name)?.twin &&
        grammar.families.get(other)?.twin !== name &&
        !grammar.uses.get(name)?.has(other) &&
        !grammar.uses.get(other)?.has(name) &&
        count * 2 > runs.length
      )
        alike.push(`${name} and ${other}: ${count} of ${runs.length} texts`)
  }
  expect(alike).toEqual([])
}, 180_000)
