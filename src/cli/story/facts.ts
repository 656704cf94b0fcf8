import { z } from 'zod'
import {
  expiry,
  stopScopes,
  type grantSeries,
  type override,
  type stop,
  type waiver,
} from '../../governance/authorization/index.ts'
import {
  conflictCodes,
  type charter,
  type condition as conditions,
  type reviewCase,
} from '../../governance/committee/index.ts'
import type { allowance, guardPolicy } from '../../governance/guard/index.ts'
import type { useCase } from '../../governance/intake/index.ts'
import type { person } from '../../governance/people/index.ts'
import { documentKinds, type publication } from '../../governance/policies/index.ts'
import type { hold, redaction } from '../../governance/retention/index.ts'
import type { deployment, system } from '../../governance/registry/index.ts'
import type { check } from '../../governance/reviews/index.ts'
import {
  environments,
  functions,
  isDigest,
  isId,
  proofs,
  type Digest,
  type EpochMs,
  type Id,
  type IdKind,
  type JsonObject,
} from '../../kernel/index.ts'

/** The first grant of a series: what it rests on, and for what. Renewals have no entry of their own. */
export type SeriesOpened = Extract<grantSeries.Event, { readonly e: 'grant.series_opened' }>

/** The facts on which the story of an export rests. Every other kind is left to the check of the log. */
export type Told =
  | reviewCase.Event
  | charter.Event
  | person.Event
  | useCase.Event
  | publication.Event
  | override.Event
  | waiver.Event
  | stop.Event
  | system.Event
  | Extract<deployment.Event, { readonly e: 'deployment.created' }>
  | check.Event
  | conditions.Event
  | expiry.Event
  | hold.Event
  | redaction.Event
  | guardPolicy.Event
  | allowance.Event
  | SeriesOpened
type Kind = Told['e']

const id = <K extends IdKind>(kind: K) => z.custom<Id<K>>((text) => isId(kind, text))
const digest = z.custom<Digest>(isDigest)
const instant = z.custom<EpochMs>((value) => Number.isSafeInteger(value) && Number(value) >= 0)
const whole = z.int().min(0)
const text = z.string()
const user = id('user')
const fn = z.enum(functions)
const tier = z.union([z.literal(1), z.literal(2), z.literal(3)])
const actor = z.union([
  z.looseObject({ k: z.literal('person'), ref: user }),
  z.looseObject({ k: z.literal('service'), id: id('service') }),
  z.looseObject({ k: z.literal('system'), role: text }),
])
const bound = z.looseObject({
  document: digest,
  credentialId: digest,
  assertion: z.looseObject({ authenticatorData: text, clientDataJSON: text, signature: text }),
})
const signature = z.looseObject({ person: user, fn, proof: bound })

const rule = z.looseObject({
  required: z.array(fn),
  seated: z.array(fn),
  minBallots: whole,
  ratio: z.tuple([whole, whole]),
  veto: z.array(fn),
  minIndependent: whole,
  minOpenHours: whole.max(10_000),
  ttlDays: whole.max(366),
})
const subject = z.looseObject({
  kind: z.enum(['initial', 'renewal', 'change', 'resume', 'veto_override', 'waiver']),
  waiver: z.looseObject({ id: id('waiver'), document: digest }).nullable(),
  useCaseId: id('useCase'),
  useCaseRevision: digest,
  release: digest,
  environment: z.enum(environments),
  tierAssessment: digest,
  charter: digest,
  evidenceSet: digest.nullable(),
  stops: z.array(id('stop')),
})
const candidate = z.looseObject({
  person: user,
  role: text,
  conflicts: z.array(text),
  independent: z.boolean(),
})
const roster = z.array(
  z.looseObject({ seat: id('seat'), fn, chair: z.boolean(), candidates: z.array(candidate) }),
)
const condition = z.looseObject({
  due: instant,
  owner: user,
  attester: fn,
  textDigest: digest,
  proposedBy: fn,
})
const ballot = z.looseObject({
  id: id('ballot'),
  fn,
  by: user,
  choice: z.enum(['approve', 'approve_with_conditions', 'object', 'abstain', 'recuse']),
  subjectDigest: digest,
  conditions: z.array(condition),
  until: instant.nullable(),
  castAt: instant,
  independent: z.boolean(),
})
const decision = z.looseObject({
  id: id('decision'),
  outcome: z.enum(['approved', 'approved_with_conditions', 'rejected']),
  subject,
  tally: z.looseObject({}),
  conditions: z.array(condition),
  decidedAt: instant,
  notBefore: instant,
  expiresAt: instant,
  revoked: z.boolean(),
})
const ofCase = z.looseObject({ caseId: id('case'), at: instant })
const ofPerson = z.looseObject({ person: user, at: instant })
const ofUseCase = z.looseObject({ useCaseId: id('useCase'), by: actor, at: instant })
const ofSystem = z.looseObject({ systemId: id('system'), by: actor, at: instant })
const ofStop = z.looseObject({
  stopId: id('stop'),
  scope: z.enum(stopScopes),
  targetId: text,
  epoch: whole,
  by: actor,
  at: instant,
})
const published = z.looseObject({
  key: text,
  version: whole,
  digest,
  previousDigest: digest.nullable(),
  document: z.looseObject({}),
  labels: z.looseObject({}).exactOptional(),
  proposal: digest.exactOptional(),
  by: actor,
  at: instant,
})
const ofPolicy = z.looseObject({ kind: z.enum(documentKinds), key: text, digest, at: instant })
const signedPolicy = ofPolicy.extend({ by: user, fn, proof: bound })
const submitted = ofUseCase.extend({
  revision: whole,
  questionnaire: digest.exactOptional(),
  revisionDigest: digest,
  triageDue: instant,
})
const owners = z.looseObject({
  business: user.nullable(),
  technical: user.nullable(),
  backup: user.nullable(),
})
const answers = z.record(text, z.looseObject({ value: z.json(), source: text }))
const grant = z.looseObject({ id: id('roleGrant'), role: text, until: instant.nullable() })
const credential = z.union([
  z.looseObject({
    id: id('credential'),
    kind: z.literal('passkey'),
    credentialDigest: digest,
    publicKey: text,
  }),
  z.looseObject({ id: id('credential'), kind: z.enum(['password', 'totp', 'recovery_codes']) }),
])
const charterOf = z.looseObject({ digest })
const waiverTerms = z.looseObject({
  tier,
  residual: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]),
  lifetimeDays: whole.max(366),
  scope: z.looseObject({ release: digest.nullable() }),
})
const ofCondition = z.looseObject({ conditionId: id('condition'), at: instant })
const ofExpiry = z.looseObject({ expiresAt: instant, at: instant })
const ofHold = z.looseObject({ holdId: id('hold'), by: user, at: instant })
const held = z.union([
  z.looseObject({ k: z.literal('person'), id: user }),
  z.looseObject({ k: z.literal('use_case'), id: id('useCase') }),
  z.looseObject({ k: z.literal('installation') }),
])
const ofRedaction = z.looseObject({ entry: id('event'), subject: text, kind: text, by: user, at: instant })
const ofGuard = z.looseObject({ version: whole, by: actor, at: instant })
const guardDocument = { policy: z.record(z.string(), z.json()), digest }
const ofAllowed = z.looseObject({
  deploymentId: id('deployment'),
  channel: text,
  rule: text,
  window: digest,
  until: instant,
  by: actor,
  at: instant,
})
const accepted = z.looseObject({ by: user, as: text, authority: z.array(text), proof: bound.nullable() })

/** The form of each kind as far as a check reads it. */
const forms: { readonly [K in Kind]: z.ZodType } = {
  'case.opened': ofCase.extend({
    by: actor,
    subject,
    subjectDigest: digest,
    tier,
    rule,
    proof: z.enum(proofs),
    roster,
    deadline: instant,
  }),
  'case.evidence_evaluated': ofCase.extend({
    requirements: z.array(z.looseObject({ id: text, status: z.enum(['met', 'waived', 'unmet', 'unknown']) })),
    conditions: z.array(condition),
    evidenceSet: digest,
    subjectDigest: digest,
  }),
  'ballot.voided': ofCase.extend({
    ballotId: id('ballot'),
    person: user,
    cause: z.enum(['subject_changed', 'recused', 'disqualified']),
  }),
  'case.voting_started': ofCase.extend({ by: actor }),
  'ballot.cast': ofCase.extend({
    ballot,
    nonce: text,
    conditionsDigest: digest,
    proof: z.looseObject({
      method: z.enum(['passkey', 'password_totp', 'password', 'api_key', 'setup_token', 'none']),
      ageMs: whole,
      bound: bound.nullable(),
    }),
    supersedes: id('ballot').nullable(),
  }),
  'person.recused': ofCase.extend({ fn, person: user }),
  'candidate.disqualified': ofCase.extend({
    fn,
    person: user,
    conflicts: z.array(z.enum(conflictCodes)).min(1),
  }),
  'decision.recorded': ofCase.extend({ decision, inputsDigest: digest, engine: text }),
  'case.lapsed': ofCase,
  'case.cancelled': ofCase,
  'decision.revoked': ofCase.extend({ decisionId: id('decision') }),
  'charter.proposed': charterOf.extend({ charter: z.looseObject({}), by: user }),
  'charter.signed': charterOf.extend({ by: user, fn, proof: bound }),
  'charter.ratified': charterOf.extend({ effectiveFrom: instant }),
  'seat.delegated': z.looseObject({ seat: id('seat'), from: user, to: user, at: instant, until: instant }),
  'seat.delegation_ended': z.looseObject({ seat: id('seat') }),
  'interest.declared': z.looseObject({ person: user, subject: text }),
  'interest.withdrawn': z.looseObject({ person: user, subject: text }),
  'person.enrolled': ofPerson.extend({ unit: id('unit').nullable(), by: user.nullable() }),
  'person.moved': ofPerson.extend({ unit: id('unit').nullable() }),
  'person.suspended': ofPerson,
  'person.reinstated': ofPerson,
  'person.erased': ofPerson,
  'credential.registered': ofPerson.extend({ credential }),
  'credential.removed': ofPerson.extend({ credentialId: id('credential') }),
  'credential.recovery_requested': ofPerson.extend({ by: user }),
  'credential.recovered': ofPerson.extend({ by: user, approvedBy: user.nullable() }),
  'installation.recovered': ofPerson,
  'role.requested': ofPerson.extend({ request: grant.extend({ by: user }) }),
  'role.granted': ofPerson.extend({ grant, by: user.nullable(), approvedBy: user.nullable() }),
  'role.revoked': ofPerson.extend({ grantId: id('roleGrant') }),
  'role.request_declined': ofPerson.extend({ grantId: id('roleGrant') }),
  'intake.started': ofUseCase.extend({
    questionnaire: digest,
    requester: user,
    unit: id('unit').nullable(),
  }),
  'intake.answers_changed': ofUseCase.extend({ answers, sealedDigests: z.record(text, digest), owners }),
  'intake.submitted': submitted,
  'intake.resubmitted': submitted,
  'intake.information_requested': ofUseCase.extend({ keys: z.array(text) }),
  'intake.triaged': ofUseCase.extend({
    revisionDigest: digest,
    inForce: z.looseObject({ revisionDigest: digest, tier, legalClass: text }),
  }),
  'intake.merged': ofUseCase,
  'intake.withdrawn': ofUseCase,
  'use_case.retired': ofUseCase,
  'use_case.revised': ofUseCase.extend({ revision: whole }),
  'use_case.owner_changed': ofUseCase.extend({ role: z.enum(['business', 'technical', 'backup']), to: user }),
  'tier.assessed': ofUseCase.extend({
    revisionDigest: digest,
    assessment: z.looseObject({
      tier,
      floor: tier,
      inputsDigest: digest,
      policyDigest: digest,
      engine: text,
    }),
  }),
  'tier.override_granted': ofUseCase.extend({ to: tier }),
  'tier.override_signed': ofUseCase.extend({ fn, days: whole, expiresAt: instant.nullable() }),
  'legal_class.determined': ofUseCase.extend({ finding: z.looseObject({ class: text, mapDigest: digest }) }),
  'legal_class.confirmed': ofUseCase.extend({ confirmation: text }),
  'legal_class.cleared': ofUseCase.extend({ complete: z.boolean() }),
  'questionnaire.published': published,
  'tier_policy.published': published,
  'trigger_policy.published': published,
  'legal_map.published': published,
  'calendar.published': published,
  'policy.proposed': ofPolicy.extend({ version: whole, document: z.looseObject({}), by: user }),
  'policy.signed': signedPolicy,
  'policy.objected': signedPolicy,
  'policy.rejected': ofPolicy.extend({ vetoes: z.array(fn) }),
  'policy.withdrawn': ofPolicy.extend({ by: user }),
  'override.requested': z.looseObject({
    terms: z.looseObject({
      overrideId: id('override'),
      deploymentId: id('deployment'),
      release: digest,
      tier,
    }),
    requested: signature,
  }),
  'override.activated': z.looseObject({
    seconded: signature,
    at: instant,
    expiresAt: instant,
    reviewDue: instant,
  }),
  'override.renewed': z.looseObject({ seconded: signature, expiresAt: instant }),
  'override.revoked': z.looseObject({ by: user, at: instant }),
  'override.reviewed': z.looseObject({ by: user, outcome: text }),
  'waiver.requested': z.looseObject({ by: user, terms: waiverTerms, renewals: whole }),
  'waiver.endorsed': accepted,
  'waiver.accepted': accepted.extend({ caseId: id('case').nullable(), expiresAt: instant }),
  'waiver.refused': z.looseObject({ by: user }),
  'waiver.revoked': z.looseObject({ by: user }),
  'stop.ordered': ofStop.extend({ reasonCode: text }),
  'stop.lifted': ofStop.extend({ caseId: id('case'), decisionId: id('decision') }),
  'system.registered': ofSystem.extend({ useCaseId: id('useCase'), vendorRef: text.nullable() }),
  'system.retired': ofSystem,
  'release.created': ofSystem.extend({ digest, manifest: z.looseObject({}) }),
  'release.change_classified': ofSystem,
  'release.decision_extended': ofSystem.extend({
    decisionId: id('decision'),
    from: digest,
    to: digest,
    tier,
  }),
  'deployment.created': z.looseObject({
    deploymentId: id('deployment'),
    useCaseId: id('useCase'),
    systemId: id('system'),
  }),
  'check.recorded': z.looseObject({ release: digest, by: actor }),
  'condition.imposed': z.looseObject({
    terms: z.looseObject({
      id: id('condition'),
      caseId: id('case'),
      decisionId: id('decision'),
      due: instant,
      owner: user,
    }),
    at: instant,
  }),
  'condition.met': ofCondition.extend({ by: user }),
  'condition.withdrawn': ofCondition.extend({ by: user }),
  'condition.breached': ofCondition.extend({ decisionId: id('decision'), due: instant }),
  'decision.reminder_due': ofExpiry.extend({
    decisionId: id('decision'),
    caseId: id('case'),
    daysLeft: z.literal(expiry.reminderDays),
  }),
  'decision.expired': ofExpiry.extend({ decisionId: id('decision'), caseId: id('case') }),
  'waiver.expired': ofExpiry.extend({ waiverId: id('waiver') }),
  'tier.override_expired': ofExpiry.extend({ useCaseId: id('useCase') }),
  'hold.placed': ofHold.extend({ subject: held }),
  'hold.released': ofHold,
  'sealed.redaction_requested': ofRedaction,
  'sealed.redacted': ofRedaction.extend({ requestedBy: user }),
  'guard.policy.drafted': ofGuard,
  'guard.policy.discarded': ofGuard,
  'guard.policy.shadowed': ofGuard.extend({ ...guardDocument, ground: digest }),
  'guard.policy.activated': ofGuard.extend({
    ...guardDocument,
    strictness: text,
    shadow: z.looseObject({ requests: whole, differences: whole }).nullable(),
  }),
  'guard.policy.retired': ofGuard.extend({ digest, replacedBy: whole.nullable() }),
  'guard.allow_entry.added': ofAllowed.extend({ version: whole }),
  'guard.allow_entry.expired': ofAllowed.extend({ cause: z.enum(['clock', 'policy']) }),
  'grant.series_opened': z.looseObject({
    deploymentId: id('deployment'),
    jti: id('grant'),
    basis: z.looseObject({ k: z.enum(['decision', 'override', 'extension']), id: text, seq: whole }),
    releaseDigest: digest,
    tier,
    exp: instant,
    at: instant,
  }),
}

/** Whether the story reads entries of this kind. */
export function isTold(kind: string): kind is Kind {
  return Object.hasOwn(forms, kind)
}

/** UNTRUSTED: the facts of an entry as a fact of its kind; null when they have not the form that the checks rely on. */
export function readFacts(kind: Kind, facts: JsonObject): Told | null {
  // The form holds for every member that is read; the others are carried along unread.
  return forms[kind].safeParse(facts).success ? ({ ...facts, e: kind } as unknown as Told) : null
}
