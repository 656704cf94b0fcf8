import {
  columnsOf,
  csvLines,
  errorColumn,
  targetName,
  type bulkImport,
  type Column,
  type Difference,
  type Likeness,
  type Mapping,
  type RowReason,
} from '../../governance/intake/index.ts'
import {
  AppError,
  type Digest,
  type EpochMs,
  type ImportId,
  type Tier,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import { everywhere, may, visibilityOf, visibleSql } from '../access.ts'
import { databaseNow } from '../clock.ts'
import { policiesInForce } from '../policies/in-force.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'
import type { After } from '../registry-views.ts'
import { holding, millis } from '../sql.ts'

export type ImportRow = {
  readonly id: ImportId
  readonly phase: 'checking' | 'unusable' | 'planned' | 'committing' | 'done' | 'aborted'
  readonly person: UserId
  readonly fileName: string
  readonly fileDigest: Digest
  readonly fileBytes: number
  readonly createdAt: number
  readonly updatedAt: number
  readonly counts: bulkImport.Counts | null
  readonly mode: bulkImport.Mode | null
}
const columns = `i.id, i.phase, i.person_id as person, i.file_name as "fileName", i.file_digest as "fileDigest",
  i.file_bytes as "fileBytes", i.counts, i.mode, ${millis('i.created_at')} as "createdAt",
  ${millis('i.updated_at')} as "updatedAt"`

/** Imports of the reader; of everybody for whoever imports for the whole organisation. Newest first. */
export async function listImports(
  query: Query,
  reader: Reader,
  {
    phase,
    after,
    limit,
  }: { readonly phase?: string | undefined; readonly after: After | null; readonly limit: number },
): Promise<readonly ImportRow[]> {
  return query<ImportRow>(
    `select ${columns} from imports i
     where ($1::boolean or i.person_id = $2) and ($3::text is null or i.phase = $3)
       and ($4::bigint is null or (i.created_at, i.id) < (to_timestamp($4::float8 / 1000), $5))
     order by i.created_at desc, i.id desc limit $6`,
    [await seesAll(query, reader), reader.person, phase ?? null, after?.at ?? null, after?.id ?? '', limit],
  )
}

export type ImportRecord = ImportRow & {
  readonly delimiter: string
  readonly mapping: Mapping
  readonly columns: readonly (Omit<Column, 'target'> & {
    readonly to: string | null
    readonly samples: readonly string[]
  })[]
  readonly faults: readonly RowReason[]
  readonly planDigest: Digest | null
  /** Rows of the running phase; `total` is null until the file was read once. */
  readonly progress: { readonly done: number; readonly total: number | null }
  readonly applied: { readonly done: number; readonly failed: number; readonly pending: number }
}

/** One import with what became of its columns and rows. `NOT_FOUND` for whoever may not see it. */
export async function readImport(query: Query, reader: Reader, id: ImportId): Promise<ImportRecord> {
  const [row] = await query<
    Omit<ImportRecord, 'columns' | 'progress' | 'applied'> & {
      readonly headers: readonly string[]
      readonly samples: readonly (readonly string[])[]
      readonly total: number | null
      readonly checked: number
    }
  >(
    `select ${columns}, i.delimiter, i.mapping, i.faults, i.plan_digest as "planDigest", i.headers, i.samples, i.total,
       i.checked from imports i where i.id = $1`,
    [id],
  )
  if (row === undefined || !(await seesImport(query, reader, row.person))) throw new AppError('NOT_FOUND')
  const { headers, samples, total, checked, ...rest } = row
  const { forUseCases } = await policiesInForce(query)
  const applied = await appliedRows(query, id)
  const isChecked = row.phase === 'committing' || row.phase === 'done' || row.phase === 'aborted'
  const planned = applied.done + applied.failed + applied.pending
  return {
    ...rest,
    columns: columnsOf(headers, row.mapping, forUseCases.questionnaire).columns.map(
      ({ header, target, state }, i) => ({
        header,
        state,
        to: target === null ? null : targetName(target),
        samples: samples.flatMap((cells) => (cells[i] === undefined || cells[i] === '' ? [] : [cells[i]])),
      }),
    ),
    applied,
    progress: isChecked ? { done: applied.done + applied.failed, total: planned } : { done: checked, total },
  }
}

async function appliedRows(query: Query, id: ImportId): Promise<ImportRecord['applied']> {
  const [row] = await query<ImportRecord['applied']>(
    `select count(*) filter (where state = 'done')::int as done, count(*) filter (where state = 'failed')::int as failed,
       count(*) filter (where state = 'pending')::int as pending from import_rows where import_id = $1`,
    [id],
  )
  return row ?? { done: 0, failed: 0, pending: 0 }
}

export type ImportRowView = {
  readonly row: number
  readonly externalId: string
  /** Of the use case that the row is about; null where it cannot be read. */
  readonly title: string | null
  readonly outcome: 'create' | 'update' | 'unchanged' | 'error'
  readonly state: 'pending' | 'done' | 'failed' | 'none'
  readonly useCaseId: UseCaseId | null
  readonly tier: Tier | null
  readonly likely: readonly Likeness[]
  readonly differences: readonly Difference[]
  readonly reasons: readonly RowReason[]
}

/** The rows of an import in the order of the file. */
export async function listImportRows(
  query: Query,
  reader: Reader,
  id: ImportId,
  filter: {
    readonly outcome?: string | undefined
    readonly state?: string | undefined
    readonly q?: string | undefined
    readonly row?: number | undefined
    readonly after: number
    readonly limit: number
  },
): Promise<readonly ImportRowView[]> {
  await requireImport(query, reader, id)
  const { outcome, state, q, row, after, limit } = filter
  return query<ImportRowView>(
    `select r.row, r.external_id as "externalId", coalesce(r.title, u.title) as title, r.outcome, r.state,
       r.use_case_id as "useCaseId", r.tier, r.likely, r.differences, r.reasons
     from import_rows r left join use_cases u on u.id = r.use_case_id and ${visibleSql('u', 8)}
     where r.import_id = $1 and r.row > $2 and ($3::text is null or r.outcome = $3)
       and ($4::text is null or r.state = $4) and ($5::text is null or r.external_id = $5 or coalesce(r.title, u.title) ilike $9)
       and ($7::int is null or r.row = $7) order by r.row limit $6`,
    [
      id,
      after,
      outcome ?? null,
      state ?? null,
      q ?? null,
      limit,
      row ?? null,
      JSON.stringify(visibilityOf(reader, 'useCase.read', await databaseNow(query))),
      q === undefined ? null : holding(q),
    ],
  )
}

/** Rows that were not taken, as they stood in the file, with a column that says why: to be corrected and imported. */
export async function* importErrors(query: Query, id: ImportId): AsyncGenerator<string> {
  const [file] = await query<{ headers: readonly string[] }>('select headers from imports where id = $1', [
    id,
  ])
  const headers = (file?.headers ?? []).filter((header) => header !== errorColumn)
  const places = (file?.headers ?? []).flatMap((header, i) => (header === errorColumn ? [] : [i]))
  yield `\ufeff${csvLines([[...headers, errorColumn]])}`
  for (let after = 0; ; ) {
    const rows = await query<{
      row: number
      externalId: string
      cells: readonly string[] | null
      reasons: readonly RowReason[]
    }>(
      `select row, external_id as "externalId", cells, reasons from import_rows
       where import_id = $1 and row > $2 and (outcome = 'error' or state = 'failed') order by row limit 500`,
      [id, after],
    )
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.row
    yield csvLines(
      rows.map(({ cells, reasons }) => [
        ...places.map((i) => cells?.[i] ?? ''),
        reasons.map(reasonText).join('; '),
      ]),
    )
  }
}

/** One reason in one piece of text, for a cell. */
function reasonText({ code, params }: RowReason): string {
  const { column, ...others } = params
  const rest = Object.entries(others).map(([name, value]) => `${name}: ${value}`)
  const details = rest.length === 0 ? '' : ` (${rest.join(', ')})`
  return `${column === undefined ? '' : `${column}: `}${code}${details}`
}

export async function requireImport(query: Query, reader: Reader, id: ImportId): Promise<void> {
  const [row] = await query<{ person: UserId }>('select person_id as person from imports where id = $1', [id])
  if (row === undefined || !(await seesImport(query, reader, row.person))) throw new AppError('NOT_FOUND')
}

/** What stands in a file and its rows is seen by the importer alone, and by whoever imports for all of it. */
async function seesImport(query: Query, reader: Reader, person: UserId): Promise<boolean> {
  return reader.person === person || seesAll(query, reader)
}

async function seesAll(query: Query, { authority }: Reader): Promise<boolean> {
  const now: EpochMs = await databaseNow(query)
  return may(authority, 'intake.import', everywhere, now)
}
