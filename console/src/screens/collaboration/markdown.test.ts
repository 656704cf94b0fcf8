import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { blocksOf, type Block, type Piece } from './markdown.ts'

const id = 'usr_01m8hqwh62fpj9ggwmeax0yxsa'

test.each<[string, string, readonly Block[]]>([
  ['nothing', ' \n\n', []],
  ['plain text', 'one\ntwo', [{ k: 'paragraph', lines: [[text('one')], [text('two')]] }]],
  [
    'marks and a person',
    `**No** \`rm -rf\` _please_, @[${id}]!`,
    [
      {
        k: 'paragraph',
        lines: [
          [
            { k: 'strong', text: 'No' },
            text(' '),
            { k: 'code', text: 'rm -rf' },
            text(' '),
            { k: 'emphasis', text: 'please' },
            text(', '),
            { k: 'person', id },
            text('!'),
          ],
        ],
      },
    ],
  ],
  ['a list', '- a\n* b\nc', [{ k: 'list', items: [[text('a')], [text('b')]] }, paragraph('c')]],
  ['code that is not closed', '```\n<b>x</b>\n', [{ k: 'code', text: '<b>x</b>\n' }]],
  ['a mark that is not closed', 'a ** b _ c ` d', [paragraph('a ** b _ c ` d')]],
  ['empty pairs', '**** __ ``', [paragraph('**** __ ``')]],
  ['HTML and links are text', '<img src=x> [a](javascript:b)', [paragraph('<img src=x> [a](javascript:b)')]],
  ['names with underscores', '@[usr_x] @[uc_1] a_b_c', [paragraph('@[usr_x] @[uc_1] a_b_c')]],
])('%s', (_, written, blocks) => {
  expect(blocksOf(written)).toEqual(blocks)
})

function text(value: string): Piece {
  return { k: 'text', text: value }
}

function paragraph(value: string): Block {
  return { k: 'paragraph', lines: [[text(value)]] }
}

test('law: no letter of a text is lost or made up', () => {
  const letters = (value: string) => value.replaceAll(/[^a-z]/g, '')
  const of = (pieces: readonly Piece[]) =>
    pieces.map((piece) => (piece.k === 'person' ? piece.id : piece.text)).join('')
  const alphabet = fc.constantFrom(
    'a',
    'z',
    '*',
    '**',
    '_',
    '`',
    '```',
    '\n',
    '- ',
    '<',
    '[',
    ']',
    '@[',
    '@',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(alphabet, { maxLength: 60 }), (parts) => {
      const written = parts.join('')
      const said = blocksOf(written).map((block) => {
        if (block.k === 'code') return block.text
        return (block.k === 'list' ? block.items : block.lines).map(of).join('')
      })
      // What follows a fence on its line names a language and is not shown.
      const shown = written.replaceAll(/^```.*$/gm, '')
      expect(letters(said.join(''))).toBe(letters(shown))
    }),
  )
})

test('law: a long line of marks takes no more than its length', () => {
  const hostile = '**_`'.repeat(50_000)
  expect(blocksOf(hostile).length).toBe(1)
})
