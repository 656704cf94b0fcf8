import { expect, test } from 'vitest'
import { resolve } from 'node:path'
import { loadGuardWithoutScorer } from '../adapters/files/guard-catalogue.ts'
import { answerBatch, readCheck } from './check.ts'

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
  ['too long', JSON.stringify({ segments: [{ channel: 'user', text: 'a'.repeat(65_537) }] }), 'too_large'],
  ['a batch', '{"checks":[{"id":"a","segments":[{"channel":"user","text":"a"}]}]}', null],
  ['a batch of none', '{"checks":[]}', 'malformed'],
  ['a batch without an id', '{"checks":[{"segments":[{"channel":"user","text":"a"}]}]}', 'malformed'],
  ['an empty id', '{"checks":[{"id":"","segments":[{"channel":"user","text":"a"}]}]}', 'malformed'],
  [
    'an id twice',
    JSON.stringify({ checks: [0, 1].map(() => ({ id: 'a', segments: [{ channel: 'user', text: 'a' }] })) }),
    'malformed',
  ],
  ['a batch and a check', '{"checks":[],"segments":[]}', 'malformed'],
  [
    'a fault in one of a batch',
    '{"checks":[{"id":"a","segments":[{"channel":"x","text":"a"}]}]}',
    'malformed',
  ],
  [
    'too many in a batch',
    JSON.stringify({
      checks: Array.from({ length: 257 }, (_, n) => ({
        id: `${n}`,
        segments: [{ channel: 'user', text: '' }],
      })),
    }),
    'malformed',
  ],
])('%s', (_what, body, refused) => {
  expect(refusal(body)).toBe(refused)
})

test('a batch is answered check by check', async () => {
  const guard = loadGuardWithoutScorer(resolve(import.meta.dirname, '../../catalogue'))
  const checks = [
    { id: 'clean', segments: [{ channel: 'user' as const, text: 'nothing' }] },
    { id: 'card', segments: [{ channel: 'user' as const, text: 'Card 4111 1111 1111 1111' }] },
  ]
  expect(JSON.parse(await answerBatch({ guard, watch: null }, 'rec_1', { checks }))).toEqual({
    record: 'rec_1',
    results: [
      { id: 'clean', advice: 'allow', findings: [], omitted: 0 },
      {
        id: 'card',
        advice: 'redact',
        findings: [expect.objectContaining({ segment: 0, rule: 'card', start: 5, end: 24 })],
        omitted: 0,
      },
    ],
    guard: guard.digest,
  })
})
