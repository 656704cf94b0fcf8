import { expect, test } from 'vitest'
import { epochMs, idFrom } from '../../kernel/index.ts'
import { mandatoryNoticeKinds, noticeKinds, optionalNoticeKinds } from '../../kernel/notice-kinds.ts'
import { undelivered } from './index.ts'

const now = epochMs(1_800_000_000_000)
const command: undelivered.Command = {
  c: 'give_up',
  deliveryId: idFrom('delivery', now, new Uint8Array(10)),
  person: idFrom('user', now, new Uint8Array(10)),
  webhookId: null,
  kinds: [...noticeKinds],
  attempts: 8,
  fault: 'timeout',
}
const eventsOf = (kinds: undelivered.Command['kinds']) => {
  const decided = undelivered.decide(undelivered.initial, { ...command, kinds }, { now })
  return decided.ok ? decided.events : []
}

test('of what failed for good, exactly the mandatory kinds are recorded, each time', () => {
  const events = eventsOf(noticeKinds)
  expect(events).toMatchObject([{ kinds: [...mandatoryNoticeKinds], attempts: 8, fault: 'timeout', at: now }])
  expect([...events, ...events].reduce(undelivered.evolve, undelivered.initial)).toEqual({ times: 2 })
  expect(eventsOf(optionalNoticeKinds)).toEqual([])
})
