import { z } from 'zod'
import { environments, functions } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { reasonView } from '../problem.ts'
import { route } from '../route.ts'
import { digest, empty, idOf, instant, revision, shortText } from '../schemas.ts'

const tag = 'committee'
const fn = z.enum(functions)
const environment = z.enum(environments)
const person = idOf('user')
const text = z.string().max(10_000)
const reasonCode = z.string().regex(/^[a-z][a-z0-9_]{1,63}$/, 'a reason code such as `superseded`')
/** A WebAuthn assertion as the browser returns it. */
export const assertion = z.looseObject({ id: z.string().max(1_400) }).optional()
const caseParams = z.strictObject({ id: idOf('case') })

/** What a case on a release may be; one on a waiver is opened at the waiver. */
const releaseKinds = ['initial', 'renewal', 'change', 'resume', 'veto_override'] as const
const caseKinds = [...releaseKinds, 'waiver'] as const
const caseStates = ['waiting_evidence', 'open', 'voting', 'decided', 'lapsed', 'cancelled'] as const

const rule = z.strictObject({
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
const seatDraft = z.strictObject({
  fn,
  holder: person,
  alternates: z.array(person).max(5),
  chair: z.boolean(),
})
const charterRules = z.record(z.string(), z.record(z.string(), rule))
const charterView = z.looseObject({
  version: z.int(),
  seats: z.array(
    z.strictObject({
      id: idOf('seat'),
      fn,
      holder: person,
      alternates: z.array(person),
      chair: z.boolean(),
    }),
  ),
  businessExecutives: z.array(person).optional(),
  rules: charterRules,
  proof: z.record(z.string(), z.string()),
  waiver: z.strictObject({ maxDays: z.record(z.string(), z.int()) }),
})

export const readCharterTemplate = route({
  id: 'charters.template',
  method: 'GET',
  path: '/api/v1/charters/template',
  tag,
  summary: 'The rules that a charter starts from',
  access: { signedIn: true },
  query: empty,
  reply: z.looseObject({ rules: charterRules }),
})

export const readCharters = route({
  id: 'charters.read',
  method: 'GET',
  path: '/api/v1/charters',
  tag,
  summary:
    'The charter in force, every earlier one, proposals with their signatures, delegations and interests',
  access: { signedIn: true },
  query: empty,
  reply: z.strictObject({
    inForce: digest.nullable(),
    versions: z.array(z.strictObject({ digest, effectiveFrom: instant, charter: charterView })),
    proposals: z.array(
      z.strictObject({
        digest,
        by: person,
        signatures: z.array(z.strictObject({ by: person, fn })),
        charter: charterView,
      }),
    ),
    delegations: z.array(z.strictObject({ seat: idOf('seat'), to: person, from: instant, until: instant })),
    interests: z.array(z.strictObject({ person, subject: z.string() })),
  }),
})

const seatsAndRules = {
  seats: z.array(seatDraft).min(1).max(24),
  /** Who accepts a high residual risk for the business. */
  businessExecutives: z.array(person).max(12).optional(),
  rules: z.record(z.string(), z.unknown()).optional(),
}
const outcome = z.enum(['approved', 'approved_with_conditions', 'rejected', 'lapsed'])

export const simulateCharter = route({
  id: 'charters.simulate',
  method: 'POST',
  path: '/api/v1/charters/simulate',
  tag,
  summary:
    'What is wrong with a draft of a charter, and which ended cases that the caller may read it would have decided otherwise',
  access: { signedIn: true },
  body: z.strictObject(seatsAndRules),
  reply: z.strictObject({
    /** Every fault that a proposal of it would be refused for. */
    faults: z.array(reasonView),
    /** Ended cases that were counted again; at most the newest 1,000. Zero while the draft has a faulty form. */
    compared: z.int(),
    differing: z.array(
      z.strictObject({
        caseId: idOf('case'),
        title: z.string(),
        kind: z.enum(caseKinds),
        tier: z.int(),
        recorded: outcome,
        simulated: outcome,
        reasons: z.array(reasonView),
      }),
    ),
  }),
  idempotent: false,
})

export const proposeCharter = route({
  id: 'charters.propose',
  method: 'POST',
  path: '/api/v1/charters',
  tag,
  summary:
    'Propose the next charter: the first by one of its own seat holders, later ones by a seat in force',
  access: { signedIn: true, proof: 'session_mfa' },
  body: z.strictObject(seatsAndRules),
  reply: z.strictObject({ digest, charter: charterView }),
  status: 201,
  refuses: [
    'CHARTER_INVALID',
    'REQUIRED_NOT_SEATED',
    'VETO_WITHOUT_SEAT',
    'RATIO_BELOW_HALF',
    'PERSON_IN_TWO_FUNCTIONS',
    'ADMINISTRATOR_IN_SEAT',
    'PERSON_INACTIVE',
    'NO_CHAIR',
    'SEAT_TWICE',
    'NOT_SEATED',
    'NOT_SEATED_IN_PROPOSAL',
  ],
})

export const ratifyCharter = route({
  id: 'charters.ratify',
  method: 'POST',
  path: '/api/v1/charters/:digest/ratify',
  tag,
  summary: 'Sign a proposed charter with a passkey; the signature that completes the rule ratifies it',
  access: { signedIn: true },
  params: z.strictObject({ digest }),
  body: z.strictObject({ assertion }),
  reply: z.strictObject({ isRatified: z.boolean(), effectiveFrom: instant.nullable() }),
  refuses: [
    'PROPOSAL_UNKNOWN',
    'NOT_SEATED',
    'NOT_SEATED_IN_PROPOSAL',
    'SELF_APPROVAL',
    'ALREADY_SIGNED',
    'STEP_UP_REQUIRED',
    'PROOF_ALREADY_USED',
  ],
})

export const delegateSeat = route({
  id: 'seats.delegate',
  method: 'POST',
  path: '/api/v1/seats/:id/delegation',
  tag,
  summary: 'Hand a seat to one of its alternates for at most 30 days',
  access: { signedIn: true, proof: 'session_mfa' },
  params: z.strictObject({ id: idOf('seat') }),
  body: z.strictObject({ to: person, until: instant }),
  reply: empty,
  refuses: ['NO_CHARTER', 'SEAT_UNKNOWN', 'NOT_THE_HOLDER', 'NOT_AN_ALTERNATE', 'DELEGATION_TOO_LONG'],
})

export const endDelegation = route({
  id: 'seats.endDelegation',
  method: 'DELETE',
  path: '/api/v1/seats/:id/delegation',
  tag,
  summary: 'Take a delegated seat back',
  access: { signedIn: true, proof: 'session_mfa' },
  params: z.strictObject({ id: idOf('seat') }),
  reply: empty,
  refuses: ['NOT_THE_HOLDER'],
})

export const declareInterest = route({
  id: 'interests.declare',
  method: 'POST',
  path: '/api/v1/interests',
  tag,
  summary: 'Declare or withdraw an interest in a vendor or a use case; it bars a ballot',
  access: { signedIn: true, proof: 'session_mfa' },
  body: z.strictObject({ subject: shortText, withdraw: z.boolean().optional() }),
  reply: empty,
  refuses: ['NOTHING_CHANGES'],
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

export const listConditions = route({
  id: 'conditions.list',
  method: 'GET',
  path: '/api/v1/conditions',
  tag,
  summary: 'Conditions of approvals, the next due first',
  access: { permission: 'case.read' },
  query: pageQuery(['due'], {
    useCaseId: idOf('useCase').optional(),
    state: z.enum(['open', 'met', 'withdrawn']).optional(),
    owner: person.optional(),
    overdue: z.enum(['true']).optional(),
    /** Due at this instant or later. */
    dueFrom: instant.optional(),
    /** Due before this instant. */
    dueUntil: instant.optional(),
  }),
  reply: pageOf(
    z.strictObject({
      id: idOf('condition'),
      useCaseId: idOf('useCase'),
      title: z.string(),
      caseId: idOf('case'),
      decisionId: idOf('decision'),
      state: z.enum(['open', 'met', 'withdrawn']),
      phase: z.string(),
      due: instant,
      isBreached: z.boolean(),
      owner: person,
      attester: fn,
      proposedBy: fn,
      onBreach: z.string(),
      /** Who attested or withdrew it. */
      endedBy: person.nullable(),
      evidence: digest.nullable(),
      /** Null where it is masked for the reader, or erased. */
      text: z.string().nullable(),
    }),
  ),
})

export const attestCondition = route({
  id: 'conditions.attest',
  method: 'POST',
  path: '/api/v1/conditions/:id/attest',
  tag,
  summary: 'Attest that a condition is met, with the digest of the evidence; never by its owner',
  access: { permission: 'condition.attest', proof: 'session_mfa' },
  params: z.strictObject({ id: idOf('condition') }),
  body: z.strictObject({ evidence: digest }),
  reply: empty,
  refuses: ['WRONG_STATE', 'FUNCTION_REQUIRED', 'OWNER_CONFLICT'],
})

export const withdrawCondition = route({
  id: 'conditions.withdraw',
  method: 'POST',
  path: '/api/v1/conditions/:id/withdraw',
  tag,
  summary: 'Withdraw a condition that one’s own function has proposed',
  access: { permission: 'condition.attest', proof: 'session_mfa' },
  params: z.strictObject({ id: idOf('condition') }),
  body: empty,
  reply: empty,
  refuses: ['WRONG_STATE', 'FUNCTION_REQUIRED', 'OWNER_CONFLICT'],
})

export const committeeRoutes = [
  readCharterTemplate,
  readCharters,
  simulateCharter,
  proposeCharter,
  ratifyCharter,
  delegateSeat,
  endDelegation,
  declareInterest,
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
  listConditions,
  attestCondition,
  withdrawCondition,
] as const
