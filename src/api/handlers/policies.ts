import { visibilityOf } from '../../app/access.ts'
import { databaseNow } from '../../app/clock.ts'
import { personOf } from '../../app/command.ts'
import { impactOf } from '../../app/policies/impact.ts'
import { proposePolicy, signPolicy, withdrawPolicy, type PolicyPorts } from '../../app/policies/proposals.ts'
import {
  listPolicies,
  readPolicy,
  readProposal,
  type PolicyRow,
  type VersionRow,
} from '../../app/policies/views.ts'
import type { policyRoutes } from '../../contracts/routes/policies.ts'
import { toPage } from '../../contracts/paging.ts'
import { AppError, toRfc3339, type JsonObject } from '../../kernel/index.ts'
import { idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'

/** The body was parsed from JSON, so its members are JSON. */
const documentOf = (document: Readonly<Record<string, unknown>>): JsonObject => document as JsonObject

/** The documents by which decisions are made: versions, proposals, signatures and what they would change. */
export function policyHandlers<P extends Principal>(ports: PolicyPorts): Handlers<typeof policyRoutes, P> {
  const { query, catalogue } = ports
  return {
    'policies.list': async () => ({
      items: (await listPolicies(query, catalogue)).flatMap(({ versions, proposals, ...row }) => {
        const inForce = versions.at(-1)
        if (inForce === undefined) return []
        return [
          {
            ...row,
            inForce: versionView(inForce),
            versions: versions.map(versionView),
            proposals: proposals.map(proposalView),
          },
        ]
      }),
    }),
    'policies.read': async ({ params: { kind, key, version } }) => {
      const { document, ...row } = await readPolicy(query, kind, key, version)
      return { ...versionView(row), kind, key, document: { ...document } }
    },
    'policies.shipped': async ({ params: { kind, key } }) => {
      const shipped = catalogue.publications.find((item) => item.kind === kind && item.key === key)
      if (shipped === undefined) throw new AppError('NOT_FOUND')
      const { version, digest } = shipped
      return { version, digest, document: { ...catalogue.documents[kind] } }
    },
    'questionnaires.propose': async ({ caller, params, body }) => {
      const place = { kind: 'questionnaire', key: params.key } as const
      return proposePolicy(ports, issuerOf(caller()), place, documentOf(body.document))
    },
    'policies.propose': async ({ caller, params, body }) =>
      proposePolicy(ports, issuerOf(caller()), params, documentOf(body.document)),
    'policyProposals.read': async ({ caller, params }) => {
      const found = await readProposal(query, caller().authority, params.digest)
      const { kind, key, proposal, document, tally, objections } = found
      return {
        ...proposalView(proposal),
        kind,
        key,
        document: { ...document },
        tally:
          tally === null
            ? null
            : {
                status: tally.status,
                missing: [...tally.missing],
                reasons: tally.reasons.map((reason) => ({ ...reason, params: { ...reason.params } })),
              },
        objections: objections.map((item) => ({ ...item })),
      }
    },
    'policyProposals.impact': async ({ caller, params, query: asked }) => {
      const principal = caller()
      const reader = { ...principal, person: personOf(principal) }
      const visibility = visibilityOf(reader, 'useCase.read', await databaseNow(query))
      const after = asked.cursor === undefined ? null : idIn(asked.cursor)
      const page = { after, limit: asked.limit + 1 }
      const { counts, items } = await impactOf(query, visibility, params.digest, page)
      const rows = items.map((row) => ({
        ...row,
        now: { ...row.now, reviews: [...row.now.reviews] },
        proposed: { ...row.proposed, reviews: [...row.proposed.reviews] },
        toAnswer: [...row.toAnswer],
      }))
      return { counts, ...toPage(rows, asked.limit, ({ id }) => [id]) }
    },
    'policyProposals.sign': async ({ caller, params, body }) =>
      signedView(await signPolicy(ports, issuerOf(caller()), params.digest, { c: 'sign', ...body })),
    'policyProposals.object': async ({ caller, params, body }) =>
      signedView(await signPolicy(ports, issuerOf(caller()), params.digest, { c: 'object', ...body })),
    'policyProposals.withdraw': async ({ caller, params }) =>
      signedView(await withdrawPolicy(ports, issuerOf(caller()), params.digest)),
  }
}

function versionView({ publishedAt, proposal, ...row }: VersionRow) {
  const origin = proposal === null ? ('shipped' as const) : ('own' as const)
  return { ...row, proposal, origin, publishedAt: toRfc3339(publishedAt) }
}

type Proposal = PolicyRow['proposals'][number]

function proposalView({ digest, version, s: state, by, at, votes }: Proposal) {
  return { digest, version, state, by, at: toRfc3339(at), votes: votes.map((vote) => ({ ...vote })) }
}

function signedView({ s: state, votes }: Proposal) {
  return { state, votes: votes.map((vote) => ({ ...vote })) }
}
