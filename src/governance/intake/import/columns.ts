import type { Reason } from '../../../kernel/index.ts'
import type { QKey } from '../../tiering/index.ts'
import type { LoadedQuestionnaire } from '../questionnaire.ts'
import type { Owners } from '../use-case-model.ts'
import { folded } from './cells.ts'

/** What a column is for. */
export type Target =
  | { readonly k: 'externalId' | 'unit' | 'differsFrom' }
  | { readonly k: 'owner'; readonly role: keyof Owners }
  | { readonly k: 'answer'; readonly key: QKey }
  /** One cell of a row table, counted from 1. */
  | { readonly k: 'cell'; readonly key: QKey; readonly row: number; readonly column: string }

/** What a person says a column is for, by its header; null: it plays no part. */
export type Mapping = readonly { readonly column: string; readonly to: string | null }[]

export type Column = {
  readonly header: string
  /** Null where it plays no part. */
  readonly target: Target | null
  readonly state: 'used' | 'ignored' | 'unknown' | 'forbidden'
}

export type ColumnFault =
  | Reason<'IMPORT_FORBIDDEN_COLUMN' | 'IMPORT_UNKNOWN_COLUMN' | 'IMPORT_COLUMN_TWICE', { column: string }>
  | Reason<'IMPORT_TARGET_UNKNOWN', { column: string; target: string }>
  | Reason<'IMPORT_COLUMN_MISSING' | 'IMPORT_MAPPING_UNUSED', { column: string }>

/** The column in which errors are handed back. It may stand in a file and says nothing. */
export const errorColumn = 'importError'

const builtIn: Readonly<Record<string, Target>> = {
  externalId: { k: 'externalId' },
  businessOwner: { k: 'owner', role: 'business' },
  technicalOwner: { k: 'owner', role: 'technical' },
  backupOwner: { k: 'owner', role: 'backup' },
  unit: { k: 'unit' },
  differsFrom: { k: 'differsFrom' },
}

/** Names of columns beside the questions, in the order in which an export has them. */
export const builtInNames: readonly string[] = Object.keys(builtIn)

/**
 * INVARIANT: what the product decides never comes in by a file. A column of such a name is refused under every mapping
 * that would use it.
 */
const decided = /^(tiers?|states?|status|decisions?|approvals?|approved|approver|authori[sz](ation|ed))$/
const decidedWhole = new Set([
  'legalclass',
  'triagedby',
  'risktier',
  'decisionid',
  'approvedby',
  'grant',
  'grants',
])

/** Whether a header names something that only the product decides. */
export function isForbidden(header: string): boolean {
  return decided.test(folded(header)) || decidedWhole.has(folded(header))
}

/** What each column is for, and every fault of the header at once. */
export function columnsOf(
  headers: readonly string[],
  mapping: Mapping,
  questionnaire: LoadedQuestionnaire,
): { readonly columns: readonly Column[]; readonly faults: readonly ColumnFault[] } {
  const named = new Map(mapping.map(({ column, to }) => [column, to]))
  const names = namesOf(questionnaire)
  const faults: ColumnFault[] = []
  const seen = new Set<string>()
  const columns = headers.map((header): Column => {
    const column = columnOf(header, named, names, questionnaire)
    if ('code' in column) {
      faults.push(column)
      const isBarred = column.code === 'IMPORT_FORBIDDEN_COLUMN'
      return { header, target: null, state: isBarred ? 'forbidden' : 'unknown' }
    }
    if (column.target !== null) {
      const name = targetName(column.target)
      if (seen.has(name)) faults.push({ code: 'IMPORT_COLUMN_TWICE', params: { column: name } })
      seen.add(name)
    }
    return column
  })
  for (const { column } of mapping)
    if (!headers.includes(column)) faults.push({ code: 'IMPORT_MAPPING_UNUSED', params: { column } })
  if (!seen.has('externalId'))
    faults.push({ code: 'IMPORT_COLUMN_MISSING', params: { column: 'externalId' } })
  return { columns, faults }
}

type Names = ReadonlyMap<string, Target>

/** Keys and labels by their folded form; a name that two questions share names none. */
function namesOf({ questionnaire }: LoadedQuestionnaire): Names {
  const found = new Map<string, Target | null>()
  const add = (name: string, target: Target) => {
    const key = folded(name)
    const other = found.get(key)
    const isSame = other !== undefined && other !== null && targetName(other) === targetName(target)
    found.set(key, other === undefined || isSame ? target : null)
  }
  for (const { key } of questionnaire.questions) {
    add(key, { k: 'answer', key })
    const label = questionnaire.labels[key]?.label
    if (label !== undefined) add(label, { k: 'answer', key })
  }
  // What stands beside the questions keeps its name, whatever a question is called.
  for (const [name, target] of Object.entries(builtIn)) found.set(folded(name), target)
  return new Map([...found].flatMap(([name, target]) => (target === null ? [] : [[name, target] as const])))
}

function columnOf(
  header: string,
  named: ReadonlyMap<string, string | null>,
  names: Names,
  questionnaire: LoadedQuestionnaire,
): Column | ColumnFault {
  const to = named.get(header)
  if (to === null) return { header, target: null, state: 'ignored' }
  if (isForbidden(header)) return { code: 'IMPORT_FORBIDDEN_COLUMN', params: { column: header } }
  if (to !== undefined) {
    const target = targetNamed(to, questionnaire)
    if (target !== null) return { header, target, state: 'used' }
    return { code: 'IMPORT_TARGET_UNKNOWN', params: { column: header, target: to } }
  }
  if (folded(header) === folded(errorColumn)) return { header, target: null, state: 'ignored' }
  const target =
    targetNamed(header, questionnaire) ?? names.get(folded(header)) ?? tableCell(header, names, questionnaire)
  if (target !== null && target !== undefined) return { header, target, state: 'used' }
  return { code: 'IMPORT_UNKNOWN_COLUMN', params: { column: header } }
}

/** `Actions.1.Tool id`, by labels and in any case. */
function tableCell(header: string, names: Names, questionnaire: LoadedQuestionnaire): Target | null {
  const [, table = '', row = '', column = ''] = /^(.+?)\s*[.:]\s*(\d{1,3})\s*[.:]\s*(.+)$/.exec(header) ?? []
  const found = names.get(folded(table))
  if (found?.k !== 'answer') return null
  const type = questionnaire.byKey.get(found.key)?.type
  if (type?.k !== 'rows') return null
  const name = Object.keys(type.columns).find((candidate) => folded(candidate) === folded(column))
  return name === undefined ? null : targetNamed(`${found.key}.${Number(row)}.${name}`, questionnaire)
}

/** The target of exactly this name; null when there is none. */
export function targetNamed(name: string, { byKey }: LoadedQuestionnaire): Target | null {
  if (Object.hasOwn(builtIn, name)) return builtIn[name] ?? null
  if (isForbidden(name)) return null
  if (byKey.has(name)) return { k: 'answer', key: name }
  const [, key = '', row = '', column = ''] = /^([A-Za-z]\w*)\.([1-9]\d{0,2})\.(\w+)$/.exec(name) ?? []
  const type = byKey.get(key)?.type
  if (type?.k !== 'rows' || !Object.hasOwn(type.columns, column) || Number(row) > type.maxRows) return null
  return { k: 'cell', key, row: Number(row), column }
}

/** The name of a target, as exports write it into the header. */
export function targetName(target: Target): string {
  switch (target.k) {
    case 'owner':
      return `${target.role}Owner`
    case 'answer':
      return target.key
    case 'cell':
      return `${target.key}.${target.row}.${target.column}`
    default:
      return target.k
  }
}
