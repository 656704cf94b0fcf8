import { array, assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { rowsFromPaste } from './paste.ts'
import type { RowsType } from './questions.ts'

/** The keys of `columns` are as a database gives them back: by length. */
const table: RowsType = {
  k: 'rows',
  columns: {
    days: { integer: [1, 90] },
    note: { text: 20 },
    effect: { options: ['read', 'within_hours'] },
    toolId: { name: true },
  },
  order: ['toolId', 'effect', 'days', 'note'],
  maxRows: 50,
}
const words = (_: string, option: string) => (option === 'read' ? 'reads only' : option)
const headers = (name: string) => (name === 'toolId' ? 'Tool' : name)
const read = (text: string) => rowsFromPaste(text, table, words, headers)

test('cells come in the order of the table, options by value or by their words', () => {
  expect(read('siem/search\tReads only\t30\tx\r\nedr/isolate\twithin hours\t1\ty\n')).toEqual({
    rows: [
      { toolId: 'siem/search', effect: 'read', days: 30, note: 'x' },
      { toolId: 'edr/isolate', effect: 'within_hours', days: 1, note: 'y' },
    ],
    misfits: [],
  })
})

test('a first line with the names of columns decides their order', () => {
  expect(read('note\tTool\tother\nx\ta/b\tignored').rows).toEqual([{ note: 'x', toolId: 'a/b' }])
})

test('what does not fit stays open and is named', () => {
  expect(read('a b\tdeletes\t900\tx')).toEqual({
    rows: [{ note: 'x' }],
    misfits: [
      { line: 1, column: 'toolId', text: 'a b' },
      { line: 1, column: 'effect', text: 'deletes' },
      { line: 1, column: 'days', text: '900' },
    ],
  })
})

test('quoted cells keep separators, quotes and line breaks', () => {
  expect(read('a;read;1;"one; ""two""\nthree"').rows[0]).toMatchObject({ note: 'one; "two"\nthree' })
})

test('law: every text that fits its column comes back as it was', () => {
  const cell = string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() === text && text !== '')
  assert(
    property(array(cell, { minLength: 1, maxLength: 5 }), (notes) => {
      const text = notes.map((note) => `a\tread\t1\t"${note.replaceAll('"', '""')}"`).join('\n')
      expect(read(text).rows.map(({ note }) => note)).toEqual(notes)
    }),
  )
})
