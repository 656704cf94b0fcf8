import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant } from '../schemas.ts'
import { findingKinds, severities } from './gateway.ts'

const tag = 'guard'
export const guardMarks = ['true_positive', 'false_positive', 'benign_in_context'] as const
export const guardMarkReasons = [
  'attack_confirmed',
  'data_confirmed',
  'quotes_an_attack',
  'security_work',
  'known_template',
  'not_what_it_says',
  'test_by_us',
  'other',
] as const
/** The channels of `src/guard/text.ts`; `guard-words.test.ts` holds them together. */
export const guardChannels = [
  'system',
  'user',
  'document',
  'tool_result',
  'tool_def',
  'model',
  'reasoning',
  'tool_args',
  'unknown',
] as const

const count = z.int().min(0)
const mark = z.enum(guardMarks)
const reason = z.enum(guardMarkReasons)

export const readGuardCapabilities = route({
  id: 'guard.capabilities',
  method: 'GET',
  path: '/api/v1/guard/capabilities',
  tag,
  summary: 'What the guard of this installation finds and what it cannot, and the card of its model',
  access: { signedIn: true },
  reply: z.strictObject({
    detectors: digest,
    model: digest.nullable(),
    /** What the weights say of their data, training and measures; null where there are none. */
    header: z.unknown(),
    languages: z.array(z.string()),
    kinds: z.array(z.enum(findingKinds)),
    /** What no detector here finds. */
    unsupported: z.array(z.string()),
    /** Least time in shadow before a version may become active. */
    shadow: z.strictObject({ hours: count, requests: count }),
  }),
})

export const readGuardHits = route({
  id: 'guard.hits',
  method: 'GET',
  path: '/api/v1/guard/hits',
  tag,
  summary: 'How often which rule found something in which channel, and what analysts say of it',
  access: { permission: 'useCase.read' },
  query: z.strictObject({ from: instant, to: instant, deployment: idOf('deployment').optional() }),
  reply: z.strictObject({
    from: instant,
    to: instant,
    /** Calls that were inspected. */
    calls: count,
    rules: z.array(
      z.strictObject({
        rule: z.string(),
        channel: z.string(),
        flagged: count,
        redacted: count,
        blocked: count,
      }),
    ),
    marks: z.array(z.strictObject({ rule: z.string(), truePositive: count, falsePositive: count })),
    /** Texts of requests that are long enough to tell, by deployment; in an advisory language the scorer decides nothing. */
    languages: z.array(
      z.strictObject({
        deploymentId: idOf('deployment'),
        title: z.string(),
        supported: count,
        advisory: count,
      }),
    ),
    series: z.array(z.strictObject({ at: instant, calls: count, findings: count })),
  }),
})

export const recordGuardFeedback = route({
  id: 'guardFeedback.record',
  method: 'POST',
  path: '/api/v1/guard/findings/:record/:finding/feedback',
  tag,
  summary: 'Say what a finding of a record was; it changes nothing that the guard does',
  access: { signedIn: true },
  params: z.strictObject({ record: idOf('record'), finding: z.coerce.number().int().min(0).max(15) }),
  body: z.strictObject({ mark, reason }),
  reply: empty,
  refuses: ['FINDING_UNKNOWN', 'NOTHING_CHANGED'],
})

export const readRecordFeedback = route({
  id: 'guardFeedback.ofRecord',
  method: 'GET',
  path: '/api/v1/guard/findings/:record/feedback',
  tag,
  summary: 'What was said of the findings of a record',
  access: { permission: 'useCase.read' },
  params: z.strictObject({ record: idOf('record') }),
  reply: z.strictObject({
    marks: z.array(z.strictObject({ finding: count, mark, reason: z.string(), by: z.string() })),
  }),
})

export const listGuardFeedback = route({
  id: 'guardFeedback.list',
  method: 'GET',
  path: '/api/v1/guard/feedback',
  tag,
  summary: 'What analysts have said of findings, by text and deployment, the last first',
  access: { permission: 'useCase.read' },
  query: pageQuery(['-at'], {
    deployment: idOf('deployment').optional(),
    rule: z.string().min(1).max(80).optional(),
    mark: mark.optional(),
    /** `open`: nothing was done about it; `done`: it passes, or a draft or a version in shadow lets it pass. */
    state: z.enum(['open', 'done']).optional(),
  }),
  reply: pageOf(
    z.strictObject({
      deploymentId: idOf('deployment'),
      title: z.string(),
      rule: z.string(),
      kind: z.string(),
      channel: z.string(),
      /** Null where no policy could let it pass. */
      window: digest.nullable(),
      marks: z.strictObject({ true_positive: count, false_positive: count, benign_in_context: count }),
      lastReason: reason,
      lastAt: instant,
      lastRecord: idOf('record'),
      lastFinding: count,
      /** Whether the text is kept by which its score could be explained; `no_score`: another rule has found it. */
      text: z.enum(['kept', 'not_kept', 'no_score']),
      zMilli: z.int().nullable(),
      /** Calls of the last 30 days with this text. */
      calls: count.nullable(),
      allowedUntil: instant.nullable(),
      isProposed: z.boolean(),
    }),
  ),
})

export const explainGuardFinding = route({
  id: 'guardFeedback.explain',
  method: 'POST',
  path: '/api/v1/guard/findings/:record/:finding/features',
  tag,
  summary:
    'The n-grams on which the score of a recorded finding rests, as far as its text is kept; opening it is an entry of the ledger',
  access: { permission: 'content.read', proof: 'recent_auth' },
  params: z.strictObject({ record: idOf('record'), finding: z.coerce.number().int().min(0).max(15) }),
  body: z.strictObject({ reason: z.string().trim().min(1).max(2_000) }),
  reply: z.strictObject({
    /** By the weights of now; `share` below zero speaks against an attack. */
    features: z.array(z.strictObject({ ngram: z.string(), share: z.number() })),
    /** Why there are none. */
    why: z.enum(['no_score', 'taken_out', 'no_text', 'not_found', 'other_weights']).nullable(),
  }),
  refuses: ['PERSON_REQUIRED', 'REASON_REQUIRED'],
  idempotent: false, // a kept answer would keep pieces of the text
})

/** Why a marked finding is no row of an export. */
export const guardLeftOut = [
  'test',
  'no_attack',
  'disputed',
  'repeated',
  'taken_out',
  'no_text',
  'record_gone',
  'unreadable',
  'not_found',
  'not_clean',
] as const

const atDeployment = z.strictObject({ deployment: idOf('deployment') })

export const readGuardExports = route({
  id: 'guardExports.read',
  method: 'GET',
  path: '/api/v1/guard/exports/:deployment',
  tag,
  summary: 'Whether the data owner agrees to an export of marked texts, and what was exported before',
  access: { permission: 'useCase.read' },
  params: atDeployment,
  reply: z.strictObject({
    /** The business owner, who answers for the data; null where there is none. */
    dataOwner: idOf('user').nullable(),
    consent: z.strictObject({ by: z.string(), at: instant, until: instant }).nullable(),
    exports: z.array(
      z.strictObject({
        at: instant,
        by: z.string(),
        consentBy: z.string(),
        sha256: z.string(),
        rows: count,
        leftOut: z.record(z.string(), count),
      }),
    ),
  }),
})

export const consentToGuardExport = route({
  id: 'guardExports.consent',
  method: 'POST',
  path: '/api/v1/guard/exports/:deployment/consent',
  tag,
  summary: 'Agree, as business owner, that marked texts of a deployment are exported once to train on',
  access: { signedIn: true, proof: 'recent_auth' },
  params: atDeployment,
  reply: empty,
  refuses: ['PERSON_REQUIRED', 'DATA_OWNER_REQUIRED', 'NOTHING_CHANGES'],
})

export const withdrawGuardExport = route({
  id: 'guardExports.withdraw',
  method: 'DELETE',
  path: '/api/v1/guard/exports/:deployment/consent',
  tag,
  summary: 'Take back the consent to an export that was not made yet',
  access: { signedIn: true },
  params: atDeployment,
  reply: empty,
  refuses: ['PERSON_REQUIRED', 'DATA_OWNER_REQUIRED', 'NOTHING_CHANGES'],
})

export const exportGuardFeedback = route({
  id: 'guardExports.export',
  method: 'POST',
  path: '/api/v1/guard/exports/:deployment',
  tag,
  summary:
    'Marked texts of a deployment as rows to train on, masked; it takes `guard.feedback` and a consent, which it uses up',
  access: { permission: 'content.read', proof: 'recent_auth' },
  params: atDeployment,
  reply: z.strictObject({
    /** One row a line; put it into a folder for `guard train --data`. */
    file: z.string(),
    sha256: z.string(),
    rows: count,
    leftOut: z.array(z.strictObject({ record: idOf('record'), finding: count, why: z.enum(guardLeftOut) })),
    /** Whether older marks were not looked at. */
    isCut: z.boolean(),
  }),
  refuses: ['PERSON_REQUIRED', 'DATA_OWNER_CONSENT_MISSING', 'SELF_APPROVAL', 'NOTHING_TO_EXPORT'],
  showsSecret: true,
})

export const tryGuard = route({
  id: 'guard.try',
  method: 'POST',
  path: '/api/v1/guard/try',
  tag,
  summary: 'What the guard finds in a text that you make up, with what it rests on; nothing is stored',
  access: { permission: 'guard.feedback' },
  body: z.strictObject({
    text: z.string().max(65_536),
    channel: z.enum(guardChannels),
    /** Where its policy counts; null: nowhere in particular. */
    deployment: idOf('deployment').nullable().default(null),
    /** A version of the guard policy; null: what is in force. */
    version: z.int().min(1).max(2_147_483_647).nullable().default(null),
  }),
  reply: z.strictObject({
    findings: z.array(
      z.strictObject({
        rule: z.string(),
        kind: z.enum(findingKinds),
        severity: z.enum(severities),
        sureness: z.enum(['possible', 'likely', 'certain']),
        start: count,
        end: count,
        via: z.array(z.string()),
        band: z.string().nullable(),
        /** Probability at the stated prior; null of rules without a score. */
        score: z.number().nullable(),
        z: z.number().nullable(),
        features: z.array(z.strictObject({ ngram: z.string(), share: z.number(), start: count, end: count })),
        /** Whether it counts under the policy. */
        isLeft: z.boolean(),
        window: digest.nullable(),
      }),
    ),
  }),
  idempotent: false,
})

export const guardFeedbackRoutes = [
  readGuardCapabilities,
  readGuardHits,
  recordGuardFeedback,
  readRecordFeedback,
  listGuardFeedback,
  explainGuardFinding,
  readGuardExports,
  consentToGuardExport,
  withdrawGuardExport,
  exportGuardFeedback,
  tryGuard,
] as const
