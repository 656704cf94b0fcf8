import { wordsOf } from '../../src/governance/intake/index.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  askUseCase,
  changeAnswers,
  explainTier,
  listUseCases,
  readQuestionnaire,
  readUseCase,
  submitUseCase,
  useCaseDuplicates,
  withdrawUseCase,
} from '../../src/contracts/routes/intake.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import { submitted, triaged, type Intake } from '../../src/main/demo/systems.ts'
import { startPlane, type Plane } from '../support/plane.ts'

let plane: Plane
let asked: Intake
const later: Intake[] = []

beforeAll(async () => {
  plane = await startPlane()
  asked = await submitted(plane.org, alertTriage('Insider risk scoring'))
  for (const title of ['Second', 'Third']) later.push(await submitted(plane.org, alertTriage(title)))
})
afterAll(() => plane.close())

test('what was asked and answered is read by both sides, and its text is masked for auditors', async () => {
  const { requester, analyst, auditor } = plane.org
  const params = { id: asked.id }
  const question = 'Whose behaviour is scored?'
  const body = { keys: ['personalData', 'subjects'], text: question }
  const open = await analyst.call(askUseCase, { params, body, ifMatch: asked.revision })
  const changed = await requester.call(changeAnswers, {
    params,
    body: { answers: { personalData: 'personal', problem: 'Nobody sees it before it is too late.' } },
    ifMatch: open.revision,
  })
  const answer = { text: 'Employees of the trading floor.' }
  await requester.call(submitUseCase, { params, body: answer, ifMatch: changed.revision })

  const { exchanges } = await requester.call(readUseCase, { params })
  expect(exchanges.map(({ e, by, text }) => ({ e, by, text }))).toEqual([
    { e: 'submitted', by: requester.id, text: null },
    { e: 'asked', by: analyst.id, text: question },
    { e: 'submitted', by: requester.id, text: answer.text },
  ])
  expect(exchanges.slice(1).map(({ keys }) => keys)).toEqual([
    ['personalData', 'subjects'],
    ['personalData', 'problem'],
  ])
  const masked = await auditor.call(readUseCase, { params })
  expect(masked.exchanges.map(({ text }) => text)).toEqual([null, null, null])
})

test('a record says what its reader may do with it', async () => {
  const { requester, businessOwner, analyst, auditor, admin } = plane.org
  const may = async (who: typeof requester) =>
    new Set((await who.call(readUseCase, { params: { id: asked.id } })).permitted)
  for (const who of [requester, businessOwner]) {
    const held = await may(who)
    expect(held.has('useCase.edit')).toBe(true)
    expect(held.has('useCase.triage')).toBe(false)
  }
  expect((await may(analyst)).has('useCase.triage')).toBe(true)
  expect((await may(auditor)).has('useCase.edit')).toBe(false)
  expect((await may(auditor)).has('text.read')).toBe(false)
  expect((await may(admin)).has('stop.order')).toBe(true)
})

test('the triage queue pages by what is due next', async () => {
  const { analyst, requester } = plane.org
  const query = { state: 'submitted', sort: 'triageDue', limit: 2 } as const
  const first = await analyst.call(listUseCases, { query })
  const rest = await analyst.call(listUseCases, { query: { ...query, cursor: first.next } })
  const rows = [...first.items, ...rest.items]
  expect(rows).toHaveLength(3)
  expect(new Set(rows.map(({ id }) => id)).size).toBe(3)
  const due = rows.map(({ triageDue }) => Date.parse(triageDue ?? ''))
  expect(due).toEqual(due.toSorted((a, b) => a - b))
  for (const { submittedAt, triageDue } of rows)
    expect(Date.parse(submittedAt ?? '')).toBeLessThan(Date.parse(triageDue ?? ''))
  const unit = rows[0]?.unit ?? undefined
  const inUnit = await requester.call(listUseCases, { query: { unit } })
  expect(inUnit.items.length).toBeGreaterThanOrEqual(3)
  const elsewhere = await requester.call(listUseCases, {
    query: { unit: 'unt_00000000000000000000000000' },
  })
  expect(elsewhere.items).toEqual([])
})

test('after triage the record tells by whom, and nothing has raised or lowered its tier', async () => {
  const { id } = await triaged(plane.org, alertTriage('Fourth'))
  const read = await plane.org.requester.call(readUseCase, { params: { id } })
  expect(read.override).toEqual({ up: null, down: null })
  expect(read.prohibited).toBeNull()
  expect(read.triagedBy).toBe(plane.org.analyst.id)
})

test('before triage it is told what the answers would give, and nothing counts yet', async () => {
  const { id } = await submitted(plane.org, alertTriage('Fifth'))
  const told = await plane.org.analyst.call(explainTier, { params: { id } })
  expect(told).toMatchObject({
    effective: 3,
    computed: { tier: 2 },
    legal: { class: 'undetermined' },
    computedLegal: { class: 'minimal' },
  })
})

test('a questionnaire says which answers count for the tier', async () => {
  const params = { key: 'security-ai' }
  const { questions } = await plane.org.requester.call(readQuestionnaire, { params })
  const counted = new Map(questions.map(({ key, countsForTier }) => [key, countsForTier]))
  expect(counted.get('dataClass')).toBe(true)
  expect(counted.get('title')).toBe(false)
})

test('what looks alike is found by a word of the title or by provider and model, unless it was given up', async () => {
  const { requester, analyst } = plane.org
  const like = (title: string, more: object) => submitted(plane.org, { ...alertTriage(title), ...more })
  const own = await like('Quokka sorter', { provider: 'Antipodes', modelId: 'roo-1' })
  const byModel = await like('Quokkas sorting', { provider: 'ANTIPODES', modelId: 'ROO-1' })
  const byWord = await like('The QUOKKA sorters', { provider: 'other', modelId: 'other' })
  const neither = await like('Numbat ranking', { provider: 'Antipodes', modelId: 'roo-1' })
  const duplicates = async () =>
    (await analyst.call(useCaseDuplicates, { params: { id: own.id } })).items.map(({ id }) => id)
  expect((await duplicates()).toSorted()).toEqual([byModel.id, byWord.id].toSorted())
  expect(await duplicates()).not.toContain(neither.id)
  await requester.call(withdrawUseCase, {
    params: { id: byModel.id },
    body: { reasonCode: 'no_longer_needed' },
    ifMatch: byModel.revision,
  })
  expect(await duplicates()).toEqual([byWord.id])
  const { rows } = await plane.pool.query<{ key: string }>(
    `select key from use_case_likeness where use_case_id = $1 order by key`,
    [byWord.id],
  )
  expect(rows.map(({ key }) => key)).toEqual(['\nother\nother', ...wordsOf('The QUOKKA sorters').toSorted()])
})
