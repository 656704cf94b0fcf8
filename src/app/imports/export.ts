import {
  csvLines,
  exportColumns,
  exportHeader,
  exportRow,
  isSealed,
  longest,
  type Exported,
  type LoadedQuestionnaire,
  type TableLengths,
  type useCase,
} from '../../governance/intake/index.ts'
import type { EpochMs, Json, UnitId, UseCaseId, UserId } from '../../kernel/index.ts'
import { visibilityOf, visibleSql } from '../access.ts'
import { databaseNow } from '../clock.ts'
import { personOf, type Issuer } from '../command.ts'
import { recordUseCaseExport } from '../disclosure.ts'
import { listUseCases, type UseCaseFilter, type UseCaseRow } from '../intake-views.ts'
import { policiesInForce } from '../policies/in-force.ts'
import type { Query } from '../ports/query.ts'
import { textsOf } from './facts.ts'
import type { ImportPorts } from './upload.ts'

export type UseCaseExport = {
  readonly lines: AsyncIterable<string>
  readonly rows: number
  /** Use cases whose texts the reader may not see; their text cells are empty. */
  readonly withoutTexts: number
}

type Filter = Omit<UseCaseFilter, 'sort' | 'after' | 'limit'>
const pageRows = 200

/**
 * All answers of exactly the use cases that the list shows for this filter, as a file that an import takes back as
 * unchanged. What is taken away is recorded before the first line leaves.
 */
export async function exportUseCases(
  ports: ImportPorts,
  issuer: Issuer,
  filter: Filter,
): Promise<UseCaseExport> {
  const now = await databaseNow(ports.query)
  const { questionnaire } = (await policiesInForce(ports.query)).forUseCases
  const reading: Reading = { ports, issuer, filter, questionnaire, now }
  let [lengths, rows, withoutTexts]: [TableLengths, number, number] = [new Map(), 0, 0]
  for await (const page of pagesOf(reading))
    for (const { exported, hasTexts } of page) {
      lengths = longest(lengths, exported.answers, questionnaire)
      rows += 1
      if (!hasTexts) withoutTexts += 1
    }
  await recordUseCaseExport(ports, issuer, rows)
  return { lines: linesOf(reading, lengths, rows > 0 && withoutTexts === rows), rows, withoutTexts }
}

type Reading = {
  readonly ports: ImportPorts
  readonly issuer: Issuer
  readonly filter: Filter
  readonly questionnaire: LoadedQuestionnaire
  readonly now: EpochMs
}

async function* linesOf(reading: Reading, lengths: TableLengths, isBare: boolean): AsyncGenerator<string> {
  const { questionnaire } = reading
  const columns = exportColumns(lengths, questionnaire).filter(
    (target) => !isBare || !('key' in target) || !isSealed(questionnaire, target.key),
  )
  yield `\ufeff${csvLines([exportHeader(columns)])}`
  for await (const page of pagesOf(reading))
    yield csvLines(page.map(({ exported }) => exportRow(exported, columns)))
}

type Page = readonly { readonly exported: Exported; readonly hasTexts: boolean }[]

async function* pagesOf({ ports, issuer, filter, now }: Reading): AsyncGenerator<Page> {
  const { query } = ports
  const reader = { authority: issuer.authority, person: personOf(issuer) }
  const visible = visibilityOf(reader, 'useCase.read', now)
  const legible = visibilityOf(reader, 'text.read', now)
  for (let after: UseCaseFilter['after'] = null; ; ) {
    const rows: readonly UseCaseRow[] = await listUseCases(query, visible, {
      ...filter,
      sort: '-updatedAt',
      after,
      limit: pageRows,
    })
    const last = rows.at(-1)
    if (last === undefined) return
    after = { at: last.updatedAt as EpochMs, id: last.id } // the page's own instant
    const opened = await openedBy(query, legible, rows)
    yield await exportedOf(query, rows, opened)
  }
}

/** Which of these rows another visibility opens as well. */
async function openedBy(
  query: Query,
  visibility: Parameters<typeof listUseCases>[1],
  rows: readonly UseCaseRow[],
): Promise<ReadonlySet<UseCaseId>> {
  const found = await query<{ id: UseCaseId }>(
    `select u.id from use_cases u where ${visibleSql('u', 1)} and u.id = any($2)`,
    [JSON.stringify(visibility), rows.map(({ id }) => id)],
  )
  return new Set(found.map(({ id }) => id))
}

async function exportedOf(
  query: Query,
  rows: readonly UseCaseRow[],
  opened: ReadonlySet<UseCaseId>,
): Promise<Page> {
  const ids = rows.map(({ id }) => id)
  const states = await query<{ id: UseCaseId; externalId: string | null; state: useCase.UseCase }>(
    `select u.id, u.external_id as "externalId", s.state from use_cases u join streams s on s.stream = 'useCase/' || u.id
     where u.id = any($1)`,
    [ids],
  )
  const texts = await textsOf(query, [...opened])
  const emails = await emailsOf(query, states)
  const units = await unitNames(query)
  const byId = new Map(states.map((row) => [row.id, row]))
  return ids.flatMap((id) => {
    const row = byId.get(id)
    if (row === undefined) return []
    const { owners, unit, answers } = row.state
    const address = (person: UserId | null) => (person === null ? null : (emails.get(person) ?? null))
    const typed: [string, Json][] = Object.entries(answers).map(([key, { value }]) => [key, value])
    return [
      {
        hasTexts: opened.has(id),
        exported: {
          externalId: row.externalId ?? id,
          owners: {
            business: address(owners.business),
            technical: address(owners.technical),
            backup: address(owners.backup),
          },
          unit: unit === null ? null : (units.get(unit) ?? unit),
          answers: { ...Object.fromEntries(typed), ...texts.get(id) },
        },
      },
    ]
  })
}

async function emailsOf(
  query: Query,
  states: readonly { readonly state: useCase.UseCase }[],
): Promise<ReadonlyMap<UserId, string>> {
  const people = states.flatMap(({ state: { owners } }) => Object.values(owners))
  const rows = await query<{ id: UserId; email: string }>(
    'select id, email from people where id = any($1) and email is not null',
    [people.filter((person) => person !== null)],
  )
  return new Map(rows.map(({ id, email }) => [id, email]))
}

/** The name of each unit; its id where two have the same name. */
async function unitNames(query: Query): Promise<ReadonlyMap<UnitId, string>> {
  const rows = await query<{ id: UnitId; name: string; isUnique: boolean }>(
    `select id, name, count(*) over (partition by name) = 1 as "isUnique" from units`,
  )
  return new Map(rows.map(({ id, name, isUnique }) => [id, isUnique ? name : id]))
}
