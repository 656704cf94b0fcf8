import { z } from 'zod'
import {
  digestOf,
  documentFault,
  schemaFaults,
  unreachable,
  type Digest,
  type DocumentFault,
  type Json,
  type Reason,
} from '../../kernel/index.ts'
import {
  compile,
  isPartOf,
  levelOf,
  upPredicate,
  valueOf,
  type Answers,
  type Orders,
  type QKey,
} from '../tiering/index.ts'

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/)
const text = z.string().min(1).max(1_000)

/** A column of a row table: closed options, or text. */
const column = z.union([
  z.strictObject({ options: z.array(z.string().min(1)).min(1).max(64) }),
  z.strictObject({ text: z.int().min(1).max(500) }),
  /** A technical name such as that of a tool; it is a fact, not text. */
  z.strictObject({ name: z.literal(true) }),
  z.strictObject({ integer: z.tuple([z.int(), z.int()]) }),
])
const question = z.strictObject({
  key: name,
  section: name,
  required: z.boolean(),
  type: z.discriminatedUnion('k', [
    z.strictObject({ k: z.literal('text'), max: z.int().min(1).max(10_000) }),
    z.strictObject({ k: z.literal('choice'), options: z.array(z.string().min(1)).min(1).max(64) }),
    z.strictObject({ k: z.literal('multi_choice'), options: z.array(z.string().min(1)).min(1).max(64) }),
    z.strictObject({ k: z.literal('integer'), min: z.int(), max: z.int() }),
    z.strictObject({
      k: z.literal('rows'),
      columns: z.record(name, column),
      /** How the columns follow each other: the keys of an object have no order that storage keeps. */
      order: z.array(name),
      maxRows: z.int().min(1).max(200),
    }),
  ]),
  visibleWhen: upPredicate.exactOptional(),
})
const schema = z.strictObject({
  key: z.string().min(1).max(64),
  version: z.int().min(1),
  sections: z.array(z.strictObject({ key: name, title: text })).min(1),
  questions: z.array(question).min(1).max(500),
  /** By question key; no part of the logic. */
  labels: z.record(
    name,
    z.strictObject({ label: text, help: text.exactOptional(), why: text.exactOptional() }),
  ),
})

export type Questionnaire = Readonly<z.infer<typeof schema>>
export type Question = Questionnaire['questions'][number]
export type LoadedQuestionnaire = {
  readonly questionnaire: Questionnaire
  /** Of the logic: sections, questions and options, without labels and help. */
  readonly digest: Digest
  readonly byKey: ReadonlyMap<QKey, Question>
  readonly orders: Orders
}
export type ParsedQuestionnaire =
  | { readonly ok: true; readonly loaded: LoadedQuestionnaire }
  | { readonly ok: false; readonly faults: readonly DocumentFault[] }

/** Fields without which an intake says too little to decide on. */
const minimum: readonly QKey[] = [
  'title',
  'problem',
  'domain',
  'expectedOutcome',
  'dataClass',
  'personalData',
  'dataSources',
  'regulatedData',
  'modelType',
  'hosting',
  'provider',
  'integrations',
  'actions',
  'decisionInfluence',
]

/** Reads a questionnaire against the risk orders of the tier policy. Refuses one that leaves out what must be asked. */
export function parseQuestionnaire(json: unknown, orders: Orders): ParsedQuestionnaire {
  const parsed = schema.safeParse(json)
  if (!parsed.success) return { ok: false, faults: schemaFaults(parsed.error) }
  const { labels, ...logic } = parsed.data
  const byKey = new Map(parsed.data.questions.map((item) => [item.key, item]))
  const faults: DocumentFault[] = []
  const add = (key: QKey, fault: string) => faults.push(documentFault(['questions', key], fault))
  if (byKey.size !== parsed.data.questions.length)
    faults.push(documentFault(['questions'], 'two questions have the same key'))
  for (const key of new Set([...minimum, ...Object.keys(orders)])) {
    const wanted = byKey.get(key)
    const fault = wanted === undefined ? 'is not asked' : wanted.required ? null : 'must be required'
    if (fault !== null)
      faults.push(documentFault(['questions', key], `\`${key}\` ${fault}`, 'QUESTIONNAIRE_INCOMPLETE'))
  }
  for (const item of parsed.data.questions) {
    const { key, section, visibleWhen } = item
    if (!Object.hasOwn(labels, key)) add(key, 'it has no label')
    if (!parsed.data.sections.some((known) => known.key === section)) add(key, 'it has no section')
    // A hidden question would count as harmless, so nothing that carries risk is ever hidden.
    if (visibleWhen !== undefined && Object.hasOwn(orders, key)) add(key, 'it may not be hidden')
    const test = visibleWhen === undefined ? null : compile(visibleWhen, orders)
    if (typeof test === 'string') add(key, test)
    if (!fitsOrder(item, orders)) add(key, 'it does not fit its risk order')
    if (item.type.k === 'rows' && !isOrderOf(item.type.columns, item.type.order))
      add(key, 'its order does not name each of its columns once')
  }
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, loaded: { questionnaire: parsed.data, digest: digestOf(logic), byKey, orders } }
}

function isOrderOf(columns: object, order: readonly string[]): boolean {
  return order.toSorted().join() === Object.keys(columns).toSorted().join()
}

/** Keys that are asked, given the answers so far. A worse answer can reveal questions and never hides one. */
export function visibleKeys(loaded: LoadedQuestionnaire, answers: Answers): ReadonlySet<QKey> {
  const levels = Object.fromEntries(
    Object.entries(loaded.orders).map(([key, order]) => [key, levelOf(order, valueOf(answers, key))]),
  )
  const visible = loaded.questionnaire.questions.filter(({ visibleWhen }) => {
    if (visibleWhen === undefined) return true
    const test = compile(visibleWhen, loaded.orders)
    return typeof test === 'string' || test(levels)
  })
  return new Set(visible.map(({ key }) => key))
}

/**
 * Keys that must be answered before these answers can be submitted: required ones that are visible and have no answer, and
 * those with an answer from before that is none any more.
 */
export function missingAnswers(
  loaded: LoadedQuestionnaire,
  { answers, sealed }: { readonly answers: Answers; readonly sealed: { readonly [key: QKey]: unknown } },
): readonly QKey[] {
  const visible = visibleKeys(loaded, answers)
  const outdated = new Set(outdatedAnswers(loaded, answers).map(({ params }) => params.key))
  return loaded.questionnaire.questions.flatMap(({ key, required }) => {
    const isAnswered = Object.hasOwn(answers, key) || Object.hasOwn(sealed, key)
    return outdated.has(key) || (required && visible.has(key) && !isAnswered) ? [key] : []
  })
}

/** Faults of earlier answers to what is still asked. A question that is no longer asked needs no answer. */
export function outdatedAnswers(loaded: LoadedQuestionnaire, answers: Answers): readonly AnswerFault[] {
  const asked = Object.entries(answers).filter(([key]) => loaded.byKey.has(key))
  return faultsInAnswers(loaded, Object.fromEntries(asked.map(([key, { value }]) => [key, value])))
}

/** Whether the answers to `key` are text that people typed: they are sealed and never feed a decision. */
export function isSealed(loaded: LoadedQuestionnaire, key: QKey): boolean {
  const type = loaded.byKey.get(key)?.type
  if (type?.k === 'rows') return Object.values(type.columns).some((item) => 'text' in item)
  return type?.k === 'text'
}

export type AnswerFault = Reason<'UNKNOWN_QUESTION' | 'ANSWER_INVALID', { key: string }>

/** Every fault of the given answers, each with its path. UNTRUSTED: values come from the caller as they are. */
export function faultsInAnswers(
  loaded: LoadedQuestionnaire,
  values: { readonly [key: QKey]: Json },
): readonly AnswerFault[] {
  const fault = (code: AnswerFault['code'], key: QKey): AnswerFault => ({
    code,
    params: { key },
    path: `/answers/${key}`,
  })
  return Object.entries(values).flatMap(([key, value]) => {
    const item = loaded.byKey.get(key)
    if (item === undefined) return [fault('UNKNOWN_QUESTION', key)]
    if (value === 'unknown' && (Object.hasOwn(loaded.orders, key) || item.type.k !== 'text')) return []
    return isAnswer(item, value) ? [] : [fault('ANSWER_INVALID', key)]
  })
}

function isAnswer({ type }: Question, value: Json): boolean {
  switch (type.k) {
    case 'text':
      return isText(value, type.max)
    case 'choice':
      return typeof value === 'string' && type.options.includes(value)
    case 'multi_choice': {
      if (!Array.isArray(value)) return false
      const items = value as readonly Json[]
      const known = items.every((entry) => typeof entry === 'string' && type.options.includes(entry))
      return known && new Set(items).size === items.length
    }
    case 'integer':
      return Number.isSafeInteger(value) && (value as number) >= type.min && (value as number) <= type.max
    case 'rows':
      return (
        Array.isArray(value) &&
        value.length <= type.maxRows &&
        (value as readonly Json[]).every((row) => isRow(type.columns, row))
      )
    default:
      return false
  }
}

function isRow(columns: { readonly [name: string]: z.infer<typeof column> }, row: Json): boolean {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return false
  const cells = row as { readonly [name: string]: Json }
  if (Object.keys(cells).some((key) => !Object.hasOwn(columns, key))) return false
  return Object.entries(columns).every(([key, spec]) => {
    const cell = Object.hasOwn(cells, key) ? cells[key] : undefined
    if (cell === 'unknown' && 'options' in spec) return true
    if (cell === undefined) return false
    if ('options' in spec) return typeof cell === 'string' && spec.options.includes(cell)
    if ('text' in spec) return isText(cell, spec.text)
    if ('name' in spec) return typeof cell === 'string' && /^[\w.:/-]{1,100}$/.test(cell)
    return (
      Number.isSafeInteger(cell) && (cell as number) >= spec.integer[0] && (cell as number) <= spec.integer[1]
    )
  })
}

function isText(value: Json, max: number): boolean {
  // Control characters other than line breaks and tabs have no place in a form.
  return (
    typeof value === 'string' && value.length <= max && value.trim() !== '' && !/[^\P{Cc}\n\r\t]/u.test(value)
  )
}

/**
 * Each option that is asked must have its place in the order that ranks it, and stand in the same sequence. The order may
 * have more: so the next policy can rank an option first, and the next questionnaire ask it.
 */
function fitsOrder({ key, type }: Question, orders: Orders): boolean {
  const order = Object.hasOwn(orders, key) ? orders[key] : undefined
  if (order === undefined) return true
  switch (order.k) {
    case 'chain':
      return type.k === 'choice' && isPartOf(type.options, order.options)
    case 'set':
      return type.k === 'multi_choice' && isPartOf(type.options, order.options)
    case 'bands':
      return type.k === 'integer'
    case 'rows':
      return (
        type.k === 'rows' &&
        Object.entries(order.columns).every(([columnName, options]) => {
          const spec = Object.hasOwn(type.columns, columnName) ? type.columns[columnName] : undefined
          return spec !== undefined && 'options' in spec && isPartOf(spec.options, options)
        })
      )
    default:
      return unreachable(order)
  }
}
