import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../kernel/index.ts'
import { assess, type Answers, type RiskOrder } from '../tiering/index.ts'
import {
  compileSet,
  documentKinds,
  faultsInDraft,
  maxDocumentBytes,
  wasShipped,
  type DocumentKind,
  type Documents,
} from './index.ts'

const read = (path: string) =>
  JSON.parse(
    readFileSync(resolve(import.meta.dirname, '../../../catalogue', `${path}.1.json`), 'utf8'),
  ) as JsonObject
const shipped: Documents = {
  questionnaire: read('questionnaires/security-ai'),
  tier_policy: read('tier-policies/security-ai'),
  trigger_policy: read('triggers/default'),
  legal_map: read('legal-maps/eu-ai-act'),
  calendar: read('calendars/weekdays'),
}
const compiled = compileSet(shipped)
if (!compiled.ok) throw new Error(JSON.stringify(compiled.faults))
const { set } = compiled
const asked = set.forUseCases.questionnaire.questionnaire
const standing = { inForce: shipped, shipped: set, questionnaires: [asked] }
const found = (kind: DocumentKind, document: JsonObject, against = standing) =>
  faultsInDraft(kind, document, against).map(({ code, path = '' }) => `${code} ${path}`)
const list = (document: JsonObject, name: string) => document[name] as readonly JsonObject[] // as the catalogue has it

test('the catalogue is sound, and every version of it is among those that were shipped', () => {
  for (const kind of documentKinds) {
    expect(found(kind, shipped[kind])).toEqual([])
    expect(wasShipped(kind, set.digests[kind]), `add ${set.digests[kind]} to shipped-digests.ts`).toBe(true)
  }
})

const { questionnaire, tier_policy: policy, trigger_policy: triggers, legal_map: map, calendar } = shipped
const questions = list(questionnaire, 'questions')
const keyOf = (question: JsonObject) => question['key'] as string // as a question has it
const labels = questionnaire['labels'] as JsonObject
const typeOfActions = questions.find((question) => keyOf(question) === 'actions')?.['type'] as
  | JsonObject
  | undefined
const actionColumns = typeOfActions?.['columns'] as JsonObject | undefined
const withQuestions = (
  change: (question: JsonObject) => JsonObject | null,
  more: readonly JsonObject[] = [],
) => ({
  ...questionnaire,
  questions: [...questions.flatMap((question) => change(question) ?? []), ...more],
  labels: { ...labels, ...Object.fromEntries(more.map((item) => [keyOf(item), { label: 'ours' }])) },
})
const typed = (key: string, type: JsonObject) =>
  withQuestions((question) =>
    question['key'] === key
      ? { ...question, type: { ...(question['type'] as JsonObject), ...type } }
      : question,
  )
const without = (key: string) => withQuestions((question) => (question['key'] === key ? null : question))
const own = {
  key: 'acmeSite',
  section: 'purpose',
  required: true,
  type: { k: 'choice', options: ['a', 'b'] },
}
const floors = list(policy, 'floors')
const points = list(policy, 'points')
const orders = policy['orders'] as JsonObject
const controls = policy['controls'] as JsonObject
const order = (key: string, change: JsonObject) => ({
  ...policy,
  orders: { ...orders, [key]: { ...(orders[key] as JsonObject), ...change } },
})

test.each<[string, DocumentKind, JsonObject, readonly string[]]>([
  ['a further question', 'questionnaire', withQuestions((q) => q, [own]), []],
  [
    'a further option of an unranked question',
    'questionnaire',
    typed('domain', {
      options: [
        'triage',
        'detection_engineering',
        'threat_intel',
        'vulnerability',
        'identity_access',
        'response',
        'fraud',
        'code',
        'awareness',
        'other',
        'ot',
      ],
    }),
    [],
  ],
  ['a retired question that is no minimum', 'questionnaire', without('runbook'), []],
  [
    'a minimum field that is not asked',
    'questionnaire',
    without('title'),
    ['QUESTIONNAIRE_INCOMPLETE /questions/title'],
  ],
  [
    'a ranked field that is not asked',
    'questionnaire',
    without('killSwitch'),
    ['QUESTIONNAIRE_INCOMPLETE /questions/killSwitch'],
  ],
  [
    'a minimum field that may stay empty',
    'questionnaire',
    withQuestions((q) => (q['key'] === 'title' ? { ...q, required: false } : q)),
    ['QUESTIONNAIRE_INCOMPLETE /questions/title'],
  ],
  [
    'a prohibition that is not asked',
    'questionnaire',
    without('prohibitedEmotion'),
    ['QUESTIONNAIRE_INCOMPLETE /questions/prohibitedEmotion'],
  ],
  [
    'a prohibition that cannot be affirmed',
    'questionnaire',
    typed('prohibitedEmotion', { options: ['no'] }),
    ['QUESTIONNAIRE_INCOMPLETE /questions/prohibitedEmotion'],
  ],
  [
    'an option that no order ranks',
    'questionnaire',
    typed('dataClass', { options: ['public', 'internal', 'confidential', 'restricted', 'secret'] }),
    ['DOCUMENT_INVALID /questions/dataClass'],
  ],
  [
    'another type under the same key',
    'questionnaire',
    withQuestions((q) => (q['key'] === 'runbook' ? { ...q, type: { k: 'choice', options: ['yes'] } } : q)),
    ['TYPE_CHANGED /questions/runbook'],
  ],
  [
    'a table that does not order each of its columns',
    'questionnaire',
    typed('actions', { order: ['toolId'] }),
    ['DOCUMENT_INVALID /questions/actions'],
  ],
  [
    'a column with another type',
    'questionnaire',
    typed('integrations', {
      columns: {
        system: { text: 1 },
        direction: { text: 5 },
        protocol: { text: 5 },
        authMethod: { text: 5 },
        dataClass: { options: ['public', 'internal', 'confidential', 'restricted'] },
      },
    }),
    ['TYPE_CHANGED /questions/integrations'],
  ],
  [
    'text in a table of facts',
    'questionnaire',
    typed('actions', {
      columns: {
        ...actionColumns,
        note: { text: 50 },
      },
      order: [...Object.keys(actionColumns ?? {}), 'note'],
    }),
    ['TYPE_CHANGED /questions/actions'],
  ],
  [
    'an option that is gone',
    'questionnaire',
    typed('residency', { options: ['eu'] }),
    Array(5).fill('OPTION_REMOVED /questions/residency') as string[],
  ],
  [
    'a question without label',
    'questionnaire',
    { ...withQuestions((q) => q, [own]), labels },
    ['DOCUMENT_INVALID /questions/acmeSite'],
  ],
  [
    'two faults at once',
    'questionnaire',
    withQuestions((q) => (['title', 'problem'].includes(keyOf(q)) ? null : q)),
    ['QUESTIONNAIRE_INCOMPLETE /questions/title', 'QUESTIONNAIRE_INCOMPLETE /questions/problem'],
  ],

  [
    'a further floor',
    'tier_policy',
    {
      ...policy,
      floors: [...floors, { id: 'ACME', tier: 2, when: { atLeast: ['users', 'partners'] }, why: 'ours' }],
    },
    [],
  ],
  [
    'a floor with one more alternative',
    'tier_policy',
    {
      ...policy,
      floors: floors.map((f) =>
        f['id'] === 'T2-3'
          ? { ...f, when: { any: [f['when'] as JsonObject, { atLeast: ['users', 'public'] }] } }
          : f,
      ),
    },
    [],
  ],
  [
    'a floor raised to tier 3',
    'tier_policy',
    { ...policy, floors: floors.map((f) => (f['id'] === 'T2-3' ? { ...f, tier: 3 } : f)) },
    [],
  ],
  [
    'a floor that is gone',
    'tier_policy',
    { ...policy, floors: floors.slice(1) },
    ['FLOOR_REMOVED /floors/T3-1'],
  ],
  [
    'a floor with one alternative less',
    'tier_policy',
    {
      ...policy,
      floors: floors.map((f) =>
        f['id'] === 'T2-2' ? { ...f, when: { atLeast: ['dataClass', 'confidential'] } } : f,
      ),
    },
    ['FLOOR_REMOVED /floors/T2-2'],
  ],
  [
    'a floor of a lower tier',
    'tier_policy',
    { ...policy, floors: floors.map((f) => (f['id'] === 'T3-4' ? { ...f, tier: 2 } : f)) },
    ['FLOOR_REMOVED /floors/T3-4'],
  ],
  [
    'a floor that fires later',
    'tier_policy',
    {
      ...policy,
      floors: floors.map((f) =>
        f['id'] === 'T2-3'
          ? { ...f, when: { all: [f['when'] as JsonObject, { atLeast: ['users', 'public'] }] } }
          : f,
      ),
    },
    ['FLOOR_REMOVED /floors/T2-3'],
  ],
  [
    'fewer points',
    'tier_policy',
    { ...policy, points: [{ ...points[0], ranks: [0, 5, 10, 15] }, ...points.slice(1)] },
    ['POLICY_LOOSENED /points/dataClass'],
  ],
  [
    'more points',
    'tier_policy',
    { ...policy, points: [{ ...points[0], ranks: [1, 5, 10, 16] }, ...points.slice(1)] },
    [],
  ],
  [
    'a table that is gone',
    'tier_policy',
    { ...policy, points: points.slice(1) },
    ['POLICY_LOOSENED /points/dataClass'],
  ],
  [
    'higher cuts',
    'tier_policy',
    { ...policy, cuts: { 2: 41, 3: 71 } },
    ['POLICY_LOOSENED /cuts/2', 'POLICY_LOOSENED /cuts/3'],
  ],
  ['lower cuts', 'tier_policy', { ...policy, cuts: { 2: 30, 3: 60 } }, []],
  [
    'a check less',
    'tier_policy',
    { ...policy, controls: { ...controls, 1: { ...(controls['1'] as JsonObject), requiredChecks: [] } } },
    ['POLICY_LOOSENED /controls/1/requiredChecks'],
  ],
  [
    'decisions that live longer',
    'tier_policy',
    { ...policy, controls: { ...controls, 3: { ...(controls['3'] as JsonObject), decisionDays: 91 } } },
    ['POLICY_LOOSENED /controls/3/decisionDays'],
  ],
  [
    'a further option, ranked before it is asked',
    'tier_policy',
    {
      ...order('users', { options: ['internal', 'group', 'partners', 'public'] }),
      points: points.map((t) => (t['key'] === 'users' ? { ...t, ranks: [0, 2, 5, 10] } : t)),
    },
    [],
  ],
  [
    'an order turned round',
    'tier_policy',
    order('logging', { options: ['none', 'metadata', 'full'] }),
    ['DOCUMENT_INVALID /questions/logging'],
  ],
  [
    'a limit that rises',
    'tier_policy',
    order('subjects', { upTo: [0, 1_000, 200_000] }),
    ['POLICY_LOOSENED /orders/subjects'],
  ],
  ['a limit that falls', 'tier_policy', order('subjects', { upTo: [0, 500, 50_000] }), []],
  [
    'an order that nobody is asked for',
    'tier_policy',
    { ...policy, orders: { ...orders, acme: { k: 'chain', options: ['a', 'b'] } } },
    ['QUESTIONNAIRE_INCOMPLETE /questions/acme'],
  ],
  [
    'a floor over what does not exist',
    'tier_policy',
    {
      ...policy,
      floors: [...floors, { id: 'X', tier: 2, when: { atLeast: ['users', 'aliens'] }, why: 'x' }],
    },
    ['DOCUMENT_INVALID /floors/X'],
  ],

  [
    'a further trigger',
    'trigger_policy',
    {
      ...triggers,
      triggers: [...list(triggers, 'triggers'), { id: 'acme', review: 'legal', when: { tierAtLeast: 1 } }],
    },
    [],
  ],
  [
    'a trigger that is gone',
    'trigger_policy',
    { ...triggers, triggers: list(triggers, 'triggers').slice(1) },
    ['TRIGGER_REMOVED /triggers/tier-3-legal'],
  ],
  [
    'a trigger that fires later',
    'trigger_policy',
    {
      ...triggers,
      triggers: list(triggers, 'triggers').map((t) =>
        t['id'] === 'tier-2-security' ? { ...t, when: { tierAtLeast: 3 } } : t,
      ),
    },
    ['TRIGGER_REMOVED /triggers/tier-2-security'],
  ],

  [
    'a prohibition that is gone',
    'legal_map',
    { ...map, prohibited: list(map, 'prohibited').slice(1) },
    ['PROHIBITION_REMOVED /prohibited/prohibitedManipulation'],
  ],
  [
    'another question for Annex III',
    'legal_map',
    { ...map, annexIII: { key: 'residency', article: 'Annex III' } },
    ['PROHIBITION_REMOVED /annexIII'],
  ],
  [
    'a further prohibition',
    'legal_map',
    {
      ...map,
      prohibited: [...list(map, 'prohibited'), { key: 'nis2Service', article: 'house rule', label: 'ours' }],
    },
    [],
  ],
  [
    'a prohibition that nobody is asked about',
    'legal_map',
    {
      ...map,
      prohibited: [...list(map, 'prohibited'), { key: 'acme', article: 'house rule', label: 'ours' }],
    },
    ['QUESTIONNAIRE_INCOMPLETE /questions/acme'],
  ],

  ['holidays', 'calendar', { ...calendar, holidays: ['2026-12-25'] }, []],
  [
    'a day that does not exist',
    'calendar',
    { ...calendar, holidays: ['2026-02-30'] },
    ['DOCUMENT_INVALID /holidays/0'],
  ],
  [
    'no working day',
    'calendar',
    { ...calendar, weekend: [0, 1, 2, 3, 4, 5, 6] },
    ['DOCUMENT_INVALID /weekend'],
  ],
  ['a member that nobody knows', 'calendar', { ...calendar, x: 1 }, ['DOCUMENT_INVALID ']],
  ['a number without canonical form', 'calendar', { ...calendar, x: 0.5 }, ['DOCUMENT_INVALID ']],
  [
    'more than one entry holds',
    'calendar',
    { ...calendar, x: 'x'.repeat(maxDocumentBytes) },
    ['DOCUMENT_TOO_LARGE '],
  ],
])('a draft with %s', (_what, kind, document, faults) => {
  expect(found(kind, document)).toEqual(faults)
})

test('a retired key never comes back, not even as it was', () => {
  const second = { ...asked, questions: asked.questions.filter(({ key }) => key !== 'runbook') }
  const later = { ...standing, questionnaires: [asked, second] }
  expect(found('questionnaire', questionnaire, later)).toEqual(['KEY_REUSED /questions/runbook'])
  expect(found('questionnaire', without('runbook'), later)).toEqual([])
})

test('what is ranked first and asked next goes step by step', () => {
  const users = { k: 'choice', options: ['internal', 'group', 'partners', 'public'] }
  const ranked = {
    ...order('users', { options: users.options }),
    points: points.map((table) => (table['key'] === 'users' ? { ...table, ranks: [0, 2, 5, 10] } : table)),
  }
  const next = withQuestions((question) =>
    question['key'] === 'users' ? { ...question, type: users } : question,
  )
  expect(found('questionnaire', next)).toEqual(['DOCUMENT_INVALID /questions/users'])
  expect(found('tier_policy', ranked)).toEqual([])
  expect(found('questionnaire', next, { ...standing, inForce: { ...shipped, tier_policy: ranked } })).toEqual(
    [],
  )
})

const { orders: known } = set.forUseCases.policy.policy
function anyKnown(risk: RiskOrder): fc.Arbitrary<Json> {
  if (risk.k === 'chain') return fc.constantFrom(...risk.options)
  if (risk.k === 'set') return fc.subarray([...risk.options])
  if (risk.k === 'bands') return fc.nat(1_200_000)
  const row = Object.entries(risk.columns).map(
    ([name, options]) => [name, fc.constantFrom(...options)] as const,
  )
  return fc.array(fc.record(Object.fromEntries(row)), { maxLength: 3 })
}
const anyAnswers = fc
  .record(Object.fromEntries(Object.entries(known).map(([key, risk]) => [key, anyKnown(risk)])))
  .map(
    (values): Answers =>
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, source: 'person' }])),
  )
/** Policies somewhat like the shipped one: harder, softer, or both. */
const anyPolicy = fc
  .record({
    cuts: fc.constantFrom([40, 70], [30, 60], [39, 70], [41, 70], [20, 75]),
    dropped: fc.option(fc.constantFrom(...floors.map(({ id }) => id)), { freq: 2 }),
    raised: fc.constantFrom(...floors.map(({ id }) => id)),
    step: fc.constantFrom(0, 0, 1, 3, -1),
    table: fc.nat(points.length - 1),
    limits: fc.constantFrom([0, 1_000, 100_000], [0, 10, 1_000], [0, 1_000, 100_001]),
    inserted: fc.constantFrom(null, 0, 1, 2, 3),
  })
  .map(({ cuts: [two = 40, three = 70], dropped, raised, step, table, limits, inserted }): JsonObject => {
    const widened = <T extends Json>(items: readonly T[], at: (before: T | undefined) => T): readonly T[] =>
      inserted === null ? items : items.toSpliced(inserted, 0, at(items[inserted - 1] ?? items[0]))
    return {
      ...policy,
      orders: {
        ...orders,
        subjects: { ...(orders['subjects'] as JsonObject), upTo: limits },
        users: { k: 'chain', options: widened(['internal', 'partners', 'public'], () => 'group') },
      },
      cuts: { 2: two, 3: three },
      floors: floors
        .filter(({ id }) => id !== dropped)
        .map((floor) => (floor['id'] === raised ? { ...floor, tier: 3 } : floor)),
      points: points.map((item, i) => {
        const ranks = item['ranks'] as readonly number[] | undefined
        if (ranks === undefined) return item
        const fitting = item['key'] === 'users' ? widened(ranks, (before) => before ?? 0) : ranks
        return { ...item, ranks: i === table ? fitting.map((value) => Math.max(0, value + step)) : fitting }
      }),
    }
  })

test('law: whatever is admitted as an own policy gives nobody a lower tier or floor than what ships', () => {
  let [admitted, stricter] = [0, 0]
  fc.assert(
    fc.property(anyPolicy, fc.array(anyAnswers, { minLength: 5, maxLength: 5 }), (document, forms) => {
      if (faultsInDraft('tier_policy', document, standing).length > 0) return
      const ours = compileSet({ ...shipped, tier_policy: document })
      if (!ours.ok) throw new Error('it was admitted')
      admitted += 1
      for (const answers of forms) {
        const [before, after] = [
          assess(answers, set.forUseCases.policy),
          assess(answers, ours.set.forUseCases.policy),
        ]
        expect(after.tier).toBeGreaterThanOrEqual(before.tier)
        expect(after.floor).toBeGreaterThanOrEqual(before.floor)
        expect(after.points).toBeGreaterThanOrEqual(before.points)
        if (after.tier > before.tier || after.points > before.points) stricter += 1
      }
    }),
    { numRuns: 600 },
  )
  expect(admitted).toBeGreaterThan(50)
  expect(stricter).toBeGreaterThan(50)
})
