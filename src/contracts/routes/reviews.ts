import { z } from 'zod'
import { environments, functions } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant, longText, revision } from '../schemas.ts'

const tag = 'reviews'
const person = idOf('user')
const kind = z.enum(['legal', 'privacy', 'security', 'vendor', 'dpia', 'fria'])
const state = z.enum([
  'required',
  'assigned',
  'in_progress',
  'info_requested',
  'signed_off',
  'signed_off_with_conditions',
  'objected',
  'not_needed',
  'stale',
])
const subject = z.strictObject({ useCaseRevision: digest, release: digest.nullable() })
const reviewParams = z.strictObject({ id: idOf('review') })

const conditionTerms = {
  phase: z.enum(['before_deploy', 'after_deploy']),
  due: instant,
  owner: person,
  onBreach: z.enum(['suspend', 'shadow', 'notify']),
  attester: z.enum(functions),
}

const summary = z.strictObject({
  id: idOf('review'),
  useCaseId: idOf('useCase'),
  title: z.string(),
  kind,
  tier: z.int(),
  state,
  subject,
  lead: person.nullable(),
  due: instant,
  isOverdue: z.boolean(),
  createdAt: instant,
})

/** What somebody wrote about a review. Texts are null once they are erased. */
const note = z.strictObject({
  event: z.string(),
  at: instant,
  by: person.nullable(),
  text: z.string().nullable(),
  /** Of a report: its digest, and the random part that makes up the digest together with the texts. */
  report: digest.nullable(),
  salt: z.string().nullable(),
  conditions: z.array(z.strictObject({ text: z.string(), salt: z.string() })),
})

export const listReviews = route({
  id: 'reviews.list',
  method: 'GET',
  path: '/api/v1/reviews',
  tag,
  summary: 'Reviews that the caller may read: newest first, or the next due first',
  access: { signedIn: true },
  query: pageQuery(['-createdAt', 'due'], {
    useCaseId: idOf('useCase').optional(),
    kind: kind.optional(),
    state: state.optional(),
    lead: person.optional(),
    overdue: z.enum(['true', 'false']).optional(),
  }),
  reply: pageOf(summary),
})

export const readReview = route({
  id: 'reviews.read',
  method: 'GET',
  path: '/api/v1/reviews/:id',
  tag,
  summary: 'A review with why it is required, its reports and the conditions under which it was signed off',
  access: { signedIn: true },
  params: reviewParams,
  reply: z.strictObject({
    ...summary.shape,
    revision,
    firedBy: z.array(z.string()),
    isTier3Default: z.boolean(),
    signedBy: person.nullable(),
    report: digest.nullable(),
    conditions: z.array(
      z.strictObject({ ...conditionTerms, textDigest: digest, proposedBy: z.enum(functions) }),
    ),
    notes: z.array(note),
  }),
})

export const assignReview = route({
  id: 'reviews.assign',
  method: 'POST',
  path: '/api/v1/reviews/:id/assign',
  tag,
  summary: 'Assign a review to whoever will lead it; the lead of its function decides',
  access: { permission: 'review.sign' },
  params: reviewParams,
  body: z.strictObject({ lead: person }),
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE', 'NOT_THE_LEAD', 'PERSON_INACTIVE'],
})

export const startReview = route({
  id: 'reviews.start',
  method: 'POST',
  path: '/api/v1/reviews/:id/start',
  tag,
  summary: 'Start to work on a review',
  access: { permission: 'review.sign' },
  params: reviewParams,
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE', 'NOT_OF_THE_FUNCTION'],
})

export const askInReview = route({
  id: 'reviews.ask',
  method: 'POST',
  path: '/api/v1/reviews/:id/ask',
  tag,
  summary: 'Ask requester and owners for information; the review waits for it',
  access: { permission: 'review.sign' },
  params: reviewParams,
  body: z.strictObject({ text: longText }),
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE', 'NOT_OF_THE_FUNCTION'],
})

export const answerReview = route({
  id: 'reviews.answer',
  method: 'POST',
  path: '/api/v1/reviews/:id/answer',
  tag,
  summary: 'Tell that what was asked for has been provided',
  access: { signedIn: true },
  params: reviewParams,
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE'],
})

export const signOffReview = route({
  id: 'reviews.signOff',
  method: 'POST',
  path: '/api/v1/reviews/:id/sign-off',
  tag,
  summary: 'Sign a review off with its report, under conditions or none',
  access: { permission: 'review.sign' },
  params: reviewParams,
  body: z.strictObject({
    subject,
    summary: longText,
    conditions: z
      .array(z.strictObject({ ...conditionTerms, text: z.string().trim().min(1).max(2_000) }))
      .max(20)
      .default([]),
  }),
  reply: z.strictObject({ report: digest }),
  revision: 'required',
  refuses: [
    'WRONG_STATE',
    'NOT_OF_THE_FUNCTION',
    'OWNER_CONFLICT',
    'STEP_UP_REQUIRED',
    'STALE_SUBJECT',
    'TEMPLATE_INCOMPLETE',
    'CONDITION_DUE_IN_THE_PAST',
    'CONDITION_OWNER_ATTESTS',
    'NOTIFY_NOT_ENOUGH',
    'PERSON_INACTIVE',
  ],
})

export const objectInReview = route({
  id: 'reviews.object',
  method: 'POST',
  path: '/api/v1/reviews/:id/object',
  tag,
  summary: 'End a review with an objection; no waiver covers it',
  access: { permission: 'review.sign' },
  params: reviewParams,
  body: z.strictObject({ subject, summary: longText }),
  reply: z.strictObject({ report: digest }),
  revision: 'required',
  refuses: [
    'WRONG_STATE',
    'NOT_OF_THE_FUNCTION',
    'OWNER_CONFLICT',
    'STEP_UP_REQUIRED',
    'STALE_SUBJECT',
    'TEMPLATE_INCOMPLETE',
  ],
})

export const dismissReview = route({
  id: 'reviews.notNeeded',
  method: 'POST',
  path: '/api/v1/reviews/:id/not-needed',
  tag,
  summary: 'Declare a review not needed; never one that tier 3 demands by default',
  access: { permission: 'review.sign' },
  params: reviewParams,
  body: z.strictObject({
    reasonCode: z.string().regex(/^[a-z][a-z0-9_]{1,63}$/, 'a reason code such as `covered_by_other`'),
    text: longText,
  }),
  reply: empty,
  revision: 'required',
  refuses: ['WRONG_STATE', 'NOT_THE_LEAD', 'OWNER_CONFLICT', 'STEP_UP_REQUIRED', 'TIER_3_REVIEW_NEEDED'],
})

const checkId = z.string().regex(/^[a-z][a-z0-9_]{1,63}$/, 'a check such as `injection_suite`')
const environment = z.enum(environments)
const result = z.enum(['pass', 'fail', 'inconclusive'])

export const recordCheck = route({
  id: 'checks.record',
  method: 'POST',
  path: '/api/v1/checks',
  tag,
  summary: 'Record what a check found on a release; a later result replaces an earlier one',
  access: { permission: 'check.record' },
  body: z.strictObject({
    checkId,
    release: digest,
    environment,
    result,
    artefactDigest: digest,
    validUntil: instant,
  }),
  reply: empty,
  refuses: [
    'NOT_A_VALIDATOR',
    'VALIDATOR_NOT_INDEPENDENT',
    'VALIDITY_OUT_OF_RANGE',
    'OTHER_CHECK',
    'STEP_UP_REQUIRED',
  ],
})

export const listChecks = route({
  id: 'checks.list',
  method: 'GET',
  path: '/api/v1/checks',
  tag,
  summary: 'The newest result of each check on a release, and what it says now',
  access: { permission: 'useCase.read' },
  query: pageQuery(['id'], { release: digest, environment: environment.optional() }),
  reply: pageOf(
    z.strictObject({
      checkId: z.string(),
      release: digest,
      environment,
      result,
      status: z.enum(['pass', 'fail', 'inconclusive', 'expired']),
      artefactDigest: digest,
      by: z.string(),
      recordedAt: instant,
      validUntil: instant,
    }),
  ),
})

export const reviewRoutes = [
  listReviews,
  readReview,
  assignReview,
  startReview,
  askInReview,
  answerReview,
  signOffReview,
  objectInReview,
  dismissReview,
  recordCheck,
  listChecks,
] as const
