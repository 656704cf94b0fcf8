import { publication, type DocumentKind } from '../../governance/policies/index.ts'
import type { Aggregate } from '../command.ts'
import { instant } from '../sql.ts'

/** Stream `publication/<kind>:<key>`: all versions of one document, and what is proposed as the next. */
export const publications: Aggregate<
  publication.State,
  publication.Command,
  publication.Event,
  publication.Context
> = {
  name: 'publication',
  initial: publication.initial,
  decide: publication.decide,
  evolve: publication.evolve,
  project: async ({ tx, id, events }) => {
    const kind = id.slice(0, id.indexOf(':'))
    for (const event of events) {
      if (!('previousDigest' in event)) continue
      const { key, version, digest, proposal = null, document, labels = null, at } = event
      await tx.query(
        `insert into policies (kind, key, version, digest, proposal, document, labels, published_at)
         values ($1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, ${instant(8)})`,
        [
          kind,
          key,
          version,
          digest,
          proposal,
          JSON.stringify(document),
          labels === null ? null : JSON.stringify(labels),
          at,
        ],
      )
    }
  },
}

export function publicationId(kind: DocumentKind, key: string): string {
  return `${kind}:${key}`
}
