import { charter } from '../../governance/committee/index.ts'
import {
  compileSet,
  documentKinds,
  publication,
  type DocumentKind,
  type Documents,
} from '../../governance/policies/index.ts'
import { publicationId, publications } from '../aggregates/policies.ts'
import { runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import type { Catalogue } from '../ports/catalogue.ts'
import type { Query } from '../ports/query.ts'
import { documentsOf, headsInForce, policiesLock } from './in-force.ts'

export type PublishPorts = CommandPorts & { readonly catalogue: Catalogue }

/**
 * Publishes what ships: each document that is new becomes an entry, whole. What the organisation has decided stays; the
 * others follow the product where they fit beside it, else they stay too and the shipped ones are offered (ADR 0013).
 */
export function publishCatalogue({ catalogue, ...ports }: PublishPorts, issuer: Issuer): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    await work.tx.lockStreams([policiesLock])
    const decided = new Set<DocumentKind>()
    for (const { kind, key } of catalogue.publications)
      if (publication.isOwn((await work.load(publications, publicationId(kind, key))).state))
        decided.add(kind)
    const follows = await fittingKinds(work, catalogue, decided)
    for (const item of catalogue.publications) {
      const { kind, key } = item
      if (!follows.has(kind)) continue
      await work.apply(
        publications,
        publicationId(kind, key),
        { c: 'publish', publication: item },
        {
          now: work.now,
          actor: issuer.actor,
          authn: issuer.authn,
          kind,
          key,
          charters: charter.initial,
          faultsIn: () => [], // the catalogue was checked when it was loaded
        },
      )
    }
  })
}

/** The kinds whose shipped document may be published beside what the organisation has decided. */
async function fittingKinds(
  work: Work,
  { documents }: Catalogue,
  decided: ReadonlySet<DocumentKind>,
): Promise<ReadonlySet<DocumentKind>> {
  const shipped = new Set(documentKinds.filter((kind) => !decided.has(kind)))
  if (decided.size === 0) return shipped
  const query: Query = (sql, params) => work.tx.query(sql, params)
  const inForce = await documentsOf(query, await headsInForce(query))
  if (inForce === null) return shipped
  const next = Object.fromEntries(
    documentKinds.map((kind) => [kind, shipped.has(kind) ? documents[kind] : inForce[kind]]),
  ) as unknown as Documents // one of each kind
  if (compileSet(next).ok) return shipped
  return new Set([...shipped].filter((kind) => kind === 'calendar')) // no other document depends on it
}
