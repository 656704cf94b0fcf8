import type { charter, Tally } from '../../governance/committee/index.ts'
import { publication, type DocumentKind } from '../../governance/policies/index.ts'
import {
  AppError,
  epochMs,
  type Digest,
  type EpochMs,
  type JsonObject,
  type UserId,
} from '../../kernel/index.ts'
import { may, type Authority } from '../access.ts'
import { databaseNow } from '../clock.ts'
import type { Catalogue } from '../ports/catalogue.ts'
import type { Query } from '../ports/query.ts'
import { textIn } from '../sealed-texts.ts'
import { millis } from '../sql.ts'

export type VersionRow = {
  readonly version: number
  readonly digest: Digest
  /** The proposal that was ratified; null for what came with the product. */
  readonly proposal: Digest | null
  readonly publishedAt: EpochMs
}

/** One document with its versions, the newest of which is in force, and what may become the next. */
export type PolicyRow = {
  readonly kind: DocumentKind
  readonly key: string
  readonly versions: readonly VersionRow[]
  readonly proposals: readonly publication.Proposal[]
  /** What ships and was not put in the place of what is in force. */
  readonly offered: { readonly version: number; readonly digest: Digest } | null
}

/** Every document by which decisions are made. */
export async function listPolicies(query: Query, { publications }: Catalogue): Promise<readonly PolicyRow[]> {
  const versions = await query<VersionRow & { kind: DocumentKind; key: string; publishedAt: number }>(
    `select kind, key, version, digest, proposal, ${millis('published_at')} as "publishedAt"
     from policies order by kind, key, version`,
  )
  const states = new Map(
    (
      await query<{ stream: string; state: publication.State }>(
        `select stream, state from streams where kind = 'publication'`,
      )
    ).map(({ stream, state }) => [stream, state]),
  )
  const places = new Map(versions.map(({ kind, key }) => [`publication/${kind}:${key}`, { kind, key }]))
  return [...places].map(([stream, { kind, key }]) => {
    const own = versions.filter((row) => row.kind === kind && row.key === key)
    const shipped = publications.find((item) => item.kind === kind && item.key === key)
    const isKnown = shipped === undefined || own.some(({ digest }) => digest === shipped.digest)
    return {
      kind,
      key,
      versions: own.map(({ version, digest, proposal, publishedAt }) => ({
        version,
        digest,
        proposal,
        publishedAt: epochMs(publishedAt),
      })),
      proposals: states.get(stream)?.proposals ?? [],
      offered: isKnown ? null : { version: shipped.version, digest: shipped.digest },
    }
  })
}

export type PolicyVersion = VersionRow & { readonly document: JsonObject }

/** One version, whole; a questionnaire with its labels where they were kept. */
export async function readPolicy(
  query: Query,
  kind: DocumentKind,
  key: string,
  version: number,
): Promise<PolicyVersion> {
  const [row] = await query<
    PolicyVersion & { readonly labels: JsonObject | null; readonly publishedAt: number }
  >(
    `select version, digest, proposal, ${millis('published_at')} as "publishedAt", document, labels
     from policies where kind = $1 and key = $2 and version = $3`,
    [kind, key, version],
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  const { labels, document, publishedAt, ...rest } = row
  return {
    ...rest,
    publishedAt: epochMs(publishedAt),
    document: labels === null ? document : { ...document, labels },
  }
}

export type ProposalRecord = {
  readonly kind: DocumentKind
  readonly key: string
  readonly proposal: publication.Proposal
  readonly document: JsonObject
  /** How it stands while it is open. */
  readonly tally: Tally | null
  readonly objections: readonly {
    readonly by: UserId
    /** Null where it is masked for the reader, or erased. */
    readonly reason: string | null
  }[]
}

/** A proposal with its document, its signatures and what was said against it. */
export async function readProposal(
  query: Query,
  authority: Authority,
  digest: Digest,
): Promise<ProposalRecord> {
  const { kind, key, state } = await proposalPlace(query, digest)
  const proposal = state.proposals.find((item) => item.digest === digest)
  const entries = await query<{ kind: string; facts: JsonObject; sealed: JsonObject | null }>(
    `select e.kind, p.facts::jsonb as facts, p.personal::jsonb as sealed
     from ledger.entry e join ledger.payload p on p.event_id = e.id
     where e.stream = $1 and e.kind in ('policy.proposed', 'policy.objected') and p.facts::jsonb ->> 'digest' = $2
     order by e.rev`,
    [`publication/${kind}:${key}`, digest],
  )
  const document = entries.find((entry) => entry.kind === 'policy.proposed')?.facts['document']
  if (proposal === undefined || document === undefined) throw new AppError('NOT_FOUND')
  const now = await databaseNow(query)
  const readsText = may(authority, 'text.read', null, now)
  return {
    kind,
    key,
    proposal,
    document: document as JsonObject, // as it was proposed
    tally: proposal.s === 'open' ? publication.tallyOf(proposal, await chartersOf(query), now) : null,
    objections: entries
      .filter((entry) => entry.kind === 'policy.objected')
      .map(({ facts, sealed }) => ({
        by: facts['by'] as UserId, // as the fact says
        reason: readsText ? textIn(sealed, 'reason') : null,
      })),
  }
}

/** Where a proposal stands; `NOT_FOUND` where there is none. */
export async function proposalPlace(
  query: Query,
  digest: Digest,
): Promise<{ readonly kind: DocumentKind; readonly key: string; readonly state: publication.State }> {
  const [row] = await query<{ stream: string; state: publication.State }>(
    `select stream, state from streams where kind = 'publication'
       and state -> 'proposals' @> jsonb_build_array(jsonb_build_object('digest', $1::text))`,
    [digest],
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  const id = row.stream.slice('publication/'.length)
  const colon = id.indexOf(':')
  return { kind: id.slice(0, colon) as DocumentKind, key: id.slice(colon + 1), state: row.state } // its own stream
}

async function chartersOf(query: Query): Promise<charter.State> {
  const [row] = await query<{ state: charter.State }>(
    `select state from streams where stream = 'charter/main'`,
  )
  if (row === undefined) throw new AppError('NOT_FOUND')
  return row.state
}
