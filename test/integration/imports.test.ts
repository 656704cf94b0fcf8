import { afterAll, beforeAll, expect, test } from 'vitest'
import { runImports } from '../../src/app/imports/run.ts'
import { ProblemError } from '../../src/contracts/client.ts'
import {
  abortImport,
  commitImport,
  exportUseCases,
  importErrors,
  listImportRows,
  listImports,
  mapImport,
  readImport,
  uploadImport,
} from '../../src/contracts/routes/imports.ts'
import { enrolPerson as invite, listUnits } from '../../src/contracts/routes/people.ts'
import { listUseCases, readUseCase, triageUseCase } from '../../src/contracts/routes/intake.ts'
import type { ImportId } from '../../src/kernel/index.ts'
import { enrolPerson, type Person } from '../../src/main/demo/person.ts'
import { importFile, importRow, type Owners } from '../support/imports.ts'
import { startPlane, type Plane } from '../support/plane.ts'

let plane: Plane
let analyst: Person
let other: Person
let owners: Owners

/** Another analyst: everywhere, or in one unit. */
async function enrol(name: string, unit: string | null): Promise<Person> {
  const { admin } = plane.org
  const units = await admin.call(listUnits, {})
  const id = units.items.find((one) => one.name === unit)?.id ?? null
  const scope = id === null ? { k: 'organisation' as const } : { k: 'unit' as const, id }
  const email = `${name.replace(' ', '.').toLowerCase()}@soc.example`
  const made = await admin.call(invite, {
    body: { name, email, unit: id, roles: [{ role: 'analyst', scope, until: null }] },
  })
  return enrolPerson(plane.origin, { name, email, token: made.token })
}

beforeAll(async () => {
  plane = await startPlane()
  const { org } = plane
  analyst = org.analyst
  other = await enrol('Alex Analyst', null)
  owners = { business: org.requester.email, technical: org.commander.email, backup: org.validator.email }
}, 120_000)
afterAll(() => plane.close())

/** What the worker does until nothing waits. */
const work = () => runImports(plane.plane, new AbortController().signal)

async function checked(text: string, fileName = 'inventory.csv') {
  const { id } = await analyst.call(uploadImport, { body: { fileName, text } })
  await work()
  return read(id)
}
const read = (id: ImportId, who = analyst) => who.call(readImport, { params: { id } })
const rowsOf = async (id: ImportId) =>
  (await analyst.call(listImportRows, { params: { id }, query: { limit: 200 } })).items
async function commit(id: ImportId, mode: 'atomic' | 'skip_errors') {
  const { planDigest } = await read(id)
  await analyst.call(commitImport, { params: { id }, body: { planDigest: planDigest ?? '', mode } })
  await work()
  return read(id)
}
async function refusals(act: Promise<unknown>): Promise<readonly string[]> {
  try {
    await act
    return []
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const { reasons, code } = error.problem
    return reasons.length === 0 ? [code] : reasons.map((reason) => reason.code)
  }
}
const rows = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => importRow(from + i, owners))

test('rows become submitted use cases, exported they come back unchanged, and a change is one revision', async () => {
  const planned = await checked(importFile(rows(0, 3)))
  expect(planned).toMatchObject({
    phase: 'planned',
    counts: { create: 3, update: 0, unchanged: 0, error: 0 },
    progress: { done: 3, total: 3 },
  })
  expect((await rowsOf(planned.id)).map(({ tier, outcome }) => [tier, outcome])).toEqual([
    [1, 'create'],
    [1, 'create'],
    [1, 'create'],
  ])
  const done = await commit(planned.id, 'atomic')
  expect(done).toMatchObject({ phase: 'done', applied: { done: 3, failed: 0, pending: 0 } })
  const [first] = await rowsOf(planned.id)
  const made = await analyst.call(readUseCase, { params: { id: first?.useCaseId ?? '' } })
  expect(made).toMatchObject({ state: 'submitted', requester: analyst.id })
  expect(made.answers['dataClass']).toMatchObject({ value: 'public', source: 'import' })

  const exported = await analyst.call(exportUseCases, { query: { state: 'submitted' } })
  const again = await checked(exported)
  expect(again).toMatchObject({ phase: 'planned', counts: { create: 0, update: 0, unchanged: 3, error: 0 } })
  expect(await refusals(commit(again.id, 'atomic'))).toEqual(['IMPORT_NOTHING_TO_DO'])
  const { rows: facts } = await plane.pool.query<{ facts: string }>(
    `select p.facts from ledger.entry e join ledger.payload p on p.event_id = e.id where e.kind = 'audit.exported'`,
  )
  expect(facts.map((row) => JSON.parse(row.facts) as unknown)).toMatchObject([
    { size: 3, subject: 'use_cases' },
  ])
})

test('a check that was interrupted goes on after its last row, and comes to the plan that it would have come to', async () => {
  const twin = { ...importRow(501, owners), externalId: 'INV-TWIN' }
  const again = { ...importRow(599, owners), externalId: 'INV-00500' }
  const text = importFile([...rows(500, 60), twin, again, { ...importRow(598, owners), dataClass: 'secret' }])
  const whole = await checked(text)
  const { id } = await analyst.call(uploadImport, { body: { fileName: 'cut.csv', text } })
  await runInterrupted()
  const cut = await read(id)
  expect(cut).toMatchObject({ phase: 'checking', progress: { done: 50, total: 63 } })
  const marks = await marksOf(id)
  await work()
  const planned = await read(id)
  expect(planned).toMatchObject({
    phase: 'planned',
    counts: { create: 60, error: 3 },
    planDigest: whole.planDigest,
  })
  expect(await rowsOf(id)).toEqual(await rowsOf(whole.id))
  expect((await marksOf(id)).slice(0, 50)).toEqual(marks)
  const [first] = await rowsOf(id)
  expect(first?.title).toBe(importRow(500, owners)['title'])
  const named = { params: { id }, query: { q: first?.title?.slice(0, 12).toUpperCase() ?? '' } }
  expect((await analyst.call(listImportRows, named)).items).toContainEqual(first)
})

test('a check that was interrupted starts over when other policies judge by then', async () => {
  const { id } = await analyst.call(uploadImport, {
    body: { fileName: 'old.csv', text: importFile(rows(500, 60)) },
  })
  await runInterrupted()
  await plane.pool.query(`update imports set check_basis = 'others' where id = $1`, [id])
  const marks = await marksOf(id)
  await work()
  expect(await read(id)).toMatchObject({ phase: 'planned', progress: { done: 60, total: 60 } })
  expect((await marksOf(id)).slice(0, 1)).not.toEqual(marks.slice(0, 1))
})

/** A worker that has to end after the first batch of rows. */
async function runInterrupted(): Promise<void> {
  const ending = new AbortController()
  const query: typeof plane.plane.query = async (sql, params) => {
    const found = await plane.plane.query(sql, params)
    if (sql.includes('insert into import_rows')) ending.abort()
    return found as never
  }
  await runImports({ ...plane.plane, query }, ending.signal)
}

/** Which transaction has written each row. */
async function marksOf(id: ImportId): Promise<readonly string[]> {
  const sql = 'select xmin::text as mark from import_rows where import_id = $1 order by row'
  return (await plane.pool.query<{ mark: string }>(sql, [id])).rows.map(({ mark }) => mark)
}

test('what was triaged is revised, changed and submitted again, as the plan said; a stale plan is refused with its rows', async () => {
  const file = rows(10, 2)
  const { id } = await checked(importFile(file))
  await commit(id, 'skip_errors')
  const made = (await rowsOf(id)).map(({ useCaseId }) => useCaseId ?? '')
  const [subject = ''] = made
  const at = { params: { id: subject } }
  const { revision } = await analyst.call(readUseCase, at)
  const triage = (who: Person) => who.call(triageUseCase, { ...at, body: {}, ifMatch: revision })
  expect(await refusals(triage(analyst))).toEqual(['SELF_TRIAGE'])

  const waiting = await checked(importFile([{ ...file[0], retentionDays: '60' }]))
  expect(await rowsOf(waiting.id)).toMatchObject([
    { outcome: 'error', reasons: [{ code: 'WRONG_STATE', params: { state: 'submitted' } }] },
  ])
  await triage(other)
  const change = importFile([{ ...file[0], retentionDays: '60', problem: '=HYPERLINK("x")' }, file[1] ?? {}])
  const planned = await checked(change)
  expect(planned.counts).toEqual({ create: 0, update: 1, unchanged: 1, error: 0 })
  expect((await rowsOf(planned.id))[0]?.differences).toEqual([
    { column: 'problem', before: file[0]?.['problem'], after: '\'=HYPERLINK("x")' },
    { column: 'retentionDays', before: '30', after: '60' },
  ])
  const same = await checked(change)
  await commit(planned.id, 'atomic')
  expect(await analyst.call(readUseCase, at)).toMatchObject({
    state: 'submitted',
    answersRevision: 2,
    answers: { retentionDays: { value: 60 }, problem: { value: '=HYPERLINK("x")' } },
  })
  try {
    await commit(same.id, 'atomic')
    expect.unreachable()
  } catch (error) {
    expect((error as ProblemError).problem.reasons).toEqual([
      { code: 'IMPORT_PLAN_STALE', params: { rows: '2', count: 1 } },
    ])
  }
  await analyst.call(abortImport, { params: { id: same.id }, body: {} })
  expect((await read(same.id)).phase).toBe('aborted')
})

test('an atomic import that fails at one row leaves nothing; skipping errors takes the others and hands back the rest', async () => {
  const good = rows(20, 2)
  const twin = { ...importRow(22, owners), title: good[1]?.['title'] ?? '' }
  const wrong = {
    ...importRow(23, owners),
    dataClass: 'secret',
    businessOwner: 'nobody@soc.example',
    title: '',
  }
  const { id, counts } = await checked(importFile([...good, wrong, twin], ['differsFrom']))
  expect(counts).toEqual({ create: 3, update: 0, unchanged: 0, error: 1 })
  expect(await refusals(commit(id, 'atomic'))).toEqual(['IMPORT_HAS_ERRORS'])
  const [, , third] = await rowsOf(id)
  expect(third?.reasons.map(({ code, params }) => [code, params['column']])).toEqual([
    ['IMPORT_CELL_NO_OPTION', 'dataClass'],
    ['PERSON_UNKNOWN', 'businessOwner'],
    ['ANSWER_REQUIRED', 'title'],
    ['ANSWER_REQUIRED', 'dataClass'],
    ['OWNER_REQUIRED', 'businessOwner'],
  ])
  expect(await commit(id, 'skip_errors')).toMatchObject({ applied: { done: 3, failed: 0, pending: 0 } })
  const handedBack = await analyst.call(importErrors, { params: { id } })
  expect(handedBack).toContain('importError')
  expect(handedBack.trim().split('\r\n')).toHaveLength(2)
  expect(handedBack).toContain(
    'dataClass: IMPORT_CELL_NO_OPTION (options: public, internal, confidential, restricted)',
  )
  const fixed = handedBack.replace(',secret,', ',public,').replace('nobody@soc.example', owners.business)
  expect((await checked(fixed)).counts).toMatchObject({ error: 1 }) // the title is still missing

  const first = await checked(importFile(rows(30, 2)))
  const second = await checked(importFile([...rows(31, 1), ...rows(32, 1)]))
  await commit(first.id, 'atomic')
  expect(await refusals(commit(second.id, 'skip_errors'))).toEqual(['IMPORT_PLAN_STALE'])
})

test('a row that is refused while it is applied ends an atomic import without a trace of it', async () => {
  const { id, planDigest } = await checked(importFile(rows(40, 3)))
  await analyst.call(commitImport, { params: { id }, body: { planDigest: planDigest ?? '', mode: 'atomic' } })
  const taken = importRow(41, owners)['externalId'] ?? ''
  const [existing] = (await analyst.call(listUseCases, { query: { limit: 1 } })).items
  await plane.pool.query('update use_cases set external_id = $1 where id = $2', [taken, existing?.id])
  const before = (await analyst.call(listUseCases, { query: { limit: 200 } })).items.length
  await work()
  expect(await read(id)).toMatchObject({
    phase: 'aborted',
    applied: { done: 0 },
    faults: [{ code: 'EXTERNAL_ID_TAKEN', params: { column: 'externalId', row: 3 } }],
  })
  expect((await analyst.call(listUseCases, { query: { limit: 200 } })).items).toHaveLength(before)
})

test('columns that the product decides are refused, others are told, and a mapping resolves them', async () => {
  const [row = {}] = rows(50, 1)
  const text = importFile(
    [{ ...row, Tier: '1', Approval: 'yes', 'cost centre': '42' }],
    ['Tier', 'Approval', 'cost centre'],
  )
  const { id, phase, faults } = await checked(text)
  expect([phase, faults]).toEqual([
    'unusable',
    [
      { code: 'IMPORT_FORBIDDEN_COLUMN', params: { column: 'Tier' } },
      { code: 'IMPORT_FORBIDDEN_COLUMN', params: { column: 'Approval' } },
      { code: 'IMPORT_UNKNOWN_COLUMN', params: { column: 'cost centre' } },
    ],
  ])
  const map = async (to: string | null) => {
    const mapping = ['Tier', 'Approval', 'cost centre'].map((column) => ({
      column,
      to: column === 'Tier' ? to : null,
    }))
    await analyst.call(mapImport, { params: { id }, body: { mapping } })
    await work()
    return read(id)
  }
  expect(await map('problem')).toMatchObject({
    phase: 'unusable',
    faults: [{ code: 'IMPORT_FORBIDDEN_COLUMN' }],
  })
  expect(await map(null)).toMatchObject({ phase: 'planned', counts: { create: 1 }, faults: [] })
})

test('files that are none are refused or told whole', async () => {
  const upload = (text: string) => refusals(analyst.call(uploadImport, { body: { fileName: 'x.csv', text } }))
  expect(await upload('')).toEqual(['IMPORT_FILE_EMPTY'])
  expect(await upload(Array.from({ length: 201 }, (_, i) => `c${i}`).join(','))).toEqual([
    'IMPORT_TOO_MANY_COLUMNS',
  ])
  expect((await checked('externalId,title\r\n')).faults).toEqual([{ code: 'IMPORT_FILE_EMPTY', params: {} }])
  expect((await checked(`externalId,title\r\n\r\na,b\r\nc,d\r\ne,"f" g\r\n`)).faults).toMatchObject([
    { code: 'IMPORT_CSV_MALFORMED' },
  ])
  expect((await checked(`externalId,title\r\na,${'x'.repeat(32_769)}\r\n`)).faults).toMatchObject([
    { code: 'IMPORT_CELL_TOO_LARGE', params: { row: 2, column: 2 } },
  ])
  expect((await checked(`externalId,title\n${'a,b\n'.repeat(20_001)}`)).faults).toMatchObject([
    { code: 'IMPORT_TOO_MANY_ROWS', params: { maxRows: 20_000 } },
  ])
}, 30_000)

test('only whoever may import does, others see nothing of it, and texts stay with those who may read them', async () => {
  const { requester, auditor } = plane.org
  expect(
    await refusals(requester.call(uploadImport, { body: { fileName: 'x.csv', text: 'externalId' } })),
  ).toEqual(['FORBIDDEN'])
  const { id, planDigest } = await checked(importFile(rows(60, 1)))
  const body = { planDigest: planDigest ?? '', mode: 'atomic' } as const
  expect(await refusals(other.call(commitImport, { params: { id }, body }))).toEqual(['IMPORT_NOT_YOURS'])
  const unitAnalyst = await enrol('Una Unit', 'Legal')
  expect(await refusals(read(id, unitAnalyst))).toEqual(['NOT_FOUND'])
  expect((await unitAnalyst.call(listImports, { query: {} })).items).toEqual([])
  const masked = await auditor.call(exportUseCases, { query: {} })
  expect(masked.split('\r\n')[0]).not.toContain('title')
  expect(masked).not.toContain('Analysts read the same')
})
