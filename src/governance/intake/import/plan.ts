import {
  digestOf,
  type Actor,
  type Digest,
  type EpochMs,
  type Json,
  type Tier,
  type UnitId,
  type UseCaseId,
  type UserId,
} from '../../../kernel/index.ts'
import { assess, type QKey } from '../../tiering/index.ts'
import type { Fingerprint } from '../duplicates.ts'
import { isSealed } from '../questionnaire.ts'
import * as useCase from '../use-case.ts'
import type { Catalogue, Context, Owners, Refusal, State, UseCase, Values } from '../use-case-model.ts'
import { inertCell, writeAnswer } from './cells.ts'
import type { Column, Mapping } from './columns.ts'
import type { ReadRow, RowReason } from './row.ts'

/** A use case that a row names, with its texts as far as they are kept and may be read. */
export type Known = {
  readonly state: UseCase
  /** Number of changes of the record. */
  readonly revision: number
  readonly texts: Values
}

/** What the row means for the use case: the commands that follow from it. */
export type RowChange = {
  readonly answers: Values
  readonly owners: Partial<Owners>
  readonly unit: UnitId | null
  readonly differsFrom: readonly string[]
  readonly revises: boolean
}

/** One answer, owner or unit before and after, as cells; null before: not known, or not there. */
export type Difference = { readonly column: string; readonly before: string | null; readonly after: string }

export type Likeness = { readonly id: string; readonly scoreBp: number }

/** What a commit would do with one row. */
export type PlannedRow = {
  /** As a spreadsheet counts: the header is row 1. */
  readonly row: number
  readonly externalId: string
  /** As the row has it, else as it is kept; null where neither can be read. */
  readonly title: string | null
  readonly outcome: 'create' | 'update' | 'unchanged' | 'error'
  readonly useCaseId: UseCaseId | null
  /** Revision of the record that the plan is made on; null where there is none yet. */
  readonly revision: number | null
  /** The tier that the answers give; null where they could not be read. */
  readonly tier: Tier | null
  readonly likely: readonly Likeness[]
  readonly differences: readonly Difference[]
  readonly reasons: readonly RowReason[]
  readonly change: RowChange | null
}

export type Unit = UnitId | 'unknown' | 'ambiguous' | 'not_allowed'

/** Everything that a plan depends on besides the file. */
export type PlanContext = {
  readonly now: EpochMs
  readonly actor: Actor
  readonly catalogue: Catalogue
  /** The use case of an external id or id; `taken` where the importer may not know of it. */
  readonly known: (externalId: string) => Known | 'taken' | null
  readonly person: (email: string) => UserId | null
  readonly emailOf: (person: UserId) => string
  readonly isActive: (person: UserId) => boolean
  readonly unit: (name: string | null) => Unit | null
  readonly unitName: (unit: UnitId) => string
  readonly similar: (print: Fingerprint, id: string) => readonly Likeness[]
}

/** A use case that does not exist yet has no id: the plan calls it so. */
const unborn = `uc_${'0'.repeat(26)}` as UseCaseId // of the form of an id

/**
 * What one row would do. The deciders of intake say what is wrong with it, so a plan and its commit judge alike. Pure:
 * the same row, columns and context give the same plan.
 */
export function planRow(row: number, read: ReadRow, ctx: PlanContext): PlannedRow {
  const { externalId } = read
  const found = externalId === '' ? null : ctx.known(externalId)
  const reasons = [...read.reasons]
  if (found === 'taken') reasons.push({ code: 'EXTERNAL_ID_TAKEN', params: { column: 'externalId' } })
  const known = found === 'taken' ? null : found
  if (known === null && externalId.startsWith('uc_'))
    reasons.push({ code: 'USE_CASE_UNKNOWN', params: { column: 'externalId' } })
  const owners = ownersIn(read, ctx, reasons)
  const unit = unitIn(read, known, ctx, reasons)
  const base = {
    row,
    externalId,
    title: titleOf(read, known),
    useCaseId: known?.state.id ?? null,
    revision: known?.revision ?? null,
  }
  const failed = (tier: Tier | null, likely: readonly Likeness[]): PlannedRow => ({
    ...base,
    outcome: 'error',
    tier,
    likely,
    differences: [],
    reasons: uniqueReasons(reasons),
    change: null,
  })
  const { differsFrom } = read
  const answers = known === null ? read.answers : changedAnswers(read.answers, known, ctx.catalogue)
  const changedOwners = known === null ? owners : changedIn(owners, known.state.owners)
  const isUnchanged =
    known !== null && Object.keys(answers).length === 0 && Object.keys(changedOwners).length === 0
  if (known !== null && isUnchanged && reasons.length === 0)
    return {
      ...base,
      outcome: 'unchanged',
      tier: known.state.assessment?.tier ?? tierOf(known.state, ctx),
      likely: [],
      differences: [],
      reasons: [],
      change: null,
    }
  const revises = known?.state.s === 'triaged'
  const change: RowChange = { answers, owners: changedOwners, unit, differsFrom, revises }
  const tried = attempt(known, change, externalId, ctx)
  reasons.push(...tried.refused.map((reason) => withColumn(reason)))
  if (reasons.length > 0) return failed(tried.tier, tried.likely)
  return {
    ...base,
    outcome: known === null ? 'create' : 'update',
    tier: tried.tier,
    likely: tried.likely,
    differences: known === null ? [] : differencesOf(change, known, ctx),
    reasons: [],
    change,
  }
}

function titleOf({ answers }: ReadRow, known: Known | null): string | null {
  const title = answers['title'] ?? known?.texts['title']
  return typeof title === 'string' ? title : null
}

/** Plays the commands of a row through the deciders, as the commit will. */
function attempt(
  known: Known | null,
  { answers, owners, unit, differsFrom, revises }: RowChange,
  externalId: string,
  ctx: PlanContext,
): {
  readonly refused: readonly Refusal[]
  readonly tier: Tier | null
  readonly likely: readonly Likeness[]
} {
  const id = known?.state.id ?? unborn
  const context = contextFor(id, [], ctx)
  const refused: Refusal[] = []
  let state: State = known?.state ?? useCase.initial
  const apply = (command: useCase.Command, within: Context) => {
    const decided = useCase.decide(state, command, within)
    if (decided.ok) state = decided.events.reduce(useCase.evolve, state)
    else refused.push(...decided.refused)
  }
  if (known === null)
    apply(
      { c: 'start', answers, owners, externalId, source: 'import', ...(unit === null ? {} : { unit }) },
      context,
    )
  else {
    if (revises) apply({ c: 'revise' }, context)
    if (refused.length === 0) apply({ c: 'change', answers, owners, source: 'import' }, context)
  }
  if (state.s === 'absent' || (known !== null && refused.length > 0))
    return { refused, tier: null, likely: [] }
  const likely = ctx.similar(
    printOf(state, { ...known?.texts, ...answers }),
    known === null ? externalId : id,
  )
  apply({ c: 'submit', notDuplicates: dismissed(differsFrom, ctx) }, contextFor(id, likely, ctx))
  return { refused, tier: tierOf(state, ctx), likely }
}

/** What a row is compared by with others. */
export function printOf(state: Pick<UseCase, 'answers' | 'unit'>, texts: Values): Fingerprint {
  const text = (key: string) => {
    const value = Object.hasOwn(texts, key) ? texts[key] : undefined
    return typeof value === 'string' ? value : null
  }
  const actions = state.answers['actions']?.value
  const rows = Array.isArray(actions) ? (actions as readonly { readonly toolId?: Json }[]) : [] // rows of the table
  const domain = state.answers['domain']?.value
  return {
    title: text('title') ?? '',
    toolIds: [...new Set(rows.flatMap(({ toolId }) => (typeof toolId === 'string' ? [toolId] : [])))],
    vendor: text('provider')?.toLowerCase() ?? null,
    model: text('modelId')?.toLowerCase() ?? null,
    domain: typeof domain === 'string' ? domain : null,
    unit: state.unit,
  }
}

/** Names that a row gives are ids where the use case exists; a row of the same file goes by its external id. */
function dismissed(differsFrom: readonly string[], ctx: PlanContext): readonly UseCaseId[] {
  return differsFrom.map((name) => {
    const found = ctx.known(name)
    return found === null || found === 'taken' ? (name as UseCaseId) : found.state.id // compared as text only
  })
}

function contextFor(id: UseCaseId, likely: readonly Likeness[], ctx: PlanContext): Context {
  return {
    now: ctx.now,
    actor: ctx.actor,
    id,
    catalogue: ctx.catalogue,
    salt: '', // what is planned is recorded nowhere; the commit takes a random one
    functions: [],
    isActive: ctx.isActive,
    similar: likely.map(({ id: other, scoreBp }) => ({ id: other as UseCaseId, scoreBp })), // compared as text only
    triageDue: () => ctx.now,
    hasLiveDeployment: false,
    mergeTarget: useCase.initial,
  }
}

function tierOf(state: State, { catalogue }: PlanContext): Tier | null {
  return state.s === 'absent' ? null : assess(state.answers, catalogue.policy).tier
}

function ownersIn(read: ReadRow, ctx: PlanContext, reasons: RowReason[]): Partial<Owners> {
  const owners: Partial<Record<keyof Owners, UserId>> = {}
  for (const role of ['business', 'technical', 'backup'] as const) {
    const email = read.owners[role]
    if (email === undefined) continue
    const person = ctx.person(email)
    if (person === null) reasons.push({ code: 'PERSON_UNKNOWN', params: { column: `${role}Owner` } })
    else owners[role] = person
  }
  return owners
}

function unitIn(read: ReadRow, known: Known | null, ctx: PlanContext, reasons: RowReason[]): UnitId | null {
  const params = { column: 'unit' }
  if (known !== null && read.unit === null) return known.state.unit
  const unit = ctx.unit(read.unit)
  if (unit === 'unknown') reasons.push({ code: 'UNIT_UNKNOWN', params })
  else if (unit === 'ambiguous') reasons.push({ code: 'UNIT_AMBIGUOUS', params })
  else if (known !== null && unit !== 'not_allowed' && unit !== known.state.unit)
    reasons.push({ code: 'UNIT_IS_FIXED', params })
  else if (unit === 'not_allowed') reasons.push({ code: 'UNIT_NOT_YOURS', params })
  else return unit
  return null
}

/** Answers of the row that differ from what is recorded; a text that is not kept differs from any text. */
function changedAnswers(answers: Values, known: Known, { questionnaire }: Catalogue): Values {
  const changed = Object.entries(answers).filter(([key, value]) => {
    const before = recorded(key, known, questionnaire)
    return (
      before === undefined || digestOf({ value: before }) !== digestOf({ value: comparable(value, before) })
    )
  })
  return Object.fromEntries(changed)
}

/** Sets are the same in any order. */
function comparable(value: Json, before: Json): Json {
  if (!isNames(value) || !isNames(before)) return value
  const same = value.length === before.length && value.every((item) => before.includes(item))
  return same ? before : value
}

function isNames(value: Json): value is readonly string[] {
  return Array.isArray(value) && (value as readonly Json[]).every((item) => typeof item === 'string')
}

function recorded(
  key: QKey,
  { state, texts }: Known,
  questionnaire: Catalogue['questionnaire'],
): Json | undefined {
  if (isSealed(questionnaire, key)) return Object.hasOwn(texts, key) ? texts[key] : undefined
  return Object.hasOwn(state.answers, key) ? state.answers[key]?.value : undefined
}

function changedIn(owners: Partial<Owners>, before: Owners): Partial<Owners> {
  const changed = Object.entries(owners).filter(([role, person]) => before[role as keyof Owners] !== person) // its keys
  return Object.fromEntries(changed)
}

function differencesOf(
  { answers, owners }: RowChange,
  known: Known,
  ctx: PlanContext,
): readonly Difference[] {
  const { questionnaire } = ctx.catalogue
  const ofAnswers = Object.entries(answers).map(([key, value]): Difference => {
    const before = recorded(key, known, questionnaire)
    return {
      column: key,
      before: before === undefined ? null : writeAnswer(before),
      after: writeAnswer(value),
    }
  })
  const ofOwners = Object.entries(owners).map(([role, person]): Difference => {
    const before = known.state.owners[role as keyof Owners] // its keys
    const after = person === null ? '' : inertCell(ctx.emailOf(person))
    return { column: `${role}Owner`, before: before === null ? null : inertCell(ctx.emailOf(before)), after }
  })
  return [...ofAnswers, ...ofOwners]
}

/** A reason of a decider with the column that it is about. */
function withColumn({ code, params }: Refusal): RowReason {
  const { key, role, id } = params as { readonly key?: string; readonly role?: string; readonly id?: string } // of any refusal
  const column = key ?? (role === undefined ? undefined : `${role}Owner`)
  if (code === 'DUPLICATE_UNDECIDED' && id !== undefined)
    return { code, params: { ...params, column: 'differsFrom' } }
  return { code, params: column === undefined ? params : { ...params, column } }
}

function uniqueReasons(reasons: readonly RowReason[]): readonly RowReason[] {
  const seen = new Map(reasons.map((reason) => [JSON.stringify([reason.code, reason.params]), reason]))
  return [...seen.values()]
}

/** What a plan stands on. Whoever commits it names its digest. */
export type PlanBasis = {
  readonly fileDigest: Digest
  readonly mappingDigest: Digest
  readonly questionnaire: Digest
  /** `<external id> <use case> <revision>` of every row, in the order of the file. */
  readonly rows: readonly string[]
}

export function planDigest(basis: PlanBasis): Digest {
  return digestOf({ schema: 'countersign.import-plan/1', ...basis })
}

/** The mapping as it was resolved: what each column is for. */
export function mappingDigest(columns: readonly Column[], mapping: Mapping): Digest {
  return digestOf({
    schema: 'countersign.import-mapping/1',
    mapping,
    columns: columns.map(({ header, target }) => ({ header, target })),
  })
}
