import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { loadCatalogue } from '../../src/adapters/files/catalogue.ts'
import {
  deriveAuthorization,
  override,
  stop,
  waiver,
  type Authorization,
  type AuthorizationFacts,
} from '../../src/governance/authorization/index.ts'
import {
  charter,
  condition,
  reviewCase,
  type Choice,
  type ConflictCode,
} from '../../src/governance/committee/index.ts'
import { useCase } from '../../src/governance/intake/index.ts'
import { deployment, releaseDigest, type ReleaseManifest } from '../../src/governance/registry/index.ts'
import { check, requirements, review } from '../../src/governance/reviews/index.ts'
import {
  addDays,
  addMs,
  digestOf,
  epochMs,
  functions,
  idFrom,
  sha256,
  type Actor,
  type AuthnContext,
  type CaseId,
  type Digest,
  type EpochMs,
  type Fn,
  type IdKind,
  type IdSource,
  type Json,
  type StopId,
  type UserId,
} from '../../src/kernel/index.ts'

const root = resolve(import.meta.dirname, '../..')
const catalogue = loadCatalogue(resolve(root, 'catalogue'))
const diffs = readFileSync(resolve(root, 'vectors/governance/manifest-diff.json'), 'utf8')
const { base } = JSON.parse(diffs) as { base: ReleaseManifest } // the format of the file
const start = epochMs(Date.UTC(2026, 10, 23, 9)) // a Monday
const id = <K extends IdKind>(kind: K, n: number) => idFrom(kind, start, new Uint8Array(10).fill(n))

export const holders = Object.fromEntries(functions.map((fn, i) => [fn, id('user', i + 1)])) as {
  readonly [F in Fn]: UserId
}
export const alternates = Object.fromEntries(functions.map((fn, i) => [fn, id('user', i + 21)])) as {
  readonly [F in Fn]: UserId
}
const names = ['requester', 'business', 'technical', 'backup', 'analyst', 'author', 'stranger'] as const
export const people = Object.fromEntries(names.map((name, i) => [name, id('user', i + 41)])) as {
  readonly [N in (typeof names)[number]]: UserId
}
export const everybody: readonly UserId[] = [
  ...Object.values(holders),
  ...Object.values(alternates),
  ...Object.values(people),
]
export const place = {
  useCaseId: id('useCase', 1),
  systemId: id('system', 1),
  deploymentId: id('deployment', 1),
  routes: [id('route', 1)],
} as const
const [committeeUnit, ownerUnit] = [id('unit', 2), id('unit', 1)]
export const release: Digest = releaseDigest({ ...base, systemId: place.systemId })
const environment = 'prod'
const checkId = 'injection'
const rules = catalogue.charterTemplate.rules
const assertion = { authenticatorData: 'a', clientDataJSON: 'c', signature: 's' }

/** What somebody may try on a ballot that the product would not let through. */
export type Flaw = 'none' | 'stale' | 'unsigned' | 'other_signature'

/**
 * One use case with everything that is decided about it, moved by the deciders alone: no database, no clock. A refused
 * command changes nothing. What the application gathers for a decider is gathered here in the plainest way.
 */
export class GovernedWorld {
  now: EpochMs = start
  charters = charter.initial
  useCase = useCase.initial
  deployment = deployment.initial
  review = review.initial
  check = check.initial
  override = override.initial
  waiver = waiver.initial
  readonly cases = new Map<CaseId, reviewCase.Case>()
  readonly conditions = new Map<string, condition.State>()
  readonly stops = new Map<string, stop.State>()
  #ids = 0

  readonly ids: IdSource = {
    next: (kind) => {
      this.#ids += 1
      return idFrom(kind, this.now, sha256(`id ${this.#ids}`))
    },
  }

  constructor(tier: 1 | 2 | 3) {
    this.#ratify(charterOf(1, rules), ['security', 'legal', 'risk'])
    const answers = {
      ...harmless,
      ...(tier === 2 ? { dataSources: ['internal_logs'] } : {}),
      ...(tier === 3 ? { regulatedData: ['health'] } : {}),
    }
    const { business, technical, backup } = people
    this.actOnUseCase(people.requester, {
      c: 'start',
      unit: ownerUnit,
      answers,
      owners: { business, technical, backup },
    })
    this.actOnUseCase(people.requester, { c: 'submit' })
    this.actOnUseCase(people.analyst, { c: 'triage' })
    if (this.tier !== tier) throw new Error(`tier ${this.tier} instead of ${tier}`)
    const { useCaseId, systemId, routes } = place
    const create = { c: 'create', useCaseId, systemId, environment, routes, owner: people.technical } as const
    this.actOnDeployment(create)
    const require = {
      c: 'require',
      useCaseId,
      kind: 'security',
      tier,
      subject: this.#subject,
      firedBy: [],
      due: addDays(start, 5),
    } as const
    this.actOnReview(people.analyst, require)
    this.actOnReview(holders.security, { c: 'assign', lead: holders.security })
  }

  get tier() {
    return useCase.effectiveTier(this.useCase, this.now)
  }

  get authorization(): Authorization {
    return deriveAuthorization(this.facts, this.now)
  }

  wait(ms: number): void {
    this.now = addMs(this.now, ms)
  }

  actOnUseCase(who: UserId, command: useCase.Command): boolean {
    const decided = useCase.decide(this.useCase, command, {
      now: this.now,
      actor: byPerson(who),
      id: place.useCaseId,
      catalogue: catalogue.forUseCases,
      salt: 'ab'.repeat(32),
      functions: [],
      isActive: () => true,
      similar: [],
      triageDue: () => addDays(this.now, 3),
      hasLiveDeployment: false,
      mergeTarget: useCase.initial,
    })
    if (decided.ok) this.useCase = decided.events.reduce(useCase.evolve, this.useCase)
    return decided.ok
  }

  actOnDeployment(command: deployment.Command): boolean {
    const { s, basis } = command.c === 'create' ? { s: 'none' } : this.authorization
    const decided = deployment.decide(this.deployment, command, {
      now: this.now,
      actor: byPerson(people.technical),
      ids: { next: (kind) => (kind === 'deployment' ? id(kind, 1) : this.ids.next(kind)) },
      releases: new Set([release]),
      systemRetired: false,
      authorization: {
        deploymentId: place.deploymentId,
        release,
        environment,
        state: s,
        basis: basis ?? null,
        grantExpiresAt: addMs(this.now, 60_000),
      },
      resume: null,
    })
    if (decided.ok) this.deployment = decided.events.reduce(deployment.evolve, this.deployment)
    return decided.ok
  }

  actOnReview(who: UserId, command: review.Command): boolean {
    const seat = functions.filter((fn) => holders[fn] === who || alternates[fn] === who)
    const decided = review.decide(this.review, command, {
      now: this.now,
      person: who,
      authn: this.#authn(),
      ids: this.ids,
      holds: seat,
      leads: functions.filter((fn) => holders[fn] === who),
      interested: new Set(Object.values(people)),
      templateComplete: true,
      vetoes: rules.initial[this.tier].veto,
      seatedFor: (fn) => [holders[fn], alternates[fn]],
    })
    if (decided.ok) this.review = decided.events.reduce(review.evolve, this.review)
    return decided.ok
  }

  signOff(who: UserId): boolean {
    const command = {
      c: 'sign_off',
      subject: this.#subject,
      report: digestOf('report'),
      conditions: [],
    } as const
    return this.actOnReview(who, command)
  }

  recordCheck(who: UserId, result: 'pass' | 'fail'): boolean {
    const decided = check.decide(
      this.check,
      {
        c: 'record',
        checkId,
        release,
        environment,
        result,
        artefactDigest: digestOf(result),
        validUntil: addDays(this.now, 60),
      },
      {
        now: this.now,
        actor: byPerson(who),
        authn: this.#authn(),
        isValidator: true,
        tier: this.tier,
        releaseAuthor: people.author,
        owners: new Set(this.#owners),
      },
    )
    if (decided.ok) this.check = decided.events.reduce(check.evolve, this.check)
    return decided.ok
  }

  /** A later charter whose rules anybody would like better, signed by whoever must; a day later it is in force. */
  loosenCharter(): boolean {
    const loose = { ...rules.initial, 2: rules.initial[1], 3: rules.initial[1] }
    const next = charterOf(this.charters.versions.length + 1, { ...rules, initial: loose, resume: loose })
    return this.#ratify(next, ['security', 'legal', 'risk', 'privacy', 'data_science'])
  }

  declareInterest(who: UserId): boolean {
    const { useCaseId: subject } = place
    return this.#actOnCharter(who, { c: 'declare_interest', subject }, digestOf('none'))
  }

  openCase(kind: 'initial' | 'resume'): CaseId | null {
    const { inForce, assessment } = this.#governed
    if (inForce === null || assessment === null) return null
    const caseId = this.ids.next('case')
    const subject = {
      kind,
      useCaseId: place.useCaseId,
      useCaseRevision: inForce.revisionDigest,
      systemId: place.systemId,
      release,
      environment,
      deploymentId: null,
      tierAssessment: assessment.inputsDigest,
      stops:
        kind === 'resume'
          ? this.#stopsInForce()
              .map(({ stop: { id: stopId } }) => stopId)
              .sort()
          : [],
      waiver: null,
    } as const
    return this.#actOnCase(caseId, people.analyst, { c: 'open', subject, tier: this.tier }) ? caseId : null
  }

  /** The same as the application does before it lets anybody vote. */
  evaluate(caseId: CaseId): boolean {
    const state = this.cases.get(caseId)
    const { results, evidenceSet } = this.#requirements()
    if (state === undefined || state.subject.evidenceSet === evidenceSet) return false
    const found = results.map(({ id: requirement, status }) => ({ id: requirement, status }))
    const command = { c: 'evaluate', requirements: found, evidenceSet, conditions: [] } as const
    return this.#actOnCase(caseId, 'system', command)
  }

  actOnCase(caseId: CaseId, who: UserId | 'system', command: reviewCase.Command): boolean {
    if (command.c !== 'cancel' && command.c !== 'revoke') this.evaluate(caseId)
    return this.#actOnCase(caseId, who, command)
  }

  cast(caseId: CaseId, who: UserId, choice: Exclude<Choice, 'recuse'>, flaw: Flaw = 'none'): boolean {
    this.evaluate(caseId)
    const state = this.cases.get(caseId)
    if (state === undefined) return false
    const draft: reviewCase.ConditionDraft = {
      phase: 'after_deploy',
      due: addDays(this.now, 20),
      owner: people.technical,
      onBreach: 'suspend',
      attester: 'security',
      text: 'rotate the key',
    }
    const conditions = choice === 'approve_with_conditions' ? [draft] : []
    const nonce = `nonce ${this.#ids}`
    const subjectDigest = flaw === 'stale' ? digestOf('stale') : state.subjectDigest
    const signed = {
      nonce,
      caseId,
      subjectDigest,
      choice: flaw === 'other_signature' ? (choice === 'abstain' ? 'object' : 'abstain') : choice,
      conditionsDigest: reviewCase.conditionsDigest(conditions),
      until: null,
    } as const
    const document = digestOf(reviewCase.ballotDocument(signed))
    const command = { c: 'cast', choice, subjectDigest, conditions, until: null, nonce } as const
    const rationale = 'a reason that is long enough'
    return this.#actOnCase(caseId, who, { ...command, rationale }, flaw === 'unsigned' ? undefined : document)
  }

  order(who: UserId, scope: stop.StopTarget['scope'], reasonCode: stop.StopReason): boolean {
    const targets = {
      route: place.routes[0],
      deployment: place.deploymentId,
      system: place.systemId,
      use_case: place.useCaseId,
      installation: stop.installationTarget,
    }
    const target = { scope, targetId: targets[scope] }
    return this.#actOnStop(target, { c: 'order', target, reasonCode }, byPerson(who), null)
  }

  /** Tries to lift every stop by what the newest decided case says. */
  lift(caseId: CaseId): boolean {
    const state = this.cases.get(caseId)
    const decision = state?.decision ?? null
    if (state === undefined || decision === null || state.subject.kind !== 'resume') return false
    const { id: decisionId, outcome, decidedAt, expiresAt, revoked } = decision
    const resume = {
      caseId,
      decisionId,
      outcome,
      stopIds: state.subject.stops,
      decidedAt,
      expiresAt,
      revoked,
    }
    return this.#stopsInForce()
      .map(({ target, stop: { id: stopId } }) =>
        this.#actOnStop(target, { c: 'lift', stopId, cause: 'inc' }, byPerson(people.technical), resume),
      )
      .some(Boolean)
  }

  actOnOverride(who: UserId, fn: Fn, act: 'request' | 'second' | 'renew' | 'revoke' | 'review'): boolean {
    const terms: override.Terms = {
      overrideId: id('override', 1),
      deploymentId: place.deploymentId,
      release,
      tier: this.tier,
      capabilities: ['triage'],
      incidentId: 'INC-1',
      lifetimeHours: 8,
    }
    const document =
      act === 'revoke' || act === 'review' ? digestOf('none') : override.overrideDocument(terms, act)
    const command =
      act === 'request'
        ? ({ c: act, terms } as const)
        : act === 'review'
          ? ({ c: act, outcome: 'justified' } as const)
          : ({ c: act } as const)
    const decided = override.decide(this.override, command, {
      now: this.now,
      person: who,
      fn,
      isIncidentCommander: (other) => other === holders.security,
      authn: this.#authn(document),
      onceApproved: [...this.cases.values()].some(({ decision }) => isApproval(decision)),
      stopReasons: this.#stopsInForce().map(({ stop: { reasonCode } }) => reasonCode),
      prohibited: false,
      facilityDisabled: override.isReviewOverdue(this.override, this.now),
      reviewDue: addDays(this.now, 7),
    })
    if (decided.ok) this.override = decided.events.reduce(override.evolve, this.override)
    return decided.ok
  }

  /** A waiver of the check, whatever its state is. */
  actOnWaiver(who: UserId, act: 'request' | 'accept' | 'revoke'): boolean {
    const gap = this.#bare().find(({ id: requirement }) => requirement === `check/${checkId}`)
    const stateDigest = digestOf(gap ?? 'none')
    const waiverId = id('waiver', 1)
    const terms: waiver.Terms = {
      subject: { k: 'requirement', id: `check/${checkId}` },
      scope: { useCaseId: place.useCaseId, release, environment },
      tier: this.tier,
      residual: 2,
      stateDigest,
      lifetimeDays: 30,
      compensating: [],
    }
    const signed = this.waiver.s === 'requested' ? this.waiver : { terms, renewals: 0 }
    const decided = waiver.decide(this.waiver, act === 'request' ? { c: act, terms } : { c: act }, {
      now: this.now,
      id: waiverId,
      person: who,
      standsFor: who === holders.risk ? ['risk'] : [],
      authn: this.#authn(waiver.waiverDocument(waiverId, signed)),
      owners: new Set(this.#owners),
      stateDigest,
      authority: { maxDays: { 1: 365, 2: 180, 3: 90 }, charter: digestOf('charter') },
      approved: null,
    })
    if (decided.ok) this.waiver = decided.events.reduce(waiver.evolve, this.waiver)
    return decided.ok
  }

  attest(who: UserId, fn: Fn): boolean {
    for (const [conditionId, state] of this.conditions) {
      const command = { c: 'attest', evidence: digestOf('evidence') } as const
      const decided = condition.decide(state, command, { now: this.now, person: who, functions: [fn] })
      if (!decided.ok) continue
      this.conditions.set(conditionId, decided.events.reduce(condition.evolve, state))
      return true
    }
    return false
  }

  /** What speaks against `who` as a voter now. */
  conflictsOf(who: UserId): readonly ConflictCode[] {
    const found: ConflictCode[] = []
    if (who === people.requester) found.push('requester')
    if (this.#owners.includes(who)) found.push('owner')
    if (who === people.author) found.push('release_author')
    if (this.check.s === 'recorded' && this.check.by.k === 'person' && this.check.by.ref === who)
      found.push('validator')
    if (this.charters.interests.some(({ person }) => person === who)) found.push('interest')
    return found
  }

  get facts(): AuthorizationFacts {
    const { deployment: at, override: over } = this
    if (at.s === 'absent') throw new Error('no deployment')
    const governed = this.#governed
    const decided = [...this.cases.values()]
    const open = decided.find(({ s }) => ['open', 'waiting_evidence', 'voting'].includes(s))
    return {
      schema: 1,
      tier: this.tier,
      environment,
      release,
      useCase: {
        id: place.useCaseId,
        state: governed.s,
        revision: governed.inForce?.revisionDigest ?? digestOf('none'),
        sameAs: governed.inForce?.sameAs ?? [],
      },
      legal: useCase.legalOf(governed),
      system: { id: place.systemId, state: 'registered' },
      deployment: at,
      stops: this.#stopsInForce().map(({ target, stop: one }) => ({ ...one, scope: target.scope })),
      overrides:
        over.s === 'active' || over.s === 'revoked'
          ? [{ ...over.terms, ...over, id: over.terms.overrideId, revoked: over.s === 'revoked' }]
          : [],
      decisions: decided.flatMap(({ decision, subject }) =>
        decision === null || subject.kind === 'resume' ? [] : [{ ...decision, ...subject, extensions: [] }],
      ),
      openCase: open?.id ?? null,
      conditions: [...this.conditions.values()].flatMap((state) =>
        state.s === 'absent' ? [] : [{ ...state.terms, state: state.s }],
      ),
      waivers: this.#waiverFacts(decided),
    }
  }

  /** A waiver that the newest approval rests on, as long as the check is not met by itself. */
  #waiverFacts(decided: readonly reviewCase.Case[]): AuthorizationFacts['waivers'] {
    const newest = decided.findLast(
      ({ decision, subject }) => decision !== null && subject.kind === 'initial',
    )
    const gap = `check/${checkId}`
    const rests = newest?.requirements.some(
      ({ id: requirement, status }) => requirement === gap && status === 'waived',
    )
    const { results } = this.#requirements()
    const now = results.find(({ id: requirement }) => requirement === gap)?.status
    if (rests !== true || now === 'met') return []
    const expiresAt = this.waiver.s === 'accepted' ? this.waiver.expiresAt : this.now
    const state = this.waiver.s === 'absent' ? 'requested' : this.waiver.s
    return [{ id: id('waiver', 1), state, expiresAt, current: now === 'waived', conditionId: null }]
  }

  get #governed(): useCase.UseCase {
    if (this.useCase.s === 'absent') throw new Error('no use case')
    return this.useCase
  }

  get #owners(): readonly UserId[] {
    const { requester, owners } = this.#governed
    return [requester, owners.business, owners.technical, owners.backup].filter((who) => who !== null)
  }

  get #subject() {
    return { useCaseRevision: this.#governed.inForce?.revisionDigest ?? digestOf('none'), release }
  }

  #authn(document?: Digest): AuthnContext {
    const plain = { method: 'passkey', mfa: true, at: this.now } as const
    if (document === undefined) return plain
    return { ...plain, bound: { document, credentialId: digestOf('credential'), assertion } }
  }

  #bare() {
    return this.#evaluated([])
  }

  #requirements() {
    const bare = this.#bare()
    const gap = bare.find(({ id: requirement }) => requirement === `check/${checkId}`)
    const { waiver: state } = this
    const waivers =
      state.s !== 'accepted' || gap === undefined
        ? []
        : [
            {
              requirementId: gap.id,
              state: state.s,
              expiresAt: state.expiresAt,
              current: waiver.covers(state, { release, environment, stateDigest: digestOf(gap) }, this.now),
            },
          ]
    const results = this.#evaluated(waivers)
    return { results, evidenceSet: requirements.evidenceSetDigest(results, []) }
  }

  #evaluated(waivers: requirements.RequirementFacts['waivers']) {
    return requirements.evaluateRequirements({
      subject: this.#subject,
      environment,
      requiredReviews: ['security'],
      requiredChecks: [checkId],
      reviews: [this.review],
      checks: [this.check],
      waivers,
      now: this.now,
    })
  }

  #actOnCase(
    caseId: CaseId,
    who: UserId | 'system',
    command: reviewCase.Command,
    document?: Digest,
  ): boolean {
    const before: reviewCase.State = this.cases.get(caseId) ?? reviewCase.initial
    const decided = reviewCase.decide(before, command, {
      now: this.now,
      id: caseId,
      actor: who === 'system' ? { k: 'system', role: 'timer' } : byPerson(who),
      authn: this.#authn(document),
      ids: this.ids,
      calendar: catalogue.calendar,
      charter: charter.charterInForce(this.charters, this.now),
      charters: this.charters,
      people: {
        conflictsOf: (other) => this.conflictsOf(other),
        unitOf: (other) => (Object.values(people).includes(other) ? ownerUnit : committeeUnit),
        ownerUnit,
      },
      useCaseState: this.#governed.s,
      legalClass: useCase.legalOf(this.useCase).class,
      releaseExists: true,
      sameCaseOpen: [...this.cases.values()].some(({ s }) =>
        ['open', 'waiting_evidence', 'voting'].includes(s),
      ),
      rejected: null,
      ownerConsents: true,
    })
    if (!decided.ok) return false
    const after = decided.events.reduce(reviewCase.evolve, before)
    if (after.s === 'absent') return false
    this.cases.set(caseId, after)
    if (decided.events.some(({ e }) => e === 'decision.recorded')) this.#impose(after)
    return true
  }

  #impose({ id: caseId, decision }: reviewCase.Case): void {
    for (const { textDigest: _, ...terms } of decision?.conditions ?? []) {
      const whole = { ...terms, caseId, decisionId: decision?.id ?? this.ids.next('decision') }
      const context = { now: this.now, person: null, functions: [] }
      const decided = condition.decide(condition.initial, { c: 'impose', terms: whole }, context)
      if (decided.ok)
        this.conditions.set(terms.id, decided.events.reduce(condition.evolve, condition.initial))
    }
  }

  #actOnStop(
    target: stop.StopTarget,
    command: stop.Command,
    actor: Actor,
    resume: stop.ResumeFact | null,
  ): boolean {
    const stream = stop.stopStreamId(target)
    const before = this.stops.get(stream) ?? stop.initial
    const context = { now: this.now, actor, ids: this.ids, resume, prohibitedCleared: false }
    const decided = stop.decide(before, command, context)
    if (decided.ok) this.stops.set(stream, decided.events.reduce(stop.evolve, before))
    return decided.ok
  }

  #stopsInForce(): readonly {
    readonly target: stop.StopTarget
    readonly stop: stop.OrderedStop & { id: StopId }
  }[] {
    return [...this.stops.values()].flatMap((state) =>
      state.s === 'clear' || !stop.covers(state.target, place)
        ? []
        : state.stops.map((one) => ({ target: state.target, stop: one })),
    )
  }

  #ratify(proposal: charter.Charter, signers: readonly Fn[]): boolean {
    const digest = charter.charterDigest(proposal)
    const document = charter.charterDocument(digest)
    if (!this.#actOnCharter(holders.it, { c: 'propose', charter: proposal }, document)) return false
    return signers
      .map((fn) => this.#actOnCharter(holders[fn], { c: 'ratify', digest }, document))
      .every(Boolean)
  }

  #actOnCharter(who: UserId, command: charter.Command, document: Digest): boolean {
    const decided = charter.decide(this.charters, command, {
      now: this.now,
      person: who,
      authn: this.#authn(document),
      isActive: () => true,
      isAdministrator: () => false,
    })
    if (decided.ok) this.charters = decided.events.reduce(charter.evolve, this.charters)
    return decided.ok
  }
}

export function isApproval(decision: reviewCase.Decision | null): boolean {
  return decision !== null && decision.outcome !== 'rejected'
}

function charterOf(version: number, its: charter.Charter['rules']): charter.Charter {
  return {
    ...catalogue.charterTemplate,
    rules: its,
    version,
    seats: functions.map((fn, i) => ({
      id: id('seat', i + 1),
      fn,
      holder: holders[fn],
      alternates: [alternates[fn]],
      chair: fn === 'risk',
    })),
  }
}

function byPerson(ref: UserId): Actor {
  return { k: 'person', ref }
}

/** The least risky complete form. */
const harmless: { readonly [key: string]: Json } = Object.fromEntries(
  catalogue.forUseCases.questionnaire.questionnaire.questions.map(({ key, type }) => {
    if (type.k === 'text') return [key, `text of ${key}`]
    if (type.k === 'choice') return [key, type.options[0] ?? '']
    if (type.k === 'integer') return [key, type.min]
    return [key, key === 'role' ? ['deployer'] : []]
  }),
)
