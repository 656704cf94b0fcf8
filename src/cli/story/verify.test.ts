import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import {
  alternates,
  completeStory,
  entriesOf,
  exportLines,
  holders,
  people,
  StoryWriter,
  type Line,
} from '../../../test/support/story.ts'
import { eventKinds } from '../../contracts/events.ts'
import type { Choice } from '../../governance/committee/index.ts'
import {
  canonicalJson,
  digestOf,
  functions,
  idFrom,
  epochMs,
  type Json,
  type JsonObject,
} from '../../kernel/index.ts'
import { verifyExport } from '../../ledger/index.ts'
import { sampleVkey } from '../../ledger/sample-export.ts'
import { verifyStory } from './verify.ts'

let story: readonly Line[] = []
beforeAll(async () => {
  story = await completeStory()
})

const found = (lines: readonly Line[]) =>
  verifyStory(entriesOf(lines)).findings.map(({ code, subject }) => `${code} ${subject.split(' ')[1]}`)
const indexOf = (kind: string, nth = 0) =>
  story.flatMap((line, index) => (line.kind === kind ? [index] : []))[nth] ?? -1
/** The story with one entry changed, as somebody with the key of the log could seal it again. */
const changed = (index: number, change: (line: Line) => Line) =>
  story.map((line, i) => (i === index ? change(line) : line))
const withFacts = (index: number, change: (facts: JsonObject) => JsonObject) =>
  changed(index, (line) => ({ ...line, facts: change(line.facts) }))
const member = (facts: JsonObject, name: string) => facts[name] as JsonObject // the shape is the deciders' own
const nested = (facts: JsonObject, name: string, more: JsonObject) => ({
  ...facts,
  [name]: { ...member(facts, name), ...more },
})

test('a whole story is verified: people, decisions, passkeys, grants', () => {
  const { findings, summary } = verifyStory(entriesOf(story))
  expect(findings).toEqual([])
  expect(summary).toEqual({
    entries: story.length,
    people: 19,
    cases: 2,
    decisions: 2,
    recomputed: 2,
    signed: 3 + 5 + 12 + 2 + 1,
    verified: 23,
    grants: 2,
    wellFounded: 2,
  })
})

const stranger = idFrom('user', epochMs(1), new Uint8Array(10))
type Case = [string, () => readonly Line[], () => string[]]
const cases: Case[] = [
  [
    'a dropped ballot',
    () => story.filter((_, i) => i !== indexOf('ballot.cast', 2)),
    () => [
      `DECISION_INPUTS ${indexOf('decision.recorded') - 1}`,
      `DECISION_OUTCOME ${indexOf('decision.recorded') - 1}`,
    ],
  ],
  [
    'a forged choice',
    () => withFacts(indexOf('ballot.cast'), (facts) => nested(facts, 'ballot', { choice: 'object' })),
    () => [
      `PROOF_OF_OTHER_DOCUMENT ${indexOf('ballot.cast')}`,
      `DECISION_OUTCOME ${indexOf('decision.recorded')}`,
    ],
  ],
  [
    "another person's signature",
    () => {
      const other = story[indexOf('ballot.cast', 1)]?.facts ?? {}
      return withFacts(indexOf('ballot.cast'), (facts) => ({ ...facts, proof: other['proof'] ?? null }))
    },
    () => [`PROOF_OF_OTHER_DOCUMENT ${indexOf('ballot.cast')}`],
  ],
  [
    'a signature under another document',
    () => {
      const other = member(story[indexOf('ballot.cast', 1)]?.facts ?? {}, 'proof')
      const { assertion } = member(other, 'bound')
      return withFacts(indexOf('ballot.cast'), (facts) =>
        nested(facts, 'proof', {
          bound: { ...member(member(facts, 'proof'), 'bound'), assertion: assertion ?? null },
        }),
      )
    },
    () => [`ASSERTION ${indexOf('ballot.cast')}`],
  ],
  [
    'no signature at all',
    () => withFacts(indexOf('ballot.cast'), (facts) => nested(facts, 'proof', { bound: null })),
    () => [`PROOF_MISSING ${indexOf('ballot.cast')}`],
  ],
  [
    'a weaker rule',
    () => withFacts(indexOf('case.opened'), (facts) => nested(facts, 'rule', { minBallots: 1 })),
    () => [`RULE ${indexOf('case.opened')}`, `DECISION_INPUTS ${indexOf('decision.recorded')}`],
  ],
  [
    'a weaker proof',
    () => withFacts(indexOf('case.opened'), (facts) => ({ ...facts, proof: 'session' })),
    () => [`PROOF_DEMANDED ${indexOf('case.opened')}`],
  ],
  [
    'a lower tier',
    () => withFacts(indexOf('case.opened'), (facts) => ({ ...facts, tier: 1 })),
    () => [`CASE_TIER ${indexOf('case.opened')}`, `RULE ${indexOf('case.opened')}`],
  ],
  [
    'a flipped outcome',
    () =>
      withFacts(indexOf('decision.recorded'), (facts) => nested(facts, 'decision', { outcome: 'rejected' })),
    () => [
      `DECISION_OUTCOME ${indexOf('decision.recorded')}`,
      `GRANT_BASIS ${indexOf('grant.series_opened')}`,
    ],
  ],
  [
    'a decision that lives longer',
    () =>
      withFacts(indexOf('decision.recorded'), (facts) =>
        nested(facts, 'decision', { expiresAt: 4_000_000_000_000 }),
      ),
    () => [`DECISION_TIMES ${indexOf('decision.recorded')}`],
  ],
  [
    'a ballot by an owner',
    () =>
      changed(indexOf('ballot.cast'), (line) => ({
        ...line,
        actor: { k: 'person', ref: people.technical },
        facts: nested(line.facts, 'ballot', { by: people.technical }),
      })),
    () => [`BALLOT_NOT_SEATED ${indexOf('ballot.cast')}`, `BALLOT_CONFLICT ${indexOf('ballot.cast')}`],
  ],
  [
    'an owner who sits on the committee',
    () =>
      withFacts(indexOf('intake.answers_changed'), (facts) =>
        nested(facts, 'owners', { technical: holders.security }),
      ),
    () => [`ROSTER ${indexOf('case.opened')}`, `BALLOT_CONFLICT ${indexOf('ballot.cast')}`],
  ],
  [
    'an administrator who votes',
    () => {
      const grants = story[indexOf('role.granted')]
      if (grants === undefined) throw new Error('no grant')
      const granted = {
        ...grants,
        stream: `person/${holders.legal}`,
        facts: { ...grants.facts, person: holders.legal },
        at: story[indexOf('case.opened') - 1]?.at ?? grants.at,
      }
      const at = indexOf('case.opened')
      return [
        ...story.slice(0, at),
        { ...granted, facts: { ...granted.facts, at: granted.at } },
        ...story.slice(at),
      ]
    },
    () => [`ROSTER ${indexOf('case.opened') + 1}`, `BALLOT_CONFLICT ${indexOf('ballot.cast', 2) + 1}`],
  ],
  [
    'a grant before its decision',
    () => {
      const at = indexOf('decision.recorded')
      const grant = story[indexOf('grant.series_opened')]
      if (grant === undefined) throw new Error('no grant')
      return [...story.slice(0, at), grant, ...story.slice(at)]
    },
    () => [`GRANT_BASIS ${indexOf('decision.recorded')}`],
  ],
  [
    'a grant while stopped',
    () => story.filter(({ kind }) => kind !== 'stop.lifted'),
    () => [`GRANT_WHILE_STOPPED ${indexOf('grant.series_opened', 1) - 1}`],
  ],
  [
    'a grant for another release',
    () =>
      withFacts(indexOf('grant.series_opened'), (facts) => ({
        ...facts,
        releaseDigest: digestOf('another'),
      })),
    () => [`GRANT_RELEASE ${indexOf('grant.series_opened')}`],
  ],
  [
    'a stop lifted without its decision',
    () =>
      withFacts(indexOf('stop.lifted'), (facts) => ({
        ...facts,
        decisionId: member(story[indexOf('decision.recorded')]?.facts ?? {}, 'decision')['id'] ?? '',
      })),
    () => [`STOP_LIFTED ${indexOf('stop.lifted')}`],
  ],
  [
    'an override by one person',
    () =>
      withFacts(indexOf('override.activated'), (facts) =>
        nested(facts, 'seconded', { person: holders.security, fn: 'security' }),
      ),
    () => [`OVERRIDE_ONE_PERSON ${indexOf('override.activated')}`],
  ],
  [
    'an override without an incident commander',
    () =>
      story.filter(
        ({ kind, facts }) =>
          kind !== 'role.granted' || member(facts, 'grant')['role'] !== 'incident_commander',
      ),
    () => [`OVERRIDE_COMMANDER ${indexOf('override.activated') - 1}`],
  ],
  [
    'an override for a function of others',
    () => withFacts(indexOf('override.activated'), (facts) => nested(facts, 'seconded', { fn: 'legal' })),
    () => [`OVERRIDE_FUNCTION ${indexOf('override.activated')}`],
  ],
  [
    'a waiver accepted by somebody without the function',
    () => withFacts(indexOf('waiver.accepted'), (facts) => ({ ...facts, as: 'legal' })),
    () => [`WAIVER_AUTHORITY ${indexOf('waiver.accepted')}`],
  ],
  [
    'a waiver of the highest residual risk accepted by the risk seat alone',
    () => withFacts(indexOf('waiver.requested'), (facts) => nested(facts, 'terms', { residual: 5 })),
    () => [`WAIVER_AUTHORITY ${indexOf('waiver.accepted')}`, `WAIVER_CASE ${indexOf('waiver.accepted')}`],
  ],
  [
    'a waiver accepted on an approval of something else',
    () =>
      withFacts(indexOf('waiver.accepted'), (facts) => ({
        ...facts,
        caseId: story[indexOf('decision.recorded')]?.facts['caseId'] ?? null,
      })),
    () => [`WAIVER_CASE ${indexOf('waiver.accepted')}`],
  ],
  [
    'a waiver that holds longer than was asked for',
    () =>
      withFacts(indexOf('waiver.accepted'), (facts) => ({
        ...facts,
        expiresAt: Number(facts['expiresAt']) + 86_400_000,
      })),
    () => [`WAIVER_TOO_LONG ${indexOf('waiver.accepted')}`],
  ],
  [
    'a grant that rests on the decision to resume',
    () =>
      withFacts(indexOf('grant.series_opened', 1), (facts) =>
        nested(facts, 'basis', {
          id: member(story[indexOf('decision.recorded', 1)]?.facts ?? {}, 'decision')['id'] ?? '',
          seq: indexOf('decision.recorded', 1),
        }),
      ),
    () => [`GRANT_RELEASE ${indexOf('grant.series_opened', 1)}`],
  ],
  [
    'a tier below what the answers give',
    () => withFacts(indexOf('tier.assessed'), (facts) => nested(facts, 'assessment', { tier: 1 })),
    () => [`TIER ${indexOf('tier.assessed')}`],
  ],
  [
    'answers changed after the fact',
    () =>
      withFacts(indexOf('intake.answers_changed'), (facts) =>
        nested(facts, 'answers', { regulatedData: { value: [], source: 'person' } }),
      ),
    () => [`TIER ${indexOf('tier.assessed')}`],
  ],
  [
    'a legal class of other answers',
    () =>
      withFacts(indexOf('legal_class.determined'), (facts) =>
        nested(facts, 'finding', { gpai: true, class: 'prohibited' }),
      ),
    () => [`LEGAL_CLASS ${indexOf('legal_class.determined')}`],
  ],
  [
    'a charter that two people signed',
    () => story.filter((_, i) => i !== indexOf('charter.signed')),
    () => [
      `CHARTER_NOT_RATIFIED ${indexOf('charter.ratified') - 1}`,
      `CHARTER ${indexOf('case.opened') - 1}`,
    ],
  ],
  [
    'a charter changed after it was signed',
    () =>
      withFacts(indexOf('charter.proposed'), (facts) =>
        nested(facts, 'charter', { proof: { 1: 'session', 2: 'session', 3: 'session' } }),
      ),
    () => [`CHARTER_DIGEST ${indexOf('charter.proposed')}`],
  ],
  [
    'a passkey registered for two people',
    () => {
      const [one, two] = [indexOf('credential.registered'), indexOf('credential.registered', 1)]
      const credential = story[one]?.facts['credential'] ?? null
      return withFacts(two, (facts) => ({ ...facts, credential }))
    },
    () => [`PASSKEY_SHARED ${indexOf('credential.registered', 1)}`],
  ],
  [
    'a waiver accepted without the passkey',
    () => withFacts(indexOf('waiver.accepted'), (facts) => ({ ...facts, proof: null })),
    () => [`PROOF_MISSING ${indexOf('waiver.accepted')}`],
  ],
  [
    'a condition with another consequence',
    () =>
      changed(indexOf('ballot.cast', 4), (line) => {
        const ballot = member(line.facts, 'ballot')
        const [first] = ballot['conditions'] as JsonObject[]
        return {
          ...line,
          facts: nested(line.facts, 'ballot', { conditions: [{ ...first, onBreach: 'notify' }] }),
        }
      }),
    () => [`CONDITIONS ${indexOf('ballot.cast', 4)}`],
  ],
  [
    'a ballot by somebody unknown to the log',
    () => withFacts(indexOf('ballot.cast'), (facts) => nested(facts, 'ballot', { by: stranger })),
    () => [`BALLOT_ACTOR ${indexOf('ballot.cast')}`, `PASSKEY_UNKNOWN ${indexOf('ballot.cast')}`],
  ],
]
test.each(cases)('%s is found in its place', (_what, lines, places) => {
  expect(found(lines())).toEqual(expect.arrayContaining(places()))
})

test('what cannot be recomputed is unverifiable, not passed over', () => {
  const without = story.map((line) =>
    /^(tier_policy|legal_map)\.published$|^policy\./.test(line.kind)
      ? { ...line, kind: 'unit.renamed', facts: {} }
      : line,
  )
  const { findings } = verifyStory(entriesOf(without))
  expect(findings.map(({ code, weight }) => [code, weight])).toEqual([
    ['POLICY_ABSENT', 'unverifiable'],
    ['LEGAL_MAP_ABSENT', 'unverifiable'],
  ])
})

const shippedPolicy = () => indexOf('tier_policy.published')
const ownPolicy = () => indexOf('tier_policy.published', 1)
/** A publication that names no proposal, as one that came with the product. */
function unproposed({ proposal, ...facts }: JsonObject): JsonObject {
  return proposal === undefined ? {} : facts
}
const forged: Case[] = [
  [
    'a policy with one signature less',
    () => story.filter((_, i) => i !== indexOf('policy.signed', 2)),
    () => [`POLICY_NOT_RATIFIED ${ownPolicy() - 1}`, `POLICY_NOT_IN_FORCE ${indexOf('tier.assessed') - 1}`],
  ],
  [
    'a policy that nobody has proposed',
    () => withFacts(ownPolicy(), (facts) => ({ ...facts, proposal: digestOf('another') })),
    () => [`PROPOSAL_UNKNOWN ${ownPolicy()}`],
  ],
  [
    'another document than the one that was signed',
    () =>
      withFacts(ownPolicy(), (facts) => {
        const document = { ...member(facts, 'document'), floors: [] }
        return { ...facts, document, digest: digestOf(document) }
      }),
    () => [`PUBLICATION_DOCUMENT ${ownPolicy()}`, `POLICY_NOT_IN_FORCE ${indexOf('tier.assessed')}`],
  ],
  [
    'a policy that claims to have come with the product',
    () =>
      withFacts(ownPolicy(), (facts) => ({
        ...unproposed(facts),
        by: { k: 'system', role: 'installation' },
      })),
    () => [`SHIPPED_UNKNOWN ${ownPolicy()}`],
  ],
  [
    'a policy that a person calls shipped',
    () => withFacts(ownPolicy(), unproposed),
    () => [`PUBLISHER ${ownPolicy()}`],
  ],
  [
    'a shipped policy in the place of what was decided',
    () => {
      const shipped = story[shippedPolicy()] as Line
      const document = { ...member(shipped.facts, 'document'), version: 3 }
      const facts = {
        ...shipped.facts,
        version: 3,
        document,
        digest: digestOf(document),
        previousDigest: story[ownPolicy()]?.facts['digest'] ?? null,
        at: story[ownPolicy()]?.at ?? 0,
      }
      const line = { ...shipped, at: story[ownPolicy()]?.at ?? shipped.at, facts }
      return story.toSpliced(ownPolicy() + 1, 0, line)
    },
    () => [`SHIPPED_OVER_OWN ${ownPolicy() + 1}`],
  ],
  [
    'a signature by the proposer',
    () => withFacts(indexOf('policy.signed'), (facts) => ({ ...facts, by: people.analyst })),
    () => [`SIGNATORY ${indexOf('policy.signed')}`, `POLICY_NOT_RATIFIED ${ownPolicy()}`],
  ],
  [
    'a signature by an alternate who holds no seat',
    () => withFacts(indexOf('policy.signed'), (facts) => ({ ...facts, by: alternates.security })),
    () => [`SIGNATORY ${indexOf('policy.signed')}`],
  ],
  [
    'the same person twice',
    () => withFacts(indexOf('policy.signed', 1), () => story[indexOf('policy.signed')]?.facts ?? {}),
    () => [`SIGNATORY ${indexOf('policy.signed', 1)}`],
  ],
  [
    'an objection turned into a signature',
    () => changed(indexOf('policy.signed'), (line) => ({ ...line, kind: 'policy.objected' })),
    () => [`PROOF_OF_OTHER_DOCUMENT ${indexOf('policy.signed')}`],
  ],
  [
    'a proposal that says another proposer',
    () => withFacts(indexOf('policy.proposed'), (facts) => ({ ...facts, by: holders.it })),
    () => [`PROPOSAL_DIGEST ${indexOf('policy.proposed')}`],
  ],
  [
    'a tier by the policy of before',
    () => {
      const before = story[shippedPolicy()]?.facts['digest'] ?? null
      return withFacts(indexOf('tier.assessed'), (facts) =>
        nested(facts, 'assessment', { policyDigest: before }),
      )
    },
    () => [`POLICY_NOT_IN_FORCE ${indexOf('tier.assessed')}`],
  ],
  [
    'a submission under another questionnaire',
    () =>
      withFacts(indexOf('intake.submitted'), (facts) => ({ ...facts, questionnaire: digestOf('another') })),
    () => [`POLICY_NOT_IN_FORCE ${indexOf('intake.submitted')}`],
  ],
]
test.each(forged)('policies: %s is found in its place', (_what, lines, places) => {
  expect(found(lines())).toEqual(expect.arrayContaining(places()))
})

test('an objection, a veto and what comes after it are followed', async () => {
  const writer = new StoryWriter()
  await writer.begin()
  const digest = await writer.ownPolicy([holders.security])
  await writer.objectTo(digest, holders.it)
  await writer.objectTo(digest, holders.legal)
  writer.wait(1_000)
  await writer.ownPolicy()
  writer.intake(1)
  const { lines } = writer
  expect(found(lines)).toEqual([])
  const at = (kind: string) => lines.findIndex((line) => line.kind === kind)
  expect(
    found(lines.filter((_, i) => i !== lines.findLastIndex(({ kind }) => kind === 'policy.objected'))),
  ).toEqual(expect.arrayContaining([`VETOES ${at('policy.rejected') - 1}`]))
  expect(found(lines.filter(({ kind }) => kind !== 'policy.proposed'))).toContain(
    `PROPOSAL_UNKNOWN ${at('policy.signed') - 1}`,
  )
})

test('a conflict that begins later ends a vote for a stranger too, and nothing else voids a ballot', async () => {
  const writer = new StoryWriter()
  await writer.begin()
  writer.intake(3)
  const caseId = writer.openCase()
  for (const fn of functions) if (fn !== 'it') await writer.cast(caseId, holders[fn], 'approve')
  writer.declareInterest(holders.legal)
  await writer.cast(caseId, alternates.legal, 'approve')
  await writer.cast(caseId, holders.it, 'approve')
  expect(writer.close(caseId)?.outcome).toBe('approved')
  const { lines } = writer
  expect(found(lines)).toEqual([])
  const at = (kind: string) => lines.findIndex((line) => line.kind === kind)
  const without = (...kinds: string[]) => lines.filter(({ kind }) => !kinds.includes(kind))

  const decided = at('decision.recorded')
  expect(found(without('interest.declared'))).toContain(
    `DISQUALIFICATION ${at('candidate.disqualified') - 1}`,
  )
  expect(found(without('candidate.disqualified'))).toEqual(
    expect.arrayContaining([
      `BALLOT_VOIDED ${at('candidate.disqualified')}`,
      `BALLOT_NOT_SEATED ${at('candidate.disqualified')}`,
    ]),
  )
  const last = lines.findLastIndex(({ kind }) => kind === 'ballot.cast')
  const late = { ...(lines[at('interest.declared')] as Line), command: lines[last]?.command ?? 0 }
  const person = holders.security
  const secret = { ...late, facts: { ...late.facts, person }, actor: { k: 'person', ref: person } } as const
  expect(found(lines.toSpliced(decided, 0, secret))).toContain(`DECISION_CONFLICT ${decided + 1}`)
  const dropped = { ...(lines[at('ballot.voided')] as Line), command: lines[last]?.command ?? 0 }
  const { id, by } = member(lines[last]?.facts ?? {}, 'ballot')
  const facts = { ...dropped.facts, ballotId: id ?? null, person: by ?? null, cause: 'subject_changed' }
  expect(found(lines.toSpliced(decided, 0, { ...dropped, facts }))).toContain(`BALLOT_VOIDED ${decided + 1}`)
})

const anyVote = fc.constantFrom<Exclude<Choice, 'recuse'> | 'recuse' | 'conflict' | 'absent'>(
  'approve',
  'approve',
  'approve',
  'approve',
  'approve_with_conditions',
  'object',
  'abstain',
  'recuse',
  'conflict',
  'absent',
)

test('law: whatever the deciders write is verified', async () => {
  const outcomes = new Set<string>()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(1 as const, 3 as const),
      fc.array(anyVote, { minLength: 6, maxLength: 6 }),
      fc.boolean(),
      async (tier, votes, isStopped) => {
        const writer = new StoryWriter()
        await writer.begin()
        writer.intake(tier)
        const caseId = writer.openCase()
        for (const [i, fn] of (tier === 1 ? (['security'] as const) : functions).entries()) {
          writer.wait(1_000)
          const vote = votes[i] ?? 'absent'
          if (vote === 'absent') continue
          if (vote === 'recuse') writer.recuse(caseId, holders[fn])
          else await writer.cast(caseId, holders[fn], vote === 'conflict' ? 'object' : vote)
          if (vote === 'conflict') writer.declareInterest(holders[fn])
          if (vote === 'recuse' || vote === 'conflict') await writer.cast(caseId, alternates[fn], 'approve')
        }
        const decision = writer.close(caseId)
        outcomes.add(decision?.outcome ?? 'lapsed')
        if (decision !== null && decision.outcome !== 'rejected') writer.grant(decision)
        if (isStopped) writer.stop()
        expect(found(writer.lines)).toEqual([])
        const trust = { vkey: sampleVkey, kinds: eventKinds }
        expect((await verifyExport(await exportLines(writer.lines), trust)).findings).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
  expect([...outcomes].sort()).toEqual(['approved', 'approved_with_conditions', 'lapsed', 'rejected'])
})

/** Every scalar of a document, as a path. */
function pathsIn(value: Json, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  if (Array.isArray(value))
    return (value as readonly Json[]).flatMap((item, i) => pathsIn(item, [...path, i]))
  return Object.entries(value).flatMap(([name, item]) => pathsIn(item, [...path, name]))
}
function edited(value: Json, path: readonly (string | number)[]): Json {
  const [name, ...rest] = path
  if (name !== undefined) {
    if (Array.isArray(value))
      return (value as readonly Json[]).map((item, i) => (i === name ? edited(item, rest) : item))
    return { ...(value as JsonObject), [name]: edited((value as JsonObject)[name] ?? null, rest) }
  }
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  if (value === null) return 'x'
  const text = typeof value === 'string' ? value : ''
  return `${text.slice(0, -1)}${text.endsWith('0') ? '1' : '0'}`
}

/** Kinds on which a decision and what follows from it rest. */
const guarded = [
  'case.opened',
  'case.evidence_evaluated',
  'ballot.cast',
  'decision.recorded',
  'tier.assessed',
  'legal_class.determined',
  'charter.proposed',
  'charter.signed',
  'questionnaire.published',
  'tier_policy.published',
  'trigger_policy.published',
  'legal_map.published',
  'calendar.published',
  'policy.proposed',
  'policy.signed',
  'override.requested',
  'stop.lifted',
]
/** Nothing is computed from these: who asked the engine to act, an age within its limit, the name of a condition, labels. */
const free = /^(by|cause|labels|proof.ageMs|decision.conditions.[0-9]+.id)($|[.])/

test('law: whoever holds the key of the log cannot change one fact that a decision rests on', () => {
  const targets = story.flatMap(({ kind, facts }, index) =>
    guarded.includes(kind)
      ? pathsIn(facts).flatMap((path) => (free.test(path.join('.')) ? [] : [{ index, path }]))
      : [],
  )
  expect(targets.length).toBeGreaterThan(900)
  fc.assert(
    fc.property(fc.constantFrom(...targets), ({ index, path }) => {
      expect(found(withFacts(index, (facts) => edited(facts, path) as JsonObject))).not.toEqual([])
    }),
    { numRuns: 150 },
  )
})

test('law: whoever does not hold it cannot change any', async () => {
  const lines = await exportLines(story)
  const trust = { vkey: sampleVkey, kinds: eventKinds }
  await fc.assert(
    fc.asyncProperty(fc.nat(story.length - 1), fc.nat(10_000), async (index, at) => {
      const paths = pathsIn(story[index]?.facts ?? {})
      const line = JSON.parse(lines[index + 1] ?? '') as { facts: { value: Json } } // an entry of our own
      line.facts.value = edited(line.facts.value, paths[at % paths.length] ?? [])
      const text = lines.map((old, i) => (i === index + 1 ? `${canonicalJson(line)}\n` : old))
      expect((await verifyExport(text, trust)).findings[0]).toMatchObject({
        code: 'OPENING',
        subject: `entry ${index} facts`,
      })
    }),
    { numRuns: 25 },
  )
})

test('hostile facts are findings and never stop the reader', () => {
  const entries = entriesOf(story)
  let malformed = 0
  fc.assert(
    fc.property(
      fc.nat(story.length - 1),
      fc.jsonValue({ maxDepth: 3 }),
      fc.nat(10_000),
      (index, value, at) => {
        const names = Object.keys(story[index]?.facts ?? {})
        const name = names[at % Math.max(1, names.length)] ?? 'x'
        // What a log holds has whole numbers only.
        const text = JSON.stringify(value, (_key, item: unknown) =>
          typeof item === 'number' ? Math.trunc(item % 1e9) || 0 : item,
        )
        const hostile = entries.map((entry) =>
          entry.index === index
            ? { ...entry, facts: { ...entry.facts, [name]: JSON.parse(text) as Json } }
            : entry,
        )
        if (verifyStory(hostile).findings.some(({ code }) => code === 'FACTS_MALFORMED')) malformed += 1
      },
    ),
    { numRuns: 200 },
  )
  expect(malformed).toBeGreaterThan(50)
})
