import { z } from 'zod'
import { functions, type Fn } from '../../kernel/index.ts'
import { reasonView } from '../problem.ts'
import { route } from '../route.ts'
import { assertion, digest, empty, idOf, instant, shortText } from '../schemas.ts'
import { caseKinds, rule } from './cases.ts'

const tag = 'committee'
const fn = z.enum(functions)
const person = idOf('user')

const seatedForm = new RegExp(`^(${functions.join('|')})(,(${functions.join('|')})){0,5}$`)

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
  summary: 'The rules that a charter starts from, fitted to the functions that have a seat',
  access: { signedIn: true },
  query: z.strictObject({
    /** Names with commas between them; all of them when it is left out. */
    functions: z
      .string()
      .regex(seatedForm, 'functions such as `security,risk,legal`')
      .transform((text) => [...new Set(text.split(',') as Fn[])]) // the form has checked each
      .optional(),
  }),
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

export const charterRoutes = [
  readCharterTemplate,
  readCharters,
  simulateCharter,
  proposeCharter,
  ratifyCharter,
  delegateSeat,
  endDelegation,
  declareInterest,
] as const
