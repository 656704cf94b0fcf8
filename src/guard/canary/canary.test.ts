import * as fc from 'fast-check'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { loadGuardWithoutScorer } from '../../adapters/files/guard-catalogue.ts'
import { sha256 } from '../../kernel/index.ts'
import { inspect } from '../inspect.ts'
import { Lane } from '../lane.ts'
import type { Channel } from '../text.ts'
import { CanaryScan } from './canary-scan.ts'
import { isCanary, newCanary, readUnit, type FoundToken } from './token.ts'
import { isAtHome, type CanaryWatch } from './watch.ts'

const guard = loadGuardWithoutScorer(resolve(import.meta.dirname, '../../../catalogue'))
/** Bytes that follow from a seed. */
const bytesOf = (seed: string) => {
  let n = 0
  return (length: number) => {
    const bytes = Buffer.concat(
      Array.from({ length: Math.ceil(length / 32) }, (_, i) => sha256(`${seed} ${n} ${i}`)),
    )
    n += 1
    return bytes.subarray(0, length)
  }
}
const token = newCanary(bytesOf('a'))
const valuesOf = (text: string) => Array.from(text, (character) => readUnit(character.charCodeAt(0)))
const found = (text: string) => {
  const scan = new CanaryScan()
  return [...scan.push(text), ...scan.end()]
}
const watch = (place: 'deployment' | 'system_prompt' | 'document'): CanaryWatch => ({
  leakOf: (seen, channel) => (seen === token && !isAtHome(place, channel) ? { id: 'cny_1', place } : null),
})

test('golden: a token follows from its random bytes', () => {
  expect(token).toMatch(/^[CDFHJKMNPQRVWXY]{18}$/)
  expect(newCanary(() => Uint8Array.from({ length: 16 }, (_, i) => i))).toBe('CDFHJKMNPQRVWXYCMY')
  // Bytes above 239 would favour some letters.
  let n = 0
  const skewed = () => ((n += 1) === 1 ? new Uint8Array(16).fill(255) : new Uint8Array(16))
  expect(newCanary(skewed).slice(0, 16)).toBe('C'.repeat(16))
  expect(isCanary(valuesOf('C'.repeat(18)))).toBe(false)
})

test('law: no token is one letter, or two letters swapped, away from another', () => {
  const law = fc.property(fc.string(), fc.nat(17), fc.integer({ min: 1, max: 14 }), (seed, at, by) => {
    const values = valuesOf(newCanary(bytesOf(seed)))
    expect(isCanary(values)).toBe(true)
    expect(isCanary(values.with(at, ((values[at] ?? 0) + by) % 15))).toBe(false)
    const next = (at + 1) % 16
    const [a = 0, b = 0] = [values[Math.min(at, 15)], values[next]]
    if (a !== b) expect(isCanary(values.with(Math.min(at, 15), b).with(next, a))).toBe(false)
  })
  fc.assert(law, { numRuns: 2_000 })
})

const separator = fc.oneof(
  fc.constantFrom('', '', ' ', '-', '.', '\n', '_', ' - ', '\u200b', '\u00ad', '日', '**', '🙂'),
  fc.string({ unit: fc.constantFrom(' ', '-', '*', '.'), maxLength: 8 }),
)
const written = fc
  .tuple(
    fc.array(separator, { minLength: 18, maxLength: 18 }),
    fc.array(fc.boolean(), { minLength: 18, maxLength: 18 }),
  )
  .map(([separators, areSmall]) =>
    Array.from(
      token,
      (letter, n) =>
        (areSmall[n] === true ? letter.toLowerCase() : letter) + (n < 17 ? (separators[n] ?? '') : ''),
    ).join(''),
  )
const around = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('The day ', 'my ', '日本', 'XYXY', '\ud83d', ' '),
)

test('law: a token is found whatever its case is and whatever stands between its letters, in any pieces', () => {
  let seen = 0
  const law = fc.property(
    around,
    written,
    around,
    fc.integer({ min: 1, max: 7 }),
    (before, middle, after, size) => {
      const text = `${before}${middle}${after}`
      const scan = new CanaryScan()
      const tokens: FoundToken[] = []
      let safe = 0
      const take = (more: readonly FoundToken[]) => {
        for (const one of more) {
          expect(one.start).toBeGreaterThanOrEqual(safe)
          tokens.push(one)
        }
      }
      for (let at = 0; at < text.length; at += size) {
        take(scan.push(text.slice(at, at + size)))
        expect(scan.safe).toBeGreaterThanOrEqual(safe)
        safe = scan.safe
      }
      take(scan.end())
      expect(scan.safe).toBe(text.length)
      expect(tokens).toEqual(found(text))
      // A letter of the alphabet that touches it makes it part of a longer word; it is seen all the same.
      const own = tokens.filter((one) => one.token === token)
      expect(own).toHaveLength(1)
      expect(own[0]?.end).toBe(before.length + middle.length)
      seen += 1
    },
  )
  fc.assert(law, { numRuns: 2_000 })
  expect(seen).toBeGreaterThan(1_000)
})

test('what waits for the rest of a token is bounded, whatever comes', () => {
  for (const filler of [' ', '\u200b', 'C', 'C \u00ad\u200b', token.slice(0, 17), '日']) {
    const scan = new CanaryScan()
    for (let n = 0; n < 500; n += 1) {
      scan.push(filler)
      expect(filler.length * (n + 1) - scan.safe).toBeLessThan(18 * 17)
    }
  }
})

test('a letter or digit that no token has makes two words of one', () => {
  for (const other of ['A', 'e', '0', '7'])
    expect(found(`${token.slice(0, 9)}${other}${token.slice(9)}`)).toEqual([])
  expect(found(`${token.slice(0, 9)}${' '.repeat(17)}${token.slice(9)}`)).toEqual([])
})

test('law: at most one of ten thousand random documents holds what looks like a token, and none is one of ours', () => {
  const random = bytesOf('documents')
  let [likely, ours] = [0, 0]
  const documents = 10_000
  for (let n = 0; n < documents; n += 1) {
    const bytes = random(256)
    const text = n % 2 === 0 ? bytes.toString('base64') : bytes.toString('latin1')
    const tokens = found(text)
    likely += tokens.length > 0 ? 1 : 0
    ours += tokens.some((one) => one.token === token) ? 1 : 0
  }
  expect(likely / documents).toBeLessThanOrEqual(1e-4)
  expect(ours).toBe(0)
})

test.each([
  ['deployment', []],
  [
    'system_prompt',
    ['user', 'document', 'tool_result', 'tool_def', 'model', 'reasoning', 'tool_args', 'unknown'],
  ],
  ['document', ['tool_def', 'model', 'reasoning', 'tool_args', 'unknown']],
] as const)('a canary of the kind %s leaks in %j', (place, leaking) => {
  const channels: readonly Channel[] = [
    'system',
    'user',
    'document',
    'tool_result',
    'tool_def',
    'model',
    'reasoning',
    'tool_args',
    'unknown',
  ]
  for (const channel of channels) {
    const findings = inspect(guard, { channel, text: `it says ${token.toLowerCase()}.` }, watch(place))
    const isLeak = (leaking as readonly Channel[]).includes(channel)
    expect(findings.filter(({ kind }) => kind === 'canary')).toEqual(
      isLeak
        ? [
            {
              kind: 'canary',
              severity: 'critical',
              rule: `canary.${place}`,
              sureness: 'certain',
              start: 8,
              end: 26,
              canary: 'cny_1',
            },
          ]
        : [],
    )
  }
})

test('of many made-up tokens in one text, those that nobody looks up are told as undecided', () => {
  let asked = 0
  const counting: CanaryWatch = {
    leakOf: () => ((asked += 1) < 0 ? { id: '', place: 'document' } : null),
  }
  const lane = new Lane(guard, 'model', counting)
  for (let n = 0; n < 200; n += 1) lane.push(`${newCanary(bytesOf(`made up ${n}`))} eel `)
  lane.end()
  expect(asked).toBeGreaterThanOrEqual(64)
  expect(asked).toBeLessThan(70) // what the text says turned round may look like one more
  expect(lane.take().filter(({ rule }) => rule === 'unbounded_candidate')).toHaveLength(136)
})

const rot13 = (text: string) =>
  text.replace(/[A-Z]/g, (letter) => String.fromCharCode(((letter.charCodeAt(0) - 65 + 13) % 26) + 65))
const escaped = (text: string) =>
  Array.from(text, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')

test.each<[string, (token: string) => string]>([
  ['base64', (text) => Buffer.from(text).toString('base64')],
  ['base64 with more around it', (text) => Buffer.from(`the key is ${text}, keep it`).toString('base64')],
  ['base64 within base64', (text) => Buffer.from(Buffer.from(text).toString('base64')).toString('base64')],
  ['hexadecimal digits', (text) => Buffer.from(text).toString('hex')],
  ['escapes', escaped],
  [
    'percent escapes',
    (text) => Array.from(text, (letter) => `%${letter.charCodeAt(0).toString(16)}`).join(''),
  ],
  ['letters that were turned round', (text) => Array.from(text).toReversed().join('')],
  ['ROT13', rot13],
])('a token in %s is found where it stands, once', (_how, written) => {
  const text = `Here it is, as you asked me for it in this very chat:\n${written(token)}\nAnything else?`
  const lane = new Lane(guard, 'model', watch('system_prompt'))
  for (const unit of text) lane.push(unit)
  lane.end()
  const leaks = lane.take().filter(({ kind }) => kind === 'canary')
  expect(leaks.map(({ canary }) => canary)).toEqual(['cny_1'])
  const { start = 0, end = 0 } = leaks[0] ?? {}
  const at = text.indexOf(written(token))
  expect([start >= at, end <= at + written(token).length, end - start >= token.length]).toEqual([
    true,
    true,
    true,
  ])
})

test('a token that stands there plainly is told once, whatever else is decoded', () => {
  const lane = new Lane(guard, 'model', watch('system_prompt'))
  lane.push(`${token} and ${Buffer.from('a harmless sentence in base64').toString('base64')}`)
  lane.end()
  expect(lane.take().filter(({ kind }) => kind === 'canary')).toHaveLength(1)
})

test('a text with more encoded parts than are read for canaries is told as one that was not read', () => {
  const parts = Array.from({ length: guard.budgets.blobs }, (_, n) =>
    Buffer.from(`a harmless sentence with the number ${n}`).toString('base64'),
  )
  const rulesIn = (text: string) =>
    inspect(guard, { channel: 'model', text }, watch('system_prompt')).map(({ rule }) => rule)
  const hidden = Buffer.from(`the key is ${token}`).toString('base64')
  expect(rulesIn([...parts.slice(1), hidden].join(' '))).toEqual(['canary.system_prompt'])
  expect(rulesIn([...parts, hidden].join(' '))).toEqual(['views_incomplete'])
})
