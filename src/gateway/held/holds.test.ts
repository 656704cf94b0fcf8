import * as fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { fakeApprovals, type FakeMode } from '../../app/ports/approval.fake.ts'
import type { ApprovalQuestion } from '../../app/ports/approval.ts'
import { digestOf, epochMs, idFrom } from '../../kernel/index.ts'
import { Holds, type Again, type Held } from './holds.ts'

const bytes = new Uint8Array(10)
const question = (args: object = {}): ApprovalQuestion => ({
  attach: digestOf(['attach', args]),
  key: idFrom('key', epochMs(1), bytes),
  deployment: idFrom('deployment', epochMs(1), bytes),
  release: digestOf('release'),
  epoch: 1,
  tool: 'tickets/close',
  definition: digestOf('definition'),
  args: digestOf(args),
  shown: JSON.stringify(args),
  reasons: ['autonomy_needs_approval'],
})

/** A caller who waits, until they go. */
function waiter() {
  const listeners: (() => void)[] = []
  return {
    id: idFrom('record', epochMs(1), bytes),
    isOver: false,
    onSettled: (listener: () => void) => void listeners.push(listener),
    go() {
      this.isOver = true
      for (const listener of listeners) listener()
    },
  }
}

function world(holdMs = 60_000) {
  const skew = { ms: 0 }
  const clock = {
    now: () => epochMs(Date.now() + skew.ms),
    monotonicMs: () => performance.now() + skew.ms,
  }
  const people = fakeApprovals(clock.now)
  const logged: unknown[] = []
  const log = (_level: string, event: string, facts?: object) => void logged.push([event, facts])
  const limits = { holdMs, holdPollMs: 2, approvalAnswerMs: 40 }
  const holds = new Holds({ approvals: people.port, clock, limits, log })
  const asks = (...questions: ApprovalQuestion[]) => ({ k: 'ask' as const, questions })
  return { people, holds, skew, logged, asks, looked: (n: number) => seen(() => people.told.looked >= n) }
}

const seen = (holds: () => boolean) =>
  vi.waitFor(() => expect(holds()).toBe(true), { timeout: 5_000, interval: 1 })
const outcome = (held: Held) => (held.k === 'closed' ? held.code : held.k)

describe('a held call', () => {
  test('waits, and leaves once a person has agreed to it', async () => {
    const { people, holds, asks, looked } = world()
    const held = holds.hold(waiter(), [question()], () => asks(question()))
    await looked(3)
    expect(holds.count).toBe(1)
    people.settle('approved')
    expect(await held).toEqual({ k: 'approved' })
    expect(holds.count).toBe(0)
    expect(people.records().map(({ state }) => state)).toEqual(['used'])
  })

  test.each<[string, (of: ReturnType<typeof world>) => void, string]>([
    ['a person denies', ({ people }) => people.settle('denied'), 'approval_denied'],
    ['somebody takes the question back', ({ people }) => people.settle('cancelled'), 'approval_denied'],
    ['it runs out while it waits', ({ people }) => people.settle('expired'), 'approval_expired'],
    ['the record is lost', ({ people }) => people.lose(), 'approval_denied'],
    ['the store breaks', ({ people }) => void (people.told.mode = 'throws'), 'approval_denied'],
    ['the store hangs', ({ people }) => void (people.told.mode = 'hangs'), 'approval_denied'],
    [
      'the store answers stale',
      ({ people }) => void (people.told.mode = 'answers_stale'),
      'approval_expired',
    ],
    ['its time is over', ({ skew }) => void (skew.ms = 70_000), 'pending'],
    ['the process drains', ({ holds }) => holds.drain(), 'pending'],
  ])('is closed or told to be pending when %s', async (_name, happen, expected) => {
    const all = world()
    const held = all.holds.hold(waiter(), [question()], () => all.asks(question()))
    await all.looked(2)
    happen(all)
    expect(outcome(await held)).toBe(expected)
    expect(all.people.records().every(({ state }) => state !== 'used')).toBe(true)
    expect(all.holds.count).toBe(0)
  })

  test.each<FakeMode>(['throws', 'hangs', 'answers_stale'])(
    'is denied by a store that %s from the start',
    async (mode) => {
      const { people, holds, asks } = world()
      people.told.mode = mode
      expect((await holds.hold(waiter(), [question()], () => asks(question()))).k).toBe('closed')
    },
  )

  test('ends with its caller, whose approval nobody else uses', async () => {
    const { people, holds, asks, looked } = world()
    const caller = waiter()
    const held = holds.hold(caller, [question()], () => asks(question()))
    await looked(1)
    caller.go()
    expect(await held).toEqual({ k: 'gone' })
    people.settle('approved')
    expect(people.records().map(({ state }) => state)).toEqual(['approved'])
  })

  test('that comes again finds its record, with its time anew', async () => {
    const { people, holds, asks, skew, looked } = world()
    const first = holds.hold(waiter(), [question()], () => asks(question()))
    await looked(1)
    skew.ms = 70_000
    expect(await first).toEqual({ k: 'pending', ids: ['apr_1'] })
    const second = holds.hold(waiter(), [question()], () => asks(question()), ['apr_1'])
    await looked(people.told.looked + 2)
    people.settle('approved')
    expect(await second).toEqual({ k: 'approved' })
    expect(people.records()).toHaveLength(1)
  })

  test('attached to a record that is another one now is denied', async () => {
    const { people, holds, asks } = world()
    const held = await holds.hold(waiter(), [question()], () => asks(question()), ['apr_7'])
    expect(outcome(held)).toBe('approval_denied')
    expect(people.records().map(({ state }) => state)).toEqual(['pending'])
  })

  test('is told to be pending at once while the process drains', async () => {
    const { holds, asks } = world()
    holds.drain()
    expect((await holds.hold(waiter(), [question()], () => asks(question()))).k).toBe('pending')
  })

  test('with others leaves with all of them or not at all', async () => {
    const { people, holds, asks, looked } = world()
    const both = [question({ n: 1 }), question({ n: 2 })]
    const held = holds.hold(waiter(), both, () => asks(...both))
    await looked(4)
    const [first] = people.records()
    if (first !== undefined) Object.assign(first, { state: 'approved' })
    await looked(people.told.looked + 4)
    people.settle('denied')
    expect(outcome(await held)).toBe('approval_denied')
    expect(people.records().map(({ state }) => state)).toEqual(['approved', 'denied'])
  })
})

describe('what was approved is decided again', () => {
  const decided = async (again: () => Again) => {
    const { people, holds, looked } = world()
    const held = holds.hold(waiter(), [question()], again)
    await looked(1)
    people.settle('approved')
    return { end: outcome(await held), states: people.records().map(({ state }) => state) }
  }

  test.each<[string, () => Again, string]>([
    ['and denied by what holds now', () => ({ k: 'deny', code: 'grant_stopped' }), 'grant_stopped'],
    ['with other arguments', () => ({ k: 'ask', questions: [question({ other: 1 })] }), 'approval_denied'],
    [
      'with another definition',
      () => ({ k: 'ask', questions: [{ ...question(), definition: digestOf('changed') }] }),
      'approval_denied',
    ],
    ['after a stop', () => ({ k: 'ask', questions: [{ ...question(), epoch: 2 }] }), 'approval_denied'],
  ])('%s', async (_name, again, code) => {
    expect(await decided(again)).toEqual({ end: code, states: ['approved'] })
  })

  test('and used up where nobody has to be asked any more', async () => {
    expect(await decided(() => ({ k: 'allow' }))).toEqual({ end: 'approved', states: ['used'] })
  })
})

test('law: however many callers are attached, one approval opens one call, with its own arguments', async () => {
  let opened = 0
  const scene = fc.record({
    callers: fc.array(fc.constantFrom({ n: 1 }, { n: 2 }), { minLength: 1, maxLength: 5 }),
    end: fc.constantFrom('approved' as const, 'approved' as const, 'denied' as const, 'expired' as const),
    stops: fc.boolean(),
  })
  const law = fc.asyncProperty(scene, async ({ callers, end, stops }) => {
    const { people, holds, asks, looked } = world()
    const again = (args: object): Again =>
      stops ? { k: 'deny', code: 'grant_stopped' } : asks(question(args))
    const held = callers.map((args) => holds.hold(waiter(), [question(args)], () => again(args)))
    await looked(callers.length)
    people.settle(end)
    const ends = await Promise.all(held)
    for (const args of [{ n: 1 }, { n: 2 }]) {
      const own = ends.filter((_, n) => callers[n]?.n === args.n)
      const open = own.filter(({ k }) => k === 'approved').length
      const used = people
        .records()
        .filter(({ state, question: of }) => state === 'used' && of.args === digestOf(args)).length
      expect(open).toBe(own.length > 0 && end === 'approved' && !stops ? 1 : 0)
      expect(used).toBe(open)
      opened += open
    }
  })
  await fc.assert(law, { numRuns: 60 })
  expect(opened).toBeGreaterThan(10)
})
