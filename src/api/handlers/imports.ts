import { abortImport, commitImport } from '../../app/imports/commit.ts'
import { exportUseCases } from '../../app/imports/export.ts'
import { remapImport, uploadImport, type ImportPorts } from '../../app/imports/upload.ts'
import {
  importErrors,
  listImportRows,
  listImports,
  readImport,
  requireImport,
  type ImportRow,
} from '../../app/imports/views.ts'
import type { importRoutes } from '../../contracts/routes/imports.ts'
import { decodeCursor, toPage } from '../../contracts/paging.ts'
import { AppError, epochMs, toRfc3339 } from '../../kernel/index.ts'
import { afterOf } from '../cursor.ts'
import { issuerOf, Stream, type Handlers, type Principal } from '../handler.ts'
import { readerOf } from '../reader.ts'

/** Bulk import of use cases, and the export that it takes back. */
export function importHandlers<P extends Principal>(ports: ImportPorts): Handlers<typeof importRoutes, P> {
  const { query } = ports
  return {
    'imports.upload': async ({ caller, body }) =>
      uploadImport(ports, issuerOf(caller()), { ...body, mapping: body.mapping ?? [] }),
    'imports.map': async ({ caller, params, body }) => {
      await requireImport(query, readerOf(caller()), params.id)
      await remapImport(ports, issuerOf(caller()), params.id, body.mapping)
      return {}
    },
    'imports.list': async ({ caller, query: asked }) => {
      const rows = await listImports(query, readerOf(caller()), {
        phase: asked.phase,
        after: afterOf(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ createdAt, id }) => [createdAt, id])
      return { ...page, items: page.items.map(summaryOf) }
    },
    'imports.read': async ({ caller, params }) => {
      const record = await readImport(query, readerOf(caller()), params.id)
      const { delimiter, mapping, columns, faults, planDigest, progress, applied } = record
      return {
        ...summaryOf(record),
        delimiter,
        mapping: mapping.map((entry) => ({ ...entry })),
        columns: columns.map((column) => ({ ...column, samples: [...column.samples] })),
        faults: faults.map((reason) => ({ ...reason })),
        planDigest,
        progress,
        applied,
      }
    },
    'imports.rows': async ({ caller, params, query: asked }) => {
      const { outcome, state, q, row, cursor, limit } = asked
      const after = cursor === undefined ? 0 : rowIn(cursor)
      const filter = { outcome, state, q, row, after, limit: limit + 1 }
      const rows = await listImportRows(query, readerOf(caller()), params.id, filter)
      const page = toPage(rows, limit, (item) => [item.row])
      return {
        ...page,
        items: page.items.map((item) => ({
          ...item,
          likely: item.likely.map((one) => ({ ...one })),
          differences: item.differences.map((one) => ({ ...one })),
          reasons: item.reasons.map((one) => ({ ...one })),
        })),
      }
    },
    'imports.errors': async ({ caller, params }) => {
      await requireImport(query, readerOf(caller()), params.id)
      return new Stream(importErrors(query, params.id), `${params.id}-errors.csv`)
    },
    'imports.commit': async ({ caller, params, body }) => {
      await requireImport(query, readerOf(caller()), params.id)
      await commitImport(ports, issuerOf(caller()), params.id, body)
      return {}
    },
    'imports.abort': async ({ caller, params }) => {
      await requireImport(query, readerOf(caller()), params.id)
      await abortImport(ports, issuerOf(caller()), params.id, 'person')
      return {}
    },
    'useCases.export': async ({ caller, query: filter }) => {
      const { lines, rows, withoutTexts } = await exportUseCases(ports, issuerOf(caller()), filter)
      const at = toRfc3339(epochMs(Date.now())).replaceAll(/[:.]/g, '')
      const withheld = withoutTexts === 0 ? '' : `-${withoutTexts}-without-texts`
      return new Stream(lines, `use-cases-${at}-${rows}-rows${withheld}.csv`)
    },
  }
}

function summaryOf({
  id,
  phase,
  person,
  fileName,
  fileDigest,
  fileBytes,
  counts,
  mode,
  ...times
}: ImportRow) {
  return {
    id,
    phase,
    person,
    fileName,
    fileDigest,
    fileBytes,
    counts,
    mode,
    createdAt: toRfc3339(epochMs(times.createdAt)),
    updatedAt: toRfc3339(epochMs(times.updatedAt)),
  }
}

function rowIn(cursor: string): number {
  const [row] = decodeCursor(cursor) ?? []
  if (typeof row !== 'number' || !Number.isSafeInteger(row))
    throw new AppError('INVALID_INPUT', 'the cursor is not one that a page has given out')
  return row
}
