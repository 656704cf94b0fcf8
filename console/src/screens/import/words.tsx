import type { ReplyOf } from '../../../../src/contracts/route.ts'
import type { listImportRows, readImport } from '../../../../src/contracts/routes/imports.ts'
import { knows, t, tCode } from '../../messages/import.ts'
import type { Values } from '../../messages/text.ts'
import type { Tone } from '../../theme/palette.ts'
import { Status } from '../../ui/status.tsx'

export type Import = ReplyOf<typeof readImport>
export type Row = ReplyOf<typeof listImportRows>['items'][number]

const phaseTones: Readonly<Record<Import['phase'], Tone>> = {
  checking: 'pending',
  unusable: 'attention',
  planned: 'pending',
  committing: 'pending',
  done: 'good',
  aborted: 'stopped',
}
const outcomeTones: Readonly<Record<Row['outcome'], Tone>> = {
  create: 'pending',
  update: 'attention',
  unchanged: 'neutral',
  error: 'breach',
}
const stateTones: Readonly<Record<Row['state'], Tone>> = {
  pending: 'pending',
  done: 'good',
  failed: 'breach',
  none: 'neutral',
}

export function Phase({ phase }: { readonly phase: Import['phase'] }) {
  return <Status state={phase} tone={phaseTones[phase]} word={tCode('import.phase', phase)} />
}

export function Outcome({ outcome }: { readonly outcome: Row['outcome'] }) {
  return <Status state={outcome} tone={outcomeTones[outcome]} word={tCode('import.outcome', outcome)} />
}

export function RowState({ state }: { readonly state: Row['state'] }) {
  return <Status state={state} tone={stateTones[state]} word={tCode('import.state', state)} />
}

/** Words for a reason against a row where it is resolved in the file; null where its usual words say it. */
export function wordsForRow({ code, params }: Row['reasons'][number]): string | null {
  return knows('import.reason', code) ? tCode('import.reason', code, valuesOf(params)) : null
}

export function valuesOf(params: Row['reasons'][number]['params']): Values {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, typeof value === 'boolean' ? String(value) : value]),
  )
}

/** One sentence that says where an import stands. */
export function answerOf({ phase, counts, applied }: Import): string {
  const planned = counts ?? { create: 0, update: 0, unchanged: 0, error: 0 }
  switch (phase) {
    case 'planned':
      return t('import.answer.planned', planned)
    case 'done':
      return t('import.answer.done', { ...planned, ...applied })
    case 'aborted':
      return t('import.answer.aborted', applied)
    default:
      return tCode('import.answer', phase)
  }
}

/** Bytes as people read them. */
export function sizeOf(bytes: number): string {
  const format = (value: number, unit: string) =>
    new Intl.NumberFormat('en', { style: 'unit', unit, maximumFractionDigits: 1 }).format(value)
  if (bytes < 1_000) return format(bytes, 'byte')
  return bytes < 1_000_000 ? format(bytes / 1_000, 'kilobyte') : format(bytes / 1_000_000, 'megabyte')
}
