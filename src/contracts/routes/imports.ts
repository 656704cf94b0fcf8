import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { reasonView } from '../problem.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant, shortText } from '../schemas.ts'
import { listUseCases } from './intake.ts'

const tag = 'imports'
const permission = 'intake.import'
const importParams = z.strictObject({ id: idOf('import') })
const phases = ['checking', 'unusable', 'planned', 'committing', 'done', 'aborted'] as const
const outcomes = ['create', 'update', 'unchanged', 'error'] as const
const tier = z.union([z.literal(1), z.literal(2), z.literal(3)])

/** What columns are for, by their header: a question, a cell such as `actions.1.toolId`, or null to leave one out. */
const mapping = z
  .array(z.strictObject({ column: z.string().max(32_768), to: z.string().min(1).max(200).nullable() }))
  .max(200)

const counts = z.strictObject({ create: z.int(), update: z.int(), unchanged: z.int(), error: z.int() })
const summary = z.strictObject({
  id: idOf('import'),
  phase: z.enum(phases),
  person: idOf('user'),
  fileName: z.string(),
  fileDigest: digest,
  fileBytes: z.int(),
  createdAt: instant,
  updatedAt: instant,
  counts: counts.nullable(),
  mode: z.enum(['atomic', 'skip_errors']).nullable(),
})

export const uploadImport = route({
  id: 'imports.upload',
  method: 'POST',
  path: '/api/v1/imports',
  tag,
  summary: 'Upload a CSV file of use cases: a worker checks it, nothing is changed by it yet',
  access: { permission },
  body: z.strictObject({
    fileName: z.string().trim().min(1).max(255),
    text: z.string(),
    mapping: mapping.optional(),
  }),
  reply: z.strictObject({ id: idOf('import') }),
  status: 201,
  // 50 MiB of text, and its escapes as JSON.
  maxBodyBytes: 100 * 1_048_576,
  refuses: [
    'PERSON_REQUIRED',
    'IMPORT_FILE_EMPTY',
    'IMPORT_FILE_TOO_LARGE',
    'IMPORT_TOO_MANY_COLUMNS',
    'IMPORT_CELL_TOO_LARGE',
    'IMPORT_CSV_MALFORMED',
  ],
})

export const mapImport = route({
  id: 'imports.map',
  method: 'POST',
  path: '/api/v1/imports/:id/mapping',
  tag,
  summary: 'Say what the columns are for; the file is checked again',
  access: { permission },
  params: importParams,
  body: z.strictObject({ mapping }),
  reply: empty,
  refuses: ['WRONG_STATE', 'IMPORT_NOT_YOURS'],
})

export const listImports = route({
  id: 'imports.list',
  method: 'GET',
  path: '/api/v1/imports',
  tag,
  summary: 'Imports of the caller, or of everybody for whoever imports for the organisation; newest first',
  access: { permission },
  query: pageQuery(['-createdAt'], { phase: z.enum(phases).optional() }),
  reply: pageOf(summary),
})

export const readImport = route({
  id: 'imports.read',
  method: 'GET',
  path: '/api/v1/imports/:id',
  tag,
  summary: 'An import: what its columns are for, faults of the whole file, progress and counts',
  access: { permission },
  params: importParams,
  reply: z.strictObject({
    ...summary.shape,
    delimiter: z.string(),
    mapping: z.array(z.strictObject({ column: z.string(), to: z.string().nullable() })),
    columns: z.array(
      z.strictObject({
        header: z.string(),
        to: z.string().nullable(),
        state: z.enum(['used', 'ignored', 'unknown', 'forbidden']),
        samples: z.array(z.string()),
      }),
    ),
    faults: z.array(reasonView),
    planDigest: digest.nullable(),
    /** Rows of what is running; `total` is null until the file was read once. */
    progress: z.strictObject({ done: z.int(), total: z.int().nullable() }),
    applied: z.strictObject({ done: z.int(), failed: z.int(), pending: z.int() }),
  }),
})

export const listImportRows = route({
  id: 'imports.rows',
  method: 'GET',
  path: '/api/v1/imports/:id/rows',
  tag,
  summary: 'What a commit would do, or has done, with each row',
  access: { permission },
  params: importParams,
  query: pageQuery(['row'], {
    outcome: z.enum(outcomes).optional(),
    state: z.enum(['pending', 'done', 'failed', 'none']).optional(),
    q: shortText.optional(),
    /** Exactly this one. */
    row: z.coerce.number().int().min(2).max(1_000_000).optional(),
  }),
  reply: pageOf(
    z.strictObject({
      /** As a spreadsheet counts: the header is row 1. */
      row: z.int(),
      externalId: z.string(),
      /** Of the use case that the row is about; null where it cannot be read. */
      title: z.string().nullable(),
      outcome: z.enum(outcomes),
      state: z.enum(['pending', 'done', 'failed', 'none']),
      useCaseId: idOf('useCase').nullable(),
      tier: tier.nullable(),
      likely: z.array(z.strictObject({ id: z.string(), scoreBp: z.int() })),
      differences: z.array(
        z.strictObject({ column: z.string(), before: z.string().nullable(), after: z.string() }),
      ),
      reasons: z.array(reasonView),
    }),
  ),
})

export const importErrors = route({
  id: 'imports.errors',
  method: 'GET',
  path: '/api/v1/imports/:id/errors',
  tag,
  summary: 'The rows that were not taken, as CSV with a column that says why',
  access: { permission },
  params: importParams,
  reply: z.string(),
  produces: 'text/csv; charset=utf-8',
})

export const commitImport = route({
  id: 'imports.commit',
  method: 'POST',
  path: '/api/v1/imports/:id/commit',
  tag,
  summary: 'Commit exactly the plan of this digest: all rows or none, or the rows without errors',
  access: { permission },
  params: importParams,
  body: z.strictObject({ planDigest: digest, mode: z.enum(['atomic', 'skip_errors']) }),
  reply: empty,
  refuses: [
    'WRONG_STATE',
    'IMPORT_PLAN_STALE',
    'IMPORT_NOT_YOURS',
    'IMPORT_NOTHING_TO_DO',
    'IMPORT_ATOMIC_TOO_LARGE',
    'IMPORT_HAS_ERRORS',
  ],
})

export const abortImport = route({
  id: 'imports.abort',
  method: 'POST',
  path: '/api/v1/imports/:id/abort',
  tag,
  summary: 'End an import; what its rows have done by then stays',
  access: { permission },
  params: importParams,
  body: empty,
  reply: empty,
  refuses: ['WRONG_STATE'],
})

/** Takes away what the list shows, with all answers; the members of the filter are those of the list. */
export const exportUseCases = route({
  id: 'useCases.export',
  method: 'GET',
  path: '/api/v1/use-cases/export',
  tag,
  summary:
    'All answers of the use cases that a filter of the list shows, as CSV that an import takes back; recorded',
  access: { signedIn: true },
  query: (listUseCases.query as NonNullable<typeof listUseCases.query>).omit({
    limit: true,
    cursor: true,
    sort: true,
  }), // the list has a query
  reply: z.string(),
  produces: 'text/csv; charset=utf-8',
})

export const importRoutes = [
  uploadImport,
  mapImport,
  listImports,
  readImport,
  listImportRows,
  importErrors,
  commitImport,
  abortImport,
  exportUseCases,
] as const
