import { z } from 'zod'
import {
  digestOf,
  documentFault,
  legalClasses,
  schemaFaults,
  type Digest,
  type DocumentFault,
  type LegalClass,
  type Tier,
} from '../../kernel/index.ts'
import { valueOf, type Answers } from './answers.ts'
import { levelOf } from './order.ts'
import { compile, upPredicate, type Levels, type Orders, type UpPredicate } from './predicate.ts'

export const reviewKinds = ['legal', 'privacy', 'security', 'vendor', 'dpia', 'fria'] as const
export type ReviewKind = (typeof reviewKinds)[number]

export type TriggerCondition =
  | { readonly tierAtLeast: Tier }
  | { readonly legalClass: readonly LegalClass[] }
  | { readonly answers: UpPredicate }
  | { readonly all: readonly TriggerCondition[] }

const condition: z.ZodType<TriggerCondition> = z.lazy(() =>
  z.union([
    z.strictObject({ tierAtLeast: z.union([z.literal(1), z.literal(2), z.literal(3)]) }),
    z.strictObject({ legalClass: z.array(z.enum(legalClasses)).min(1) }),
    z.strictObject({ answers: upPredicate }),
    z.strictObject({ all: z.array(condition).min(1) }),
  ]),
)
const schema = z.strictObject({
  key: z.string().min(1),
  version: z.int().min(1),
  triggers: z.array(z.strictObject({ id: z.string().min(1), review: z.enum(reviewKinds), when: condition })),
})

/** Which reviews a use case needs. An unknown answer is the worst one, so it fires. */
export type TriggerPolicy = Readonly<z.infer<typeof schema>>
export type ParsedTriggers =
  | { readonly ok: true; readonly policy: TriggerPolicy; readonly digest: Digest }
  | { readonly ok: false; readonly faults: readonly DocumentFault[] }

export type TriggeredReview = { readonly kind: ReviewKind; readonly triggerIds: readonly string[] }

/** Reads a trigger policy whose predicates must fit `orders`. */
export function parseTriggers(json: unknown, orders: Orders): ParsedTriggers {
  const parsed = schema.safeParse(json)
  if (!parsed.success) return { ok: false, faults: schemaFaults(parsed.error) }
  const faults = parsed.data.triggers.flatMap(({ id, when }) =>
    faultsOf(when, orders).map((fault) => documentFault(['triggers', id], fault)),
  )
  if (new Set(parsed.data.triggers.map(({ id }) => id)).size !== parsed.data.triggers.length)
    faults.push(documentFault(['triggers'], 'two triggers have the same id'))
  if (faults.length > 0) return { ok: false, faults }
  return { ok: true, policy: parsed.data, digest: digestOf(parsed.data) }
}

/** The reviews that fire, one for each kind with every trigger that asked for it. */
export function triggeredReviews(
  policy: TriggerPolicy,
  orders: Orders,
  subject: { readonly answers: Answers; readonly tier: Tier; readonly legalClass: LegalClass },
): readonly TriggeredReview[] {
  const levels: Levels = Object.fromEntries(
    Object.entries(orders).map(([key, order]) => [key, levelOf(order, valueOf(subject.answers, key))]),
  )
  const fires = (when: TriggerCondition): boolean => {
    if ('tierAtLeast' in when) return subject.tier >= when.tierAtLeast
    if ('legalClass' in when) return when.legalClass.includes(subject.legalClass)
    if ('all' in when) return when.all.every(fires)
    const test = compile(when.answers, orders)
    return typeof test === 'string' || test(levels) // a predicate that does not fit fires
  }
  const fired = policy.triggers.filter(({ when }) => fires(when))
  return reviewKinds.flatMap((kind) => {
    const triggerIds = fired.filter(({ review }) => review === kind).map(({ id }) => id)
    return triggerIds.length === 0 ? [] : [{ kind, triggerIds: triggerIds.toSorted() }]
  })
}

function faultsOf(when: TriggerCondition, orders: Orders): string[] {
  if ('all' in when) return when.all.flatMap((part) => faultsOf(part, orders))
  if (!('answers' in when)) return []
  const test = compile(when.answers, orders)
  return typeof test === 'string' ? [test] : []
}
