import { expect, test } from 'vitest'
import { readCheck } from './check.ts'

const refusal = (body: string) => {
  const read = readCheck(Buffer.from(body))
  return 'refused' in read ? read.refused : null
}

test.each([
  ['one text', '{"segments":[{"channel":"user","text":"a"}]}', null],
  ['an empty text', '{"segments":[{"channel":"tool_result","text":""}]}', null],
  ['no JSON', '{', 'malformed'],
  ['a list', '[]', 'malformed'],
  ['nothing to read', '{"segments":[]}', 'malformed'],
  ['a member more', '{"segments":[{"channel":"user","text":"a"}],"fast":true}', 'malformed'],
  [
    'a member more in a segment',
    '{"segments":[{"channel":"user","text":"a","trust":"trusted"}]}',
    'malformed',
  ],
  ['an unknown channel', '{"segments":[{"channel":"toString","text":"a"}]}', 'malformed'],
  ['no text', '{"segments":[{"channel":"user"}]}', 'malformed'],
  ['a number as text', '{"segments":[{"channel":"user","text":1}]}', 'malformed'],
  ['the same member twice', '{"segments":[{"channel":"user","text":"a","text":"b"}]}', 'malformed'],
  [
    'too many',
    JSON.stringify({ segments: Array.from({ length: 513 }, () => ({ channel: 'user', text: '' })) }),
    'malformed',
  ],
])('%s', (_what, body, refused) => {
  expect(refusal(body)).toBe(refused)
})
