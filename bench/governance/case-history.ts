import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  charter,
  parseCalendar,
  reviewCase,
  type Choice,
  type ConflictCode,
} from '../../src/governance/committee/index.ts'
import {
  addMs,
  digestOf,
  epochMs,
  functions,
  idFrom,
  type EpochMs,
  type IdKind,
  type IdSource,
  type UserId,
} from '../../src/kernel/index.ts'

export type Step = { readonly command: reviewCase.Command; readonly ctx: reviewCase.Context }
export type History = {
  readonly steps: readonly Step[]
  readonly events: readonly reviewCase.Event[]
  /** The state as the commands left it, one after the other: what the projection of streams keeps. */
  readonly state: reviewCase.State
}

const start = epochMs(Date.UTC(2026, 10, 23, 9))
const read = (path: string): unknown =>
  JSON.parse(readFileSync(resolve(import.meta.dirname, '../../catalogue', path), 'utf8'))
const bytes = (n: number) => new Uint8Array(10).fill(n)
const parsedCalendar = parseCalendar(read('calendars/weekdays.1.json'))
if (!parsedCalendar.ok) throw new Error('the calendar has faults')
const { calendar } = parsedCalendar
const members = functions.map((fn, i) => ({ fn, person: idFrom('user', start, bytes(i + 1)) }))
const ours: charter.Charter = {
  ...charter.parseCharterTemplate(read('charters/default.1.json')),
  version: 1,
  seats: members.map(({ fn, person }, i) => ({
    id: idFrom('seat', start, bytes(i + 1)),
    fn,
    holder: person,
    alternates: [idFrom('user', start, bytes(i + 101))],
    chair: fn === 'risk',
  })),
}
const none: readonly ConflictCode[] = []

/** The id source of one run: the same calls give the same ids. */
export function countingIds(): IdSource {
  let counter = 0
  return {
    next: <K extends IdKind>(kind: K) => {
      counter += 1
      return idFrom(kind, start, Buffer.from(counter.toString(16).padStart(20, '0'), 'hex'))
    },
  }
}

/**
 * A case that a committee could not agree on: every member votes and changes the vote, the evidence is evaluated anew
 * and voids the ballots, until there are `length` events; then it is closed.
 */
export function longHistory(length: number): History {
  const caseId = idFrom('case', start, bytes(1))
  const ids = countingIds()
  const [steps, events]: [Step[], reviewCase.Event[]] = [[], []]
  let state: reviewCase.State = reviewCase.initial

  function contextOf(
    actor: UserId | null,
    now: EpochMs,
    document?: ReturnType<typeof digestOf>,
  ): reviewCase.Context {
    const assertion = { authenticatorData: 'a', clientDataJSON: 'c', signature: 's' }
    const bound =
      document === undefined ? {} : { bound: { document, credentialId: digestOf('key'), assertion } }
    return {
      now,
      id: caseId,
      actor: actor === null ? { k: 'system', role: 'timer' } : { k: 'person', ref: actor },
      authn: { method: 'passkey', mfa: true, at: now, ...bound },
      ids,
      calendar,
      charter: { digest: charter.charterDigest(ours), charter: ours },
      charters: charter.initial,
      people: {
        conflictsOf: () => none,
        unitOf: () => idFrom('unit', start, bytes(2)),
        ownerUnit: idFrom('unit', start, bytes(1)),
      },
      useCaseState: 'triaged',
      legalClass: 'minimal',
      releaseExists: true,
      sameCaseOpen: false,
      rejected: null,
      ownerConsents: false,
    }
  }
  function apply(command: reviewCase.Command, ctx: reviewCase.Context): void {
    const decided = reviewCase.decide(state, command, ctx)
    if (!decided.ok) throw new Error(`void history: ${command.c} ${JSON.stringify(decided.refused)}`)
    steps.push({ command, ctx })
    events.push(...decided.events)
    state = decided.events.reduce(reviewCase.evolve, state)
  }
  function evaluate(n: number): void {
    const requirements = Array.from({ length: 12 }, (_, i) => ({ id: `check/${i}`, status: 'met' }) as const)
    const command = { c: 'evaluate', requirements, evidenceSet: digestOf(n), conditions: [] } as const
    apply(command, contextOf(null, addMs(start, n)))
  }
  function vote(person: UserId, choice: Exclude<Choice, 'recuse'>, n: number): void {
    if (state.s === 'absent') throw new Error('void history: no case')
    const cast = {
      choice,
      subjectDigest: state.subjectDigest,
      conditions: [],
      until: null,
      nonce: `nonce-${n}`,
    }
    const conditionsDigest = reviewCase.conditionsDigest([])
    const document = digestOf(
      reviewCase.ballotDocument({
        nonce: cast.nonce,
        caseId,
        subjectDigest: cast.subjectDigest,
        choice,
        conditionsDigest,
        until: null,
      }),
    )
    const rationale = 'a rationale that is long enough'
    apply({ c: 'cast', ...cast, rationale }, contextOf(person, addMs(start, n), document))
  }

  const subject = {
    kind: 'initial',
    useCaseId: idFrom('useCase', start, bytes(0)),
    useCaseRevision: digestOf('revision'),
    systemId: idFrom('system', start, bytes(0)),
    release: digestOf('release'),
    environment: 'prod',
    deploymentId: null,
    tierAssessment: digestOf('tier'),
    stops: [],
    waiver: null,
  } as const
  const chair = members.find(({ fn }) => fn === 'risk')?.person ?? null
  apply({ c: 'open', subject, tier: 3 }, contextOf(idFrom('user', start, bytes(43)), start))
  evaluate(0)
  apply({ c: 'start_vote' }, contextOf(chair, start))
  for (let turn = 1; events.length < length - members.length - 1; turn += 1) {
    for (const { person } of members) vote(person, turn % 2 === 0 ? 'approve' : 'object', turn)
    if (turn % 2 === 0) evaluate(turn)
  }
  for (const { person } of members) vote(person, 'approve', length)
  apply({ c: 'close' }, contextOf(chair, addMs(start, 2 * length)))
  return { steps, events, state }
}
