import { z } from 'zod'
import { functions, legalClasses } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant, revision, shortText } from '../schemas.ts'

const tag = 'intake'
const key = z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/, 'a question key')
/** Values are checked against the questionnaire: each fault names its question. */
const answers = z.record(key, z.unknown())
const person = idOf('user')
const owners = z.strictObject({
  business: person.nullable().optional(),
  technical: person.nullable().optional(),
  backup: person.nullable().optional(),
})
const reasonCode = z.string().regex(/^[a-z][a-z0-9_]{1,63}$/, 'a reason code such as `no_longer_needed`')
const reason = z.string().trim().min(1).max(4_000)
const useCaseParams = z.strictObject({ id: idOf('useCase') })
const tier = z.union([z.literal(1), z.literal(2), z.literal(3)])
const states = ['draft', 'submitted', 'needs_info', 'triaged', 'duplicate', 'withdrawn', 'retired'] as const

const changed = z.strictObject({ state: z.enum(states), revision })

const assessment = z.strictObject({
  tier,
  floor: tier,
  points: z.int(),
  perDimension: z.record(z.string(), z.int()),
  fired: z.array(z.strictObject({ id: z.string(), tier: z.int(), why: z.string() })),
  unknowns: z.array(z.string()),
})
const legal = z.strictObject({
  class: z.enum(legalClasses),
  cleared: z.boolean(),
  basis: z.array(z.string()),
  gpai: z.boolean(),
})
const lowerIf = z.array(z.strictObject({ key: z.string(), to: z.unknown(), tier }))
const reviewsNeeded = z.array(z.strictObject({ kind: z.string(), triggerIds: z.array(z.string()) }))

const summary = z.strictObject({
  id: idOf('useCase'),
  title: z.string(),
  state: z.enum(states),
  tier: tier.nullable(),
  legalClass: z.enum(legalClasses).nullable(),
  unit: idOf('unit').nullable(),
  requester: person,
  businessOwner: person.nullable(),
  technicalOwner: person.nullable(),
  /** When it was last submitted. */
  submittedAt: instant.nullable(),
  triageDue: instant.nullable(),
  updatedAt: instant,
})

/** A column of a row table: one of a list, text, a technical name, or a whole number. */
const column = z.union([
  z.strictObject({ options: z.array(z.string()) }),
  z.strictObject({ text: z.int() }),
  z.strictObject({ name: z.literal(true) }),
  z.strictObject({ integer: z.tuple([z.int(), z.int()]) }),
])
const question = z.strictObject({
  key: z.string(),
  section: z.string(),
  required: z.boolean(),
  label: z.string(),
  help: z.string().optional(),
  /** Why it is asked. */
  why: z.string().optional(),
  type: z.discriminatedUnion('k', [
    z.strictObject({ k: z.literal('text'), max: z.int() }),
    z.strictObject({ k: z.literal('choice'), options: z.array(z.string()) }),
    z.strictObject({ k: z.literal('multi_choice'), options: z.array(z.string()) }),
    z.strictObject({ k: z.literal('integer'), min: z.int(), max: z.int() }),
    z.strictObject({
      k: z.literal('rows'),
      columns: z.record(z.string(), column),
      order: z.array(z.string()),
      maxRows: z.int(),
    }),
  ]),
  /** Whether the answers so far ask for it; `tier.assess` tells which are visible. */
  visibleWhen: z.unknown().optional(),
  /** Whether its answer counts for the tier; unanswered or unknown it then counts as its worst answer. */
  countsForTier: z.boolean(),
})
const signature = z.strictObject({ by: person, fn: z.enum(functions) })

/** One turn between those who ask for the use of AI and those who triage. */
const exchange = z.strictObject({
  e: z.enum(['asked', 'submitted']),
  at: instant,
  by: person.nullable(),
  /** Asked about, or answered since the last turn. */
  keys: z.array(z.string()),
  text: z.string().nullable(),
})

export const listQuestionnaires = route({
  id: 'questionnaires.list',
  method: 'GET',
  path: '/api/v1/questionnaires',
  tag,
  summary: 'Questionnaires that a request may be made with',
  access: { signedIn: true },
  query: empty,
  reply: z.strictObject({ items: z.array(z.strictObject({ key: z.string(), version: z.int(), digest })) }),
})

export const readQuestionnaire = route({
  id: 'questionnaires.read',
  method: 'GET',
  path: '/api/v1/questionnaires/:key',
  tag,
  summary: 'A questionnaire with labels, help, and why each question is asked',
  access: { signedIn: true },
  params: z.strictObject({ key: shortText }),
  reply: z.strictObject({
    key: z.string(),
    version: z.int(),
    digest,
    sections: z.array(z.strictObject({ key: z.string(), title: z.string() })),
    questions: z.array(question),
  }),
})

export const startUseCase = route({
  id: 'useCases.start',
  method: 'POST',
  path: '/api/v1/use-cases',
  tag,
  summary: 'Ask for a use of AI: opens a draft',
  access: { permission: 'useCase.start' },
  body: z.strictObject({ answers, owners, unit: idOf('unit').optional() }),
  reply: z.strictObject({ id: idOf('useCase'), revision }),
  status: 201,
  refuses: ['PERSON_REQUIRED', 'UNKNOWN_QUESTION', 'ANSWER_INVALID'],
})

export const changeAnswers = route({
  id: 'useCases.change',
  method: 'PATCH',
  path: '/api/v1/use-cases/:id/answers',
  tag,
  summary: 'Change answers or owners of a draft; only requester and owners may',
  access: { permission: 'useCase.edit' },
  params: useCaseParams,
  body: z.strictObject({
    answers,
    owners: owners.optional(),
    source: z.enum(['person', 'import', 'suggested']).optional(),
  }),
  reply: changed,
  revision: 'required',
  refuses: ['WRONG_STATE', 'NOT_THE_OWNER', 'UNKNOWN_QUESTION', 'ANSWER_INVALID'],
})

const command = <const I extends string, B extends z.ZodObject>(spec: {
  readonly id: `useCases.${I}`
  readonly path: string
  readonly summary: string
  readonly permission: string
  readonly body: B
  readonly refuses: readonly string[]
}) =>
  route({
    id: spec.id,
    method: 'POST',
    path: `/api/v1/use-cases/:id/${spec.path}`,
    tag,
    summary: spec.summary,
    access: { permission: spec.permission },
    params: useCaseParams,
    body: spec.body,
    reply: changed,
    revision: 'required',
    refuses: ['WRONG_STATE', ...spec.refuses],
  })

export const confirmAnswers = command({
  id: 'useCases.confirm',
  path: 'confirm',
  summary: 'Stand behind answers that an assistant or an import suggested',
  permission: 'useCase.edit',
  body: z.strictObject({ keys: z.array(key).min(1).max(500) }),
  refuses: ['NOT_THE_OWNER'],
})
export const submitUseCase = command({
  id: 'useCases.submit',
  path: 'submit',
  summary: 'Submit a draft, or what was asked for, to triage',
  permission: 'useCase.edit',
  body: z.strictObject({
    notDuplicates: z.array(idOf('useCase')).max(200).optional(),
    text: reason.optional(),
  }),
  refuses: [
    'NOT_THE_OWNER',
    'ANSWER_REQUIRED',
    'OWNER_REQUIRED',
    'OWNER_INACTIVE',
    'OWNERS_MUST_DIFFER',
    'BACKUP_OWNER_REQUIRED',
    'DUPLICATE_UNDECIDED',
  ],
})
export const askUseCase = command({
  id: 'useCases.ask',
  path: 'ask',
  summary: 'Ask the requester about answers; the triage clock pauses',
  permission: 'useCase.triage',
  body: z.strictObject({ keys: z.array(key).min(1).max(500), text: reason }),
  refuses: ['QUESTION_REQUIRED', 'UNKNOWN_QUESTION'],
})
export const triageUseCase = command({
  id: 'useCases.triage',
  path: 'triage',
  summary: 'Triage: tier, legal class and reviews are computed from the answers',
  permission: 'useCase.triage',
  body: empty,
  refuses: ['SELF_TRIAGE'],
})
export const mergeUseCase = command({
  id: 'useCases.merge',
  path: 'merge',
  summary: 'Declare a use case a duplicate of another',
  permission: 'useCase.triage',
  body: z.strictObject({ into: idOf('useCase') }),
  refuses: ['MERGE_TARGET_INVALID', 'LIVE_DEPLOYMENT'],
})
export const withdrawUseCase = command({
  id: 'useCases.withdraw',
  path: 'withdraw',
  summary: 'Withdraw a request that runs nowhere',
  permission: 'useCase.edit',
  body: z.strictObject({ reasonCode }),
  refuses: ['NOT_THE_OWNER', 'LIVE_DEPLOYMENT'],
})
export const retireUseCase = command({
  id: 'useCases.retire',
  path: 'retire',
  summary: 'End a use case; everything under it is blocked from then on',
  permission: 'stop.order',
  body: z.strictObject({ reasonCode }),
  refuses: [],
})
export const reviseUseCase = command({
  id: 'useCases.revise',
  path: 'revise',
  summary: 'Open the next revision; what was triaged stays in force until it is triaged too',
  permission: 'useCase.edit',
  body: empty,
  refuses: ['NOT_THE_OWNER'],
})
export const changeOwner = command({
  id: 'useCases.changeOwner',
  path: 'owner',
  summary: 'Hand a role of ownership to somebody else',
  permission: 'useCase.edit',
  body: z.strictObject({ role: z.enum(['business', 'technical', 'backup']), to: person }),
  refuses: ['NOT_THE_OWNER', 'OWNER_INACTIVE', 'OWNERS_MUST_DIFFER'],
})
export const overrideTier = command({
  id: 'useCases.overrideTier',
  path: 'tier/overrides',
  summary: 'Raise the tier, or sign for lowering it by one for a time',
  permission: 'tier.override',
  body: z.strictObject({
    direction: z.enum(['up', 'down']),
    to: z.union([z.literal(2), z.literal(3)]).optional(),
    days: z.int().min(1).max(90).optional(),
    reason,
  }),
  refuses: [
    'FUNCTION_REQUIRED',
    'REASON_REQUIRED',
    'OWNER_CONFLICT',
    'UP_OVERRIDE_STANDS',
    'NOTHING_TO_LOWER',
    'ALREADY_SIGNED',
    'LIFETIME_OUT_OF_RANGE',
  ],
})
export const decideLegalClass = command({
  id: 'useCases.legalClass',
  path: 'legal-class',
  summary: 'Confirm an exception with reasons, or clear what was prohibited: people of the legal function',
  permission: 'legal.confirm',
  body: z.strictObject({ act: z.enum(['article_6_3', 'out_of_scope', 'clear_prohibited']), reason }),
  refuses: [
    'FUNCTION_REQUIRED',
    'REASON_REQUIRED',
    'OWNER_CONFLICT',
    'CONFIRMATION_DOES_NOT_APPLY',
    'NOT_PROHIBITED',
    'STILL_PROHIBITED',
    'ALREADY_SIGNED',
  ],
})

export const listUseCases = route({
  id: 'useCases.list',
  method: 'GET',
  path: '/api/v1/use-cases',
  tag,
  summary: 'Use cases that the caller may read: last changed first, or the next due for triage first',
  access: { signedIn: true },
  query: pageQuery(['-updatedAt', 'triageDue'], {
    state: z.enum(states).optional(),
    unit: idOf('unit').optional(),
    tier: z.coerce.number().int().min(1).max(3).optional(),
    owner: person.optional(),
    q: shortText.optional(),
  }),
  reply: pageOf(summary),
})

export const readUseCase = route({
  id: 'useCases.read',
  method: 'GET',
  path: '/api/v1/use-cases/:id',
  tag,
  summary: 'A use case with its answers, tier, legal class and what was asked',
  access: { signedIn: true },
  params: useCaseParams,
  reply: z.strictObject({
    ...summary.shape,
    backupOwner: person.nullable(),
    /** Number of changes of the record, for If-Match. */
    revision,
    /** Number of the revision of the answers. */
    answersRevision: z.int(),
    revisionDigest: digest.nullable(),
    revisionInForce: digest.nullable(),
    answers: z.record(
      z.string(),
      z.strictObject({ value: z.unknown(), source: z.string(), confirmedBy: person.nullable() }),
    ),
    asked: z.array(z.string()),
    triagedBy: person.nullable(),
    assessment: assessment.nullable(),
    legal: legal.nullable(),
    reviews: reviewsNeeded,
    mergedInto: idOf('useCase').nullable(),
    exchanges: z.array(exchange),
    /** What raised the tier, and who has signed for lowering it; without an end the second signature is missing. */
    override: z.strictObject({
      up: z.strictObject({ to: tier, by: person }).nullable(),
      down: z
        .strictObject({ signed: z.array(signature), days: z.int(), endsAt: instant.nullable() })
        .nullable(),
    }),
    /** Who of the legal function has cleared a finding of a prohibited practice. */
    prohibited: z.strictObject({ clearedBy: z.array(person), cleared: z.boolean() }).nullable(),
    /** Permissions that the caller has on this use case. */
    permitted: z.array(z.string()),
  }),
})

export const explainTier = route({
  id: 'useCases.tier',
  method: 'GET',
  path: '/api/v1/use-cases/:id/tier',
  tag,
  summary: 'Why the use case has its tier, and which single answers would lower it',
  access: { signedIn: true },
  params: useCaseParams,
  reply: z.strictObject({
    effective: tier,
    computed: assessment,
    /** What counts now. */
    legal,
    /** What the present answers would give at triage. */
    computedLegal: legal,
    reviews: reviewsNeeded,
    lowerIf,
  }),
})

export const useCaseDuplicates = route({
  id: 'useCases.duplicates',
  method: 'GET',
  path: '/api/v1/use-cases/:id/duplicates',
  tag,
  summary: 'Use cases that look like this one, in basis points of likeness',
  access: { signedIn: true },
  params: useCaseParams,
  reply: z.strictObject({
    items: z.array(
      z.strictObject({
        id: idOf('useCase'),
        title: z.string(),
        scoreBp: z.int(),
        /** So alike that whoever submits must say whether it is the same. */
        mustDecide: z.boolean(),
      }),
    ),
  }),
})

export const assessAnswers = route({
  id: 'tier.assess',
  method: 'POST',
  path: '/api/v1/tier/assess',
  tag,
  summary: 'What tier, legal class and reviews these answers would give; nothing is stored',
  access: { signedIn: true },
  body: z.strictObject({ answers }),
  reply: z.strictObject({
    computed: assessment,
    legal,
    reviews: reviewsNeeded,
    lowerIf,
    visible: z.array(z.string()),
  }),
  idempotent: false,
  refuses: ['UNKNOWN_QUESTION', 'ANSWER_INVALID'],
})

export const intakeRoutes = [
  listQuestionnaires,
  readQuestionnaire,
  startUseCase,
  changeAnswers,
  confirmAnswers,
  submitUseCase,
  askUseCase,
  triageUseCase,
  mergeUseCase,
  withdrawUseCase,
  retireUseCase,
  reviseUseCase,
  changeOwner,
  overrideTier,
  decideLegalClass,
  listUseCases,
  readUseCase,
  explainTier,
  useCaseDuplicates,
  assessAnswers,
] as const
