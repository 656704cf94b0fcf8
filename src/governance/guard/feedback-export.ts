import {
  actorText,
  addDays,
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type DeploymentId,
  type EpochMs,
  type Reason,
  type UserId,
} from '../../kernel/index.ts'

/**
 * Marked texts of one deployment, taken away to train on. Whoever answers for its data says yes to one export, which
 * somebody else makes.
 */
export type State = { readonly consent: Consent | null }
export type Consent = { readonly by: string; readonly at: EpochMs; readonly until: EpochMs }
export const initial: State = { consent: null }

export type Command =
  | { readonly c: 'consent' }
  | { readonly c: 'withdraw' }
  | ({ readonly c: 'export' } & Exported)

/** What an export holds; never a text of it. */
export type Exported = {
  /** Of the file, as `guard train` names it in the weights. */
  readonly sha256: string
  readonly rows: number
  /** Marks that became no row, by why. */
  readonly leftOut: { readonly [why: string]: number }
}

type About = { readonly deploymentId: DeploymentId; readonly by: Actor; readonly at: EpochMs }
export type Event =
  | (About & { readonly e: 'guard.export.consented'; readonly until: EpochMs })
  | (About & { readonly e: 'guard.export.consent_withdrawn' })
  | (About &
      Exported & {
        readonly e: 'guard.feedback.exported'
        /** Whose consent it has used up, and when that was given. */
        readonly consent: { readonly by: string; readonly at: EpochMs }
      })

export type Context = {
  readonly now: EpochMs
  readonly actor: Actor
  readonly deploymentId: DeploymentId
  /** The business owner of the use case, who answers for its data; null where there is none. */
  readonly dataOwner: UserId | null
}

export type Refusal =
  | Reason<
      | 'PERSON_REQUIRED'
      | 'DATA_OWNER_REQUIRED'
      | 'DATA_OWNER_CONSENT_MISSING'
      | 'SELF_APPROVAL'
      | 'NOTHING_CHANGES'
    >
  /** `leftOut`: why each mark became no row, with how many. */
  | Reason<'NOTHING_TO_EXPORT', { leftOut: string }>

/** A consent that nobody uses ends by itself. */
export const consentDays = 7

/** Applies one command. INVARIANT: each export has a consent of its own, of the person who is the data owner now. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const { now: at, actor: by, deploymentId, dataOwner } = ctx
  if (by.k !== 'person') return refuse({ code: 'PERSON_REQUIRED', params: {} })
  const about = { deploymentId, by, at }
  const notOwner: readonly Refusal[] =
    by.ref === dataOwner ? [] : [{ code: 'DATA_OWNER_REQUIRED', params: {} }]
  const given = consentAt(state, ctx)
  switch (command.c) {
    case 'consent': {
      const isSame = given !== null && given.by === actorText(by)
      const same: readonly Refusal[] = isSame ? [{ code: 'NOTHING_CHANGES', params: {} }] : []
      const until = addDays(at, consentDays)
      return unless<Event, Refusal>([...notOwner, ...same], { e: 'guard.export.consented', ...about, until })
    }
    case 'withdraw': {
      // Taking back is free to whoever is the owner now, whoever it was that gave it.
      const none: readonly Refusal[] = state.consent === null ? [{ code: 'NOTHING_CHANGES', params: {} }] : []
      return unless<Event, Refusal>([...notOwner, ...none], {
        e: 'guard.export.consent_withdrawn',
        ...about,
      })
    }
    case 'export': {
      if (given === null) return refuse({ code: 'DATA_OWNER_CONSENT_MISSING', params: {} })
      const { sha256, rows, leftOut } = command
      const objections: Refusal[] = []
      if (given.by === actorText(by)) objections.push({ code: 'SELF_APPROVAL', params: {} })
      if (rows === 0) objections.push({ code: 'NOTHING_TO_EXPORT', params: { leftOut: toldCounts(leftOut) } })
      return unless<Event, Refusal>(objections, {
        e: 'guard.feedback.exported',
        ...about,
        sha256,
        rows,
        leftOut,
        consent: { by: given.by, at: given.at },
      })
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(_state: State, event: Event): State {
  switch (event.e) {
    case 'guard.export.consented':
      return { consent: { by: actorText(event.by), at: event.at, until: event.until } }
    case 'guard.export.consent_withdrawn':
    case 'guard.feedback.exported':
      return { consent: null }
    default:
      return unreachable(event)
  }
}

/** The consent that counts now; null where there is none, its time is over, or another person owns the data by now. */
export function consentAt(
  { consent }: State,
  { now, dataOwner }: Pick<Context, 'now' | 'dataOwner'>,
): Consent | null {
  return consent !== null && now < consent.until && consent.by === dataOwner ? consent : null
}

function toldCounts(counts: Exported['leftOut']): string {
  const told = Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return told.length === 0 ? 'nothing is marked' : told.map(([why, n]) => `${why} ${n}`).join(', ')
}
