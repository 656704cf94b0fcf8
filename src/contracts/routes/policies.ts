import { z } from 'zod'
import { functions, legalClasses } from '../../kernel/index.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { reasonView } from '../problem.ts'
import { route } from '../route.ts'
import { assertion, digest, empty, idOf, instant, shortText } from '../schemas.ts'

const tag = 'policies'
const kinds = ['questionnaire', 'tier_policy', 'trigger_policy', 'legal_map', 'calendar'] as const
const proposalStates = ['open', 'published', 'rejected', 'withdrawn', 'superseded'] as const
const person = idOf('user')
const fn = z.enum(functions)
/** Checked by the parser of its kind: each fault comes with its place. */
const document = z.record(z.string(), z.unknown())
const place = { kind: z.enum(kinds), key: shortText }
const proposalParams = z.strictObject({ digest })

const version = z.strictObject({
  version: z.int(),
  digest,
  origin: z.enum(['shipped', 'own']),
  /** The proposal that was ratified; null for what came with the product. */
  proposal: digest.nullable(),
  publishedAt: instant,
})
const vote = z.strictObject({ by: person, fn, choice: z.enum(['approve', 'object']) })
const proposal = z.strictObject({
  digest,
  version: z.int(),
  state: z.enum(proposalStates),
  by: person,
  at: instant,
  votes: z.array(vote),
})

export const listPolicies = route({
  id: 'policies.list',
  method: 'GET',
  path: '/api/v1/policies',
  tag,
  summary:
    'The documents by which decisions are made: what is in force, every version, proposals, and what the product offers',
  access: { signedIn: true },
  query: empty,
  reply: z.strictObject({
    items: z.array(
      z.strictObject({
        kind: z.enum(kinds),
        key: z.string(),
        inForce: version,
        versions: z.array(version),
        proposals: z.array(proposal),
        /** The shipped version that did not take the place of what the organisation has decided. */
        offered: z.strictObject({ version: z.int(), digest }).nullable(),
      }),
    ),
  }),
})

export const readPolicyVersion = route({
  id: 'policies.read',
  method: 'GET',
  path: '/api/v1/policies/:kind/:key/versions/:version',
  tag,
  summary: 'One published version, whole',
  access: { signedIn: true },
  params: z.strictObject({ ...place, version: z.coerce.number().int().min(1).max(2_147_483_647) }),
  reply: z.strictObject({ ...version.shape, kind: z.enum(kinds), key: z.string(), document }),
})

export const readShippedPolicy = route({
  id: 'policies.shipped',
  method: 'GET',
  path: '/api/v1/policies/:kind/:key/shipped',
  tag,
  summary: 'The document that ships with this product, to start one’s own from',
  access: { signedIn: true },
  params: z.strictObject(place),
  reply: z.strictObject({ version: z.int(), digest, document }),
})

const refusesDraft = [
  'BOOTSTRAP_MODE',
  'NO_CHARTER',
  'DOCUMENT_INVALID',
  'DOCUMENT_TOO_LARGE',
  'QUESTIONNAIRE_INCOMPLETE',
  'KEY_DIFFERS',
  'VERSION_NOT_NEXT',
  'KEY_REUSED',
  'TYPE_CHANGED',
  'OPTION_REMOVED',
  'FLOOR_REMOVED',
  'POLICY_LOOSENED',
  'PROHIBITION_REMOVED',
  'TRIGGER_REMOVED',
  'TOO_MANY_PROPOSALS',
] as const
const proposed = z.strictObject({ digest, version: z.int() })

export const proposeQuestionnaire = route({
  id: 'questionnaires.propose',
  method: 'POST',
  path: '/api/v1/questionnaires/:key/versions',
  tag,
  summary: 'Propose the organisation’s own next version of a questionnaire; signatures publish it',
  access: { permission: 'policy.propose', proof: 'session_mfa' },
  params: z.strictObject({ key: shortText }),
  body: z.strictObject({ document }),
  reply: proposed,
  status: 201,
  refuses: refusesDraft,
})

export const proposePolicy = route({
  id: 'policies.propose',
  method: 'POST',
  path: '/api/v1/policies/:kind/:key/versions',
  tag,
  summary:
    'Propose the organisation’s own next version of a policy, legal map or calendar; signatures publish it',
  access: { permission: 'policy.propose', proof: 'session_mfa' },
  params: z.strictObject({ kind: z.enum(kinds).exclude(['questionnaire']), key: shortText }),
  body: z.strictObject({ document }),
  reply: proposed,
  status: 201,
  refuses: refusesDraft,
})

export const readPolicyProposal = route({
  id: 'policyProposals.read',
  method: 'GET',
  path: '/api/v1/policy-proposals/:digest',
  tag,
  summary: 'A proposal with its document, its signatures, how it stands, and what was said against it',
  access: { signedIn: true },
  params: proposalParams,
  reply: z.strictObject({
    ...proposal.shape,
    kind: z.enum(kinds),
    key: z.string(),
    document,
    /** Null once it is closed. */
    tally: z
      .strictObject({
        status: z.enum(['satisfied', 'pending', 'impossible']),
        missing: z.array(fn),
        reasons: z.array(reasonView),
      })
      .nullable(),
    /** The reason is null where it is masked for the reader, or erased. */
    objections: z.array(z.strictObject({ by: person, reason: z.string().nullable() })),
  }),
})

const judged = z.strictObject({
  tier: z.int(),
  legalClass: z.enum(legalClasses),
  reviews: z.array(z.string()),
})
const useCaseStates = [
  'draft',
  'submitted',
  'needs_info',
  'triaged',
  'duplicate',
  'withdrawn',
  'retired',
] as const

export const readPolicyImpact = route({
  id: 'policyProposals.impact',
  method: 'GET',
  path: '/api/v1/policy-proposals/:digest/impact',
  tag,
  summary:
    'What a proposal would change: counts over all use cases that the caller may read, and those that change',
  access: { permission: 'useCase.read' },
  params: proposalParams,
  query: pageQuery(['id']),
  reply: z.strictObject({
    counts: z.strictObject({
      considered: z.int(),
      changed: z.int(),
      tierRaised: z.int(),
      tierLowered: z.int(),
      legalClass: z.int(),
      reviews: z.int(),
      toAnswer: z.int(),
    }),
    ...pageOf(
      z.strictObject({
        id: idOf('useCase'),
        title: z.string(),
        state: z.enum(useCaseStates),
        now: judged,
        proposed: judged,
        toAnswer: z.array(z.string()),
      }),
    ).shape,
  }),
  refuses: ['PROPOSAL_CLOSED', 'DOCUMENT_INVALID', 'QUESTIONNAIRE_INCOMPLETE'],
})

const signed = z.strictObject({ state: z.enum(proposalStates), votes: z.array(vote) })
const refusesSignature = [
  'NO_CHARTER',
  'PROPOSAL_CLOSED',
  'NOT_SEATED',
  'SELF_APPROVAL',
  'ALREADY_SIGNED',
  'STEP_UP_REQUIRED',
  'PROOF_ALREADY_USED',
] as const

export const signPolicyProposal = route({
  id: 'policyProposals.sign',
  method: 'POST',
  path: '/api/v1/policy-proposals/:digest/sign',
  tag,
  summary: 'Sign for a proposal with a passkey; the signature that satisfies the rule publishes it',
  access: { permission: 'policy.sign' },
  params: proposalParams,
  body: z.strictObject({ assertion }),
  reply: signed,
  refuses: [...refusesSignature, ...refusesDraft.slice(2, -1)],
})

export const objectToPolicyProposal = route({
  id: 'policyProposals.object',
  method: 'POST',
  path: '/api/v1/policy-proposals/:digest/object',
  tag,
  summary: 'Object to a proposal with a reason and a passkey; that of a function with a veto ends it',
  access: { permission: 'policy.sign' },
  params: proposalParams,
  body: z.strictObject({ reason: z.string().trim().min(1).max(4_000), assertion }),
  reply: signed,
  refuses: [...refusesSignature, 'REASON_REQUIRED'],
})

export const withdrawPolicyProposal = route({
  id: 'policyProposals.withdraw',
  method: 'POST',
  path: '/api/v1/policy-proposals/:digest/withdraw',
  tag,
  summary: 'Take a proposal back: its proposer',
  access: { permission: 'policy.propose' },
  params: proposalParams,
  body: empty,
  reply: signed,
  refuses: ['PROPOSAL_CLOSED', 'NOT_THE_PROPOSER'],
})

export const policyRoutes = [
  listPolicies,
  readPolicyVersion,
  readShippedPolicy,
  proposeQuestionnaire,
  proposePolicy,
  readPolicyProposal,
  readPolicyImpact,
  signPolicyProposal,
  objectToPolicyProposal,
  withdrawPolicyProposal,
] as const
