import {
  columnsOf,
  mappingDigest,
  planDigest,
  planRow,
  printOf,
  readRow,
  type bulkImport,
  type Column,
  type Delimiter,
  type LikenessIndex,
  type Mapping,
  type PlanContext,
  type PlannedRow,
  type ReadRow,
  type useCase,
} from '../../governance/intake/index.ts'
import { digestOf, type Digest, type ImportId, type UnitId, type UseCaseId } from '../../kernel/index.ts'
import { imports } from '../aggregates/intake.ts'
import { databaseNow } from '../clock.ts'
import { runCommand, type Issuer } from '../command.ts'
import { likenessIndex } from '../intake.ts'
import { headsInForce, policiesInForce } from '../policies/in-force.ts'
import type { Query } from '../ports/query.ts'
import { contextOf, knownBy, surroundingsOf, type Surroundings } from './facts.ts'
import { recordsOf, UnusableFile, type FileRecord } from './records.ts'
import type { ImportPorts } from './upload.ts'

/** What the worker knows of the import that it works on. */
export type Job = {
  readonly id: ImportId
  readonly issuer: Issuer
  /** Names whoever works on it. */
  readonly token: string
  /** Says that somebody works on it; false when it is no longer to be done. */
  readonly beat: () => Promise<boolean>
  readonly signal: AbortSignal
}

type FileRow = {
  readonly content: string
  readonly delimiter: Delimiter
  readonly headers: readonly string[]
  readonly mapping: Mapping
  readonly fileDigest: Digest
}

const batchRows = 50

/**
 * The dry run: says for each row what a commit would do, and records the plan. When it was interrupted it goes on after the
 * last row that it has planned; it starts over only when other policies judge by then.
 */
export async function checkImport(ports: ImportPorts, job: Job): Promise<void> {
  const [file] = await ports.query<FileRow>(
    `select content, delimiter, headers, mapping, file_digest as "fileDigest" from imports where id = $1`,
    [job.id],
  )
  if (file === undefined) return
  const kept = await keptRows(ports.query, job)
  const { forUseCases } = await policiesInForce(ports.query)
  const { columns } = columnsOf(file.headers, file.mapping, forUseCases.questionnaire)
  try {
    const total = await countRecords(file)
    await ports.query('update imports set total = $2 where id = $1', [job.id, total])
    await planAll(ports, job, { file, columns, kept, catalogue: forUseCases })
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error
    await ports.query(
      `update imports set phase = 'unusable', faults = $2, updated_at = clock_timestamp()
       where id = $1 and phase = 'checking'`,
      [job.id, JSON.stringify([error.fault])],
    )
  }
}

/** What is still to be known of a row that was planned before the check was interrupted. */
type KeptRow = Pick<PlannedRow, 'row' | 'externalId' | 'outcome' | 'useCaseId' | 'revision'> & {
  readonly isChange: boolean
  readonly unit: UnitId | null
}

/** The rows that this check has planned already; none, when others than the policies of now have judged them. */
async function keptRows(query: Query, { id, token }: Job): Promise<readonly KeptRow[]> {
  const basis = digestOf((await headsInForce(query)).map(({ digest }) => digest))
  const begun = await query(
    `update imports set check_basis = $2, checked = 0
     where id = $1 and beat_by = $3 and check_basis is distinct from $2 returning id`,
    [id, basis, token],
  )
  if (begun.length > 0) await query('delete from import_rows where import_id = $1', [id])
  return query<KeptRow>(
    `select row, external_id as "externalId", outcome, use_case_id as "useCaseId", revision,
       change is not null as "isChange", change ->> 'unit' as unit from import_rows where import_id = $1 order by row`,
    [id],
  )
}

/** Reads the whole file once, so that what is wrong with its form is found before any row is planned. */
async function countRecords({ content, delimiter }: FileRow): Promise<number> {
  let count = 0
  for await (const _ of recordsOf(content, delimiter)) count += 1
  if (count === 0) throw new UnusableFile({ code: 'IMPORT_FILE_EMPTY', params: {} })
  return count
}

async function planAll(
  ports: ImportPorts,
  job: Job,
  task: {
    readonly file: FileRow
    readonly columns: readonly Column[]
    readonly kept: readonly KeptRow[]
    readonly catalogue: useCase.Catalogue
  },
): Promise<void> {
  const { issuer, signal } = job
  const { file, columns, kept, catalogue } = task
  const surroundings = await surroundingsOf(ports.query, catalogue, issuer, await databaseNow(ports.query))
  const planner: Planner = {
    ports,
    surroundings,
    columns,
    index: await likenessIndex(ports.query),
    seen: new Map(),
    subjects: new Map(),
  }
  const counts = { create: 0, update: 0, unchanged: 0, error: 0 }
  const basis: string[] = []
  const count = (rows: readonly Pick<PlannedRow, 'outcome' | 'externalId' | 'useCaseId' | 'revision'>[]) => {
    for (const { outcome, externalId, useCaseId, revision } of rows) {
      counts[outcome] += 1
      basis.push(`${externalId} ${useCaseId ?? '-'} ${revision ?? 0}`)
    }
  }
  const keptByRow = new Map(kept.map((row) => [row.row, row]))
  count(kept)
  let batch: FileRecord[] = []
  const flush = async () => {
    await recall(planner, batch, keptByRow)
    const due = batch.filter(({ row }) => !keptByRow.has(row))
    batch = []
    const planned = await planBatch(planner, due)
    count(planned)
    await insertRows(ports, job, planned, due)
    return !signal.aborted && (await job.beat())
  }
  for await (const record of recordsOf(file.content, file.delimiter)) {
    batch.push(record)
    if (batch.length === batchRows && !(await flush())) return
  }
  if (batch.length > 0 && !(await flush())) return
  await recordPlan(ports, job, {
    file,
    columns,
    counts,
    basis,
    questionnaire: catalogue.questionnaire.digest,
  })
}

type Planner = {
  readonly ports: ImportPorts
  readonly surroundings: Surroundings
  readonly columns: readonly Column[]
  readonly index: LikenessIndex
  /** The row of each external id so far. */
  readonly seen: Map<string, number>
  /** The row of each use case so far: an id and an external id may name the same one. */
  readonly subjects: Map<string, number>
}

/** What the rows that are planned already mean for those after them. */
async function recall(
  planner: Planner,
  batch: readonly FileRecord[],
  keptByRow: ReadonlyMap<number, KeptRow>,
): Promise<void> {
  const { index, seen, subjects } = planner
  const { read, context } = await readBatch(
    planner,
    batch.filter(({ row }) => keptByRow.has(row)),
  )
  for (const { row, read: one } of read) {
    const kept = keptByRow.get(row)
    if (kept === undefined) continue
    const { externalId, useCaseId: subject, isChange } = kept
    if (externalId !== '' && !seen.has(externalId)) seen.set(externalId, row)
    if (subject !== null && !subjects.has(subject)) subjects.set(subject, row)
    if (isChange) addToIndex(index, kept, one, context)
  }
}

/** The cells of these records, and what the database knows of the use cases that they name. */
async function readBatch(planner: Planner, batch: readonly FileRecord[]) {
  const { ports, surroundings, columns, index } = planner
  const { questionnaire } = surroundings.catalogue
  const read = batch.map(({ row, cells }) => ({ row, read: readRow(cells, columns, questionnaire) }))
  const names = read.flatMap(({ read: { externalId, differsFrom } }) => [externalId, ...differsFrom])
  const known =
    batch.length === 0 ? new Map() : await knownBy(ports.query, [...new Set(names)], surroundings.reads)
  return { read, context: contextOf(surroundings, known, index) }
}

async function planBatch(planner: Planner, batch: readonly FileRecord[]): Promise<readonly PlannedRow[]> {
  const { index, seen } = planner
  const { read, context } = await readBatch(planner, batch)
  return read.map(({ row, read: one }) => {
    const planned = planRow(row, once(one, row, seen), context)
    const subject = planned.useCaseId
    const other = subject === null ? undefined : planner.subjects.get(subject)
    if (subject !== null && other === undefined) planner.subjects.set(subject, row)
    if (other !== undefined && other !== row) return twice(planned, other)
    if (planned.change !== null) addToIndex(index, { ...planned, unit: planned.change.unit }, one, context)
    return planned
  })
}

/** A second row of the same name is told with the first one. */
function once(read: ReadRow, row: number, seen: Map<string, number>): ReadRow {
  const { externalId } = read
  const first = seen.get(externalId)
  if (first === undefined && externalId !== '') seen.set(externalId, row)
  if (first === undefined) return read
  const reason = { code: 'EXTERNAL_ID_TWICE', params: { column: 'externalId', row: first } }
  return { ...read, reasons: [...read.reasons, reason] }
}

function twice(planned: PlannedRow, first: number): PlannedRow {
  const reason = { code: 'EXTERNAL_ID_TWICE', params: { column: 'externalId', row: first } }
  const has = planned.reasons.some(({ code }) => code === reason.code)
  const reasons = has ? planned.reasons : [...planned.reasons, reason]
  return { ...planned, outcome: 'error', differences: [], change: null, reasons }
}

/** What a row is going to be is compared with the rows after it. */
function addToIndex(
  index: LikenessIndex,
  planned: {
    readonly externalId: string
    readonly useCaseId: UseCaseId | null
    readonly unit: UnitId | null
  },
  read: ReadRow,
  context: PlanContext,
): void {
  const found = context.known(planned.externalId)
  const state = found === null || found === 'taken' ? null : found.state
  const texts = found === null || found === 'taken' ? {} : found.texts
  const answers = Object.fromEntries(
    Object.entries(read.answers).map(([key, value]) => [key, { value, source: 'import' as const }]),
  )
  const print = printOf(
    { answers: { ...state?.answers, ...answers }, unit: planned.unit },
    { ...texts, ...read.answers },
  )
  index.put(planned.useCaseId ?? planned.externalId, print)
}

async function insertRows(
  ports: ImportPorts,
  { id, token }: Job,
  planned: readonly PlannedRow[],
  batch: readonly FileRecord[],
): Promise<void> {
  const rows = planned.map((row, i) => ({
    ...row,
    state: row.change === null ? 'none' : 'pending',
    cells: row.outcome === 'error' ? batch[i]?.cells : null,
  }))
  await ports.query(
    `with mine as (
       update imports set checked = checked + $4 where id = $1 and phase = 'checking' and beat_by = $3 returning id)
     insert into import_rows (import_id, row, external_id, title, outcome, state, use_case_id, revision, tier, likely,
       differences, reasons, change, cells)
     select mine.id, r.row, r."externalId", r.title, r.outcome, r.state, r."useCaseId", r.revision, r.tier, r.likely,
       r.differences, r.reasons, nullif(r.change, 'null'::jsonb), nullif(r.cells, 'null'::jsonb)
     from mine, jsonb_to_recordset($2::jsonb) as r (row integer, "externalId" text, title text, outcome text, state text,
       "useCaseId" text, revision bigint, tier smallint, likely jsonb, differences jsonb, reasons jsonb, change jsonb,
       cells jsonb)`,
    [id, JSON.stringify(rows), token, rows.length],
  )
}

async function recordPlan(
  ports: ImportPorts,
  { id, issuer, token }: Job,
  plan: {
    readonly file: FileRow
    readonly columns: readonly Column[]
    readonly counts: bulkImport.Counts
    readonly basis: readonly string[]
    readonly questionnaire: Digest
  },
): Promise<void> {
  const { file, columns, counts, basis, questionnaire } = plan
  const { fileDigest, mapping } = file
  const mapped = mappingDigest(columns, mapping)
  const digest = planDigest({ fileDigest, mappingDigest: mapped, questionnaire, rows: basis })
  await runCommand(ports, issuer, async (work) => {
    const facts = { fileDigest, mappingDigest: mapped, planDigest: digest, counts }
    const context = { now: work.now, id, actor: issuer.actor, plan: facts, stale: [] }
    await work.load(imports, id)
    const updated = await work.tx.query(
      `update imports set phase = 'planned', questionnaire = $2, mapping_digest = $3, plan_digest = $4, counts = $5,
         updated_at = clock_timestamp() where id = $1 and phase = 'checking' and beat_by = $6 returning id`,
      [id, questionnaire, mapped, digest, JSON.stringify(counts), token],
    )
    // The mapping was changed, or the import ended, while it was being checked.
    if (updated.length > 0) await work.apply(imports, id, { c: 'plan', ...facts }, context)
  })
}
