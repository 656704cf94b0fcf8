import {
  canonicalJson,
  refuse,
  unless,
  unreachable,
  type Decided,
  type DeploymentId,
  type Digest,
  type EpochMs,
  type GrantId,
  type Reason,
  type Tier,
} from '../../kernel/index.ts'
import { permits, type Authorization } from './authorization.ts'

/** What all grants of one series state alike. Anything else makes another series, and so another entry. */
export type SeriesTerms = {
  readonly deploymentId: DeploymentId
  readonly basis: {
    readonly k: 'decision' | 'override' | 'extension'
    readonly id: string
    /** Ledger index of the entry that records the basis. */
    readonly seq: number
  }
  readonly releaseDigest: Digest
  readonly useCaseRevision: Digest
  readonly scope: Digest
  readonly tier: Tier
  readonly mode: 'enforce' | 'observe'
  readonly epoch: number
}

/** The grants of one deployment. Renewals change nothing here; each hour their Merkle root is recorded. */
export type State =
  | { readonly s: 'closed'; readonly refusal: string | null }
  | { readonly s: 'open'; readonly terms: SeriesTerms; readonly jti: GrantId }
export const initial: State = { s: 'closed', refusal: null }

export type Command =
  | { readonly c: 'issue'; readonly terms: SeriesTerms; readonly jti: GrantId; readonly exp: EpochMs }
  | { readonly c: 'withhold' }

export type Event =
  | ({
      readonly e: 'grant.series_opened'
      readonly jti: GrantId
      readonly exp: EpochMs
      readonly kid: string
      readonly at: EpochMs
    } & SeriesTerms)
  | {
      readonly e: 'grant.series_closed'
      readonly deploymentId: DeploymentId
      readonly jti: GrantId
      readonly cause: Authorization['s']
      readonly at: EpochMs
    }
  | {
      readonly e: 'grant.refused'
      readonly deploymentId: DeploymentId
      readonly authorization: Authorization['s']
      readonly reasonCodes: readonly string[]
      readonly at: EpochMs
    }

export type Context = {
  readonly now: EpochMs
  readonly deploymentId: DeploymentId
  readonly authorization: Authorization
  /** The release that the authorization is about. */
  readonly release: Digest
  readonly kid: string
}
export type Refusal =
  | Reason<'NOT_AUTHORIZED', { state: Authorization['s'] }>
  | Reason<'RELEASE_MISMATCH' | 'EXPIRED'>

/**
 * Issues a grant or withholds it. A grant exists only under an authorization that permits one, for exactly its release
 * and basis; whatever ends the authorization closes the series.
 */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const { authorization, deploymentId, now } = ctx
  switch (command.c) {
    case 'issue': {
      const { terms, jti, exp } = command
      if (!permits(authorization))
        return refuse({ code: 'NOT_AUTHORIZED', params: { state: authorization.s } })
      const faults: Refusal[] = []
      if (terms.releaseDigest !== ctx.release || terms.basis.id !== authorization.basis)
        faults.push({ code: 'RELEASE_MISMATCH', params: {} })
      if (exp <= now || authorization.until === undefined || exp > authorization.until)
        faults.push({ code: 'EXPIRED', params: {} })
      if (state.s === 'open' && canonicalJson(state.terms) === canonicalJson(terms))
        return unless<Event, Refusal>(faults)
      return unless<Event, Refusal>(faults, {
        e: 'grant.series_opened',
        ...terms,
        jti,
        exp,
        kid: ctx.kid,
        at: now,
      })
    }
    case 'withhold': {
      if (permits(authorization)) return unless<Event, Refusal>([])
      const reasonCodes = [...new Set(authorization.reasons.map(({ code }) => code))].sort()
      const events: Event[] =
        state.s === 'open'
          ? [{ e: 'grant.series_closed', deploymentId, jti: state.jti, cause: authorization.s, at: now }]
          : []
      if (refusalOf(authorization.s, reasonCodes) !== (state.s === 'closed' ? state.refusal : null))
        events.push({
          e: 'grant.refused',
          deploymentId,
          authorization: authorization.s,
          reasonCodes,
          at: now,
        })
      return unless<Event, Refusal>([], ...events)
    }
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(_state: State, event: Event): State {
  switch (event.e) {
    case 'grant.series_opened': {
      const { e: _, jti, exp: _exp, kid: _kid, at: _at, ...terms } = event
      return { s: 'open', terms, jti }
    }
    case 'grant.series_closed':
      return { s: 'closed', refusal: null }
    case 'grant.refused':
      return { s: 'closed', refusal: refusalOf(event.authorization, event.reasonCodes) }
    default:
      return unreachable(event)
  }
}

/** A refusal is recorded again only when it changes. */
function refusalOf(s: string, codes: readonly string[]): string {
  return [s, ...codes].join(' ')
}
