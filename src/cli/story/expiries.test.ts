import { expect, test } from 'vitest'
import { entriesOf, holders, ids, people, StoryWriter, type Line } from '../../../test/support/story.ts'
import type { expiry } from '../../governance/authorization/index.ts'
import type { reviewCase } from '../../governance/committee/index.ts'
import { addMs, dayMs, functions, type CaseId, type EpochMs, type UserId } from '../../kernel/index.ts'
import { verifyStory } from './verify.ts'

type Approved = {
  readonly story: StoryWriter
  readonly caseId: CaseId
  readonly decision: reviewCase.Decision
}

/** An approval of tier 3 under one condition. */
async function approved(): Promise<Approved> {
  const story = new StoryWriter()
  await story.begin()
  story.intake(3)
  const caseId = story.openCase()
  for (const fn of functions)
    await story.cast(caseId, holders[fn], fn === 'it' ? 'approve_with_conditions' : 'approve')
  const decision = story.close(caseId)
  if (decision === null) throw new Error('not approved')
  return { story, caseId, decision }
}

function endOf({ caseId, decision }: Approved): expiry.Subject {
  const { id, notBefore: startsAt, expiresAt: endsAt } = decision
  return { k: 'decision', id, caseId, startsAt, endsAt }
}

const goTo = (story: StoryWriter, at: EpochMs) => story.wait(at - story.now)
const codesIn = (lines: readonly Line[]) => verifyStory(entriesOf(lines)).findings.map(({ code }) => code)
const without = (lines: readonly Line[], kind: string) => lines.filter((line) => line.kind !== kind)
const edit = (lines: readonly Line[], kind: string, change: (line: Line) => Line) =>
  lines.map((line) => (line.kind === kind ? change(line) : line))

test('reminders and the end of a decision are verified, each in its time and once', async () => {
  const all = await approved()
  const { story, decision } = all
  for (const days of [30, 14, 7, 1, 0]) {
    goTo(story, addMs(decision.expiresAt, -days * dayMs))
    story.tick(endOf(all))
  }
  const { lines } = story
  expect(lines.filter(({ stream }) => stream === `expiry/${decision.id}`)).toHaveLength(5)
  expect(codesIn(lines)).toEqual([])
  const last = lines.at(-1)
  if (last === undefined) throw new Error('no line')

  const early = (line: Line): Line => {
    const at = addMs(decision.expiresAt, -1)
    return { ...line, at, facts: { ...line.facts, at } }
  }
  expect(codesIn(edit(lines, 'decision.expired', early))).toEqual(['EXPIRY'])
  expect(codesIn([...lines, { ...last, command: last.command + 1 }])).toEqual(['EXPIRY'])
  const sooner = (line: Line): Line => ({ ...line, facts: { ...line.facts, expiresAt: decision.decidedAt } })
  expect(codesIn(edit(lines, 'decision.expired', sooner))).toEqual(['EXPIRY'])
  const byHand = (line: Line): Line => ({ ...line, actor: { k: 'person', ref: people.admin } })
  expect(codesIn(edit(lines, 'decision.expired', byHand))).toEqual(['EXPIRY_ACTOR'])
  expect(
    codesIn(
      edit(lines, 'decision.reminder_due', (line) => ({ ...line, facts: { ...line.facts, daysLeft: 1 } })),
    ),
  ).toContain('EXPIRY')
  // A silence of the worker is no contradiction.
  expect(codesIn(without(lines, 'decision.reminder_due'))).toEqual([])
  expect(codesIn(without(lines, 'decision.recorded'))).toContain('EXPIRY_UNKNOWN')
})

test('a breach is one of a condition as it was decided, past due and open', async () => {
  const { story, caseId, decision } = await approved()
  const [terms] = story.impose(caseId, decision)
  if (terms === undefined) throw new Error('no condition')
  const breach = { k: 'condition', id: terms.id, decisionId: decision.id, endsAt: terms.due } as const
  goTo(story, terms.due)
  story.tick(breach)
  story.attest(terms)
  const { lines } = story
  expect(codesIn(lines)).toEqual([])
  const [breached, met] = lines.slice(-2)
  if (breached === undefined || met === undefined) throw new Error('no lines')
  expect(codesIn([...lines.slice(0, -2), met, breached])).toEqual(['EXPIRY_UNKNOWN'])
  const before = addMs(terms.due, -1)
  const early = (line: Line): Line => ({ ...line, at: before, facts: { ...line.facts, at: before } })
  expect(codesIn(edit(lines, 'condition.breached', early))).toEqual(['EXPIRY'])
  const later = (line: Line): Line => ({
    ...line,
    facts: { ...line.facts, terms: { ...terms, due: terms.due + 1 } },
  })
  expect(codesIn(edit(lines, 'condition.imposed', later))).toEqual(['CONDITION_TERMS', 'EXPIRY'])
  const owned =
    (ref: UserId) =>
    (line: Line): Line => ({
      ...line,
      actor: { k: 'person', ref },
      facts: { ...line.facts, by: ref },
    })
  expect(codesIn(edit(lines, 'condition.met', owned(terms.owner)))).toEqual(['CONDITION_OWNER'])
})

test('a waiver ends when it says so', async () => {
  const { story } = await approved()
  await story.waiver()
  const accepted = story.lines.findLast(({ kind }) => kind === 'waiver.accepted')
  const endsAt = accepted?.facts['expiresAt'] as EpochMs // written by the decider
  goTo(story, endsAt)
  story.tick({ k: 'waiver', id: ids.waiver, endsAt })
  expect(codesIn(story.lines)).toEqual([])
  const renamed = (line: Line): Line => ({ ...line, facts: { ...line.facts, expiresAt: endsAt - 1 } })
  expect(codesIn(edit(story.lines, 'waiver.expired', renamed))).toEqual(['EXPIRY'])
  expect(codesIn(without(story.lines, 'waiver.accepted'))).toEqual(['EXPIRY_UNKNOWN'])
})
