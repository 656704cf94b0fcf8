import { expect, test } from 'vitest'
import {
  dayMs,
  digestOf,
  epochMs,
  type Actor,
  type DeploymentId,
  type RecordId,
  type UserId,
} from '../../kernel/index.ts'
import * as allowance from './allowance.ts'
import * as feedback from './feedback.ts'
import * as guardModel from './model.ts'

const person = (n: number): Actor => ({ k: 'person', ref: `usr_${'0'.repeat(25)}${n}` as UserId })
const deploymentId = `dep_${'0'.repeat(26)}` as DeploymentId
const subject: feedback.Subject = {
  deploymentId,
  rule: 'markdown.image-link',
  kind: 'exfiltration',
  channel: 'document',
  window: digestOf('window'),
  zMilli: null,
}
const ctx: feedback.Context = {
  now: epochMs(0),
  actor: person(1),
  recordId: `rec_${'0'.repeat(26)}` as RecordId,
  subject,
}
const mark: feedback.Command = { c: 'mark', finding: 2, mark: 'false_positive', reason: 'known_template' }

test('a finding is marked with a reason, and a later mark takes the place of an earlier one', () => {
  const first = feedback.decide(feedback.initial, mark, ctx)
  if (!first.ok) throw new Error('refused')
  expect(first.events).toEqual([
    expect.objectContaining({ e: 'guard.feedback.recorded', finding: 2, mark: 'false_positive', ...subject }),
  ])
  const state = first.events.reduce(feedback.evolve, feedback.initial)
  const other = feedback.decide(state, { ...mark, mark: 'true_positive', reason: 'attack_confirmed' }, ctx)
  if (!other.ok) throw new Error('refused')
  expect(other.events.reduce(feedback.evolve, state).marks[2]).toMatchObject({ mark: 'true_positive' })
})

test('what the record does not tell cannot be marked, and the same mark again says nothing', () => {
  const unknown = feedback.decide(feedback.initial, mark, { ...ctx, subject: null })
  expect(unknown).toEqual({ ok: false, refused: [{ code: 'FINDING_UNKNOWN', params: { finding: 2 } }] })
  const first = feedback.decide(feedback.initial, mark, ctx)
  const state = first.ok ? first.events.reduce(feedback.evolve, feedback.initial) : feedback.initial
  expect(feedback.decide(state, mark, ctx)).toMatchObject({ refused: [{ code: 'NOTHING_CHANGED' }] })
  expect(feedback.decide(state, mark, { ...ctx, actor: person(2) }).ok).toBe(true)
})

const entry = {
  channel: 'document',
  rule: 'markdown.image-link',
  window: digestOf('w'),
  until: epochMs(dayMs),
}
const place: allowance.Context = { now: epochMs(0), actor: person(1), deploymentId }

test('what passes at a deployment is told when it begins and when it ends, once', () => {
  const apply = (state: allowance.State, command: allowance.Command, context = place) => {
    const decided = allowance.decide(state, command, context)
    if (!decided.ok) throw new Error('refused')
    return { events: decided.events, state: decided.events.reduce(allowance.evolve, state) }
  }
  const begun = apply(allowance.initial, { c: 'follow', version: 1, entries: [entry] })
  expect(begun.events.map(({ e }) => e)).toEqual(['guard.allow_entry.added'])
  expect(apply(begun.state, { c: 'follow', version: 2, entries: [entry] }).events).toEqual([])
  expect(apply(begun.state, { c: 'expire' }).events).toEqual([])
  const over = apply(begun.state, { c: 'expire' }, { ...place, now: epochMs(dayMs) })
  expect(over.events).toEqual([expect.objectContaining({ e: 'guard.allow_entry.expired', cause: 'clock' })])
  expect(over.state).toEqual(allowance.initial)
  const longer = { ...entry, until: epochMs(2 * dayMs) }
  const changed = apply(begun.state, { c: 'follow', version: 2, entries: [longer] })
  expect(changed.events.map(({ e }) => e)).toEqual(['guard.allow_entry.expired', 'guard.allow_entry.added'])
  expect(changed.state.entries).toEqual([longer])
  const ended = apply(changed.state, { c: 'follow', version: 3, entries: [] })
  expect(ended.events).toEqual([expect.objectContaining({ cause: 'policy' })])
})

test('weights are registered once', () => {
  const context = { now: epochMs(0), actor: person(1), digest: digestOf('weights') }
  const decided = guardModel.decide(guardModel.initial, { c: 'register', header: { id: 'a' } }, context)
  expect(decided).toMatchObject({ ok: true, events: [{ e: 'guard.model.registered', header: { id: 'a' } }] })
  expect(guardModel.decide(guardModel.evolve(), { c: 'register', header: {} }, context)).toEqual({
    ok: true,
    events: [],
  })
})
