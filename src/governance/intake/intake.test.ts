import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addDays,
  digestOf,
  epochMs,
  idFrom,
  type DocumentFault,
  type Fn,
  type Json,
  type UserId,
} from '../../kernel/index.ts'
import {
  compareAnswers,
  parseLegalMap,
  parseTierPolicy,
  parseTriggers,
  type Answers,
} from '../tiering/index.ts'
import {
  faultsInAnswers,
  likenessBp,
  parseQuestionnaire,
  shownBp,
  useCase,
  visibleKeys,
  wordsOf,
} from './index.ts'

const read = (path: string): Json =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../catalogue', path), 'utf8')) as Json
const must = <T extends { readonly ok: true }>(
  parsed: T | { readonly ok: false; readonly faults: readonly DocumentFault[] },
): T => {
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
  return parsed
}
const policy = must(parseTierPolicy(read('tier-policies/security-ai.1.json'))).compiled
const { orders } = policy.policy
const legal = must(parseLegalMap(read('legal-maps/eu-ai-act.1.json')))
const triggers = must(parseTriggers(read('triggers/default.1.json'), orders)).policy
const form = read('questionnaires/security-ai.1.json') as {
  questions: { key: string }[]
  labels: { [key: string]: Json }
}
const questionnaire = must(parseQuestionnaire(form, orders)).loaded

const now = epochMs(1_800_000_000_000)
const user = (n: number): UserId => idFrom('user', now, new Uint8Array(10).fill(n))
const [req, biz, tech, back, ana, sec, risk, law1, law2] = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(user) as [
  UserId,
  UserId,
  UserId,
  UserId,
  UserId,
  UserId,
  UserId,
  UserId,
  UserId,
]
const id = idFrom('useCase', now, new Uint8Array(10).fill(1))

const context = (actor: UserId, more: Partial<useCase.Context> = {}): useCase.Context => ({
  now,
  actor: { k: 'person', ref: actor },
  id,
  catalogue: { questionnaire, policy, legalMap: legal.map, legalMapDigest: legal.digest, triggers },
  salt: 'ab'.repeat(32),
  functions: [],
  isActive: () => true,
  similar: [],
  triageDue: (tier) => addDays(now, 6 - tier),
  hasLiveDeployment: false,
  mergeTarget: useCase.initial,
  ...more,
})

/** The least risky complete form. */
const harmless: { readonly [key: string]: Json } = Object.fromEntries(
  questionnaire.questionnaire.questions.map(({ key, type }) => {
    if (type.k === 'text') return [key, `text of ${key}`]
    if (type.k === 'choice') return [key, type.options[0] ?? '']
    if (type.k === 'integer') return [key, type.min]
    return [key, key === 'role' ? ['deployer'] : []]
  }),
)
const owners = { business: biz, technical: tech, backup: back }

function run(
  state: useCase.State,
  actor: UserId,
  command: useCase.Command,
  more: Partial<useCase.Context> = {},
) {
  const decided = useCase.decide(state, command, context(actor, more))
  const codes = decided.ok ? [] : [...new Set(decided.refused.map(({ code }) => code))]
  return { state: decided.ok ? decided.events.reduce(useCase.evolve, state) : state, codes, decided }
}
const started = (answers = harmless) => run(useCase.initial, req, { c: 'start', answers, owners }).state
const submitted = (answers = harmless) => run(started(answers), req, { c: 'submit' }).state
const triaged = (answers = harmless) => run(submitted(answers), ana, { c: 'triage' }).state

test('the published questionnaire covers the minimum, and one without it is refused', () => {
  for (const key of ['title', 'dataClass', 'actions', 'expectedOutcome']) {
    const without = { ...form, questions: form.questions.filter((item) => item.key !== key) }
    const parsed = parseQuestionnaire(without, orders)
    expect(parsed.ok ? [] : parsed.faults).toContainEqual({
      code: 'QUESTIONNAIRE_INCOMPLETE',
      params: { fault: `\`${key}\` is not asked` },
      path: `/questions/${key}`,
    })
  }
})

test('labels do not change the digest of the logic; options do', () => {
  const relabelled = must(
    parseQuestionnaire({ ...form, labels: { ...form.labels, title: { label: 'Titel' } } }, orders),
  )
  expect(relabelled.loaded.digest).toBe(questionnaire.digest)
  expect(visibleKeys(questionnaire, {}).size).toBe(form.questions.length)
})

test.each([
  ['an unknown key', { tier: 1 }, 'UNKNOWN_QUESTION'],
  ['a strange option', { dataClass: 'secretish' }, 'ANSWER_INVALID'],
  ['a wrong type', { subjects: '12' }, 'ANSWER_INVALID'],
  ['a fraction', { subjects: 0.5 }, 'ANSWER_INVALID'],
  ['a double member', { dataSources: ['docs', 'docs'] }, 'ANSWER_INVALID'],
  ['an unknown column', { actions: [{ toolId: 'x', approved: 'yes' }] }, 'ANSWER_INVALID'],
  ['a control character', { title: 'a\u0000b' }, 'ANSWER_INVALID'],
  ['text beyond the limit', { title: 'x'.repeat(201) }, 'ANSWER_INVALID'],
  ['unknown for free text', { title: 'unknown' }, null],
])('answers with %s', (_what, values, code) => {
  expect(
    faultsInAnswers(questionnaire, values as { [key: string]: Json }).map((fault) => fault.code),
  ).toEqual(code === null ? [] : [code])
})

test('a use case goes from draft to triaged; text is sealed and typed answers are facts', () => {
  const first = run(useCase.initial, req, { c: 'start', answers: harmless, owners })
  const change = first.decided.ok ? first.decided.events[1] : undefined
  expect(change?.sealed).toMatchObject({ texts: { title: 'text of title' } })
  expect(change?.e === 'intake.answers_changed' && change.answers['title']).toBeFalsy()
  const state = triaged()
  expect(state).toMatchObject({
    s: 'triaged',
    assessment: { tier: 1 },
    legal: { class: 'minimal' },
    reviews: [],
  })
})

const risky = { ...harmless, regulatedData: ['health'], role: ['deployer'] }
test.each([
  ['an empty form', {}, owners, 'ANSWER_REQUIRED'],
  ['no technical owner', harmless, { business: biz }, 'OWNER_REQUIRED'],
  ['one owner for tier 3', risky, { business: biz, technical: biz, backup: back }, 'OWNERS_MUST_DIFFER'],
  ['no backup for tier 3', risky, { business: biz, technical: tech }, 'BACKUP_OWNER_REQUIRED'],
])('submission with %s is refused', (_what, answers, given, code) => {
  const state = run(useCase.initial, req, {
    c: 'start',
    answers,
    owners: given,
  }).state
  expect(run(state, req, { c: 'submit' }).codes).toContain(code)
})

test('a look-alike must be decided on before submission', () => {
  const other = idFrom('useCase', now, new Uint8Array(10).fill(2))
  const similar = [{ id: other, scoreBp: 8_000 }]
  expect(run(started(), req, { c: 'submit' }, { similar }).codes).toEqual(['DUPLICATE_UNDECIDED'])
  expect(run(started(), req, { c: 'submit', notDuplicates: [other] }, { similar }).codes).toEqual([])
})

test.each([
  ['the requester triages', req, { c: 'triage' }, 'SELF_TRIAGE'],
  ['an owner triages', tech, { c: 'triage' }, 'SELF_TRIAGE'],
  ['an analyst changes answers', ana, { c: 'change', answers: { dataClass: 'public' } }, 'WRONG_STATE'],
  ['an analyst asks nothing', ana, { c: 'ask', keys: [], text: 'why?' }, 'QUESTION_REQUIRED'],
  ['an analyst merges into nothing', ana, { c: 'merge', into: id }, 'MERGE_TARGET_INVALID'],
] as const)('PD-06: refused when %s', (_what, actor, command, code) => {
  expect(run(submitted(), actor, command).codes).toContain(code)
})

test('PD-06: only requester and owners answer what was asked', () => {
  const asked = run(submitted(), ana, { c: 'ask', keys: ['dataClass'], text: 'which logs?' }).state
  expect(asked).toMatchObject({ s: 'needs_info', asked: ['dataClass'] })
  expect(run(asked, ana, { c: 'change', answers: { dataClass: 'internal' } }).codes).toEqual([
    'NOT_THE_OWNER',
  ])
  const answered = run(asked, tech, { c: 'change', answers: { dataClass: 'internal' } }).state
  expect(run(answered, tech, { c: 'submit' }).state.s).toBe('submitted')
})

test('PD-03: no command carries tier, class or state; triage computes them from the answers', () => {
  const forged = { c: 'triage', tier: 1, legalClass: 'minimal' } as unknown as useCase.Command
  expect(run(submitted(risky), ana, forged).state).toMatchObject({ assessment: { tier: 3 }, s: 'triaged' })
})

test('an override lowers by one tier after security and risk have signed, never below the floor, and ends', () => {
  const noFloor = {
    ...harmless,
    dataClass: 'internal',
    users: 'partners',
    untrustedInput: 'external_content',
    hosting: 'embedded',
    updatePolicy: 'silent',
    volumePerDay: 10_001,
  }
  const base = triaged(noFloor)
  expect(useCase.effectiveTier(base, now)).toBe(2)
  const command = { c: 'lower_tier', days: 30, text: 'the supplier is isolated from all else' } as const
  const as = (fn: Fn) => ({ functions: [fn] })
  const half = run(base, sec, command, as('security'))
  expect(useCase.effectiveTier(half.state, now)).toBe(2)
  expect(run(half.state, sec, command, { functions: ['security', 'risk'] }).codes).toEqual(['ALREADY_SIGNED'])
  const both = run(half.state, risk, command, as('risk')).state
  expect(useCase.effectiveTier(both, now)).toBe(1)
  expect(useCase.effectiveTier(both, addDays(now, 30))).toBe(2)
  expect(run(triaged(risky), sec, command, as('security')).codes).toContain('NOTHING_TO_LOWER')
  expect(run(base, req, command, as('security')).codes).toContain('OWNER_CONFLICT')
  const up = run(
    both,
    ana,
    { c: 'raise_tier', to: 3, text: 'the incident of last week shows more' },
    as('it'),
  ).state
  expect(useCase.effectiveTier(up, now)).toBe(3)
  expect(run(up, sec, command, as('security')).codes).toContain('UP_OVERRIDE_STANDS')
})

test('what was prohibited stays so until two people of legal clear changed answers', () => {
  const state = triaged({ ...harmless, prohibitedEmotion: 'yes' })
  expect(useCase.legalOf(state)).toEqual({ class: 'prohibited', cleared: false })
  const clear = { c: 'clear_prohibited', text: 'the function was removed from the product' } as const
  const legalFn = { functions: ['legal'] } as const
  expect(run(state, law1, clear, legalFn).codes).toEqual(['STILL_PROHIBITED'])
  const revised = run(state, req, { c: 'revise' }).state
  const changed = run(revised, req, { c: 'change', answers: { prohibitedEmotion: 'no' } }).state
  const again = run(run(changed, req, { c: 'submit' }).state, ana, { c: 'triage' }).state
  expect(useCase.legalOf(again)).toEqual({ class: 'prohibited', cleared: false })
  const one = run(again, law1, clear, legalFn).state
  expect(run(one, law1, clear, legalFn).codes).toEqual(['ALREADY_SIGNED'])
  expect(useCase.legalOf(one).class).toBe('prohibited')
  expect(useCase.legalOf(run(one, law2, clear, legalFn).state)).toEqual({ class: 'minimal', cleared: true })
})

test('a triaged use case is handed over by its owners, to somebody who is there, within the rules of its tier', () => {
  const state = triaged(risky)
  const hand = (to: UserId): useCase.Command => ({ c: 'change_owner', role: 'technical', to })
  expect(run(state, ana, hand(sec)).codes).toEqual(['NOT_THE_OWNER'])
  expect(run(state, biz, hand(biz)).codes).toEqual(['OWNERS_MUST_DIFFER'])
  expect(run(state, biz, hand(sec), { isActive: (person) => person !== sec }).codes).toEqual([
    'OWNER_INACTIVE',
  ])
  expect(run(state, tech, hand(sec)).state).toMatchObject({ owners: { technical: sec, business: biz } })
})

test('a revision that is no worse keeps what was decided; a worse or incomparable one does not', () => {
  const revised = (state: useCase.State, answers: { readonly [key: string]: Json }) => {
    const draft = run(run(state, req, { c: 'revise' }).state, req, { c: 'change', answers }).state
    return run(run(draft, req, { c: 'submit' }).state, ana, { c: 'triage' }).state
  }
  const inForce = (state: useCase.State) => (state.s === 'absent' ? null : state.inForce)
  const first = triaged({ ...harmless, volumePerDay: 5_000 })
  const better = revised(first, { volumePerDay: 10 })
  expect(inForce(better)?.sameAs).toEqual([inForce(first)?.revisionDigest])
  const again = revised(better, { title: 'another title' })
  expect(inForce(again)?.sameAs).toHaveLength(2)
  expect(inForce(revised(again, { dataClass: 'internal' }))?.sameAs).toEqual([])
  expect(inForce(revised(again, { residency: ['us'] }))?.sameAs).toEqual([])
  const drafted = run(again, req, { c: 'revise' }).state
  expect(inForce(drafted)).toEqual(inForce(again)) // what is being drafted is not in force
})

test('law: what got better on the way there got worse on the way back, and nothing changes by itself', () => {
  const anyAnswers = fc.record({
    dataClass: fc.constantFrom('public', 'internal', 'restricted', 'unknown'),
    dataSources: fc.subarray(['docs', 'code', 'tickets']),
    volumePerDay: fc.constantFrom(1, 5_000, 2_000_000),
    residency: fc.subarray(['eu', 'us']),
  })
  const answersOf = (values: { readonly [key: string]: Json }): Answers =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, source: 'person' }]))
  let changed = 0
  fc.assert(
    fc.property(anyAnswers, anyAnswers, (a, b) => {
      const [there, back] = [
        compareAnswers(answersOf(a), answersOf(b), orders),
        compareAnswers(answersOf(b), answersOf(a), orders),
      ]
      for (const key of there.better) expect(back.worse).toContain(key)
      expect(back.unordered).toEqual(there.unordered)
      expect(compareAnswers(answersOf(a), answersOf(a), orders)).toEqual({
        worse: [],
        better: [],
        unordered: [],
      })
      changed += there.better.length
    }),
  )
  expect(changed).toBeGreaterThan(20)
})

test('likeness is symmetric, and nothing is like nothing', () => {
  const print = (title: string, toolIds: readonly string[] = []) => ({
    title,
    toolIds,
    vendor: null,
    model: null,
    domain: null,
    unit: null,
  })
  expect(likenessBp(print(''), print(''))).toBe(0)
  expect(likenessBp(print('Alert triage', ['a']), print('  ALERT triage', ['a']))).toBe(7_200)
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const score = likenessBp(print(a), print(b))
      expect(score).toBe(likenessBp(print(b), print(a)))
      expect(score).toBeLessThanOrEqual(6_000)
    }),
  )
})

test('what one team has in common is no likeness; the same words in another order are', () => {
  const team = { toolIds: ['tickets/read'], vendor: 'acme', model: 'm-1', domain: 'triage', unit: 'unt_soc' }
  const score = (a: string, b: string, more: Partial<typeof team> = {}) =>
    likenessBp({ title: a, ...team }, { title: b, ...team, ...more })
  for (const [a, b] of [
    ['Phishing mail classifier', 'Firewall rule reviewer'],
    ['Threat report translator', 'Threat hunting assistant'],
    ['Log anomaly explainer', 'Vulnerability prioritiser'],
  ] as const)
    expect(score(a, b)).toBeLessThan(shownBp)
  expect(score('Summaries of security advisories', 'Security advisories: summaries')).toBeGreaterThan(shownBp)
  expect(score('Alert triage', 'ALERT  triage', { vendor: 'other', toolIds: [] })).toBeGreaterThan(shownBp)
  expect(score('Alert triage', 'Alert triage', { toolIds: [], domain: 'other', unit: 'unt_it' })).toBe(
    useCase.mustDecideBp,
  )
  expect(score('Alert triage', 'Alert triage', { model: 'm-2' })).toBe(useCase.mustDecideBp)
})

test('law: without a likeness of titles nothing is shown, whatever else is shared', () => {
  const sets = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'))
  const law = fc.property(sets, sets, fc.boolean(), (a, b, isSame) => {
    const print = (title: string, toolIds: readonly string[]) => ({
      title,
      toolIds,
      vendor: 'v',
      model: isSame ? 'm' : title,
      domain: 'd',
      unit: 'u',
    })
    expect(likenessBp(print('xxxx', a), print('yyyy', b))).toBeLessThanOrEqual(4_000)
  })
  fc.assert(law)
})

test.each([
  ['Incident-Report', ['incident', 'report']],
  ['v2.1 for a.b@example.com', ['v2', '1', 'for', 'a', 'b', 'example', 'com']],
  ['\u{ff21}\u{ff29} Über_den АНАЛИЗ', ['ai', 'über', 'den', 'анализ']],
  ['twice Twice', ['twice']],
  ['…', []],
])('the words of %j', (title, words) => {
  expect(wordsOf(title)).toEqual(words)
})

const anyCommand = fc.constantFrom<useCase.Command>(
  { c: 'change', answers: { regulatedData: ['health'] } },
  { c: 'change', answers: { regulatedData: [] } },
  { c: 'submit' },
  { c: 'submit' },
  { c: 'triage' },
  { c: 'triage' },
  { c: 'ask', keys: ['title'], text: 'what?' },
  { c: 'revise' },
  { c: 'withdraw', reasonCode: 'not_needed' },
  { c: 'raise_tier', to: 2, text: 'a reason that is long enough' },
)
test('law: in no history does an interested person triage, and replay gives the state', () => {
  let triages = 0
  const step = fc.record({ command: anyCommand, actor: fc.constantFrom(req, biz, ana, ana, sec) })
  fc.assert(
    fc.property(fc.array(step, { minLength: 4, maxLength: 14 }), (steps) => {
      let state: useCase.State = useCase.initial
      const log: useCase.Event[] = []
      const apply = (actor: UserId, command: useCase.Command) => {
        const decided = useCase.decide(
          state,
          command,
          context(actor, { functions: actor === sec ? ['security'] : [] }),
        )
        if (!decided.ok) return
        log.push(...decided.events)
        state = decided.events.reduce(useCase.evolve, state)
        if (command.c !== 'triage' || state.s !== 'triaged') return
        triages += 1
        expect([req, biz, tech, back]).not.toContain(actor)
        expect(state.assessment?.tier).toBe(
          digestOf(state.answers['regulatedData']?.value ?? []) === digestOf([]) ? 1 : 3,
        )
      }
      apply(req, { c: 'start', answers: harmless, owners })
      apply(req, { c: 'submit' })
      for (const { command, actor } of steps) apply(actor, command)
      const stripped = log.map((event) => ({ ...event, sealed: {} }))
      expect(digestOf(stripped.reduce<useCase.State>(useCase.evolve, useCase.initial))).toBe(digestOf(state))
    }),
    { numRuns: 400 },
  )
  expect(triages).toBeGreaterThan(50)
})
