import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { empty, idOf, instant, longText, shortText } from '../schemas.ts'

const tag = 'retention'
const person = idOf('user')
const holdParams = z.strictObject({ id: idOf('hold') })
const holdState = z.enum(['in_force', 'released'])
const subject = z.discriminatedUnion('k', [
  z.strictObject({ k: z.literal('person'), id: person }),
  z.strictObject({ k: z.literal('use_case'), id: idOf('useCase') }),
  z.strictObject({ k: z.literal('installation') }),
])
const holdView = z.strictObject({
  id: idOf('hold'),
  state: holdState,
  subject,
  placedBy: person,
  placedAt: instant,
  releasedBy: person.nullable(),
  releasedAt: instant.nullable(),
})

export const placeHold = route({
  id: 'holds.place',
  method: 'POST',
  path: '/api/v1/holds',
  tag,
  summary:
    'Keep everything of a person, about a use case, or at all: nothing of it is erased until the release',
  access: { permission: 'hold.place', proof: 'session_mfa' },
  body: z.strictObject({ subject, matter: shortText, reason: longText }),
  reply: z.strictObject({ id: idOf('hold') }),
  status: 201,
  refuses: ['PERSON_REQUIRED', 'FUNCTION_REQUIRED', 'SUBJECT_UNKNOWN', 'SUBJECT_ERASED', 'REASON_REQUIRED'],
})

export const releaseHold = route({
  id: 'holds.release',
  method: 'POST',
  path: '/api/v1/holds/:id/release',
  tag,
  summary: 'Release a hold, as somebody of the legal function who did not place it',
  access: { permission: 'hold.release', proof: 'recent_auth' },
  params: holdParams,
  body: z.strictObject({ reason: longText }),
  reply: empty,
  refuses: [
    'WRONG_STATE',
    'PERSON_REQUIRED',
    'FUNCTION_REQUIRED',
    'SELF_APPROVAL',
    'CONFLICT_OF_INTEREST',
    'REASON_REQUIRED',
    'STEP_UP_REQUIRED',
  ],
})

export const listHolds = route({
  id: 'holds.list',
  method: 'GET',
  path: '/api/v1/holds',
  tag,
  summary: 'Legal holds by descending id, for the legal and privacy functions, administrators and auditors',
  access: { permission: 'hold.read' },
  query: pageQuery(['-id'], {
    state: holdState.optional(),
    subject: z.enum(['person', 'use_case', 'installation']).optional(),
    subjectId: z.union([person, idOf('useCase')]).optional(),
  }),
  reply: pageOf(holdView),
})

export const readHold = route({
  id: 'holds.read',
  method: 'GET',
  path: '/api/v1/holds/:id',
  tag,
  summary: 'A legal hold; why it stands is shown to the legal and privacy functions',
  access: { permission: 'hold.read' },
  params: holdParams,
  reply: z.strictObject({
    ...holdView.shape,
    notes: z.array(
      z.strictObject({
        event: z.string(),
        at: instant,
        matter: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    ),
  }),
})

const redactionState = z.enum(['requested', 'redacted'])
const basis = z.enum(['gdpr_17', 'retention_expired', 'court_order', 'contract'])

export const redactEntry = route({
  id: 'redactions.redact',
  method: 'POST',
  path: '/api/v1/ledger/entries/:id/redactions',
  tag,
  summary:
    'Ask that the text of one entry goes, or take it away for good as the second person of the privacy or legal function',
  access: { permission: 'text.redact', proof: 'recent_auth' },
  params: z.strictObject({ id: idOf('event') }),
  body: z.strictObject({ basis, reason: longText }),
  reply: z.strictObject({ state: redactionState }),
  refuses: [
    'WRONG_STATE',
    'PERSON_REQUIRED',
    'FUNCTION_REQUIRED',
    'NOT_REDACTABLE',
    'NOTHING_SEALED',
    'ON_HOLD',
    'SELF_APPROVAL',
    'REASON_REQUIRED',
    'STEP_UP_REQUIRED',
  ],
})

export const listRedactions = route({
  id: 'redactions.list',
  method: 'GET',
  path: '/api/v1/redactions',
  tag,
  summary: 'Texts that wait for a second person or have gone, asked for last first',
  access: { permission: 'hold.read' },
  query: pageQuery(['-requestedAt'], { state: redactionState.optional() }),
  reply: pageOf(
    z.strictObject({
      entry: idOf('event'),
      stream: z.string(),
      kind: z.string(),
      basis,
      state: redactionState,
      requestedBy: person,
      requestedAt: instant,
      redactedBy: person.nullable(),
      redactedAt: instant.nullable(),
    }),
  ),
})

export const retentionRoutes = [
  placeHold,
  releaseHold,
  listHolds,
  readHold,
  redactEntry,
  listRedactions,
] as const
