import {
  refuse,
  unless,
  unreachable,
  type Actor,
  type Decided,
  type Digest,
  type EpochMs,
  type JsonObject,
  type Reason,
} from '../../kernel/index.ts'

/** Kinds of versioned data by which decisions are made. */
export const documentKinds = [
  'questionnaire',
  'tier_policy',
  'trigger_policy',
  'legal_map',
  'calendar',
] as const
export type DocumentKind = (typeof documentKinds)[number]

/** One version of a document, whole: who holds the ledger recomputes with exactly this. */
export type Publication = {
  readonly kind: DocumentKind
  readonly key: string
  readonly version: number
  readonly digest: Digest
  readonly document: JsonObject
}

export type State = { readonly versions: readonly { readonly version: number; readonly digest: Digest }[] }
export const initial: State = { versions: [] }

export type Command = { readonly c: 'publish'; readonly publication: Publication }
export type Event = {
  readonly e: `${DocumentKind}.published`
  readonly key: string
  readonly version: number
  readonly digest: Digest
  readonly previousDigest: Digest | null
  readonly document: JsonObject
  readonly by: Actor
  readonly at: EpochMs
}
export type Context = { readonly now: EpochMs; readonly actor: Actor }
export type Refusal =
  | Reason<'VERSION_PUBLISHED', { version: number; digest: Digest }>
  | Reason<'VERSION_NOT_NEXT', { newest: number }>

/** Publishes a version. A published version never changes; publishing the same content again records nothing. */
export function decide(state: State, { publication }: Command, ctx: Context): Decided<Event, Refusal> {
  const { kind, ...rest } = publication
  const known = state.versions.find(({ version }) => version === publication.version)
  if (known?.digest === publication.digest) return unless<Event, Refusal>([])
  if (known !== undefined) return refuse({ code: 'VERSION_PUBLISHED', params: { ...known } })
  const newest = state.versions.at(-1)
  if (newest !== undefined && publication.version < newest.version)
    return refuse({ code: 'VERSION_NOT_NEXT', params: { newest: newest.version } })
  const previousDigest = newest?.digest ?? null
  return unless<Event, Refusal>([], {
    e: `${kind}.published`,
    ...rest,
    previousDigest,
    by: ctx.actor,
    at: ctx.now,
  })
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  switch (event.e) {
    case 'questionnaire.published':
    case 'tier_policy.published':
    case 'trigger_policy.published':
    case 'legal_map.published':
    case 'calendar.published':
      return { versions: [...state.versions, { version: event.version, digest: event.digest }] }
    default:
      return unreachable(event.e)
  }
}
