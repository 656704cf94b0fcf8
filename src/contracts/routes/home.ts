import { z } from 'zod'
import { environments, functions } from '../../kernel/index.ts'
import { workKinds } from '../../kernel/work-kinds.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { reasonView } from '../problem.ts'
import { route } from '../route.ts'
import { empty, idOf, instant } from '../schemas.ts'

const tag = 'home'
const count = z.int().min(0)
const environment = z.enum(environments)
/** What a deployment may do by what the issuer has derived; `unknown` while something has changed since. */
const standingState = z.enum([
  'none',
  'in_review',
  'pending',
  'valid',
  'conditional',
  'emergency',
  'suspended',
  'expired',
  'rejected',
  'revoked',
  'mismatch',
  'blocked',
  'unknown',
])
const standing = z.strictObject({
  id: idOf('deployment'),
  systemId: idOf('system'),
  useCaseId: idOf('useCase'),
  title: z.string(),
  environment,
  op: z.string(),
  tier: z.int(),
  state: standingState,
  until: instant.nullable(),
  /** When the issuer derived the state; null when it has not yet. */
  asOf: instant.nullable(),
  hasGrant: z.boolean(),
  isObserved: z.boolean(),
  owner: idOf('user'),
  reasons: z.array(reasonView),
})

export const readOverview = route({
  id: 'overview.read',
  method: 'GET',
  path: '/api/v1/overview',
  tag,
  summary:
    'Whether everything in service is permitted by what the issuer has derived, and where not; changed since is unknown',
  access: { signedIn: true },
  query: empty,
  reply: z.strictObject({
    at: instant,
    inService: count,
    /** Permitted and with a live grant. */
    underGrant: count,
    /** Permitted, but without a live grant yet. */
    withoutGrant: count,
    /** In service without telling which release runs. */
    unobserved: count,
    matrix: z.array(z.strictObject({ tier: z.int(), state: standingState, count })),
    /** In service and not permitted, the highest tier first; at most 20. */
    withoutLeave: z.array(standing),
    waiting: z.array(z.strictObject({ kind: z.string(), count, overdue: count, oldest: instant.nullable() })),
    changes: z.array(
      z.strictObject({
        kind: z.string(),
        id: z.string(),
        at: instant,
        title: z.string(),
        detail: z.string(),
      }),
    ),
    /** Of the next seven days. */
    deadlines: z.array(z.strictObject({ kind: z.string(), id: z.string(), at: instant, title: z.string() })),
    exceptions: z.array(
      z.strictObject({
        kind: z.string(),
        id: z.string(),
        title: z.string(),
        detail: z.string(),
        since: instant,
        until: instant.nullable(),
      }),
    ),
    /** Calls of the last 24 hours; null for whoever may not see all of them. */
    gateway: z.strictObject({
      calls: count.nullable(),
      refused: count.nullable(),
      lastAt: instant.nullable(),
    }),
    /** The first walk through the chain, from facts alone. */
    setup: z.array(z.strictObject({ step: z.string(), isDone: z.boolean() })),
  }),
})

export const listStandings = route({
  id: 'overview.deployments',
  method: 'GET',
  path: '/api/v1/overview/deployments',
  tag,
  summary: 'Deployments in service with what each may do now: the rows behind the numbers of the overview',
  access: { signedIn: true },
  query: pageQuery(['id'], {
    tier: z.coerce.number().int().min(1).max(3).optional(),
    state: standingState.optional(),
    environment: environment.optional(),
  }),
  reply: pageOf(standing),
})

const workKind = z.enum(workKinds)

const workItem = z.strictObject({
  kind: workKind,
  /** Id or digest of the record that the action is about. */
  id: z.string(),
  /** The record to read, as the ledger names it, where `id` is not one with a screen; else null. */
  about: z.string().nullable(),
  title: z.string().nullable(),
  tier: z.int().nullable(),
  due: instant.nullable(),
  since: instant.nullable(),
  isOverdue: z.boolean(),
  why: reasonView,
  /** The operation that resolves it. */
  action: z.string(),
  /** Until when at most it can be put off, or why it cannot. */
  snooze: z.discriminatedUnion('k', [
    z.strictObject({ k: z.literal('until'), at: instant }),
    z.strictObject({ k: z.literal('never'), why: z.enum(['MANDATORY', 'OVERDUE', 'ENDS_SOON']) }),
  ]),
  /** With which command it can be given to somebody else, or why with none. */
  delegation: z.discriminatedUnion('k', [
    z.strictObject({ k: z.literal('seat'), seat: idOf('seat'), fn: z.enum(functions) }),
    z.strictObject({ k: z.literal('review'), review: idOf('review'), fn: z.enum(functions) }),
    z.strictObject({
      k: z.literal('none'),
      why: z.enum([
        'ROSTER_FIXED',
        'LEAD_ASSIGNS',
        'NO_ALTERNATE',
        'WAITS_FOR_ROLE',
        'OWNERS',
        'OWNER_FIXED',
        'OWN_REQUEST',
        'PERSONAL',
      ]),
    }),
  ]),
})

export const readWork = route({
  id: 'work.read',
  method: 'GET',
  path: '/api/v1/work',
  tag,
  summary: 'Everything that waits for the caller, why, and until when; derived, most urgent first',
  access: { signedIn: true },
  query: empty,
  reply: z.strictObject({
    at: instant,
    items: z.array(workItem),
    /** What the caller has put off, each until its instant. */
    asleep: z.array(z.strictObject({ ...workItem.shape, until: instant })),
    /** When something of the caller's own ends next. */
    nextDate: instant.nullable(),
  }),
})

export const snoozeWork = route({
  id: 'work.snooze',
  method: 'PUT',
  path: '/api/v1/work/snooze',
  tag,
  summary:
    'Put something that waits for the caller off until an instant, never past its date; null wakes it. A personal matter, not in the ledger',
  access: { signedIn: true },
  body: z.strictObject({ kind: workKind, id: z.string().min(1).max(100), until: instant.nullable() }),
  reply: empty,
  refuses: ['SNOOZE_NOT_POSSIBLE', 'SNOOZE_TOO_LONG', 'SNOOZE_IN_THE_PAST'],
  idempotent: false,
})

export const homeRoutes = [readOverview, listStandings, readWork, snoozeWork] as const
