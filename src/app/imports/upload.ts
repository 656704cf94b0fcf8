import {
  columnsOf,
  headOf,
  importLimits,
  type ColumnFault,
  type Mapping,
} from '../../governance/intake/index.ts'
import { AppError, digestOfBytes, idFrom, type ImportId } from '../../kernel/index.ts'
import { imports } from '../aggregates/intake.ts'
import { databaseNow } from '../clock.ts'
import { personOf, runCommand, type CommandPorts, type Issuer } from '../command.ts'
import { holdPolicies, policiesInForce } from '../policies/in-force.ts'
import type { Query } from '../ports/query.ts'
import { instant } from '../sql.ts'

export type ImportPorts = CommandPorts & { readonly query: Query }

export type NewImport = { readonly fileName: string; readonly text: string; readonly mapping: Mapping }

/**
 * Takes a file in. It is checked by the worker; nothing is written by it but this record. A file that is no table is
 * refused with every fault; one whose columns need a decision waits for a mapping.
 */
export async function uploadImport(
  ports: ImportPorts,
  issuer: Issuer,
  { fileName, text, mapping }: NewImport,
): Promise<{ readonly id: ImportId }> {
  const person = personOf(issuer)
  if (person === null) throw refusal([{ code: 'PERSON_REQUIRED', params: {} }])
  const head = headOf(text)
  if (!('headers' in head)) throw refusal(head)
  const now = await databaseNow(ports.query)
  const id = idFrom('import', now, ports.random(10))
  const { forUseCases } = await policiesInForce(ports.query)
  const { faults } = columnsOf(head.headers, mapping, forUseCases.questionnaire)
  await ports.query(
    `insert into imports (id, phase, person_id, authn, file_name, file_digest, file_bytes, content, delimiter, headers,
       samples, mapping, faults, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, ${instant(14)}, ${instant(14)})`,
    [
      id,
      faults.length === 0 ? 'checking' : 'unusable',
      person,
      JSON.stringify(issuer.authn),
      fileName,
      digestOfBytes(text),
      Buffer.byteLength(text),
      text,
      head.delimiter,
      JSON.stringify(head.headers),
      JSON.stringify(head.samples.map((cells) => cells.map((cell) => cell.slice(0, sampleLength)))),
      JSON.stringify(mapping),
      JSON.stringify(faults),
      now,
    ],
  )
  return { id }
}

const sampleLength = 200

/** Says anew what the columns are for. The file is checked again; an earlier plan of it counts no more. */
export async function remapImport(
  ports: ImportPorts,
  issuer: Issuer,
  id: ImportId,
  mapping: Mapping,
): Promise<void> {
  await runCommand(ports, issuer, async (work) => {
    const { questionnaire } = (await holdPolicies(work)).forUseCases
    const { state } = await work.load(imports, id)
    const [row] = await work.tx.query<{ person: string; phase: string; headers: readonly string[] }>(
      'select person_id as person, phase, headers from imports where id = $1 for update',
      [id],
    )
    if (row === undefined) throw new AppError('NOT_FOUND')
    if (row.person !== personOf(issuer)) throw refusal([{ code: 'IMPORT_NOT_YOURS', params: {} }])
    if (!['unusable', 'planned', 'checking'].includes(row.phase))
      throw refusal([{ code: 'WRONG_STATE', params: { state: state.s } }])
    const faults: readonly ColumnFault[] = columnsOf(row.headers, mapping, questionnaire).faults
    await work.tx.query('delete from import_rows where import_id = $1', [id])
    await work.tx.query(
      `update imports set phase = $2, mapping = $3, faults = $4, authn = $5, plan_digest = null, counts = null,
         total = null, checked = 0, check_basis = null, beat_by = null, beat_at = null, updated_at = clock_timestamp() where id = $1`,
      [
        id,
        faults.length === 0 ? 'checking' : 'unusable',
        JSON.stringify(mapping),
        JSON.stringify(faults),
        JSON.stringify(issuer.authn),
      ],
    )
  })
}

function refusal(reasons: AppError['reasons']): AppError {
  return new AppError('REFUSED', undefined, { reasons })
}

/** Bytes of a body that carries the largest file as a JSON text, with room for escapes. */
export const maxUploadBytes = 2 * importLimits.fileBytes
