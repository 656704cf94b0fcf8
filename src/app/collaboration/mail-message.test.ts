import { expect, test } from 'vitest'
import { noticeRules } from '../../governance/collaboration/index.ts'
import { epochMs, idFrom } from '../../kernel/index.ts'
import { eventWords, mailOf, type MailedNotice } from './mail-message.ts'
import { recordPath } from './record-path.ts'

const now = epochMs(Date.parse('2026-11-28T21:04:05Z'))
const id = idFrom('delivery', now, new Uint8Array(10))
const useCase = idFrom('useCase', now, new Uint8Array(10))
const system = idFrom('system', now, new Uint8Array(10))
const condition = idFrom('condition', now, new Uint8Array(10))
const notice: MailedNotice = {
  kind: 'stop',
  event: 'stop.ordered',
  about: `stop/system:${system}`,
  threadId: null,
  at: now,
}
const draft = { id, to: 'ana@example.org', origin: 'https://c.example', isDigest: false, notices: [notice] }

test('every fact that is told has its words', () => {
  expect(Object.keys(eventWords).toSorted()).toEqual([...noticeRules.keys()].toSorted())
})

test('one mail of one notice', () => {
  const { subject, text, html } = mailOf(draft)
  expect(subject).toBe(`Countersign: a stop was ordered (system:${system})`)
  expect(text).toBe(
    [
      `A stop was ordered.\nsystem:${system}, 2026-11-28 21:04 UTC\nhttps://c.example/systems/${system}`,
      '-- \nYou choose what goes to you by e-mail under Notifications:\nhttps://c.example/notifications',
    ].join('\n\n'),
  )
  expect(html).toContain(`<a href="https://c.example/systems/${system}">`)
})

test('a digest lists a hundred, and says that there are more', () => {
  const notices = Array.from({ length: 103 }, () => notice)
  const { subject, text } = mailOf({ ...draft, isDigest: true, notices })
  expect(subject).toBe('Countersign: 103 notifications')
  expect(text.match(/A stop was ordered/g)).toHaveLength(100)
  expect(text).toContain('3 more stand under Notifications.')
})

test('what would be markup is text', () => {
  const about = 'case/<b>"&'
  expect(mailOf({ ...draft, notices: [{ ...notice, about }] }).html).toContain('&lt;b&gt;&quot;&amp;')
})

test.each([
  [`useCase/${useCase}`, null, `/intake/${useCase}`],
  [`useCase/${useCase}`, 'thr_x', `/intake/${useCase}/comments`],
  [`system/${system}`, 'thr_x', `/systems/${system}/comments`],
  [`stop/use_case:${useCase}`, null, `/intake/${useCase}`],
  ['stop/installation', null, '/notifications'],
  [`condition/${condition}`, null, '/notifications'],
  [`useCase/${useCase}/../people`, null, '/notifications'],
])('%s leads to %s', (about, threadId, path) => {
  expect(recordPath({ about, threadId })).toBe(path)
})
