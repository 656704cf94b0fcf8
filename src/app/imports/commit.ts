import type { bulkImport, RowChange, RowReason } from '../../governance/intake/index.ts'
import { AppError, type Digest, type ImportId, type UseCaseId } from '../../kernel/index.ts'
import { imports, useCases } from '../aggregates/intake.ts'
import { runCommand, runCommands, type Issuer, type Work } from '../command.ts'
import { commandIn, startIn } from '../intake.ts'
import { holdPolicies } from '../policies/in-force.ts'
import type { Job } from './check.ts'
import type { ImportPorts } from './upload.ts'

type Plan = bulkImport.Context['plan'] & { readonly questionnaire: Digest }

/** Commits exactly the plan of this digest. From then on the worker applies it row by row, whoever else is there. */
export async function commitImport(
  ports: ImportPorts,
  issuer: Issuer,
  id: ImportId,
  { planDigest, mode }: { readonly planDigest: Digest; readonly mode: bulkImport.Mode },
): Promise<void> {
  await runCommand(ports, issuer, async (work) => {
    const { questionnaire } = (await holdPolicies(work)).forUseCases
    await work.load(imports, id)
    const plan = await planOf(work, id)
    const isCurrent = plan.questionnaire === questionnaire.digest
    const stale = await staleRows(work, id, isCurrent)
    const context = { now: work.now, id, actor: issuer.actor, plan, stale }
    await work.apply(imports, id, { c: 'commit', planDigest, mode }, context)
    await work.tx.query(
      `update imports set phase = 'committing', mode = $2, authn = $3, beat_by = null, beat_at = null,
         updated_at = clock_timestamp() where id = $1`,
      [id, mode, JSON.stringify(issuer.authn)],
    )
  })
}

/** Ends an import that is not done. What its rows have done by then stays. */
export async function abortImport(
  ports: ImportPorts,
  issuer: Issuer,
  id: ImportId,
  cause: 'person' | 'refused' | 'lapsed',
  reasons: readonly RowReason[] = [],
): Promise<void> {
  await runCommand(ports, issuer, async (work) => {
    const { state } = await work.load(imports, id)
    const [row] = await work.tx.query<{ phase: string }>(
      'select phase from imports where id = $1 for update',
      [id],
    )
    if (row === undefined) throw new AppError('NOT_FOUND')
    const isOver = row.phase === 'done' || row.phase === 'aborted'
    if (isOver)
      throw new AppError('REFUSED', undefined, {
        reasons: [{ code: 'WRONG_STATE', params: { state: row.phase } }],
      })
    if (state.s !== 'absent') {
      const plan = await planOf(work, id)
      const command = { c: 'abort', counts: await doneSoFar(work, id), cause } as const
      await work.apply(imports, id, command, { now: work.now, id, actor: issuer.actor, plan, stale: [] })
    }
    await endImport(work, id, 'aborted', reasons)
  })
}

/** Applies the rows of a committed plan that are still to be done. */
export async function applyImport(ports: ImportPorts, job: Job): Promise<void> {
  const [row] = await ports.query<{ mode: bulkImport.Mode }>('select mode from imports where id = $1', [
    job.id,
  ])
  if (row?.mode === 'atomic') await applyAtOnce(ports, job)
  else await applyInBatches(ports, job)
}

const batchRows = 50

/**
 * Each row is a command of its own, and marked in its transaction: whatever ends the process, no row is done twice. A
 * batch of them shares one transaction, since each commit waits for the disk and each integration for the anchor.
 */
async function applyInBatches(ports: ImportPorts, job: Job): Promise<void> {
  for (;;) {
    if (job.signal.aborted || !(await job.beat())) return
    const due = await ports.query<{ row: number }>(
      `select row from import_rows where import_id = $1 and state = 'pending' order by row limit ${batchRows}`,
      [job.id],
    )
    if (due.length === 0) break
    if (!(await applyBatch(ports, job, due))) return
  }
  await runCommand(ports, job.issuer, async (work) => {
    if (await isCommitting(work, job.id)) await endImport(work, job.id, 'done', [])
  })
}

/** Applies these rows; false when the import is no longer to be done. Where one is refused, each goes by itself. */
async function applyBatch(
  ports: ImportPorts,
  { id, issuer, signal }: Job,
  due: readonly { readonly row: number }[],
): Promise<boolean> {
  try {
    return await runCommands(ports, issuer, (next) => performEach(next, id, due))
  } catch (error) {
    if (reasonsIn(error) === null) throw error
    for (const { row } of due)
      if (signal.aborted || !(await applyRow(ports, { id, issuer }, row))) return false
    return true
  }
}

async function performEach(
  next: () => Work,
  id: ImportId,
  due: readonly { readonly row: number }[],
): Promise<boolean> {
  for (const { row } of due) {
    const work = next()
    await holdPolicies(work)
    const locked = await lockRow(work, id, row)
    if (locked === 'over') return false
    if (locked !== 'done') await perform(work, id, locked)
  }
  return true
}

/** Applies one row; false when the import is no longer to be done. */
async function applyRow(
  ports: ImportPorts,
  { id, issuer }: Pick<Job, 'id' | 'issuer'>,
  row: number,
): Promise<boolean> {
  try {
    return await runCommand(ports, issuer, (work) => performEach(() => work, id, [{ row }]))
  } catch (error) {
    const reasons = reasonsIn(error)
    if (reasons === null) throw error
    await ports.query(
      `update import_rows set state = 'failed', reasons = $3 where import_id = $1 and row = $2 and state = 'pending'`,
      [id, row, JSON.stringify(reasons)],
    )
    return true
  }
}

/** All rows or none, in one transaction. The first row that is refused ends the import. */
async function applyAtOnce(ports: ImportPorts, job: Job): Promise<void> {
  const { id, issuer } = job
  let current = 0
  try {
    await runCommands(ports, issuer, async (next) => {
      const closing = next()
      await holdPolicies(closing)
      if (!(await isCommitting(closing, id))) return
      const due = await closing.tx.query<{ row: number }>(
        `select row from import_rows where import_id = $1 and state = 'pending' order by row`,
        [id],
      )
      for (const { row } of due) {
        current = row
        const work = next()
        const locked = await lockRow(work, id, row)
        if (typeof locked !== 'string') await perform(work, id, locked)
      }
      await endImport(closing, id, 'done', [])
    })
  } catch (error) {
    const reasons = reasonsIn(error)
    if (reasons === null) throw error
    const named = reasons.map(({ code, params }) => ({ code, params: { ...params, row: current } }))
    await abortImport(ports, issuer, id, 'refused', named)
  }
}

type DueRow = {
  readonly row: number
  readonly externalId: string
  readonly useCaseId: UseCaseId | null
  readonly revision: number | null
  readonly change: RowChange
}

/** The row under its lock, while the import is being committed. */
async function lockRow(work: Work, id: ImportId, row: number): Promise<DueRow | 'done' | 'over'> {
  const [found] = await work.tx.query<DueRow & { readonly state: string; readonly phase: string }>(
    `select r.row, r.external_id as "externalId", r.use_case_id as "useCaseId", r.revision, r.change, r.state, i.phase
     from import_rows r join imports i on i.id = r.import_id
     where r.import_id = $1 and r.row = $2 for update of r for share of i`,
    [id, row],
  )
  if (found === undefined || found.phase !== 'committing') return 'over'
  return found.state === 'pending' ? found : 'done'
}

/** The ordinary commands of intake, and the mark that they ran, together. */
async function perform(work: Work, id: ImportId, due: DueRow): Promise<void> {
  const { row, externalId, change } = due
  const { answers, owners, unit, revises } = change
  const subject = due.useCaseId ?? work.ids.next('useCase')
  if (due.useCaseId === null) {
    await assertNew(work, externalId)
    await startIn(work, subject, {
      answers,
      owners,
      ...(unit === null ? {} : { unit }),
      source: 'import',
      externalId,
    })
  } else {
    const { rev } = await work.load(useCases, subject)
    if (rev !== due.revision) throw staleRow(row)
    if (revises) await commandIn(work, subject, { c: 'revise' })
    await commandIn(work, subject, { c: 'change', answers, owners, source: 'import' })
  }
  const notDuplicates = await namedUseCases(work, change.differsFrom)
  await commandIn(work, subject, { c: 'submit', notDuplicates })
  await work.tx.query(
    `update import_rows set state = 'done', use_case_id = $3, title = null, change = null, differences = '[]'
     where import_id = $1 and row = $2`,
    [id, row, subject],
  )
}

/** INVARIANT: an external id names one use case; the unique column says it again. */
async function assertNew(work: Work, externalId: string): Promise<void> {
  await work.tx.lockStreams([`externalId/${externalId}`])
  const rows = await work.tx.query('select 1 from use_cases where external_id = $1', [externalId])
  if (rows.length > 0)
    throw new AppError('REFUSED', undefined, {
      reasons: [{ code: 'EXTERNAL_ID_TAKEN', params: { column: 'externalId' } }],
    })
}

async function namedUseCases(work: Work, names: readonly string[]): Promise<readonly UseCaseId[]> {
  if (names.length === 0) return []
  const rows = await work.tx.query<{ id: UseCaseId }>(
    'select id from use_cases where id = any($1) or external_id = any($1) order by id',
    [names],
  )
  return rows.map(({ id }) => id)
}

async function planOf(work: Work, id: ImportId): Promise<Plan> {
  const [row] = await work.tx.query<Plan>(
    `select file_digest as "fileDigest", mapping_digest as "mappingDigest", plan_digest as "planDigest", counts,
       questionnaire from imports where id = $1 for update`,
    [id],
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  return row
}

/** Rows whose use case has changed since the plan; all of them when the questionnaire has. */
async function staleRows(work: Work, id: ImportId, isCurrent: boolean): Promise<readonly number[]> {
  const rows = await work.tx.query<{ row: number }>(
    `select r.row from import_rows r
       left join use_cases u on r.use_case_id is null and u.external_id = r.external_id
       left join streams s on s.stream = 'useCase/' || r.use_case_id
     where r.import_id = $1 and (not $2::boolean or (r.use_case_id is null and u.id is not null and r.outcome <> 'error')
       or (r.use_case_id is not null and s.rev is distinct from r.revision)) order by r.row`,
    [id, isCurrent],
  )
  return rows.map(({ row }) => row)
}

async function doneSoFar(work: Work, id: ImportId): Promise<bulkImport.Counts> {
  const [row] = await work.tx.query<bulkImport.Counts>(
    `select count(*) filter (where state = 'done' and outcome = 'create')::int as create,
       count(*) filter (where state = 'done' and outcome = 'update')::int as update,
       count(*) filter (where outcome = 'unchanged')::int as unchanged,
       count(*) filter (where outcome = 'error' or state = 'failed')::int as error
     from import_rows where import_id = $1`,
    [id],
  )
  return row ?? { create: 0, update: 0, unchanged: 0, error: 0 }
}

async function isCommitting(work: Work, id: ImportId): Promise<boolean> {
  const rows = await work.tx.query(
    `select 1 from imports where id = $1 and phase = 'committing' for update`,
    [id],
  )
  return rows.length > 0
}

/** What an ended import needs no more is removed: the file, and what its rows would have done. */
async function endImport(
  work: Work,
  id: ImportId,
  phase: 'done' | 'aborted',
  faults: readonly RowReason[],
): Promise<void> {
  await work.tx.query(
    `update imports set phase = $2, content = null, samples = '[]', faults = $3, beat_by = null, beat_at = null,
       updated_at = clock_timestamp() where id = $1`,
    [id, phase, JSON.stringify(faults)],
  )
  await work.tx.query(
    `update import_rows set change = null, differences = '[]' where import_id = $1 and change is not null`,
    [id],
  )
}

function staleRow(row: number): AppError {
  const reasons = [{ code: 'IMPORT_PLAN_STALE', params: { rows: String(row), count: 1 } }]
  return new AppError('REFUSED', undefined, { reasons })
}

/** Why the domain does not let a row through; null for what is wrong with the machinery and passes. */
function reasonsIn(error: unknown): readonly RowReason[] | null {
  if (!(error instanceof AppError) || error.status >= 500) return null
  const isClear = error.code === 'REFUSED' || error.code === 'STEP_UP_REQUIRED'
  return isClear && error.reasons.length > 0 ? error.reasons : [{ code: error.code, params: {} }]
}
