import {
  addBusinessDays,
  buildRoster,
  charter,
  replayDecision,
  reviewCase,
  voterOf,
  type RosterEntry,
} from '../../governance/committee/index.ts'
import { waiver } from '../../governance/authorization/index.ts'
import { useCase } from '../../governance/intake/index.ts'
import {
  addDays,
  addMs,
  digestOf,
  hourMs,
  satisfies,
  unreachable,
  type AuthnMethod,
  type JsonObject,
  type Tier,
  type UserId,
} from '../../kernel/index.ts'
import { checkProof } from './proofs.ts'
import { conflictsOf, type Entry, type World } from './world.ts'

type Of<E extends reviewCase.Event['e']> = Extract<reviewCase.Event, { readonly e: E }>

/** Follows a case from its opening to its decision, and asks of each fact whether it follows from those before it. */
export function readCase(
  world: World,
  entry: Entry,
  event: reviewCase.Event,
  personal: JsonObject | undefined,
): void {
  entry.must(entry.streamId === event.caseId, 'STREAM', event.caseId, entry.streamId)
  const record = world.cases.get(event.caseId) ?? { state: reviewCase.initial, events: [] }
  world.cases.set(event.caseId, record)
  const { state: before } = record
  if (event.e === 'case.opened') {
    world.counts.cases += 1
    if (entry.must(before.s === 'absent', 'CASE_STATE', 'a case that opens once', before.s))
      checkOpening(world, entry, event)
  } else if (before.s === 'absent')
    entry.must(false, 'CASE_UNKNOWN', 'the opening of the case before', event.e)
  else {
    checkVoided(entry, before, record.events, event)
    checkStep(world, entry, before, event, personal)
  }
  record.events.push(event)
  record.state = reviewCase.evolve(before, event)
  if (event.e === 'decision.recorded') checkReplay(world, entry, record.events)
}

/** A ballot is voided together with what voids it: that is the next fact of its case. */
function checkVoided(
  entry: Entry,
  state: reviewCase.Case,
  events: readonly reviewCase.Event[],
  event: reviewCase.Event,
): void {
  if (event.e === 'ballot.voided') return
  const last = events.slice(events.findLastIndex(({ e }) => e !== 'ballot.voided') + 1)
  for (const voided of last)
    if (voided.e === 'ballot.voided')
      entry.must(isCauseOf(voided, state, event), 'BALLOT_VOIDED', `what is called ${voided.cause}`, event.e)
}

function isCauseOf(
  { cause, person }: Of<'ballot.voided'>,
  { subjectDigest }: reviewCase.Case,
  event: reviewCase.Event,
): boolean {
  switch (cause) {
    case 'subject_changed':
      return event.e === 'case.evidence_evaluated' && event.subjectDigest !== subjectDigest
    case 'recused':
      return event.e === 'person.recused' && event.person === person
    case 'disqualified':
      return event.e === 'candidate.disqualified' && event.person === person
    default:
      return unreachable(cause)
  }
}

function checkStep(
  world: World,
  entry: Entry,
  state: reviewCase.Case,
  event: reviewCase.Event,
  personal: JsonObject | undefined,
): void {
  switch (event.e) {
    case 'case.evidence_evaluated': {
      const { evidenceSet, subjectDigest } = event
      entry.mustEqual('SUBJECT_DIGEST', digestOf({ ...state.subject, evidenceSet }), subjectDigest)
      const hasStale = subjectDigest !== state.subjectDigest && state.ballots.length > 0
      entry.must(
        !hasStale,
        'BALLOTS_OF_OTHER_SUBJECT',
        'ballots voided before',
        `${state.ballots.length} live`,
      )
      return
    }
    case 'case.voting_started': {
      const unmet = state.requirements.filter(({ status }) => status !== 'met' && status !== 'waived')
      entry.must(
        unmet.length === 0,
        'REQUIREMENT_UNMET',
        'nothing unmet',
        unmet.map(({ id }) => id).join(', '),
      )
      entry.must(state.subject.evidenceSet !== null, 'REQUIREMENT_UNMET', 'a set of evidence', 'none')
      return
    }
    case 'ballot.cast':
      return checkBallot(world, entry, state, event, personal)
    case 'ballot.voided': {
      const own = state.ballots.find(({ id }) => id === event.ballotId)
      entry.mustEqual('BALLOT_VOIDED', own?.by ?? null, event.person)
      return
    }
    case 'person.recused':
      entry.mustEqual('RECUSAL', `p:${event.person}`, entry.leaf.actor)
      return
    case 'candidate.disqualified': {
      const conflicts = conflictsOf(world, state.subject, event.person)
      entry.mustEqual('DISQUALIFICATION', [...conflicts].sort(), [...event.conflicts].sort())
      return
    }
    case 'decision.recorded':
      return checkDecision(world, entry, state, event)
    case 'decision.revoked': {
      const recorded = world.decisions.get(event.decisionId)
      const isOwn = recorded?.caseId === state.id
      entry.must(isOwn, 'DECISION_UNKNOWN', 'a decision of this case', event.decisionId)
      if (recorded !== undefined && isOwn) recorded.revoked = true
      return
    }
    default:
      return
  }
}

function checkOpening(world: World, entry: Entry, event: Of<'case.opened'>): void {
  const { subject, tier, rule, proof, roster } = event
  entry.mustEqual('SUBJECT_DIGEST', digestOf(subject), event.subjectDigest)
  const { kind, useCaseId } = subject
  const governed = world.useCases.get(useCaseId) ?? useCase.initial
  if (governed.s === 'absent')
    return entry.lacks('USE_CASE_ABSENT', `use case ${useCaseId}`, 'not in this log')
  const ownTier = useCase.effectiveTier(governed, entry.at)
  entry.mustEqual('CASE_TIER', kind === 'waiver' ? checkWaived(world, entry, subject) : ownTier, tier)
  entry.mustEqual('REVISION', governed.inForce?.revisionDigest ?? null, subject.useCaseRevision)
  entry.mustEqual('TIER', governed.assessment?.inputsDigest ?? null, subject.tierAssessment)
  const isProhibited = useCase.legalOf(governed).class === 'prohibited'
  entry.must(!isProhibited, 'PROHIBITED_PRACTICE', 'no case on a prohibited practice', 'a case')
  entry.must(
    world.releases.has(subject.release),
    'RELEASE_UNKNOWN',
    'a release created before',
    subject.release,
  )

  const inForce = charter.charterInForce(world.charters, entry.at)
  if (!entry.must(inForce?.digest === subject.charter, 'CHARTER', inForce?.digest ?? 'none', subject.charter))
    return
  if (inForce === null) return
  const wanted = charter.ruleFor(inForce.charter, kind, tier)
  entry.mustEqual('RULE', wanted, rule)
  entry.mustEqual('PROOF_DEMANDED', inForce.charter.proof[tier], proof)
  if (world.calendar === null) entry.lacks('CALENDAR_ABSENT', 'a calendar', 'none published in this log')
  else {
    const due = addBusinessDays(world.calendar, entry.at, wanted.deadlineBusinessDays)
    entry.mustEqual('DEADLINE', due, event.deadline)
  }
  const { unit } = governed
  const facts = {
    conflictsOf: (who: UserId) => conflictsOf(world, subject, who),
    unitOf: (who: UserId) => {
      const known = world.people.get(who)
      return known === undefined || known.s === 'absent' ? null : known.unit
    },
    ownerUnit: unit,
  }
  const seated = buildRoster(inForce.charter, world.charters, wanted, facts, entry.at)
  entry.mustEqual('ROSTER', inOrder(seated), inOrder(roster))
}

/** A case about a waiver is about one that was asked for in exactly these terms. Returns the tier that it is decided by. */
function checkWaived(
  world: World,
  entry: Entry,
  { waiver: about, release }: reviewCase.Subject,
): Tier | null {
  const asked = world.waivers.get(about?.id ?? '') ?? waiver.initial
  const found = `${about?.id ?? 'none'} in state ${asked.s}`
  if (about === null || asked.s !== 'requested') {
    entry.must(false, 'WAIVER_UNKNOWN', 'a waiver that is asked for', found)
    return null
  }
  entry.mustEqual('WAIVER_DOCUMENT', waiver.waiverDocument(about.id, asked), about.document)
  entry.mustEqual('WAIVER_RELEASE', asked.terms.scope.release, release)
  return waiver.caseTier(asked.terms)
}

function checkBallot(
  world: World,
  entry: Entry,
  state: reviewCase.Case,
  event: Of<'ballot.cast'>,
  personal: JsonObject | undefined,
): void {
  const { ballot, nonce, proof } = event
  const { by, fn, choice, subjectDigest } = ballot
  entry.must(state.s === 'voting', 'CASE_STATE', 'a case that is voting', state.s)
  entry.must(entry.at < state.deadline, 'DEADLINE', `before ${state.deadline}`, `${entry.at}`)
  entry.mustEqual('BALLOT_ACTOR', `p:${by}`, entry.leaf.actor)
  const seat = state.roster.find((item) => item.fn === fn)
  const voter = seat === undefined ? null : voterOf(seat, state.recused)
  entry.must(voter?.person === by, 'BALLOT_NOT_SEATED', voter?.person ?? `nobody for ${fn}`, by)
  // The roster was frozen with every conflict of its day; one that begins later ends a vote as well.
  const conflicts = conflictsOf(world, state.subject, by)
  entry.must(
    conflicts.length === 0,
    'BALLOT_CONFLICT',
    'a voter without conflict',
    `${by}: ${conflicts.join(', ')}`,
  )
  const elsewhere = state.ballots.find((live) => live.by === by && live.fn !== fn)
  entry.must(
    elsewhere === undefined,
    'BALLOT_TWICE',
    `one live ballot of ${by}`,
    `another for ${elsewhere?.fn}`,
  )
  entry.mustEqual('BALLOT_SUBJECT', state.subjectDigest, subjectDigest)
  entry.mustEqual('BALLOT_INDEPENDENT', voter?.independent ?? false, ballot.independent)
  entry.mustEqual('BALLOT_TIME', entry.at, ballot.castAt)
  entry.mustEqual(
    'BALLOT_SUPERSEDES',
    state.ballots.find((live) => live.fn === fn)?.id ?? null,
    event.supersedes,
  )
  checkConditions(entry, event, personal)

  const { caseId, conditionsDigest } = event
  const document = digestOf(
    reviewCase.ballotDocument({
      nonce,
      caseId,
      subjectDigest,
      choice,
      conditionsDigest,
      until: ballot.until,
    }),
  )
  if (state.proof === 'passkey_bound') checkProof(world, entry, by, document, proof.bound)
  else {
    const mfa = proof.method === 'passkey' || proof.method === 'password_totp'
    const at = addMs(entry.at, -Math.min(proof.ageMs, entry.at))
    const isEnough = satisfies({ method: proof.method as AuthnMethod, mfa, at }, state.proof, entry.at)
    entry.must(isEnough, 'PROOF_TOO_WEAK', state.proof, `${proof.method}, ${proof.ageMs} ms old`)
    if (proof.bound !== null) checkProof(world, entry, by, document, proof.bound)
  }
}

/** What was signed are the conditions with their text: where the text is open, each recorded member is held against it. */
function checkConditions(entry: Entry, event: Of<'ballot.cast'>, personal: JsonObject | undefined): void {
  const { ballot, nonce, conditionsDigest } = event
  const fits = (ballot.choice === 'approve_with_conditions') === ballot.conditions.length > 0
  entry.must(fits, 'CONDITIONS', `conditions that fit ${ballot.choice}`, `${ballot.conditions.length}`)
  const texts = ballot.conditions.length === 0 ? {} : personal?.['conditions']
  if (typeof texts !== 'object' || texts === null || Array.isArray(texts)) return
  const opened = texts as JsonObject // an object, checked above
  const drafts = ballot.conditions.map(({ textDigest, proposedBy, ...draft }, i) => {
    const text = opened[String(i)] ?? null
    entry.mustEqual(
      'CONDITIONS',
      { textDigest, proposedBy },
      { textDigest: digestOf({ nonce, text }), proposedBy: ballot.fn },
    )
    return { ...draft, text }
  })
  entry.mustEqual('CONDITIONS', digestOf(drafts), conditionsDigest)
}

function checkDecision(
  world: World,
  entry: Entry,
  state: reviewCase.Case,
  event: Of<'decision.recorded'>,
): void {
  const { decision, engine } = event
  world.counts.decisions += 1
  if (engine !== reviewCase.committeeEngine) entry.lacks('ENGINE_UNKNOWN', reviewCase.committeeEngine, engine)
  entry.must(state.s === 'voting', 'CASE_STATE', 'a case that is voting', state.s)
  entry.must(!world.decisions.has(decision.id), 'DECISION_TWICE', 'an id of its own', decision.id)
  for (const { by } of state.ballots) {
    const conflicts = conflictsOf(world, state.subject, by)
    const found = `${by}: ${conflicts.join(', ')}`
    entry.must(conflicts.length === 0, 'DECISION_CONFLICT', 'ballots without conflict', found)
  }
  entry.mustEqual('DECISION_SUBJECT', state.subject, decision.subject)
  entry.mustEqual('DECISION_TALLY', reviewCase.tallyOf(state), decision.tally)
  const conditions = decision.outcome === 'rejected' ? [] : reviewCase.conditionsOf(state)
  const named = conditions.map((condition, i) => ({ ...condition, id: decision.conditions[i]?.id ?? null }))
  entry.mustEqual('DECISION_CONDITIONS', named, decision.conditions)
  const { decidedAt, notBefore, expiresAt, revoked } = decision
  // Whoever approves for less time than the rule gives shortens the approval.
  const last = addDays(entry.at, state.rule.ttlDays)
  const ends = Math.min(last, ...state.ballots.flatMap(({ until }) => until ?? []))
  const times = { decidedAt: entry.at, notBefore: entry.at, expiresAt: ends, revoked: false }
  entry.mustEqual('DECISION_TIMES', times, { decidedAt, notBefore, expiresAt, revoked })
  const allVoted = reviewCase.everybodyVoted(state)
  const opens = addMs(state.votingSince ?? state.openedAt, state.rule.minOpenHours * hourMs)
  entry.must(allVoted || entry.at >= opens, 'CLOSED_TOO_EARLY', `all votes, or ${opens}`, `${entry.at}`)
  world.decisions.set(decision.id, { index: entry.index, caseId: state.id, decision, revoked: false })
}

/** The outcome is computed again from the facts alone, by the same function that the committee's own tests hold. */
function checkReplay(world: World, entry: Entry, events: readonly reviewCase.Event[]): void {
  const replayed = replayDecision(events)
  if (replayed.k === 'undecided')
    return void entry.must(false, 'DECISION_OUTCOME', 'a decision that follows from its case', 'none')
  const { recorded, recomputed, inputs, matches } = replayed
  const isSame = entry.must(recomputed === recorded, 'DECISION_OUTCOME', recomputed, recorded)
  const hasInputs = entry.mustEqual('DECISION_INPUTS', inputs.recomputed, inputs.recorded)
  const isLive =
    !isSame || !hasInputs || entry.must(matches, 'DECISION_BALLOTS', 'ballots of the roster', 'others')
  if (isSame && hasInputs && isLive) world.counts.recomputed += 1
}

function inOrder(roster: readonly RosterEntry[]): readonly object[] {
  return roster.map((entry) => ({
    ...entry,
    candidates: entry.candidates.map((item) => ({ ...item, conflicts: [...item.conflicts].sort() })),
  }))
}
