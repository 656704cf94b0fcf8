import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventKinds } from '../../contracts/events.ts'
import { epochMs, idFrom, mentionsIn, type CommentId, type UserId } from '../../kernel/index.ts'
import { noticeKinds } from '../../kernel/notice-kinds.ts'
import { noticeRules, thread } from './index.ts'

const now = epochMs(1_800_000_000_000)
const bytes = (n: number) => new Uint8Array(10).fill(n)
const user = (n: number): UserId => idFrom('user', now, bytes(n))
const [ana, ben, eve] = [user(1), user(2), user(3)] as const
const first: CommentId = idFrom('comment', now, bytes(1))
const subject = { k: 'use_case', id: idFrom('useCase', now, bytes(1)) } as const
const ctx: thread.Context = {
  now,
  id: idFrom('thread', now, bytes(1)),
  person: ana,
  ids: { next: (kind) => idFrom(kind, now, bytes(9)) },
  readers: new Set([ana, ben]),
}
const comment: thread.Comment = {
  id: first,
  by: ana,
  at: now,
  version: 1,
  isDeleted: false,
  mentioned: [],
}
const open: thread.Thread = { s: 'open', id: ctx.id, subject, useCaseId: subject.id, comments: [comment] }
const resolved: thread.Thread = { ...open, s: 'resolved' }
const deleted: thread.Thread = { ...open, comments: [{ ...comment, isDeleted: true }] }
const full: thread.Thread = { ...open, comments: Array.from({ length: 500 }, () => comment) }
const worn: thread.Thread = { ...open, comments: [{ ...comment, version: 100 }] }
const named = (...people: readonly UserId[]) => people.map((person) => `@[${person}]`).join(' ')
const crowd = named(...Array.from({ length: 21 }, (_, i) => user(i + 10)))
const edit = { c: 'edit', comment: first, text: 'better' } as const
const remove = { c: 'delete', comment: first } as const
const start = { c: 'start', subject, useCaseId: subject.id, text: 'Why is this tier 3?' } as const
const unknown = idFrom('comment', now, bytes(8))

test.each<readonly [string, thread.State, thread.Command, Partial<thread.Context>, readonly string[]]>([
  ['starting', thread.initial, start, {}, []],
  ['starting: twice', open, start, {}, ['WRONG_STATE']],
  ['starting: a program', thread.initial, start, { person: null }, ['PERSON_REQUIRED']],
  ['starting: with nothing', thread.initial, { ...start, text: ' \n' }, {}, ['TEXT_EMPTY']],
  ['adding: to nothing', thread.initial, { c: 'add', text: 'x' }, {}, ['WRONG_STATE']],
  ['adding: to what is settled', resolved, { c: 'add', text: 'x' }, {}, ['WRONG_STATE']],
  ['adding: as long as may be', open, { c: 'add', text: '𝔵'.repeat(10_000) }, {}, []],
  ['adding: one character more', open, { c: 'add', text: '𝔵'.repeat(10_001) }, {}, ['TEXT_TOO_LONG']],
  ['adding: to a full thread', full, { c: 'add', text: 'x' }, {}, ['THREAD_FULL']],
  ['adding: naming a reader', open, { c: 'add', text: named(ben, ben) }, {}, []],
  ['adding: naming who may not read', open, { c: 'add', text: named(ben, eve) }, {}, ['MENTION_CANNOT_READ']],
  [
    'adding: naming a crowd',
    open,
    { c: 'add', text: crowd },
    { readers: new Set(mentionsIn(crowd)) },
    ['TOO_MANY_MENTIONS'],
  ],
  ['editing: the author', open, edit, {}, []],
  ['editing: the author, when it is settled', resolved, edit, {}, []],
  ['editing: another person', open, edit, { person: ben }, ['NOT_AUTHOR']],
  [
    'editing: another person, to nothing',
    open,
    { ...edit, text: '' },
    { person: ben },
    ['NOT_AUTHOR', 'TEXT_EMPTY'],
  ],
  ['editing: what is not there', open, { ...edit, comment: unknown }, {}, ['COMMENT_UNKNOWN']],
  ['editing: what is deleted', deleted, edit, {}, ['COMMENT_DELETED']],
  ['editing: once too often', worn, edit, {}, ['EDITED_TOO_OFTEN']],
  ['deleting: the author', open, remove, {}, []],
  ['deleting: another person', open, remove, { person: ben }, ['NOT_AUTHOR']],
  ['deleting: twice', deleted, remove, {}, ['COMMENT_DELETED']],
  ['resolving', open, { c: 'resolve' }, { person: ben }, []],
  ['resolving: twice', resolved, { c: 'resolve' }, {}, ['WRONG_STATE']],
  ['reopening', resolved, { c: 'reopen' }, {}, []],
  ['reopening: what is open', open, { c: 'reopen' }, {}, ['WRONG_STATE']],
])('%s', (_what, state, command, more, codes) => {
  const decided = thread.decide(state, command, { ...ctx, ...more })
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

test('an edit tells only those whom no version before has named', () => {
  const told = { ...open, comments: [{ ...comment, mentioned: [ben] }] }
  const decided = thread.decide(told, { ...edit, text: named(ben, ana) }, ctx)
  expect(decided).toMatchObject({ ok: true, events: [{ mentioned: [ana] }] })
})

const anyOf = fc.constantFrom
const secret = 'a word that only the sealed half holds'
const anyText = anyOf(secret, `${secret} ${named(ben)}`, `${secret} ${named(eve)}`, '', '\t')
const anyComment = anyOf(0, 0, 1, 2, 7)
const anyStep = fc.record({
  person: anyOf(ana, ben),
  act: anyOf('start', 'add', 'add', 'edit', 'delete', 'resolve', 'reopen'),
  text: anyText,
  which: anyComment,
  readers: anyOf(new Set([ana, ben]), new Set([ana, ben, eve]), new Set<UserId>()),
})

test('law: in no history does anybody touch the text of another, name who may not read, or put text into facts', () => {
  let touched = 0
  const law = fc.property(fc.array(anyStep, { minLength: 4, maxLength: 24 }), (steps) => {
    let state: thread.State = thread.initial
    const log: thread.Event[] = []
    for (const [n, { person, act, text, which, readers }] of steps.entries()) {
      const before = state
      const comments = before.s === 'absent' ? [] : before.comments
      const decided = thread.decide(before, commandOf(act, text, comments[which]?.id ?? unknown), {
        ...ctx,
        person,
        readers,
        ids: { next: (kind) => idFrom(kind, now, bytes(n + 20)) },
      })
      if (!decided.ok) continue
      log.push(...decided.events)
      state = decided.events.reduce(thread.evolve, state)
      if (state.s === 'absent') throw new Error('a thread does not vanish')
      for (const event of decided.events) {
        const { sealed, ...facts } = event as thread.Event & { readonly sealed?: { readonly text: string } }
        expect(JSON.stringify(facts)).not.toContain(secret)
        for (const one of mentionsIn(sealed?.text ?? '')) expect(readers).toContain(one)
        if (event.e !== 'comment.edited' && event.e !== 'comment.deleted') continue
        touched += 1
        const was = comments.find(({ id }) => id === event.commentId)
        expect([was?.by, was?.isDeleted]).toEqual([person, false])
      }
      // A place that is taken is never lost, whatever happens to what stands there.
      expect(state.comments.map(({ id }) => id).slice(0, comments.length)).toEqual(
        comments.map(({ id }) => id),
      )
    }
    expect(log.reduce<thread.State>(thread.evolve, thread.initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 1_000 })
  expect(touched).toBeGreaterThan(50)
})

function commandOf(act: thread.Command['c'], text: string, id: CommentId): thread.Command {
  switch (act) {
    case 'start':
      return { c: act, subject, useCaseId: subject.id, text }
    case 'add':
      return { c: act, text }
    case 'edit':
      return { c: act, comment: id, text }
    case 'delete':
      return { c: act, comment: id }
    default:
      return { c: act }
  }
}

test('every rule tells of a fact that exists, and every kind of notice is told by one', () => {
  const rules = [...noticeRules.values()].flat()
  for (const kind of noticeRules.keys()) expect(eventKinds.has(kind), kind).toBe(true)
  expect(new Set(rules.map(({ kind }) => kind))).toEqual(new Set(noticeKinds))
})

test('a mention is an id in its form, once', () => {
  expect(mentionsIn(`${named(ana, ben, ana)} @[usr_x] @[${first}] @${ana}`)).toEqual([ana, ben])
})
