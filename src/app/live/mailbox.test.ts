import { expect, test } from 'vitest'
import { createMailbox, type Note } from './mailbox.ts'

const changed = (topic: string, id: number): Note => ({ name: 'changed', topic, id })

test('of one topic the newest note alone waits, however long nobody takes it', async () => {
  let now = 100
  const mailbox = createMailbox(() => now)
  for (let id = 1; id <= 10_000; id += 1) {
    mailbox.put(changed('work', id))
    mailbox.put({ name: 'beat' })
    now += 1
  }
  expect(mailbox.waitingSince()).toBe(100)
  const reader = mailbox.notes[Symbol.asyncIterator]()
  expect((await reader.next()).value).toEqual([changed('work', 10_000), { name: 'beat' }])
  expect(mailbox.waitingSince()).toBeNull()
})

test('a reader waits for the next note, and stops waiting when it ends', async () => {
  const mailbox = createMailbox(() => 0)
  const reader = mailbox.notes[Symbol.asyncIterator]()
  const waiting = reader.next()
  mailbox.put({ name: 'gap', id: 7 })
  expect((await waiting).value).toEqual([{ name: 'gap', id: 7 }])
  const last = reader.next()
  mailbox.end()
  expect((await last).done).toBe(true)
})

test('what was not taken when it ends is not told any more', async () => {
  const mailbox = createMailbox(() => 0)
  mailbox.put(changed('work', 1))
  mailbox.end()
  mailbox.put(changed('work', 2))
  expect((await mailbox.notes[Symbol.asyncIterator]().next()).done).toBe(true)
})

test('a reader who goes away ends it, also while they wait', async () => {
  const mailbox = createMailbox(() => 0)
  const reader = mailbox.notes[Symbol.asyncIterator]()
  const waiting = reader.next()
  await reader.return?.()
  expect((await waiting).done).toBe(true)
})
