import { expect, test } from 'vitest'
import { entriesOf, people, StoryWriter, type Line } from '../../../test/support/story.ts'
import { allowance, guardPolicy } from '../../governance/guard/index.ts'
import { guardPolicyDigest, shippedPolicy, type GuardPolicy } from '../../guard/policy/document.ts'
import { compareStrictness } from '../../guard/policy/strictness.ts'
import {
  addDays,
  dayMs,
  digestOf,
  type Actor,
  type DeploymentId,
  type JsonObject,
  type UserId,
} from '../../kernel/index.ts'
import { verifyStory } from './verify.ts'

const deployment = `dep_${'0'.repeat(26)}` as DeploymentId
const base = shippedPolicy({ model: digestOf('weights'), rules: digestOf('rules'), languages: ['en'] })
const person = (ref: UserId): Actor => ({ k: 'person', ref })
const [writer, second] = [people.admin, people.business]

/** A version with one entry, activated by a second person; then a stricter one, by one person. */
async function told(): Promise<readonly Line[]> {
  const story = new StoryWriter()
  await story.begin()
  const allowing = {
    ...base,
    allow: [
      {
        deployment,
        channel: 'document' as const,
        rule: 'email',
        window: digestOf('window'),
        until: addDays(story.now, 30),
      },
    ],
  }
  let inForce = base
  const act = (command: guardPolicy.Command, who: UserId, policy: GuardPolicy): void => {
    const subject: guardPolicy.Subject = {
      policy,
      digest: guardPolicyDigest(policy),
      faults: [],
      strictness: compareStrictness(inForce, policy),
      effect: { summary: {}, losses: [] },
    }
    const context: guardPolicy.Context = {
      now: story.now,
      actor: person(who),
      subject,
      ground: digestOf('ground'),
      shadow: { requests: 1_000, differences: 0 },
      least: { hours: 24, requests: 1_000 },
      retiring: 'not_weaker',
    }
    story.apply(guardPolicy, 'guardPolicy/organisation', command, context, person(who))
  }
  const follow = (version: number, policy: GuardPolicy, who: UserId) => {
    const entries = policy.allow.map(({ channel, rule, window, until }) => ({ channel, rule, window, until }))
    const context = { now: story.now, actor: person(who), deploymentId: deployment }
    story.apply(
      allowance,
      `guardAllowance/${deployment}`,
      { c: 'follow', version, entries },
      context,
      person(who),
    )
    inForce = policy
  }
  act({ c: 'draft' }, writer, allowing)
  act({ c: 'shadow' }, writer, allowing)
  story.wait(dayMs)
  act({ c: 'activate', version: 1, differences: 0 }, second, allowing)
  follow(1, allowing, second)
  const stricter = { ...allowing, offsets: { ...base.offsets, user: { flagCenti: -10, highCenti: 0 } } }
  act({ c: 'draft' }, writer, stricter)
  act({ c: 'tighten' }, writer, stricter)
  follow(2, stricter, writer)
  return story.lines
}

const codesIn = (lines: readonly Line[]) => verifyStory(entriesOf(lines)).findings.map(({ code }) => code)
const edit = (lines: readonly Line[], kind: string, change: (facts: JsonObject) => JsonObject, at = 0) => {
  let n = -1
  return lines.map((line): Line => {
    if (line.kind !== kind) return line
    n += 1
    return n === at ? { ...line, facts: { ...line.facts, ...change(line.facts) } } : line
  })
}
const activated = 'guard.policy.activated'

test('versions of the guard policy are followed from draft to force', async () => {
  const lines = await told()
  expect(lines.filter(({ kind }) => kind === activated)).toHaveLength(2)
  expect(codesIn(lines)).toEqual([])
})

test('a log that says something else is contradicted', async () => {
  const lines = await told()
  expect(codesIn(lines.filter(({ kind }) => kind !== 'guard.policy.shadowed'))).toContain('GUARD_STATE')
  const byWriter = edit(lines, activated, () => ({ by: { k: 'person', ref: writer } }))
  expect(codesIn(byWriter)).toEqual(['SELF_APPROVAL'])
  const other = edit(lines, activated, () => ({ digest: digestOf('other') }))
  expect(codesIn(other)).toContain('GUARD_DIGEST')
  const atOnce = edit(lines, activated, () => ({ shadow: null }))
  expect(codesIn(atOnce)).toEqual(['GUARD_STATE', 'POLICY_WEAKER'])
  const longer = edit(lines, 'guard.allow_entry.added', ({ until }) => ({ until: Number(until) + dayMs }))
  expect(codesIn(longer)).toContain('ALLOWED_BY_NOTHING')
  const formless = edit(lines, activated, () => ({ policy: { offsets: 1 } }), 1)
  expect(codesIn(formless)).toContain('GUARD_POLICY_FORM')
})
