import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  digestOf,
  epochMs,
  idFrom,
  type Digest,
  type DocumentFault,
  type Json,
  type UserId,
} from '../../../kernel/index.ts'
import { parseLegalMap, parseTierPolicy, parseTriggers } from '../../tiering/index.ts'
import {
  bulkImport,
  columnsOf,
  csvLines,
  csvOptions,
  delimiterOf,
  exportColumns,
  exportHeader,
  exportRow,
  headOf,
  isForbidden,
  longest,
  mappingDigest,
  parseQuestionnaire,
  planDigest,
  planRow,
  readAnswer,
  readRow,
  targetNamed,
  useCase,
  type Exported,
  type Known,
  type PlanContext,
  type Question,
} from '../index.ts'

const read = (path: string): Json =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../../../../catalogue', path), 'utf8')) as Json
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
const questionnaire = must(parseQuestionnaire(read('questionnaires/security-ai.1.json'), orders)).loaded
const catalogue = { questionnaire, policy, legalMap: legal.map, legalMapDigest: legal.digest, triggers }
const { questions } = questionnaire.questionnaire

const now = epochMs(1_800_000_000_000)
const user = (n: number): UserId => idFrom('user', now, new Uint8Array(10).fill(n))
const [ana, biz, tech, back] = [1, 2, 3, 4].map(user) as [UserId, UserId, UserId, UserId]
const people: Readonly<Record<string, UserId>> = {
  'biz@x.example': biz,
  'tech@x.example': tech,
  'back@x.example': back,
}
const unit = idFrom('unit', now, new Uint8Array(10).fill(1))
const id = idFrom('useCase', now, new Uint8Array(10).fill(1))

const context = (more: Partial<PlanContext> = {}): PlanContext => ({
  now,
  actor: { k: 'person', ref: ana },
  catalogue,
  known: () => null,
  person: (email) => people[email] ?? null,
  emailOf: (person) => Object.keys(people).find((email) => people[email] === person) ?? '',
  isActive: () => true,
  unit: (name) => (name === null || name === 'SOC' ? unit : 'unknown'),
  unitName: () => 'SOC',
  similar: () => [],
  ...more,
})

/** Reads a file as the product does: header, columns, rows. */
function rowsIn(text: string) {
  const [headers = [], ...records] = parse(text, csvOptions(delimiterOf(text)))
  const { columns, faults } = columnsOf(headers, [], questionnaire)
  return { columns, faults, rows: records.map((cells) => readRow(cells, columns, questionnaire)) }
}

const text = (max: number) =>
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: Math.min(max, 40) })
    .map((value) => value.replaceAll(/[^\P{Cc}\n\r\t]/gu, '').slice(0, max))
    .filter((value) => value.trim() !== '')
const hostile = (max: number) =>
  fc
    .tuple(fc.constantFrom('', "'", "''", '=', '+', '-', '@', '\t', '\r', '"', ';', ',', '\ufeff'), text(max))
    .map(([front, rest]) => (front + rest).slice(0, max))
    .filter((value) => value.trim() !== '')

function answerTo({ type }: Question): fc.Arbitrary<Json> {
  switch (type.k) {
    case 'text':
      return hostile(type.max)
    case 'choice':
      return fc.constantFrom(...type.options, 'unknown')
    case 'multi_choice':
      return fc.oneof(fc.subarray([...type.options]), fc.constant('unknown'))
    case 'integer':
      return fc.oneof(fc.integer({ min: type.min, max: Math.min(type.max, 2 ** 31) }), fc.constant('unknown'))
    case 'rows': {
      const row = fc.record(
        Object.fromEntries(
          Object.entries(type.columns).map(([name, column]): [string, fc.Arbitrary<Json>] => {
            if ('options' in column) return [name, fc.constantFrom(...column.options, 'unknown')]
            if ('text' in column) return [name, hostile(column.text)]
            if ('integer' in column)
              return [name, fc.integer({ min: column.integer[0], max: column.integer[1] })]
            return [name, fc.constantFrom('siem/search', 'edr.isolate', '-tool')]
          }),
        ),
      )
      return fc.oneof(fc.array(row, { maxLength: 4 }), fc.constant('unknown'))
    }
    default:
      return fc.constant('unknown')
  }
}
const anyAnswers = fc
  .record(Object.fromEntries(questions.map((question) => [question.key, answerTo(question)])), {
    requiredKeys: ['title'],
  })
  .map((answers): useCase.Values => JSON.parse(JSON.stringify(answers)) as useCase.Values) // answers are JSON
const email = fc.constantFrom('biz@x.example', 'tech@x.example', 'back@x.example', null)
const anyExported: fc.Arbitrary<Exported> = fc.record({
  externalId: fc.stringMatching(/^[A-Za-z0-9][\w.:/#-]{0,30}$/),
  owners: fc.record({ business: email, technical: email, backup: email }),
  unit: fc.constantFrom('SOC', '=cmd()', null),
  answers: anyAnswers,
})

test('law: what is exported is read back as the same answers, owners and unit, whatever people wrote', () => {
  let withTables = 0
  const law = fc.property(fc.array(anyExported, { minLength: 1, maxLength: 4 }), (all) => {
    const lengths = all.reduce<ReadonlyMap<string, number>>(
      (found, { answers }) => longest(found, answers, questionnaire),
      new Map(),
    )
    const columns = exportColumns(lengths, questionnaire)
    const file = csvLines([exportHeader(columns), ...all.map((one) => exportRow(one, columns))])
    const { faults, rows } = rowsIn(file)
    expect(faults).toEqual([])
    expect(rows.flatMap(({ reasons }) => reasons)).toEqual([])
    if (lengths.size > 0) withTables += 1
    all.forEach((one, i) => {
      const { owners } = one
      const named = Object.fromEntries(Object.entries(owners).filter(([, address]) => address !== null))
      expect(rows[i]).toEqual({ ...one, owners: named, differsFrom: [], reasons: [] })
    })
  })
  fc.assert(law, { numRuns: 300 })
  expect(withTables).toBeGreaterThan(100)
})

test('law: a table that is longer than the columns of its file is still read back whole', () => {
  const action = {
    toolId: 't',
    effect: 'read',
    changesSystem: 'no',
    autonomy: 'A0',
    reversible: 'yes',
    blastRadius: 'single',
    externalSend: 'no',
  }
  const answers = {
    title: 'Long',
    actions: Array.from({ length: 50 }, (_, i) => ({ ...action, toolId: `t${i}` })),
  }
  const one: Exported = {
    externalId: 'a',
    owners: { business: null, technical: null, backup: null },
    unit: null,
    answers,
  }
  const columns = exportColumns(longest(new Map(), answers, questionnaire), questionnaire)
  expect(columns.length).toBeLessThanOrEqual(200)
  const { rows } = rowsIn(csvLines([exportHeader(columns), exportRow(one, columns)]))
  expect(rows[0]?.answers).toEqual(answers)
})

const complete: { readonly [key: string]: Json } = Object.fromEntries(
  questions
    .filter(({ required }) => required)
    .map(({ key, type }): [string, Json] => {
      if (type.k === 'text') return [key, `About ${key}`]
      return [key, type.k === 'choice' ? (type.options[0] ?? '') : 'unknown']
    }),
)
const owners = { business: 'biz@x.example', technical: 'tech@x.example', backup: 'back@x.example' }
const fileOf = (answers: { readonly [key: string]: Json }, externalId = 'A-1') => {
  const columns = exportColumns(longest(new Map(), answers, questionnaire), questionnaire)
  return csvLines([exportHeader(columns), exportRow({ externalId, owners, unit: 'SOC', answers }, columns)])
}
const planOf = (file: string, ctx = context()) => {
  const [row] = rowsIn(file).rows
  if (row === undefined) throw new Error('no row')
  return planRow(2, row, ctx)
}

/** What `file` makes, as it stands after its commit. */
function knownFrom(file: string): Known {
  const planned = planOf(file)
  if (planned.change === null) throw new Error(JSON.stringify(planned.reasons))
  const { answers, owners: named } = planned.change
  const ctx: useCase.Context = {
    now,
    actor: { k: 'person', ref: ana },
    id,
    catalogue,
    salt: 'ab',
    functions: [],
    isActive: () => true,
    similar: [],
    triageDue: () => now,
    hasLiveDeployment: false,
    mergeTarget: useCase.initial,
  }
  const run = (state: useCase.State, command: useCase.Command) => {
    const decided = useCase.decide(state, command, ctx)
    if (!decided.ok) throw new Error(JSON.stringify(decided.refused))
    return decided.events.reduce(useCase.evolve, state)
  }
  const start = { c: 'start', answers, owners: named, unit, source: 'import', externalId: 'A-1' } as const
  const state = run(run(useCase.initial, start), { c: 'submit' })
  if (state.s === 'absent') throw new Error('nothing was made')
  return { state: { ...state, s: 'draft' }, revision: 3, texts: answers }
}

test('law: a plan is a function of its inputs, and a row that says what is recorded is unchanged', () => {
  const law = fc.property(anyAnswers, (given) => {
    const answers = { ...complete, ...given }
    const file = fileOf(answers)
    expect(planOf(file)).toEqual(planOf(file))
    const planned = planOf(file)
    if (planned.change === null) return
    const known = knownFrom(file)
    expect(planOf(file, context({ known: () => known }))).toMatchObject({
      outcome: 'unchanged',
      reasons: [],
      revision: 3,
    })
  })
  fc.assert(law, { numRuns: 150 })
})

test('law: no header and no mapping brings in what the product decides', () => {
  const words = [
    'tier',
    'Tier',
    'TIER ',
    'state',
    'Status',
    'decision',
    'Decisions',
    'approval',
    'approved',
    'Approved by',
    'authorization',
    'authorisation',
    'Authorized',
    'legal_class',
    'triagedBy',
    'grant',
  ]
  const names = [...questions.map(({ key }) => key), 'externalId', 'unit', 'businessOwner']
  let refused = 0
  const law = fc.property(
    fc.uniqueArray(fc.constantFrom(...words, ...names), { minLength: 1, maxLength: 8 }),
    fc.array(
      fc.record({ column: fc.constantFrom(...words), to: fc.constantFrom(...names, ...words, null) }),
      { maxLength: 4 },
    ),
    (headers, mapping) => {
      const { columns, faults } = columnsOf(headers, mapping, questionnaire)
      for (const { header, target, state } of columns) {
        if (!isForbidden(header)) continue
        expect(target).toBeNull()
        if (state === 'ignored') continue // left out by name
        refused += 1
        expect(faults).toContainEqual({ code: 'IMPORT_FORBIDDEN_COLUMN', params: { column: header } })
      }
      for (const word of words) expect(targetNamed(word, questionnaire)).toBeNull()
    },
  )
  fc.assert(law, { numRuns: 500 })
  expect(refused).toBeGreaterThan(250)
})

test.each([
  ['dataClass', 'Confidential', 'confidential'],
  ['domain', 'Threat intel', 'threat_intel'],
  ['secretsInScope', 'TRUE', 'yes'],
  ['secretsInScope', 'n', 'no'],
  ['dataSources', 'docs; Mail chat;docs', ['docs', 'mail_chat']],
  ['regulatedData', '[]', []],
  ['subjects', ' 42 ', 42],
  ['subjects', "'-5", -5],
  ['subjects', 'Unknown', 'unknown'],
  ['title', 'unknown', 'unknown'],
  ['title', "'=1+1", '=1+1'],
  ['title', "'quoted'", "'quoted'"],
  ['actions', '[]', []],
] as const)('%s: `%s` is read as %j', (key, cell, value) => {
  const type = questionnaire.byKey.get(key)?.type
  expect(type === undefined ? null : readAnswer(type, cell)).toEqual({ value })
})

test.each([
  ['dataClass', 'top secret'],
  ['dataSources', 'docs;nothing'],
  ['subjects', '1.5'],
  ['subjects', '1e3'],
  ['actions', 'siem/search'],
])('%s: `%s` is no answer', (key, cell) => {
  const type = questionnaire.byKey.get(key)?.type
  expect(type === undefined ? undefined : readAnswer(type, cell)).toBeNull()
})

test.each([
  ['a,b;c\n1', ','],
  ['"a,b,c";d;e', ';'],
  ['a\tb,c\td', '\t'],
  ['\ufeffalone', ','],
] as const)('the delimiter of %j is %j', (file, delimiter) => {
  expect(delimiterOf(file)).toBe(delimiter)
})

test('labels, spacing and case name columns; tables go by their rows', () => {
  const headers = [
    'External ID',
    'Highest data class',
    'data_sources',
    'Actions.2.tool id',
    'actions.1.toolId',
    'Business owner',
    'importError',
  ]
  const { columns, faults } = columnsOf(headers, [], questionnaire)
  expect(faults).toEqual([])
  expect(columns.map(({ target }) => target)).toEqual([
    { k: 'externalId' },
    { k: 'answer', key: 'dataClass' },
    { k: 'answer', key: 'dataSources' },
    { k: 'cell', key: 'actions', row: 2, column: 'toolId' },
    { k: 'cell', key: 'actions', row: 1, column: 'toolId' },
    { k: 'owner', role: 'business' },
    null,
  ])
})

test.each([
  [['title', 'Name of the use case', 'externalId'], [], ['IMPORT_COLUMN_TWICE']],
  [['title'], [], ['IMPORT_COLUMN_MISSING']],
  [['externalId', 'colour', ''], [], ['IMPORT_UNKNOWN_COLUMN', 'IMPORT_UNKNOWN_COLUMN']],
  [['externalId', 'colour'], [{ column: 'colour', to: 'paint' }], ['IMPORT_TARGET_UNKNOWN']],
  [['externalId', 'actions.51.toolId'], [], ['IMPORT_UNKNOWN_COLUMN']],
  [['externalId'], [{ column: 'gone', to: null }], ['IMPORT_MAPPING_UNUSED']],
  [['externalId', 'colour'], [{ column: 'colour', to: null }], []],
])('the header %j with the mapping %j', (headers, mapping, codes) => {
  expect(columnsOf(headers, mapping, questionnaire).faults.map(({ code }) => code)).toEqual(codes)
})

const planCodes = (file: string, more: Partial<PlanContext>) =>
  planOf(file, context(more)).reasons.map(({ code, params }) =>
    `${code} ${String(params['column'] ?? '')}`.trim(),
  )
const known = knownFrom(fileOf(complete))
const changed = fileOf({ ...complete, retentionDays: 5 })

test.each<readonly [string, string, Partial<PlanContext>, readonly string[]]>([
  ['a new row', fileOf(complete), {}, []],
  [
    'an external id that means something elsewhere',
    fileOf(complete),
    { known: () => 'taken' },
    ['EXTERNAL_ID_TAKEN externalId'],
  ],
  ['an id of a use case that there is not', fileOf(complete, id), {}, ['USE_CASE_UNKNOWN externalId']],
  ['an external id with a blank', fileOf(complete, 'A 1'), {}, ['EXTERNAL_ID_INVALID externalId']],
  [
    'an unknown owner',
    fileOf(complete),
    { person: (email) => (email === 'biz@x.example' ? null : tech) },
    ['PERSON_UNKNOWN businessOwner', 'OWNER_REQUIRED businessOwner'],
  ],
  ['a unit of others', fileOf(complete), { unit: () => 'not_allowed' }, ['UNIT_NOT_YOURS unit']],
  ['two units of one name', fileOf(complete), { unit: () => 'ambiguous' }, ['UNIT_AMBIGUOUS unit']],
  [
    'a likely duplicate',
    fileOf(complete),
    { similar: () => [{ id: 'B-1', scoreBp: 9_000 }] },
    ['DUPLICATE_UNDECIDED differsFrom'],
  ],
  [
    'somebody else’s use case',
    changed,
    { known: () => known, actor: { k: 'person', ref: user(9) } },
    ['NOT_THE_OWNER'],
  ],
  [
    'a submitted use case',
    changed,
    { known: () => ({ ...known, state: { ...known.state, s: 'submitted' } }) },
    ['WRONG_STATE'],
  ],
  [
    'another unit',
    changed,
    { known: () => known, unit: () => idFrom('unit', now, new Uint8Array(10).fill(2)) },
    ['UNIT_IS_FIXED unit'],
  ],
  [
    'owners who are away',
    fileOf(complete),
    { isActive: () => false },
    ['OWNER_INACTIVE businessOwner', 'OWNER_INACTIVE technicalOwner', 'OWNER_INACTIVE backupOwner'],
  ],
])('%s', (_, file, more, codes) => {
  expect(planCodes(file, more)).toEqual(codes)
})

test('an update says what changes, and what was triaged is revised first', () => {
  const triaged: Known = { ...known, state: { ...known.state, s: 'triaged' } }
  expect(planOf(changed, context({ known: () => triaged }))).toMatchObject({
    outcome: 'update',
    differences: [{ column: 'retentionDays', before: null, after: '5' }],
    change: { answers: { retentionDays: 5 }, owners: {}, revises: true },
  })
})

test('files beyond a bound are refused with the bound', () => {
  const code = (file: string) => {
    const head = headOf(file)
    return 'headers' in head ? 'ok' : head.map((fault) => fault.code).join()
  }
  expect(code('')).toBe('IMPORT_FILE_EMPTY')
  expect(code(`${'a,'.repeat(200)}a`)).toBe('IMPORT_TOO_MANY_COLUMNS')
  expect(code(`${'a'.repeat(32_769)},b`)).toBe('IMPORT_CELL_TOO_LARGE')
  expect(code('a,"b" c\n')).toBe('IMPORT_CSV_MALFORMED')
  expect(code('a'.repeat(50 * 1_048_576 + 1))).toBe('IMPORT_FILE_TOO_LARGE')
})

test('law: the digest of a plan changes with each of its parts', () => {
  const [a, b] = [digestOf('a'), digestOf('b')] as [Digest, Digest]
  const basis = { fileDigest: a, mappingDigest: a, questionnaire: a, rows: ['A-1 - 0'] }
  const others = [
    { ...basis, fileDigest: b },
    { ...basis, mappingDigest: b },
    { ...basis, questionnaire: b },
    { ...basis, rows: ['A-1 - 1'] },
    { ...basis, rows: ['A-1 - 0', 'A-2 - 0'] },
  ]
  expect(new Set([basis, ...others].map(planDigest)).size).toBe(others.length + 1)
  const columns = columnsOf(['externalId', 'x'], [{ column: 'x', to: null }], questionnaire).columns
  expect(mappingDigest(columns, [])).not.toBe(mappingDigest(columns, [{ column: 'x', to: null }]))
})

const importId = idFrom('import', now, new Uint8Array(10).fill(1))
const counts = { create: 2, update: 1, unchanged: 3, error: 0 }
const [plan, elsewhere] = [digestOf('plan'), digestOf('elsewhere')]
const facts = { fileDigest: digestOf('file'), mappingDigest: digestOf('mapping'), planDigest: plan, counts }
const importing = (more: Partial<bulkImport.Context> = {}): bulkImport.Context => ({
  now,
  id: importId,
  actor: { k: 'person', ref: ana },
  plan: facts,
  stale: [],
  ...more,
})
const planned: bulkImport.State = { s: 'planned', id: importId, by: ana, planDigest: plan, counts }
const atomic = { c: 'commit', planDigest: plan, mode: 'atomic' } as const

test.each<
  readonly [string, bulkImport.State, bulkImport.Command, Partial<bulkImport.Context>, readonly string[]]
>([
  ['its plan', planned, atomic, {}, []],
  ['nothing planned', bulkImport.initial, atomic, {}, ['WRONG_STATE']],
  ['it twice', { ...planned, s: 'committed' }, atomic, {}, ['WRONG_STATE']],
  ['another plan', planned, { ...atomic, planDigest: elsewhere }, {}, ['IMPORT_PLAN_STALE']],
  ['a stale plan', planned, atomic, { stale: [3] }, ['IMPORT_PLAN_STALE']],
  ['the plan of somebody else', planned, atomic, { actor: { k: 'person', ref: biz } }, ['IMPORT_NOT_YOURS']],
  ['as the system', planned, atomic, { actor: { k: 'system', role: 'timer' } }, ['PERSON_REQUIRED']],
  [
    'nothing to do',
    { ...planned, counts: { ...counts, create: 0, update: 0 } },
    atomic,
    {},
    ['IMPORT_NOTHING_TO_DO'],
  ],
  ['errors at once', { ...planned, counts: { ...counts, error: 1 } }, atomic, {}, ['IMPORT_HAS_ERRORS']],
  [
    'errors skipped',
    { ...planned, counts: { ...counts, error: 1 } },
    { ...atomic, mode: 'skip_errors' },
    {},
    [],
  ],
  [
    'too many at once',
    { ...planned, counts: { ...counts, create: 1_000 } },
    atomic,
    {},
    ['IMPORT_ATOMIC_TOO_LARGE'],
  ],
  [
    'as abort, by anybody',
    { ...planned, s: 'committed' },
    { c: 'abort', counts, cause: 'person' },
    { actor: { k: 'person', ref: biz } },
    [],
  ],
  [
    'as abort when it is over',
    { ...planned, s: 'aborted' },
    { c: 'abort', counts, cause: 'person' },
    {},
    ['WRONG_STATE'],
  ],
])('committing %s', (_, state, command, more, codes) => {
  const decided = bulkImport.decide(state, command, importing(more))
  expect(decided.ok ? [] : decided.refused.map(({ code }) => code)).toEqual(codes)
})

test('law: no history commits twice, another plan, or after an abort', () => {
  const step = fc.oneof(
    fc.record({ c: fc.constant('plan' as const), planDigest: fc.constantFrom(plan, elsewhere) }),
    fc.record({
      c: fc.constant('commit' as const),
      planDigest: fc.constantFrom(plan, elsewhere),
      mode: fc.constantFrom('atomic' as const, 'skip_errors' as const),
    }),
    fc.constant({ c: 'abort' as const, counts, cause: 'person' as const }),
  )
  let committed = 0
  const law = fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
    let state: bulkImport.State = bulkImport.initial
    const log: bulkImport.Event[] = []
    for (const one of steps) {
      const command: bulkImport.Command = one.c === 'plan' ? { ...facts, ...one } : one
      const decided = bulkImport.decide(state, command, importing())
      if (!decided.ok) continue
      if (command.c === 'commit') {
        committed += 1
        expect(state).toMatchObject({ s: 'planned', planDigest: command.planDigest })
        expect(log.some(({ e }) => e !== 'import.planned')).toBe(false)
      }
      log.push(...decided.events)
      state = decided.events.reduce(bulkImport.evolve, state)
    }
    expect(log.reduce<bulkImport.State>(bulkImport.evolve, bulkImport.initial)).toEqual(state)
  })
  fc.assert(law, { numRuns: 500 })
  expect(committed).toBeGreaterThan(25)
})
