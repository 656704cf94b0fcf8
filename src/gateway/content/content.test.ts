import { expect, test } from 'vitest'
import type { CallContent } from '../../app/ports/gateway-content.ts'
import { epochMs, idFrom } from '../../kernel/index.ts'
import { ContentCapture, mostContentBytes, SideCapture } from './capture.ts'
import { ContentQueue } from './queue.ts'

const id = <K extends 'record' | 'deployment'>(kind: K) => idFrom(kind, epochMs(1), new Uint8Array(10))
const call = (text: string): CallContent => ({
  record: id('record'),
  deployment: id('deployment'),
  at: epochMs(1),
  days: 1,
  input: { text, omittedBytes: 0 },
  output: null,
})

test('a side is kept up to its bound, and no half of a character', () => {
  const side = new SideCapture()
  side.add(Buffer.from('a'.repeat(mostContentBytes - 1)))
  side.add(Buffer.from('ü and more'))
  const { text, omittedBytes } = side.end()
  expect(text).toBe('a'.repeat(mostContentBytes - 1))
  expect(omittedBytes).toBe(Buffer.byteLength('ü and more'))
})

test('of several attempts the last is what was sent, and nothing is kept of what was not', () => {
  const capture = new ContentCapture(7)
  expect(capture.end()).toBeNull()
  capture.sends(Buffer.from('first'))
  capture.sends(Buffer.from('second'))
  capture.answers(Buffer.from('answer'))
  expect(capture.end()).toMatchObject({ input: { text: 'second' }, output: { text: 'answer' } })
})

test('an answer for the caller alone is not kept', () => {
  const capture = new ContentCapture(7)
  capture.sends(Buffer.from('sent'))
  capture.keepsNoAnswer()
  capture.answers(Buffer.from('for you'))
  expect(capture.end()).toMatchObject({ input: { text: 'sent' }, output: null })
})

test('what could not be kept is tried again, in order, and given up in the end', async () => {
  const kept: string[] = []
  const logged: string[] = []
  let isDown = true
  const store = {
    put: async (calls: readonly CallContent[]) => {
      if (isDown) throw new Error('down')
      kept.push(...calls.map(({ input }) => input.text))
    },
  }
  const queue = new ContentQueue(store, (_level, event) => void logged.push(event))
  queue.put(call('a'))
  queue.put(call('b'))
  await queue.flush()
  expect(kept).toEqual([])
  isDown = false
  await queue.flush()
  expect(kept).toEqual(['a', 'b'])
  isDown = true
  queue.put(call('c'))
  for (let n = 0; n < 30; n += 1) await queue.flush()
  isDown = false
  await queue.flush()
  expect(kept).toEqual(['a', 'b'])
  expect(logged).toContain('gateway.content.lost')
})

test('where too much waits, more is refused at once', () => {
  const queue = new ContentQueue({ put: () => Promise.reject(new Error('down')) }, () => undefined)
  const large = call('x'.repeat(8_388_608))
  expect([1, 2, 3, 4, 5].map(() => queue.put(large))).toEqual([true, true, true, true, false])
})

test('what waits when a process ends gets one more try, and is told when it is lost', async () => {
  const logged: string[] = []
  const down = { put: () => Promise.reject(new Error('down')) }
  const queue = new ContentQueue(down, (_level, event) => void logged.push(event))
  queue.put(call('a'))
  await queue.close()
  expect(logged).toEqual(['gateway.content.not_kept', 'gateway.content.lost'])
})
