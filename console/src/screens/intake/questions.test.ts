import { expect, test } from 'vitest'
import { gapIn, progressOf, typedInteger, type Question, type Questionnaire } from './questions.ts'

const question = (key: string, type: Question['type'], more: Partial<Question> = {}): Question => ({
  key,
  section: 'purpose',
  required: true,
  label: key,
  countsForTier: false,
  type,
  ...more,
})
const actions = question('actions', {
  k: 'rows',
  maxRows: 50,
  columns: { toolId: { name: true }, effect: { options: ['read', 'write'] }, days: { integer: [1, 9] } },
  order: ['toolId', 'effect', 'days'],
})

test.each<[string, Question, unknown, string | null]>([
  ['blank text', question('title', { k: 'text', max: 5 }), ' \n', 'empty'],
  ['text at the limit', question('title', { k: 'text', max: 5 }), '12345', null],
  ['text over the limit', question('title', { k: 'text', max: 5 }), '123456', 'tooLong'],
  ['an option that is none', question('c', { k: 'choice', options: ['a'] }), 'b', 'empty'],
  ['no option at all', question('m', { k: 'multi_choice', options: ['a'] }), [], null],
  ['unknown', question('m', { k: 'multi_choice', options: ['a'] }), 'unknown', null],
  ['a number that is being typed', question('n', { k: 'integer', min: 0, max: 9 }), '-', 'outOfRange'],
  ['a number in range', question('n', { k: 'integer', min: 0, max: 9 }), 9, null],
  ['no rows', actions, [], null],
  ['a whole row', actions, [{ toolId: 'edr/isolate', effect: 'unknown', days: 3 }], null],
  ['a row with a name of several words', actions, [{ toolId: 'a b', effect: 'read', days: 3 }], 'rowsOpen'],
  ['a row without effect', actions, [{ toolId: 'a', days: 3 }], 'rowsOpen'],
])('%s', (_, asked, value, gap) => {
  expect(gapIn(asked, value)?.k ?? null).toBe(gap)
})

test('the rows that are open are named by their number', () => {
  const row = { toolId: 'a', effect: 'read', days: 1 }
  expect(gapIn(actions, [row, {}, row, {}])).toEqual({ k: 'rowsOpen', rows: [2, 4] })
})

test.each([
  [' 12 ', 12],
  ['-3', -3],
  ['1e3', '1e3'],
  ['', ''],
  ['9999999999999999', '9999999999999999'],
])('what was typed for a number: %j', (typed, value) => {
  expect(typedInteger(typed)).toBe(value)
})

test('a section counts required questions that are asked and wholly answered', () => {
  const questionnaire = {
    key: 'q',
    version: 1,
    digest: `sha256:${'0'.repeat(64)}`,
    sections: [{ key: 'purpose', title: 'Purpose' }],
    questions: [
      question('title', { k: 'text', max: 5 }),
      question('domain', { k: 'choice', options: ['a'] }),
      question('link', { k: 'text', max: 5 }, { required: false }),
      question('hidden', { k: 'text', max: 5 }),
    ],
  } as Questionnaire
  const visible = new Set(['title', 'domain', 'link'])
  const [purpose] = progressOf(questionnaire, visible, { title: 'x', domain: '', link: 'y', hidden: 'z' })
  expect(purpose).toMatchObject({ required: 2, answered: 1 })
  expect(purpose?.questions.map(({ key }) => key)).toEqual(['title', 'domain', 'link'])
})
