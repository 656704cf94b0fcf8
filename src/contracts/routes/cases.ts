import { z } from 'zod'
import { environments, functions } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { reasonView } from '../problem.ts'
import { route } from '../route.ts'
import { assertion, digest, empty, idOf, instant, revision } from '../schemas.ts'

const tag = 'committee'
const fn = z.enum(functions)
const person = idOf('user')
const environment = z.enum(environments)
const text = z.string().max(10_000)
const reasonCode = z.string().regex(/^[a-z][a-z0-9_]{1,63}$/, 'a reason code such as `superseded`')
const caseParams = z.strictObject({ id: idOf('case') })

/** What a case on a release may be; one on a waiver is opened at the waiver. */
const releaseKinds = ['initial', 'renewal', 'change', 'resume', 'veto_override'] as const
export const caseKinds = [...releaseKinds, 'waiver'] as const
const caseStates = ['waiting_evidence', 'open', 'voting', 'decided', 'lapsed', 'cancelled'] as const

/** By which rule a case is decided; a charter has one for each tier. */
export const rule = z.strictObject({
  required: z.array(fn),
  seated: z.array(fn),
  minBallots: z.int(),
  ratio: z.tuple([z.int(), z.int()]),
  veto: z.array(fn),
  minIndependent: z.int(),
  minOpenHours: z.int(),
  deadlineBusinessDays: z.int(),
  ttlDays: z.int(),
})

const conditionDraft = z.strictObject({
  phase: z.enum(['before_deploy', 'after_deploy']),
  due: instant,
  owner: person,
  onBreach: z.enum(['suspend', 'shadow', 'notify']),
  attester: fn,
  text: z.string().trim().min(1).max(4_000),
})
const conditionOf = z.looseObject({
  phase: z.enum(['before_deploy', 'after_deploy']),
  due: instant,
  owner: person,
  attester: fn,
  onBreach: z.enum(['suspend', 'shadow', 'notify']),
  proposedBy: fn,
  textDigest: digest,
  /** Null where the text is masked for the reader, or erased. */
  text: z.string().nullable(),
})

const tallyView = z.strictObject({
  status: z.enum(['satisfied', 'pending', 'impossible']),
  counted: z.int(),
  present: z.int(),
  approvals: z.int(),
  missing: z.array(fn),
  vetoes: z.array(fn),
  independent: z.int(),
  reasons: z.array(reasonView),
})

const caseSummary = z.strictObject({
  id: idOf('case'),
  useCaseId: idOf('useCase'),
  title: z.string(),
  systemId: idOf('system'),
  release: digest,
  environment,
  kind: z.enum(caseKinds),
  tier: z.int(),
  state: z.enum(caseStates),
  deadline: instant,
  openedAt: instant,
  /** Requirements that are neither met nor waived. */
  unmet: z.int(),
  /** Functions that must approve and have not. */
  missing: z.array(fn),
  counted: z.int(),
  seated: z.int(),
  /** What the caller owes it: a ballot, or as its chair the start of the vote. */
  own: z.enum(['ballot', 'start']).nullable(),
})

const decisionView = z.strictObject({
  id: idOf('decision'),
  outcome: z.enum(['approved', 'approved_with_conditions', 'rejected']),
  decidedAt: instant,
  notBefore: instant,
  expiresAt: instant,
  revoked: z.boolean(),
  conditions: z.array(idOf('condition')),
})

/** What happened in a case. Who, for which function and why, as far as the event says so. */
const caseEvent = z.strictObject({
  event: z.string(),
  at: instant,
  by: z.string().nullable(),
  fn: fn.nullable(),
  /** Choice of a ballot, cause of a void, reason code of an end. */
  what: z.string().nullable(),
  subjectDigest: digest.nullable(),
})

const caseView = z.strictObject({
  id: idOf('case'),
  revision,
  title: z.string(),
  state: z.enum(caseStates),
  subject: z.looseObject({
    kind: z.enum(caseKinds),
    useCaseId: idOf('useCase'),
    useCaseRevision: digest,
    systemId: idOf('system'),
    deploymentId: idOf('deployment').nullable(),
    release: digest,
    environment,
    stops: z.array(idOf('stop')),
    waiver: z.looseObject({ id: idOf('waiver') }).nullable(),
  }),
  /** The release that was last approved here before, to compare with. */
  approvedBefore: digest.nullable(),
  subjectDigest: digest,
  tier: z.int(),
  rule,
  proof: z.string(),
  deadline: instant,
  openedAt: instant,
  votingSince: instant.nullable(),
  /** Before this instant the chair cannot close while ballots are missing; null before the vote. */
  closableFrom: instant.nullable(),
  requirements: z.array(
    z.strictObject({ id: z.string(), status: z.enum(['met', 'waived', 'unmet', 'unknown']) }),
  ),
  reviewConditions: z.array(conditionOf),
  roster: z.array(
    z.strictObject({
      seat: idOf('seat'),
      fn,
      chair: z.boolean(),
      candidates: z.array(
        z.strictObject({
          person,
          role: z.string(),
          conflicts: z.array(z.string()),
          independent: z.boolean(),
        }),
      ),
    }),
  ),
  ballots: z.array(
    z.strictObject({
      id: idOf('ballot'),
      fn,
      by: person,
      choice: z.string(),
      castAt: instant,
      until: instant.nullable(),
      conditions: z.array(conditionOf),
      /** Null where the text is masked for the reader, or erased. */
      rationale: z.string().nullable(),
    }),
  ),
  recused: z.array(person),
  tally: tallyView,
  decision: decisionView.nullable(),
  events: z.array(caseEvent),
  /** What the caller is here. */
  own: z.strictObject({
    fn: fn.nullable(),
    isChair: z.boolean(),
    /** Why a ballot of the caller would be refused now, whatever it says; a missing proof is not among them. */
    refusals: z.array(reasonView),
  }),
})

export const openCase = route({
  id: 'cases.open',
  method: 'POST',
  path: '/api/v1/cases',
  tag,
  summary: 'Open a case on a release in an environment; for a resume, on the stops that it shall lift',
  access: { signedIn: true, proof: 'session_mfa' },
  body: z.strictObject({
    kind: z.enum(releaseKinds),
    release: digest,
    environment,
    deploymentId: idOf('deployment').optional(),
    stops: z.array(idOf('stop')).max(100).optional(),
  }),
  reply: z.strictObject({ id: idOf('case') }),
  status: 201,
  refuses: [
    'BOOTSTRAP_MODE',
    'NO_CHARTER',
    'USE_CASE_NOT_TRIAGED',
    'PROHIBITED_PRACTICE',
    'LEGAL_CLASS_UNDETERMINED',
    'CASE_ALREADY_OPEN',
    'REJECTED_RECENTLY',
    'OWNER_CONSENT_REQUIRED',
    'NOT_A_RESUME',
    'NOTHING_TO_RESUME',
    'STOP_UNKNOWN',
    'STOP_OF_OTHER_SYSTEM',
    'INSTALLATION_STOP_NEEDS_TIER_3',
    'DEPLOYMENT_UNKNOWN',
  ],
})

export const listCases = route({
  id: 'cases.list',
  method: 'GET',
  path: '/api/v1/cases',
  tag,
  summary: 'Cases, newest first or the next deadline first, with what each still waits for',
  access: { permission: 'case.read' },
  query: pageQuery(['-openedAt', 'deadline'], {
    state: z.enum(caseStates).optional(),
    /** Cases in which something can still happen, or those in which nothing can. */
    open: z.enum(['true', 'false']).optional(),
    kind: z.enum(caseKinds).optional(),
    tier: z.enum(['1', '2', '3']).optional(),
    /** Cases that wait for the caller. */
    mine: z.enum(['true']).optional(),
    useCaseId: idOf('useCase').optional(),
    systemId: idOf('system').optional(),
  }),
  reply: pageOf(caseSummary),
})

export const readCase = route({
  id: 'cases.read',
  method: 'GET',
  path: '/api/v1/cases/:id',
  tag,
  summary: 'A case: evidence, roster, ballots, and the tally as it stands',
  access: { permission: 'case.read' },
  params: caseParams,
  reply: caseView,
})

export const startVote = route({
  id: 'cases.startVote',
  method: 'POST',
  path: '/api/v1/cases/:id/start-vote',
  tag,
  summary: 'Start the vote: the chair, once everything is met or waived',
  access: { permission: 'case.vote', proof: 'session_mfa' },
  params: caseParams,
  body: empty,
  reply: z.strictObject({ state: z.enum(caseStates) }),
  refuses: ['WRONG_STATE', 'REQUIREMENT_UNMET', 'NOT_THE_CHAIR', 'DEADLINE_PASSED', 'PROHIBITED_PRACTICE'],
})

export const castBallot = route({
  id: 'cases.cast',
  method: 'POST',
  path: '/api/v1/cases/:id/ballots',
  tag,
  summary:
    'Cast or supersede the ballot of one’s own function; tier 3 demands a passkey over exactly this ballot',
  access: { permission: 'case.vote', proof: 'session_mfa' },
  params: caseParams,
  body: z.strictObject({
    choice: z.enum(['approve', 'approve_with_conditions', 'object', 'abstain']),
    subjectDigest: digest,
    conditions: z.array(conditionDraft).max(20),
    /** Approve for less time than the rule gives. */
    until: instant.optional(),
    rationale: text,
    nonce: z.string().regex(/^[\w-]{16,64}$/, '16 to 64 characters that were never used before'),
    assertion,
  }),
  reply: z.strictObject({ state: z.enum(caseStates), tally: tallyView }),
  refuses: [
    'CASE_NOT_VOTING',
    'NOT_SEATED',
    'CONFLICT_OF_INTEREST',
    'SUBJECT_DIGEST_STALE',
    'RATIONALE_REQUIRED',
    'ALREADY_VOTED_OTHER_SEAT',
    'STEP_UP_REQUIRED',
    'CONDITIONS_DO_NOT_FIT',
    'CONDITION_DUE_IN_THE_PAST',
    'CONDITION_OWNER_ATTESTS',
    'NOTIFY_NOT_ENOUGH',
    'LIFETIME_OUT_OF_RANGE',
    'DEADLINE_PASSED',
    'PROOF_ALREADY_USED',
  ],
})

export const recuse = route({
  id: 'cases.recuse',
  method: 'POST',
  path: '/api/v1/cases/:id/recuse',
  tag,
  summary: 'Step back from a case; the first alternate without conflict takes the place',
  access: { permission: 'case.vote', proof: 'session_mfa' },
  params: caseParams,
  body: z.strictObject({ rationale: text }),
  reply: z.strictObject({ state: z.enum(caseStates) }),
  refuses: ['CASE_NOT_VOTING', 'NOT_SEATED', 'RATIONALE_REQUIRED'],
})

export const closeCase = route({
  id: 'cases.close',
  method: 'POST',
  path: '/api/v1/cases/:id/close',
  tag,
  summary: 'Close a vote whose rule is satisfied; the outcome is computed',
  access: { permission: 'case.vote', proof: 'session_mfa' },
  params: caseParams,
  body: empty,
  reply: z.strictObject({ state: z.enum(caseStates), decision: decisionView.nullable() }),
  refuses: [
    'CASE_NOT_VOTING',
    'NOT_THE_CHAIR',
    'RULE_NOT_SATISFIED',
    'NOT_YET',
    'COMPENSATION_REQUIRED',
    'DEADLINE_PASSED',
  ],
})

export const cancelCase = route({
  id: 'cases.cancel',
  method: 'POST',
  path: '/api/v1/cases/:id/cancel',
  tag,
  summary: 'Cancel an open case',
  access: { permission: 'case.open' },
  params: caseParams,
  body: z.strictObject({ reasonCode }),
  reply: z.strictObject({ state: z.enum(caseStates) }),
  refuses: ['WRONG_STATE'],
})

export const revokeDecision = route({
  id: 'decisions.revoke',
  method: 'POST',
  path: '/api/v1/cases/:id/revoke',
  tag,
  summary: 'Revoke the approval of a case: one person is enough',
  access: { permission: 'stop.order' },
  params: caseParams,
  body: z.strictObject({ reasonCode, text }),
  reply: z.strictObject({ state: z.enum(caseStates) }),
  refuses: ['NOTHING_TO_REVOKE'],
})

export const listDecisions = route({
  id: 'decisions.list',
  method: 'GET',
  path: '/api/v1/decisions',
  tag,
  summary: 'Decisions, newest first',
  access: { permission: 'case.read' },
  query: pageQuery(['-decidedAt'], { systemId: idOf('system').optional() }),
  reply: pageOf(
    z.strictObject({
      id: idOf('decision'),
      caseId: idOf('case'),
      kind: z.string(),
      outcome: z.string(),
      useCaseId: idOf('useCase'),
      systemId: idOf('system'),
      environment,
      release: digest,
      notBefore: instant,
      expiresAt: instant,
      decidedAt: instant,
      revokedAt: instant.nullable(),
    }),
  ),
})

export const replayDecision = route({
  id: 'decisions.replay',
  method: 'GET',
  path: '/api/v1/cases/:id/replay',
  tag,
  summary: 'Recompute the decision of a case from its ledger entries alone',
  access: { permission: 'case.read' },
  params: caseParams,
  reply: z.strictObject({
    decided: z.boolean(),
    decisionId: idOf('decision').nullable(),
    recorded: z.string().nullable(),
    recomputed: z.string().nullable(),
    inputs: z.strictObject({ recorded: digest, recomputed: digest }).nullable(),
    matches: z.boolean().nullable(),
  }),
})

export const caseRoutes = [
  openCase,
  listCases,
  readCase,
  startVote,
  castBallot,
  recuse,
  closeCase,
  cancelCase,
  revokeDecision,
  listDecisions,
  replayDecision,
] as const
