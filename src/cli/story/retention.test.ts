import { expect, test } from 'vitest'
import {
  alternates,
  entriesOf,
  holders,
  ids,
  people,
  StoryWriter,
  type Line,
} from '../../../test/support/story.ts'
import type { hold } from '../../governance/retention/index.ts'
import type { UserId } from '../../kernel/index.ts'
import { verifyStory } from './verify.ts'

/** A decided case, and what `act` adds to it. */
async function storyOf(act: (story: StoryWriter) => void): Promise<readonly Line[]> {
  const story = new StoryWriter()
  await story.begin()
  story.intake(1)
  const caseId = story.openCase()
  await story.cast(caseId, holders.security, 'approve')
  story.close(caseId)
  act(story)
  return story.lines
}

const codesIn = (lines: readonly Line[]) => verifyStory(entriesOf(lines)).findings.map(({ code }) => code)
const without = (lines: readonly Line[], kind: string) => lines.filter((line) => line.kind !== kind)
/** The same act by somebody else, as whoever holds the key of the log could seal it. */
const by = (lines: readonly Line[], kind: string, ref: UserId) =>
  lines.map(
    (line): Line =>
      line.kind === kind ? { ...line, actor: { k: 'person', ref }, facts: { ...line.facts, by: ref } } : line,
  )
const useCase: hold.Subject = { k: 'use_case', id: ids.useCase }

test.each([
  ['of the person', { k: 'person', id: people.backup }, people.backup],
  ['of everything', { k: 'installation' }, people.author],
  ['of a use case, of who asked for it', useCase, people.requester],
  ['of a use case, of an owner', useCase, people.business],
  ['of a use case, of who voted', useCase, holders.security],
] as const)(
  'an erasure under a hold %s is found, and is none after the release',
  async (_what, subject, who) => {
    const lines = await storyOf((story) => {
      story.release(holders.legal, story.hold(people.admin, subject))
      story.erase(who)
    })
    expect(codesIn(lines)).toEqual([])
    expect(codesIn(without(lines, 'hold.released'))).toEqual(['ERASED_ON_HOLD'])
  },
)

test('a hold of a use case keeps nobody who took no part in it, and comes too late for the erased', async () => {
  const lines = await storyOf((story) => {
    story.hold(people.admin, useCase)
    story.erase(alternates.it)
  })
  expect(codesIn(lines)).toEqual([])
  const late = await storyOf((story) => {
    story.erase(alternates.it)
    story.hold(people.admin, { k: 'person', id: alternates.it })
  })
  expect(codesIn(late)).toEqual(['HOLD_TOO_LATE'])
})

test('a hold is placed by those who may and released by another one of the legal function', async () => {
  const lines = await storyOf((story) =>
    story.release(alternates.legal, story.hold(holders.legal, { k: 'installation' })),
  )
  expect(codesIn(lines)).toEqual([])
  expect(codesIn(by(lines, 'hold.placed', people.analyst))).toEqual(['HOLD_AUTHORITY'])
  expect(codesIn(by(lines, 'hold.released', holders.legal))).toEqual(['HOLD_RELEASED_BY_PLACER'])
  expect(codesIn(by(lines, 'hold.released', holders.risk))).toEqual(['HOLD_AUTHORITY'])
  expect(codesIn(without(lines, 'hold.placed'))).toEqual(['HOLD_STATE'])
})

test('a text goes by two people of the right functions, and never under a hold', async () => {
  const lines = await storyOf((story) => {
    const index = story.lines.findIndex(({ kind }) => kind === 'ballot.cast')
    story.release(holders.legal, story.hold(people.admin, useCase))
    story.redact(holders.privacy, index)
    story.redact(holders.legal, index)
  })
  expect(codesIn(lines)).toEqual([])
  expect(codesIn(without(lines, 'hold.released'))).toEqual(['REDACTED_ON_HOLD'])
  expect(codesIn(without(lines, 'sealed.redaction_requested'))).toEqual(['REDACTION_ONE_PERSON'])
  expect(codesIn(by(lines, 'sealed.redacted', holders.it))).toEqual(['REDACTION_AUTHORITY'])
  expect(codesIn(by(lines, 'sealed.redacted', holders.privacy))).toEqual(['REDACTION_ONE_PERSON'])
})
