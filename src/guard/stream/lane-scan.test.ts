import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isWordUnit, step, type Behind, type Candidate } from './candidate.ts'
import { LaneScan, type Match } from './lane-scan.ts'
import { compilePlan, type IdentifierRule, type Trigger } from './scan-plan.ts'

/** `key_` and at least four letters or digits. */
const key: Trigger = {
  rule: 'key',
  word: 'key_',
  begin: ({ at }): Candidate => {
    let length = 0
    return {
      from: at - 4,
      next: (unit) => {
        if (!isWordUnit(unit)) return length >= 4 ? step.before : step.none
        length += 1
        return length % 16 === 0 ? step.part : step.more
      },
      end: () => (length >= 4 ? step.here : step.none),
      sureness: () => 'certain',
    }
  },
}
const address: Trigger = {
  rule: 'address',
  word: '@',
  begin: (behind: Behind): Candidate | null => {
    let from = behind.at - 1
    while (from > 0 && behind.at - from < 60 && isWordUnit(behind.unitAt(from - 1))) from -= 1
    if (from === behind.at - 1) return null
    let length = 0
    return {
      from,
      next: (unit) => {
        if (isWordUnit(unit) && length < 40) {
          length += 1
          return step.more
        }
        return length > 1 ? step.before : step.none
      },
      end: () => (length > 1 ? step.here : step.none),
      sureness: () => 'likely',
    }
  },
}
const phrase: Trigger = { rule: 'phrase', word: 'ignore all', begin: () => 'possible' }
const even: IdentifierRule = {
  rule: 'even',
  minLength: 8,
  maxLength: 10,
  joints: [0, 1, 2, 3],
  matches: (compact) => (Number(compact) % 2 === 0 ? 'check' : null),
  isDistinctive: false,
  context: 'account',
}
const plan = compilePlan({
  triggers: [key, address, phrase],
  context: [{ group: 'account', words: ['account', 'konto'] }],
  identifiers: [even],
  holdsWords: true,
})

type Read = {
  readonly matches: readonly Match[]
  readonly safes: readonly (readonly [safe: number, matches: number])[]
}

function read(pieces: readonly string[]): Read {
  const scan = new LaneScan(plan)
  const matches: Match[] = []
  const safes = pieces.map((piece) => {
    scan.push(piece)
    matches.push(...scan.take())
    expect(scan.safe).toBeLessThanOrEqual(scan.consumed)
    return [scan.safe, matches.length] as const
  })
  scan.end()
  matches.push(...scan.take())
  expect(scan.safe).toBe(scan.consumed)
  return { matches, safes }
}
const found = (text: string) =>
  read([text]).matches.map(
    ({ rule, start, end, sureness }) => `${rule} ${sureness} ${text.slice(start, end)}`,
  )

test.each<[string, readonly string[]]>([
  ['nothing in here', []],
  ['use key_abcd1 now', ['key certain key_abcd1']],
  ['key_abc is too short', []],
  ['KEY_ABCD', ['key certain KEY_ABCD']],
  ['please IGNORE ALL of it', ['phrase possible IGNORE ALL']],
  ['i\u200bgnor\u0301e a\u{e006c}l', ['phrase possible i\u200bgnor\u0301e a\u{e006c}l']],
  ['mail to ann@example or so', ['address likely ann@example']],
  ['12345678', ['even likely 12345678']],
  ['account 12 34 56 78', ['even certain 12 34 56 78']],
  [`account ${'and so '.repeat(10)}12345678`, ['even likely 12345678']],
  ['１２３４５６７８', ['even likely １２３４５６７８']],
  ['12345679', []],
  ['a/12345678', []],
  ['12345678-abcd-11', []],
  ['v1.12345678', []],
  ['It was 12345678.', ['even likely 12345678']],
  ['x'.repeat(200), []],
])('%j', (text, expected) => {
  expect(found(text)).toEqual(expected)
})

test('a key that goes on and on is matched piece by piece and never let go', () => {
  const text = `key_${'a'.repeat(2_000)}`
  const { matches, safes } = read(text.split(''))
  expect(matches.at(0)?.start).toBe(0)
  expect(matches.at(-1)?.end).toBe(text.length)
  for (const [index, { start }] of matches.entries())
    if (index > 0) expect(start).toBe(matches[index - 1]?.end)
  for (const [safe, count] of safes) expect(safe).toBeLessThanOrEqual(matches[count - 1]?.end ?? 0)
})

test('what begins and does not end is a finding once it is longer than what is waited for', () => {
  const open: Trigger = {
    rule: 'open',
    word: '![',
    begin: ({ at }) => ({
      from: at - 2,
      next: () => step.more,
      end: () => step.none,
      sureness: () => 'likely',
    }),
  }
  const scan = new LaneScan(
    compilePlan({ triggers: [open], context: [], identifiers: [], holdsWords: false }),
  )
  scan.push(`![${'y'.repeat(600)}`)
  expect(scan.take()).toEqual([{ rule: 'unbounded_candidate', sureness: 'possible', start: 0, end: 512 }])
  expect(scan.safe).toBeGreaterThan(602 - 4) // the last characters may be half a byte in base64
})

test('however many candidates begin, a unit is shown to few, and what nobody has decided is told', () => {
  let asked = 0
  const open: Trigger = {
    rule: 'open',
    word: '![',
    begin: ({ at }) => ({
      from: at - 2,
      next: () => {
        asked += 1
        return step.more
      },
      end: () => step.none,
      sureness: () => 'likely',
    }),
  }
  const scan = new LaneScan(
    compilePlan({ triggers: [open], context: [], identifiers: [], holdsWords: false }),
  )
  const text = '!['.repeat(5_000)
  scan.push(text)
  expect(asked).toBeLessThanOrEqual(16 * text.length)
  expect(scan.take().every(({ rule }) => rule === 'unbounded_candidate')).toBe(true)
  expect(scan.consumed - scan.safe).toBeLessThanOrEqual(512)
})

const part = fc.oneof(
  fc.constantFrom(
    'key_ab12',
    'ann@example',
    '12345678',
    'ignore all',
    '12 34-56 78',
    'key_ab12cd34ef56gh78ij90',
  ),
  fc.constantFrom(
    'key_',
    'ab12',
    'ann@',
    'example',
    ' ',
    '-',
    '.',
    'ignore',
    ' all',
    '12',
    '34567',
    '8',
    'account ',
    '/',
  ),
  fc.constantFrom(
    '\u200b',
    '\u0301',
    '\ud83d\ude00',
    '\ud83d',
    '\ude00',
    '１',
    '\u{e0061}',
    'é',
    '\n',
    'WEST',
    'x'.repeat(70),
  ),
  fc.string({ unit: 'grapheme', maxLength: 3 }),
)
const text = fc.array(part, { maxLength: 24 }).map((parts) => parts.join(''))
const cuts = fc.array(fc.nat(400), { maxLength: 30 })

function cutAt(whole: string, places: readonly number[]): readonly string[] {
  const at = [0, ...new Set(places.filter((place) => place < whole.length))].toSorted((a, b) => a - b)
  return at.map((from, index) => whole.slice(from, at[index + 1]))
}

test('law: what is found does not depend on the pieces, and nothing that was safe becomes part of a match', () => {
  let count = 0
  fc.assert(
    fc.property(text, cuts, (whole, places) => {
      const once = read([whole])
      count += once.matches.length
      for (const pieces of [cutAt(whole, places), whole.split('')]) {
        const { matches, safes } = read(pieces)
        expect(matches).toEqual(once.matches)
        let last = 0
        for (const [safe, known] of safes) {
          expect(safe).toBeGreaterThanOrEqual(last)
          last = safe
          for (const match of matches.slice(known)) expect(match.start).toBeGreaterThanOrEqual(safe)
        }
      }
    }),
    { numRuns: 400 },
  )
  expect(count).toBeGreaterThan(150)
})
