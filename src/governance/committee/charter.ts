import { z } from 'zod'
import {
  addMs,
  dayMs,
  digestOf,
  functions,
  isId,
  proofs,
  refuse,
  unless,
  unreachable,
  type AuthnContext,
  type BoundProof,
  type Decided,
  type Digest,
  type EpochMs,
  type Fn,
  type Reason,
  type SeatId,
  type Tier,
  type UserId,
} from '../../kernel/index.ts'
import {
  signatureFaults,
  signingFunction,
  tallySignatures,
  type Bench,
  type SignatureFault,
} from './ratification.ts'

export const caseKinds = [
  'initial',
  'renewal',
  'change',
  'resume',
  'veto_override',
  'policy',
  'charter',
] as const
export type CaseKind = (typeof caseKinds)[number]

const person = z.custom<UserId>((text) => isId('user', text))
const fn = z.enum(functions)
const quorumRule = z.strictObject({
  /** Each of these must approve. */
  required: z.array(fn).min(1),
  /** Functions that are asked at all. */
  seated: z.array(fn).min(1),
  minBallots: z.int().min(1),
  /** Share of approvals among counted ballots. */
  ratio: z.tuple([z.int().min(1), z.int().min(1)]),
  veto: z.array(fn),
  minIndependent: z.int().min(0),
  minOpenHours: z.int().min(0),
  deadlineBusinessDays: z.int().min(1),
  ttlDays: z.int().min(1).max(366),
})
const perTier = <T extends z.ZodType>(item: T) => z.strictObject({ 1: item, 2: item, 3: item })
const rules = z.strictObject({
  initial: perTier(quorumRule),
  renewal: perTier(quorumRule),
  change: perTier(quorumRule),
  resume: perTier(quorumRule),
  veto_override: perTier(quorumRule),
  policy: perTier(quorumRule),
  charter: perTier(quorumRule),
})
const template = z.strictObject({
  rules,
  proof: perTier(z.enum(proofs)),
  waiver: z.strictObject({ maxDays: perTier(z.int().min(1).max(366)) }),
})
const seat = z.strictObject({
  id: z.custom<SeatId>((text) => isId('seat', text)),
  fn,
  holder: person,
  alternates: z.array(person).max(5),
  chair: z.boolean(),
})
const schema = template.extend({
  version: z.int().min(1),
  seats: z.array(seat).min(1).max(24),
  /** Who accepts a high residual risk for the business. Nobody of them has a seat. */
  businessExecutives: z.array(person).min(1).max(12).optional(),
})

/** How many of whom decide what: who is seated, and which ballots make a decision. */
export type Charter = Readonly<z.infer<typeof schema>>
export type CharterTemplate = Readonly<z.infer<typeof template>>
export type QuorumRule = z.infer<typeof quorumRule>
export type Seat = Charter['seats'][number]

/** Reads the rules that an organisation starts from; it adds its seats. */
export function parseCharterTemplate(json: unknown): CharterTemplate {
  return template.parse(json)
}

export function charterDigest(charter: Charter): Digest {
  return digestOf(charter)
}

/** What a case is about. A charter and a policy are decided by signatures of their own, not by a case. */
export type DecidedKind = Exclude<CaseKind, 'policy' | 'charter'> | 'waiver'

/** The rule of a case. A waiver that needs one is decided as a first approval of its tier would be. */
export function ruleFor({ rules: all }: Pick<Charter, 'rules'>, kind: DecidedKind, tier: Tier): QuorumRule {
  return all[kind === 'waiver' ? 'initial' : kind][tier]
}

export type CharterFault = Reason<
  | 'CHARTER_INVALID'
  | 'REQUIRED_NOT_SEATED'
  | 'VETO_WITHOUT_SEAT'
  | 'RATIO_BELOW_HALF'
  | 'PERSON_IN_TWO_FUNCTIONS'
  | 'ADMINISTRATOR_IN_SEAT'
  | 'PERSON_INACTIVE'
  | 'NO_CHAIR'
  | 'SEAT_TWICE',
  { at: string }
>

/** Every reason against a charter. A function that must decide and has no seat would make each case impossible. */
export function lintCharter(
  charter: unknown,
  people: {
    readonly isActive: (person: UserId) => boolean
    readonly isAdministrator: (person: UserId) => boolean
  },
): readonly CharterFault[] {
  const parsed = schema.safeParse(charter)
  if (!parsed.success)
    return parsed.error.issues.map((issue) => ({
      code: 'CHARTER_INVALID',
      params: { at: issue.path.join('/') },
    }))
  const { seats, rules: all } = parsed.data
  const faults: CharterFault[] = []
  const add = (code: CharterFault['code'], at: string) => faults.push({ code, params: { at } })
  const seated = new Set(seats.map((item) => item.fn))
  for (const kind of caseKinds)
    for (const tier of [1, 2, 3] as const) {
      const rule = all[kind][tier]
      const at = `/rules/${kind}/${tier}`
      if (rule.required.some((item) => !seated.has(item) || !rule.seated.includes(item)))
        add('REQUIRED_NOT_SEATED', at)
      if (rule.veto.some((item) => !seated.has(item) || !rule.seated.includes(item)))
        add('VETO_WITHOUT_SEAT', at)
      if (2 * rule.ratio[0] < rule.ratio[1] || rule.ratio[0] > rule.ratio[1]) add('RATIO_BELOW_HALF', at)
    }
  const functionOf = new Map<UserId, Fn>()
  for (const item of seats)
    for (const who of [item.holder, ...item.alternates]) {
      const at = `/seats/${item.id}`
      const other = functionOf.get(who)
      if (other !== undefined && other !== item.fn) add('PERSON_IN_TWO_FUNCTIONS', at)
      functionOf.set(who, item.fn)
      if (people.isAdministrator(who)) add('ADMINISTRATOR_IN_SEAT', at)
      if (!people.isActive(who)) add('PERSON_INACTIVE', at)
    }
  for (const who of parsed.data.businessExecutives ?? []) {
    const at = `/businessExecutives/${who}`
    if (functionOf.has(who)) add('PERSON_IN_TWO_FUNCTIONS', at)
    if (people.isAdministrator(who)) add('ADMINISTRATOR_IN_SEAT', at)
    if (!people.isActive(who)) add('PERSON_INACTIVE', at)
  }
  if (!seats.some(({ chair }) => chair)) add('NO_CHAIR', '/seats')
  if (
    new Set(seats.map(({ id }) => id)).size !== seats.length ||
    new Set(seats.map((item) => item.fn)).size !== seats.length
  )
    add('SEAT_TWICE', '/seats')
  return faults
}

export type Delegation = {
  readonly seat: SeatId
  readonly to: UserId
  readonly from: EpochMs
  readonly until: EpochMs
}
/** A person's passkey has signed the proposal, for their function. */
export type Signature = { readonly by: UserId; readonly fn: Fn }
export type Proposal = {
  readonly digest: Digest
  readonly charter: Charter
  readonly by: UserId
  readonly signatures: readonly Signature[]
}

/** All charters of the installation. Versions are never changed: a case keeps the one under which it opened. */
export type State = {
  readonly s: 'chartered'
  readonly proposals: readonly Proposal[]
  readonly versions: readonly {
    readonly digest: Digest
    readonly charter: Charter
    readonly effectiveFrom: EpochMs
  }[]
  readonly delegations: readonly Delegation[]
  readonly interests: readonly { readonly person: UserId; readonly subject: string }[]
}
export const initial: State = { s: 'chartered', proposals: [], versions: [], delegations: [], interests: [] }

export type Command =
  | { readonly c: 'propose'; readonly charter: Charter }
  | { readonly c: 'ratify'; readonly digest: Digest }
  | { readonly c: 'delegate'; readonly seat: SeatId; readonly to: UserId; readonly until: EpochMs }
  | { readonly c: 'end_delegation'; readonly seat: SeatId }
  | { readonly c: 'declare_interest' | 'withdraw_interest'; readonly subject: string }

export type Event =
  | {
      readonly e: 'charter.proposed'
      readonly digest: Digest
      readonly charter: Charter
      readonly by: UserId
    }
  | {
      readonly e: 'charter.signed'
      readonly digest: Digest
      readonly by: UserId
      readonly fn: Fn
      readonly proof: BoundProof
    }
  | {
      readonly e: 'charter.ratified'
      readonly digest: Digest
      readonly effectiveFrom: EpochMs
    }
  | {
      readonly e: 'seat.delegated'
      readonly seat: SeatId
      readonly from: UserId
      readonly to: UserId
      readonly at: EpochMs
      readonly until: EpochMs
    }
  | { readonly e: 'seat.delegation_ended'; readonly seat: SeatId }
  | {
      readonly e: 'interest.declared' | 'interest.withdrawn'
      readonly person: UserId
      readonly subject: string
    }

export type Context = {
  readonly now: EpochMs
  readonly person: UserId
  readonly authn: AuthnContext
  readonly isActive: (person: UserId) => boolean
  readonly isAdministrator: (person: UserId) => boolean
}
export type Refusal =
  | CharterFault
  | Reason<'VERSION_NOT_NEXT', { next: number }>
  | Reason<
      | 'PROPOSAL_UNKNOWN'
      | 'NOT_SEATED_IN_PROPOSAL'
      | 'ALREADY_SIGNED'
      | 'NOT_SEATED'
      | 'SELF_APPROVAL'
      | 'STEP_UP_REQUIRED'
      | 'NOT_THE_HOLDER'
      | 'NOT_AN_ALTERNATE'
      | 'DELEGATION_TOO_LONG'
      | 'SEAT_UNKNOWN'
      | 'NO_CHARTER'
      | 'NOTHING_CHANGES'
    >

const leadMs = dayMs
export const maxDelegationDays = 30
/** The first charter has no committee to decide it: that many of its own people, of as many functions, sign it. */
export const firstSignatures = 3

/** What a passkey signs to ratify a charter. */
export function charterDocument(digest: Digest): Digest {
  return digestOf({ schema: 'countersign.charter/1', charter: digest })
}

/** Applies one command. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  switch (command.c) {
    case 'propose': {
      const next = state.versions.length + 1
      const faults: Refusal[] = [...lintCharter(command.charter, ctx)]
      if (command.charter.version !== next) faults.push({ code: 'VERSION_NOT_NEXT', params: { next } })
      const inForce = charterInForce(state, ctx.now)
      const bench = benchOf(state, inForce?.charter ?? command.charter, ctx.now)
      if (signingFunction(bench, ctx.person) === null)
        faults.push({ code: inForce === null ? 'NOT_SEATED_IN_PROPOSAL' : 'NOT_SEATED', params: {} })
      if (faults.length > 0) return { ok: false, refused: faults }
      const digest = charterDigest(command.charter)
      return unless<Event, Refusal>([], {
        e: 'charter.proposed',
        digest,
        charter: command.charter,
        by: ctx.person,
      })
    }
    case 'ratify':
      return ratify(state, command.digest, ctx)
    case 'delegate': {
      const inForce = charterInForce(state, ctx.now)
      if (inForce === null) return refuse({ code: 'NO_CHARTER', params: {} })
      const found = inForce.charter.seats.find(({ id }) => id === command.seat)
      if (found === undefined) return refuse({ code: 'SEAT_UNKNOWN', params: {} })
      const faults: Refusal[] = []
      if (found.holder !== ctx.person) faults.push({ code: 'NOT_THE_HOLDER', params: {} })
      if (!found.alternates.includes(command.to)) faults.push({ code: 'NOT_AN_ALTERNATE', params: {} })
      if (command.until <= ctx.now || command.until > addMs(ctx.now, maxDelegationDays * dayMs))
        faults.push({ code: 'DELEGATION_TOO_LONG', params: {} })
      const { seat: seatId, to, until } = command
      return unless<Event, Refusal>(faults, {
        e: 'seat.delegated',
        seat: seatId,
        from: ctx.person,
        to,
        at: ctx.now,
        until,
      })
    }
    case 'end_delegation': {
      const holds = charterInForce(state, ctx.now)?.charter.seats.some(
        ({ id, holder }) => id === command.seat && holder === ctx.person,
      )
      const faults: Refusal[] = holds === true ? [] : [{ code: 'NOT_THE_HOLDER', params: {} }]
      return unless<Event, Refusal>(faults, { e: 'seat.delegation_ended', seat: command.seat })
    }
    case 'declare_interest':
    case 'withdraw_interest': {
      const isDeclared = state.interests.some(
        ({ person: who, subject }) => who === ctx.person && subject === command.subject,
      )
      const declares = command.c === 'declare_interest'
      const faults: Refusal[] = isDeclared === declares ? [{ code: 'NOTHING_CHANGES', params: {} }] : []
      const e = declares ? 'interest.declared' : 'interest.withdrawn'
      return unless<Event, Refusal>(faults, { e, person: ctx.person, subject: command.subject })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'charter.proposed': {
      const { digest, charter, by } = event
      const others = state.proposals.filter((proposal) => proposal.digest !== digest)
      return { ...state, proposals: [...others, { digest, charter, by, signatures: [] }] }
    }
    case 'charter.signed':
      return {
        ...state,
        proposals: state.proposals.map((proposal) =>
          proposal.digest === event.digest
            ? { ...proposal, signatures: [...proposal.signatures, { by: event.by, fn: event.fn }] }
            : proposal,
        ),
      }
    case 'charter.ratified': {
      const proposal = state.proposals.find(({ digest }) => digest === event.digest)
      if (proposal === undefined) return state
      const { digest, charter } = proposal
      // Other proposals were made for the version that this one now is.
      return {
        ...state,
        proposals: [],
        versions: [...state.versions, { digest, charter, effectiveFrom: event.effectiveFrom }],
      }
    }
    case 'seat.delegated': {
      const { seat: seatId, to, at: from, until } = event
      return {
        ...state,
        delegations: [
          ...state.delegations.filter((item) => item.seat !== seatId),
          { seat: seatId, to, from, until },
        ],
      }
    }
    case 'seat.delegation_ended':
      return { ...state, delegations: state.delegations.filter((item) => item.seat !== event.seat) }
    case 'interest.declared':
      return { ...state, interests: [...state.interests, { person: event.person, subject: event.subject }] }
    case 'interest.withdrawn':
      return {
        ...state,
        interests: state.interests.filter(
          ({ person: who, subject }) => who !== event.person || subject !== event.subject,
        ),
      }
    default:
      return unreachable(event)
  }
}

/** The charter that counts at `now`; null in an installation without one. */
export function charterInForce(
  state: State,
  now: EpochMs,
): { readonly digest: Digest; readonly charter: Charter } | null {
  return state.versions.findLast(({ effectiveFrom }) => effectiveFrom <= now) ?? null
}

/** Whether the holder of `seat` has handed it over at `now`, and to whom. */
export function delegateOf(state: State, seatId: SeatId, now: EpochMs): UserId | null {
  return (
    state.delegations.find((item) => item.seat === seatId && item.from <= now && now < item.until)?.to ?? null
  )
}

/**
 * Signs a proposal, and ratifies it with the signature that completes it. The first charter has no committee: its own
 * seat holders sign it. A later one is signed by the seats in force under their rule for charters, without its proposer.
 */
function ratify(state: State, digest: Digest, ctx: Context): Decided<Event, Refusal> {
  const proposal = state.proposals.find((item) => item.digest === digest)
  if (proposal === undefined) return refuse({ code: 'PROPOSAL_UNKNOWN', params: {} })
  const inForce = charterInForce(state, ctx.now)
  const bench = benchOf(state, inForce?.charter ?? proposal.charter, ctx.now)
  const proposed = { ...proposal, by: inForce === null ? null : proposal.by }
  const inSignature = signatureFaults(proposed, bench, ctx, charterDocument(digest))
  const faults: Refusal[] = [
    ...lintCharter(proposal.charter, ctx),
    ...inSignature.map((fault) => (inForce === null ? ofFirst(fault) : fault)),
  ]
  const fn = signingFunction(bench, ctx.person)
  const { bound } = ctx.authn
  if (faults.length > 0 || fn === null || bound === undefined) return { ok: false, refused: faults }
  const signatures = [...proposal.signatures, { by: ctx.person, fn }]
  const signed: Event = { e: 'charter.signed', digest, by: ctx.person, fn, proof: bound }
  if (!isRatified(state, { ...proposal, signatures }, ctx.now)) return unless<Event, Refusal>([], signed)
  const effectiveFrom = inForce === null ? ctx.now : addMs(ctx.now, leadMs)
  return unless<Event, Refusal>([], signed, { e: 'charter.ratified', digest, effectiveFrom })
}

/** Who is not seated in the first charter is not seated anywhere. */
function ofFirst(fault: SignatureFault): Refusal {
  return fault.code === 'NOT_SEATED' ? { code: 'NOT_SEATED_IN_PROPOSAL', params: {} } : fault
}

/** Who signs under `charter` at `now`: the holder of each seat, or the one to whom it was delegated. */
export function benchOf(state: State, charter: Charter, now: EpochMs): Bench {
  return charter.seats.map(({ id, fn: seated, holder }) => ({
    fn: seated,
    person: delegateOf(state, id, now) ?? holder,
  }))
}

/** Whether a proposal has signatures enough: three functions for the first charter, then the tier-3 rule for charters. */
export function isRatified(
  state: State,
  { by, signatures }: Pick<Proposal, 'by' | 'signatures'>,
  now: EpochMs,
): boolean {
  const inForce = charterInForce(state, now)
  if (inForce === null)
    return new Set(signatures.map(({ fn: signedFor }) => signedFor)).size >= firstSignatures
  const votes = signatures.map((signature) => ({ ...signature, choice: 'approve' as const }))
  const rule = inForce.charter.rules.charter[3]
  return tallySignatures(rule, benchOf(state, inForce.charter, now), by, votes).status === 'satisfied'
}
