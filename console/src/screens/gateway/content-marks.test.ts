import { expect, test } from 'vitest'
import { gapOf } from '../../../../src/gateway/inspection/mask.ts'
import { findingKinds } from '../../../../src/guard/finding.ts'
import { marksIn } from './content-marks.ts'
import type { RecordFinding } from './runtime-record.ts'

const finding = (path: string, start: number, end: number, effect: 'none' | 'redacted'): RecordFinding => ({
  side: 'input',
  path,
  channel: 'user',
  rule: 'card',
  kind: 'pii',
  severity: 'high',
  sureness: 'certain',
  start,
  end,
  effect,
})
const marked = (body: unknown, ...findings: Parameters<typeof marksIn>[1]) =>
  marksIn(typeof body === 'string' ? body : JSON.stringify(body), findings)?.map(({ pieces }) =>
    pieces.map(({ text, isMarked }) => (isMarked ? `<${text}>` : text)).join(''),
  ) ?? null

test.each<[string, string, readonly string[] | null, ...Parameters<typeof marksIn>[1]]>([
  ['what was left in place', 'Card 4111 here.', ['Card <4111> here.'], finding('/m/0', 5, 9, 'none')],
  ['what was taken out', 'Card [CARD] here.', ['Card <[CARD]> here.'], finding('/m/0', 5, 24, 'redacted')],
  [
    'what comes after something that was taken out',
    '[EMAIL] and x',
    ['<[EMAIL]> and <x>'],
    finding('/m/0', 0, 15, 'redacted'),
    finding('/m/0', 20, 21, 'none'),
  ],
  [
    'two that overlap, taken out as one',
    '[EMAIL] and x',
    ['<[EMAIL]> and <x>'],
    finding('/m/0', 0, 10, 'redacted'),
    finding('/m/0', 5, 15, 'redacted'),
    finding('/m/0', 20, 21, 'none'),
  ],
  [
    'the pieces of one, taken out as one',
    'A [CARD] and x',
    ['A <[CARD]> and <x>'],
    finding('/m/0', 2, 10, 'redacted'),
    finding('/m/0', 10, 17, 'redacted'),
    finding('/m/0', 22, 23, 'none'),
  ],
  [
    'one that was left in place and went with another',
    'A [CARD] and x',
    ['A <[CARD]> and <x>'],
    finding('/m/0', 0, 10, 'none'),
    finding('/m/0', 2, 17, 'redacted'),
    finding('/m/0', 22, 23, 'none'),
  ],
  ['a text that is not as it was told', 'Card here.', null, finding('/m/0', 5, 24, 'redacted')],
  ['a place beyond the text', 'Card', null, finding('/m/0', 2, 9, 'none')],
  ['a path that is not there', 'Card', null, finding('/m/1', 0, 1, 'none')],
])('%s', (_what, text, expected, ...findings) => {
  expect(marked({ m: [text] }, ...findings)).toEqual(expected)
})

test.each(findingKinds)('what the gateway writes for %s is known again', (kind) => {
  const place = { start: 2, end: 20 }
  const { mask } = gapOf({ ...place, rule: 'us.ssn', kind, severity: 'high', sureness: 'certain' })
  expect(marked({ m: [`A ${mask} b`] }, finding('/m/0', 2, 20, 'redacted'))).toEqual([`A <${mask}> b`])
})

test('a stream has no places', () => {
  expect(marked('data: {"a":1}\n\n', finding('/a', 0, 1, 'none'))).toBeNull()
})
