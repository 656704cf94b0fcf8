import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  beginAssertion,
  beginRegistration,
  finishBoundAssertion,
  finishRegistration,
  type Passkey,
} from '../../src/adapters/identity/webauthn.ts'
import { loadCatalogue } from '../../src/adapters/files/catalogue.ts'
import {
  createSoftwareAuthenticator,
  type SoftwareAuthenticator,
} from '../../src/adapters/software-authenticator/software-authenticator.ts'
import { expiry, override, stop, waiver, type grantSeries } from '../../src/governance/authorization/index.ts'
import {
  charter,
  condition,
  reviewCase,
  type Choice,
  type ConflictCode,
} from '../../src/governance/committee/index.ts'
import { useCase } from '../../src/governance/intake/index.ts'
import { person, type Role } from '../../src/governance/people/index.ts'
import { hold, redaction } from '../../src/governance/retention/index.ts'
import {
  compileSet,
  faultsInDraft,
  publication,
  type PolicySet,
} from '../../src/governance/policies/index.ts'
import {
  answersUnchanged,
  deployment,
  releaseDigest,
  system,
  type ReleaseManifest,
} from '../../src/governance/registry/index.ts'
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
  type BoundProof,
  type CaseId,
  type Decided,
  type Digest,
  type EpochMs,
  type Fact,
  type Fn,
  type HoldId,
  type IdKind,
  type IdSource,
  type Json,
  type JsonObject,
  type StopId,
  type UserId,
} from '../../src/kernel/index.ts'
import { credentialDigest } from '../../src/kernel/passkey.ts'
import {
  actorRefOf,
  commit,
  schemaDigest,
  type ExportEntry,
  type LeafV1,
  type Opened,
  type VerifiedEntry,
} from '../../src/ledger/index.ts'
import { exportOf, sampleOrigin } from '../../src/ledger/sample-export.ts'

const root = resolve(import.meta.dirname, '../..')
const catalogue = loadCatalogue(resolve(root, 'catalogue'))
const diffs = readFileSync(resolve(root, 'vectors/governance/manifest-diff.json'), 'utf8')
const { base: manifestBase } = JSON.parse(diffs) as { base: ReleaseManifest } // the format of the file
const start = epochMs(Date.UTC(2026, 10, 23, 9)) // a Monday
const party = { id: 'localhost', name: 'Countersign', origins: ['http://localhost:8787'] }

const id = <K extends IdKind>(kind: K, n: number) => idFrom(kind, start, new Uint8Array(10).fill(n))
export const holders = Object.fromEntries(functions.map((fn, i) => [fn, id('user', i + 1)])) as {
  [F in Fn]: UserId
}
export const alternates = Object.fromEntries(functions.map((fn, i) => [fn, id('user', i + 21)])) as {
  [F in Fn]: UserId
}
const names = ['admin', 'requester', 'business', 'technical', 'backup', 'analyst', 'author'] as const
export const people = Object.fromEntries(names.map((name, i) => [name, id('user', i + 41)])) as {
  [N in (typeof names)[number]]: UserId
}
const [committeeUnit, ownerUnit] = [id('unit', 2), id('unit', 1)]
export const ids = {
  useCase: id('useCase', 1),
  deployment: id('deployment', 1),
  override: id('override', 1),
  waiver: id('waiver', 1),
}
const manifest = { ...manifestBase, systemId: id('system', 1) }
export const release: Digest = releaseDigest(manifest)
const ours: charter.Charter = {
  ...catalogue.charterTemplate,
  version: 1,
  seats: functions.map((fn, i) => ({
    id: id('seat', i + 1),
    fn,
    holder: holders[fn],
    alternates: [alternates[fn]],
    chair: fn === 'risk',
  })),
}

/** One entry before it is hashed. Tests change these, as somebody with the key of the log could. */
export type Line = {
  readonly kind: string
  readonly stream: string
  readonly actor: Actor
  readonly at: EpochMs
  readonly command: number
  readonly facts: JsonObject
  readonly personal?: JsonObject
}

type Keeper<S, C, E extends Fact, X> = {
  readonly initial: S
  readonly decide: (state: S, command: C, context: X) => Decided<E>
  readonly evolve: (state: S, event: E) => S
}
type Device = { readonly key: SoftwareAuthenticator; readonly passkey: Passkey }

/** Writes histories with the deciders themselves, with passkeys in software, as the product writes them. */
export class StoryWriter {
  readonly lines: Line[] = []
  policies: PolicySet = catalogue
  now: EpochMs = start
  readonly #states = new Map<string, unknown>()
  readonly #devices = new Map<UserId, Device>()
  #commands = 0
  #ids = 0

  readonly ids: IdSource = {
    next: (kind) => {
      this.#ids += 1
      return idFrom(kind, this.now, sha256(`id ${this.#ids}`))
    },
  }

  /** Applies one command as one entry group; throws when the decider refuses, because then the test is wrong. */
  apply<S, C, E extends Fact, X>(
    keeper: Keeper<S, C, E, X>,
    stream: string,
    command: C,
    context: X,
    actor: Actor,
  ): S {
    const before = this.state(keeper, stream)
    const decided = keeper.decide(before, command, context)
    if (!decided.ok) throw new Error(`${stream}: ${JSON.stringify(decided.refused)}`)
    this.#commands += 1
    for (const { e: kind, sealed, ...facts } of decided.events)
      this.lines.push({
        kind,
        stream,
        actor,
        at: this.now,
        command: this.#commands,
        facts: plain(facts),
        ...(sealed === undefined ? {} : { personal: sealed }),
      })
    const after = decided.events.reduce(keeper.evolve, before)
    this.#states.set(stream, after)
    return after
  }

  state<S>(keeper: { readonly initial: S }, stream: string): S {
    return (this.#states.get(stream) as S | undefined) ?? keeper.initial // the stream's name fixes the type
  }

  wait(ms: number): void {
    this.now = addMs(this.now, ms)
  }

  authn(bound?: BoundProof): AuthnContext {
    return { method: 'passkey', mfa: true, at: this.now, ...(bound === undefined ? {} : { bound }) }
  }

  /** The passkey of `who` over `document`, made and verified as the server does it. */
  async sign(who: UserId, document: Digest): Promise<BoundProof> {
    const device = this.#devices.get(who)
    if (device === undefined) throw new Error('no passkey')
    const options = await beginAssertion(party, [device.passkey.credentialId], document)
    const finished = await finishBoundAssertion(party, document, device.passkey, device.key.assert(options))
    if (!finished.ok) throw new Error(finished.fault)
    return finished.value.proof
  }

  /** People, catalogue and first charter. */
  async begin(): Promise<void> {
    const system: Actor = { k: 'system', role: 'installation' }
    for (const item of catalogue.publications) {
      const context: publication.Context = {
        now: this.now,
        actor: system,
        authn: { method: 'none', mfa: false, at: this.now },
        kind: item.kind,
        key: item.key,
        charters: charter.initial,
        faultsIn: () => [],
      }
      this.apply(
        publication,
        `publication/${item.kind}:${item.key}`,
        { c: 'publish', publication: item },
        context,
        system,
      )
    }
    const seated = [...Object.values(holders), ...Object.values(alternates)]
    for (const who of Object.values(people))
      this.#enrol(who, ownerUnit, who === people.admin ? ['admin'] : [])
    for (const who of seated) {
      this.#enrol(who, committeeUnit, who === holders.security ? ['incident_commander'] : [])
      await this.#register(who)
    }
    const context = (who: UserId, bound?: BoundProof) => ({
      now: this.now,
      person: who,
      authn: this.authn(bound),
      isActive: () => true,
      isAdministrator: (other: UserId) => other === people.admin,
    })
    const digest = charter.charterDigest(ours)
    const propose = { c: 'propose', charter: ours } as const
    this.apply(charter, 'charter/main', propose, context(holders.risk), byPerson(holders.risk))
    for (const who of [holders.security, holders.legal, holders.risk]) {
      const bound = await this.sign(who, charter.charterDocument(digest))
      this.apply(charter, 'charter/main', { c: 'ratify', digest }, context(who, bound), byPerson(who))
    }
  }

  /** The organisation's own tier policy: proposed by the analyst, signed by `signers`; in force once they suffice. */
  async ownPolicy(signers: readonly UserId[] = fiveHolders): Promise<Digest> {
    const stream = 'publication/tier_policy:security-ai'
    const { versions } = this.state(publication, stream)
    const document = ownTierPolicy((versions.at(-1)?.version ?? 0) + 1)
    const context = (who: UserId, bound?: BoundProof): publication.Context => ({
      now: this.now,
      actor: byPerson(who),
      authn: this.authn(bound),
      kind: 'tier_policy',
      key: 'security-ai',
      charters: this.state(charter, 'charter/main'),
      faultsIn: (proposed) =>
        faultsInDraft('tier_policy', proposed, {
          inForce: catalogue.documents,
          shipped: catalogue,
          questionnaires: [],
        }),
    })
    const { analyst } = people
    const proposed = this.apply(
      publication,
      stream,
      { c: 'propose', document },
      context(analyst),
      byPerson(analyst),
    )
    const { digest } = proposed.proposals.at(-1) ?? { digest: release }
    for (const who of signers) {
      const bound = await this.sign(who, publication.policyDocument(digest, 'approve'))
      this.apply(publication, stream, { c: 'sign', digest }, context(who, bound), byPerson(who))
    }
    const compiled = compileSet({ ...catalogue.documents, tier_policy: document })
    const isPublished = this.state(publication, stream).versions.length > versions.length
    if (compiled.ok && isPublished) this.policies = compiled.set
    return digest
  }

  /** `who` objects to a proposal with their passkey. */
  async objectTo(digest: Digest, who: UserId): Promise<void> {
    const bound = await this.sign(who, publication.policyDocument(digest, 'object'))
    const context: publication.Context = {
      now: this.now,
      actor: byPerson(who),
      authn: this.authn(bound),
      kind: 'tier_policy',
      key: 'security-ai',
      charters: this.state(charter, 'charter/main'),
      faultsIn: () => [],
    }
    const command = { c: 'object', digest, reason: 'this floor stops what we need' } as const
    this.apply(publication, 'publication/tier_policy:security-ai', command, context, byPerson(who))
  }

  /** A triaged use case with a release of its system and a deployment. */
  intake(tier: 1 | 3): void {
    const stream = `useCase/${ids.useCase}`
    const answers = { ...harmless, ...(tier === 3 ? { regulatedData: ['health'] } : {}) }
    const { business, technical, backup } = people
    const owners = { business, technical, backup }
    const context = (who: UserId): useCase.Context => ({
      now: this.now,
      actor: byPerson(who),
      id: ids.useCase,
      catalogue: this.policies.forUseCases,
      salt: 'ab'.repeat(32),
      functions: [],
      isActive: () => true,
      similar: [],
      triageDue: () => addDays(this.now, 3),
      hasLiveDeployment: false,
      mergeTarget: useCase.initial,
    })
    const act = (who: UserId, command: useCase.Command) =>
      this.apply(useCase, stream, command, context(who), byPerson(who))
    act(people.requester, { c: 'start', unit: ownerUnit, answers, owners })
    act(people.requester, { c: 'submit' })
    act(people.analyst, { c: 'triage' })

    const author = byPerson(people.author)
    const registry: system.Context = {
      now: this.now,
      actor: author,
      authn: this.authn(),
      ids: { next: (kind) => id(kind, 1) },
      tier,
      declaredActions: [{ toolId: 'ticket', effect: 'write', autonomy: 'A2' }],
      answers: answersUnchanged,
      strictness: { guardPolicy: 'incomparable', toolPolicy: 'incomparable' },
      decision: null,
      checks: { allPass: true, runs: [] },
      seatedSecurity: new Set(),
      interested: new Set(),
    }
    const systems = `system/${manifest.systemId}`
    this.apply(system, systems, { c: 'register', useCaseId: ids.useCase, kind: 'built' }, registry, author)
    this.apply(system, systems, { c: 'create_release', manifest }, registry, author)
    const create = {
      c: 'create',
      useCaseId: ids.useCase,
      systemId: manifest.systemId,
      environment: 'prod',
      routes: [],
      owner: people.technical,
    } as const
    const place: deployment.Context = {
      now: this.now,
      actor: byPerson(people.technical),
      ids: { next: (kind) => id(kind, 1) },
      releases: new Set([release]),
      systemRetired: false,
      authorization: null,
      resume: null,
    }
    this.apply(deployment, `deployment/${ids.deployment}`, create, place, place.actor)
  }

  /** Opens a case and starts its vote. */
  openCase(kind: 'initial' | 'resume' = 'initial', stops: readonly StopId[] = []): CaseId {
    const caseId = this.ids.next('case')
    const governed = this.state(useCase, `useCase/${ids.useCase}`)
    if (governed.s === 'absent' || governed.inForce === null || governed.assessment === null)
      throw new Error('no use case')
    const subject = {
      kind,
      useCaseId: ids.useCase,
      useCaseRevision: governed.inForce.revisionDigest,
      systemId: manifest.systemId,
      release,
      environment: 'prod',
      deploymentId: null,
      tierAssessment: governed.assessment.inputsDigest,
      stops,
      waiver: null,
    } as const
    const { tier } = governed.inForce
    this.#case(caseId, people.analyst, { c: 'open', subject, tier })
    const requirements = [{ id: 'check/baseline', status: 'met' }] as const
    this.#case(caseId, 'system', {
      c: 'evaluate',
      requirements,
      evidenceSet: digestOf('evidence'),
      conditions: [],
    })
    this.#case(caseId, tier === 1 ? 'system' : holders.risk, { c: 'start_vote' })
    return caseId
  }

  /** One ballot, signed by the voter's passkey. */
  async cast(caseId: CaseId, who: UserId, choice: Exclude<Choice, 'recuse'>): Promise<void> {
    const state = this.state(reviewCase, `case/${caseId}`)
    if (state.s === 'absent') throw new Error('no case')
    const nonce = `nonce ${this.#commands}`
    const conditions: reviewCase.ConditionDraft[] =
      choice === 'approve_with_conditions'
        ? [
            {
              phase: 'after_deploy',
              due: addDays(this.now, 5),
              owner: people.technical,
              onBreach: 'suspend',
              attester: 'security',
              text: 'rotate the key',
            },
          ]
        : []
    const { subjectDigest } = state
    const conditionsDigest = reviewCase.conditionsDigest(conditions)
    const document = digestOf(
      reviewCase.ballotDocument({ nonce, caseId, subjectDigest, choice, conditionsDigest, until: null }),
    )
    const bound = state.proof === 'passkey_bound' ? await this.sign(who, document) : undefined
    const command = {
      c: 'cast',
      choice,
      subjectDigest,
      conditions,
      until: null,
      rationale: 'a reason that is long enough',
      nonce,
    } as const
    this.#case(caseId, who, command, bound)
  }

  /** `who` declares an interest in the use case, which ends their part in its cases. */
  declareInterest(who: UserId): void {
    const context: charter.Context = {
      now: this.now,
      person: who,
      authn: this.authn(),
      isActive: () => true,
      isAdministrator: () => false,
    }
    const declare = { c: 'declare_interest', subject: ids.useCase } as const
    this.apply(charter, 'charter/main', declare, context, byPerson(who))
  }

  recuse(caseId: CaseId, who: UserId): void {
    this.#case(caseId, who, { c: 'recuse', rationale: 'I have worked for this vendor' })
  }

  /** Lets the deadline or the chair end the case, whichever the rule admits. */
  close(caseId: CaseId): reviewCase.Decision | null {
    const state = this.state(reviewCase, `case/${caseId}`)
    if (state.s === 'absent') throw new Error('no case')
    const closed = reviewCase.decide(state, { c: 'close' }, this.#caseContext(caseId, 'system'))
    if (!closed.ok) this.now = state.deadline
    const after = this.#case(caseId, 'system', { c: closed.ok ? 'close' : 'tick' })
    return after.s === 'decided' ? after.decision : null
  }

  /** The entry of a grant on `decision`; renewals have none. */
  grant(decision: reviewCase.Decision): void {
    const seq = this.lines.findIndex(
      ({ kind, facts }) =>
        kind === 'decision.recorded' && (facts['decision'] as JsonObject)['id'] === decision.id,
    )
    const facts: Omit<grantSeries.Event & { e: 'grant.series_opened' }, 'e'> = {
      deploymentId: ids.deployment,
      basis: { k: 'decision', id: decision.id, seq },
      releaseDigest: release,
      useCaseRevision: decision.subject.useCaseRevision,
      scope: digestOf('scope'),
      tier: 3,
      mode: 'enforce',
      epoch: 1,
      jti: this.ids.next('grant'),
      exp: addMs(this.now, 60_000),
      kid: 'k1',
      at: this.now,
    }
    this.tell('grant.series_opened', `grantSeries/${ids.deployment}`, plain(facts), {
      k: 'system',
      role: 'timer',
    })
  }

  stop(): StopId {
    const target = { scope: 'deployment', targetId: ids.deployment } as const
    const after = this.#stop(byPerson(people.technical), { c: 'order', target, reasonCode: 'person' }, null)
    if (after.s === 'clear' || after.stops[0] === undefined) throw new Error('not stopped')
    return after.stops[0].id
  }

  lift(stopId: StopId, caseId: CaseId, decision: reviewCase.Decision): void {
    const { id: decisionId, outcome, decidedAt, expiresAt } = decision
    const resume = {
      caseId,
      decisionId,
      outcome,
      stopIds: decision.subject.stops,
      decidedAt,
      expiresAt,
      revoked: false,
    }
    this.#stop(byPerson(people.technical), { c: 'lift', stopId, cause: 'inc-1' }, resume)
  }

  async override(): Promise<void> {
    const terms: override.Terms = {
      overrideId: ids.override,
      deploymentId: ids.deployment,
      release,
      tier: 3,
      capabilities: ['triage'],
      incidentId: 'INC-1',
      lifetimeHours: 8,
    }
    const act = async (who: UserId, fn: Fn, command: override.Command, what: 'request' | 'second') => {
      const bound = await this.sign(who, override.overrideDocument(terms, what))
      const context: override.Context = {
        now: this.now,
        person: who,
        fn,
        isIncidentCommander: (other) => other === holders.security,
        authn: this.authn(bound),
        onceApproved: true,
        stopReasons: [],
        prohibited: false,
        facilityDisabled: false,
        reviewDue: addDays(this.now, 7),
      }
      this.apply(override, `override/${ids.override}`, command, context, byPerson(who))
    }
    await act(holders.security, 'security', { c: 'request', terms }, 'request')
    await act(holders.it, 'it', { c: 'second' }, 'second')
  }

  async waiver(): Promise<void> {
    const stateDigest = digestOf('gap')
    const terms: waiver.Terms = {
      subject: { k: 'requirement', id: 'check/injection' },
      scope: { useCaseId: ids.useCase, release, environment: 'prod' },
      tier: 3,
      residual: 2,
      stateDigest,
      lifetimeDays: 30,
      compensating: [],
    }
    const context = (who: UserId, bound?: BoundProof): waiver.Context => ({
      now: this.now,
      id: ids.waiver,
      person: who,
      standsFor: who === holders.risk ? ['risk'] : [],
      authn: this.authn(bound),
      owners: new Set(),
      stateDigest,
      authority: { maxDays: ours.waiver.maxDays, charter: charter.charterDigest(ours) },
      approved: null,
    })
    const stream = `waiver/${ids.waiver}`
    const { technical } = people
    this.apply(waiver, stream, { c: 'request', terms }, context(technical), byPerson(technical))
    const bound = await this.sign(holders.risk, waiver.waiverDocument(ids.waiver, { terms, renewals: 0 }))
    this.apply(waiver, stream, { c: 'accept' }, context(holders.risk, bound), byPerson(holders.risk))
  }

  /** What the worker records about the end of `subject` at this moment. */
  tick(subject: expiry.Subject): void {
    const timer: Actor = { k: 'system', role: 'timer' }
    this.apply(expiry, `expiry/${subject.id}`, { c: 'tick', subject }, { now: this.now }, timer)
  }

  /** Imposes the conditions of a decision as the engine does, in the order of the decision. */
  impose(caseId: CaseId, { id: decisionId, conditions }: reviewCase.Decision): readonly condition.Terms[] {
    const timer: Actor = { k: 'system', role: 'timer' }
    const imposed: condition.Terms[] = []
    for (const { textDigest: _, ...draft } of conditions) {
      const terms = { ...draft, caseId, decisionId }
      const context = { now: this.now, person: null, functions: [] }
      this.apply(condition, `condition/${draft.id}`, { c: 'impose', terms }, context, timer)
      imposed.push(terms)
    }
    return imposed
  }

  attest({ id: conditionId, attester }: condition.Terms): void {
    const who = holders[attester]
    const context = { now: this.now, person: who, functions: [attester] }
    const command = { c: 'attest', evidence: digestOf('evidence') } as const
    this.apply(condition, `condition/${conditionId}`, command, context, byPerson(who))
  }

  hold(who: UserId, subject: hold.Subject): HoldId {
    const holdId = this.ids.next('hold')
    const reason = 'the court has asked for it'
    this.#hold(holdId, who, { c: 'place', subject, matter: 'M-17', reason })
    return holdId
  }

  release(who: UserId, holdId: HoldId): void {
    this.#hold(holdId, who, { c: 'release', reason: 'the matter is settled' })
  }

  erase(who: UserId): void {
    this.#person(who, { c: 'erase' }, byPerson(people.admin))
  }

  /** Asks that the text of the line `index` goes, or takes it away as the second person. */
  redact(who: UserId, index: number): void {
    const { leaf } = entriesOf(this.lines)[index] ?? {}
    if (leaf === undefined) throw new Error('no such line')
    const { id: entry, stream, kind } = leaf
    const context: redaction.Context = {
      now: this.now,
      person: who,
      authn: this.authn(),
      functions: functions.filter((fn) => holders[fn] === who),
      entry: { id: entry, stream, kind, isSealed: leaf.personal !== undefined },
      holds: [],
    }
    const command = { c: 'redact', basis: 'gdpr_17', reason: 'it names somebody by mistake' } as const
    this.apply(redaction, `redaction/${entry}`, command, context, byPerson(who))
  }

  /** Writes an entry that no decider would write. */
  tell(kind: string, stream: string, facts: JsonObject, actor: Actor): void {
    this.#commands += 1
    this.lines.push({ kind, stream, actor, at: this.now, command: this.#commands, facts })
  }

  #enrol(who: UserId, unit: typeof ownerUnit, roles: readonly Role[]): void {
    const organisation = { k: 'organisation' } as const
    const grants = roles.map((role) => ({ role, fn: null, scope: organisation, until: null }))
    const command = { c: 'enrol', unit, name: 'A person', email: `${who}@example.org`, grants } as const
    this.#person(who, command, { k: 'system', role: 'installation' })
  }

  async #register(who: UserId): Promise<void> {
    const key = createSoftwareAuthenticator({ rpId: party.id, origin: party.origins[0] ?? '' })
    const options = await beginRegistration(party, { id: who, name: who, existing: [] })
    const finished = await finishRegistration(party, options.challenge, key.register(options))
    if (!finished.ok) throw new Error(finished.fault)
    const { credentialId, publicKey, custody } = finished.value
    this.#devices.set(who, { key, passkey: finished.value })
    const credential = {
      id: this.ids.next('credential'),
      kind: 'passkey',
      credentialDigest: credentialDigest(credentialId),
      publicKey,
      custody,
    } as const
    this.#person(who, { c: 'register_credential', credential }, byPerson(who))
  }

  #person(who: UserId, command: person.Command, actor: Actor): void {
    const context: person.Context = {
      now: this.now,
      id: who,
      actor: actor.k === 'person' ? actor.ref : null,
      authn: this.authn(),
      ids: this.ids,
      otherAdministrators: 1,
      isSeated: false,
      holds: [],
      isEmailTaken: false,
      units: new Set([ownerUnit, committeeUnit]),
    }
    this.apply(person, `person/${who}`, command, context, actor)
  }

  #hold(holdId: HoldId, who: UserId, command: hold.Command): void {
    const context: hold.Context = {
      now: this.now,
      id: holdId,
      person: who,
      authn: this.authn(),
      functions: functions.filter((fn) => holders[fn] === who || alternates[fn] === who),
      isAdministrator: who === people.admin,
      subject: 'known',
    }
    this.apply(hold, `hold/${holdId}`, command, context, byPerson(who))
  }

  #stop(actor: Actor, command: stop.Command, resume: stop.ResumeFact | null): stop.State {
    const context = { now: this.now, actor, ids: this.ids, resume, prohibitedCleared: false }
    return this.apply(stop, `stop/deployment:${ids.deployment}`, command, context, actor)
  }

  #case(
    caseId: CaseId,
    who: UserId | 'system',
    command: reviewCase.Command,
    bound?: BoundProof,
  ): reviewCase.State {
    const context = this.#caseContext(caseId, who, bound)
    return this.apply(reviewCase, `case/${caseId}`, command, context, context.actor)
  }

  #caseContext(caseId: CaseId, who: UserId | 'system', bound?: BoundProof): reviewCase.Context {
    const charters = this.state(charter, 'charter/main')
    const conflicts = new Map<UserId, ConflictCode>([
      [people.requester, 'requester'],
      [people.author, 'release_author'],
      ...charters.interests.map((item): [UserId, ConflictCode] => [item.person, 'interest']),
    ])
    return {
      now: this.now,
      id: caseId,
      actor: who === 'system' ? { k: 'system', role: 'timer' } : byPerson(who),
      authn: this.authn(bound),
      ids: this.ids,
      calendar: catalogue.calendar,
      charter: charter.charterInForce(charters, this.now),
      charters,
      people: {
        conflictsOf: (other) => [conflicts.get(other)].filter((code) => code !== undefined),
        unitOf: (other) => (Object.values(people).includes(other) ? ownerUnit : committeeUnit),
        ownerUnit,
      },
      useCaseState: 'triaged',
      legalClass: 'minimal',
      releaseExists: true,
      sameCaseOpen: false,
      rejected: null,
      ownerConsents: true,
    }
  }
}

/** As many as the rule for policies asks for, with each required function. */
const fiveHolders = (['security', 'risk', 'legal', 'privacy', 'it'] as const).map((fn) => holders[fn])

/** The shipped tier policy with one more floor. */
export function ownTierPolicy(version: number): JsonObject {
  const shipped = catalogue.documents.tier_policy
  const floor = { id: 'ACME-1', tier: 2, when: { atLeast: ['users', 'partners'] }, why: 'partners use it' }
  return { ...shipped, version, floors: [...(shipped['floors'] as readonly Json[]), floor] } // our own file
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

/** A small story with every act that a stranger can check: a tier-3 approval, a grant, a stop and what lifted it. */
export async function completeStory(): Promise<readonly Line[]> {
  const story = new StoryWriter()
  await story.begin()
  await story.ownPolicy()
  story.intake(3)
  const first = story.openCase()
  for (const fn of functions)
    await story.cast(first, holders[fn], fn === 'it' ? 'approve_with_conditions' : 'approve')
  const decision = story.close(first)
  if (decision === null) throw new Error('not approved')
  story.grant(decision)
  story.wait(60_000)
  const stopId = story.stop()
  story.wait(1)
  const second = story.openCase('resume', [stopId])
  for (const fn of functions) await story.cast(second, holders[fn], 'approve')
  const resume = story.close(second)
  if (resume === null) throw new Error('not resumed')
  story.lift(stopId, second, resume)
  story.grant(decision)
  await story.override()
  await story.waiver()
  return story.lines
}

/** The entries as a verified log hands them over: whoever held its key wrote exactly this. */
export function entriesOf(lines: readonly Line[]): readonly VerifiedEntry[] {
  return sealed(lines).map(({ index, leaf }, i) => {
    const { facts = {}, personal } = lines[i] ?? {}
    return { index, leaf, facts, ...(personal === undefined ? {} : { personal }) }
  })
}

/** A signed export of the lines. */
export function exportLines(lines: readonly Line[]): Promise<string[]> {
  return exportOf(sealed(lines))
}

function sealed(lines: readonly Line[]): readonly ExportEntry[] {
  const revisions = new Map<string, number>()
  const random = (what: string, of: number) => sha256(`${what} ${of}`)
  return lines.map((line, index) => {
    const group = lines.filter(({ command }) => command === line.command)
    const rev = (revisions.get(line.stream) ?? 0) + 1
    revisions.set(line.stream, rev)
    const open = (what: string, value: JsonObject) => {
      const key = random(what, index)
      const committed = commit(value, key)
      if (!committed.ok) throw new RangeError(committed.fault)
      return { commitment: committed.commitment, opened: { key, value } satisfies Opened }
    }
    const facts = open('facts', line.facts)
    const personal = line.personal === undefined ? undefined : open('personal', line.personal)
    const leaf: LeafV1 = {
      v: 1,
      log: sampleOrigin,
      id: idFrom('event', line.at, random('event', index)),
      kind: line.kind,
      schema: schemaDigest(line.kind),
      at: line.at,
      actor: actorRefOf(line.actor),
      stream: line.stream,
      rev,
      cmd: idFrom('command', start, random('command', line.command)),
      part: [group.indexOf(line) + 1, group.length],
      via: { channel: 'api', authn: { method: 'passkey', ageS: 3 } },
      subjects: [],
      refs: [],
      facts: facts.commitment,
      ...(personal === undefined ? {} : { personal: personal.commitment }),
    }
    return {
      index,
      leaf,
      facts: facts.opened,
      ...(personal === undefined ? {} : { personal: personal.opened }),
    }
  })
}

function byPerson(ref: UserId): Actor {
  return { k: 'person', ref }
}

/** What an event is after it went through the log: plain JSON, without members that are undefined. */
function plain(facts: object): JsonObject {
  return JSON.parse(JSON.stringify(facts)) as JsonObject // canonical JSON by convention
}
