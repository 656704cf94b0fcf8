import {
  activateGuardPolicy,
  discardGuardPolicyDraft,
  draftGuardPolicy,
  proposeChange,
  retireGuardPolicy,
  shadowGuardPolicy,
  tightenGuardPolicy,
  type GuardPolicyPorts,
} from '../../app/guard/policies.ts'
import {
  diffGuardPolicies,
  effectOfVersion,
  listGuardPolicies,
  readGuardPolicy,
  type GuardPolicyVersion,
} from '../../app/guard/policy-views.ts'
import { toPage } from '../../contracts/paging.ts'
import { shippedBudgets, type guardPolicyRoutes } from '../../contracts/routes/guard-policies.ts'
import { toRfc3339, type EpochMs } from '../../kernel/index.ts'
import { numberIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { instantOf } from '../instant.ts'
import { visibleTo } from '../reader.ts'

/** Versions of the guard policy, and what they would change. */
export function guardPolicyHandlers<P extends Principal>(
  ports: GuardPolicyPorts & { readonly now: () => EpochMs },
): Handlers<typeof guardPolicyRoutes, P> {
  const { query, guardGround: ground, now } = ports
  return {
    'guardPolicies.list': async ({ query: asked }) => {
      const before = asked.cursor === undefined ? null : numberIn(asked.cursor)
      const { revision, versions } = await listGuardPolicies(query, { before, limit: asked.limit + 1 })
      const page = toPage(versions, asked.limit, ({ version }) => [version])
      return { ...page, items: page.items.map(versionView), revision }
    },
    'guardPolicies.read': async ({ caller, params }) => {
      const record = await readGuardPolicy(query, ground, visibleTo(caller(), now()), params.version)
      const { policy, effect: _, differing, revision, isForOthers, ...version } = record
      const { languages, offsets, off, allow, sources = [], redaction = {}, budgets } = policy
      return {
        ...versionView(version),
        revision,
        isForOthers,
        terms: {
          languages,
          offsets,
          off,
          allow: allow.map(entryView),
          sources,
          redaction,
          budgets: budgets ?? shippedBudgets,
        },
        differing: differing.map((row) => ({ ...row, lastAt: toRfc3339(row.lastAt) })),
      }
    },
    'guardPolicies.diff': async ({ params, query: { from } }) => {
      const diff = await diffGuardPolicies(query, ground, { from: from ?? null, to: params.version })
      return {
        strictness: diff.strictness,
        changes: diff.changes.map((change) => {
          if (change.k === 'allow') return { ...change, entry: entryView(change.entry) }
          if (change.k !== 'until') return change
          return { ...change, entry: entryView(change.entry), from: toRfc3339(change.from) }
        }),
      }
    },
    'guardPolicies.effect': async ({ caller, params }) => {
      const reader = { visibility: visibleTo(caller(), now()), now: now() }
      const { traffic, scores, corpus } = await effectOfVersion(ports, params.version, reader)
      return {
        traffic: { ...traffic, since: toRfc3339(traffic.since), changed: [...traffic.changed] },
        scores: [...scores],
        corpus: corpus.map((item) => ({ ...item, families: [...item.families], losses: [...item.losses] })),
      }
    },
    'guardPolicies.draft': async ({ caller, body, ifMatch }) => {
      const allow = body.allow.map((entry) => ({ ...entry, until: instantOf(entry.until) }))
      await draftGuardPolicy(ports, issuerOf(caller()), { terms: { ...body, allow }, ...revisionIn(ifMatch) })
      return {}
    },
    'guardPolicies.propose': async ({ caller, body }) => ({
      version: await proposeChange(ports, issuerOf(caller()), body.change),
    }),
    'guardPolicies.discard': async ({ caller }) => {
      await discardGuardPolicyDraft(ports, issuerOf(caller()))
      return {}
    },
    'guardPolicies.shadow': async ({ caller, ifMatch }) => {
      await shadowGuardPolicy(ports, issuerOf(caller()), revisionIn(ifMatch))
      return {}
    },
    'guardPolicies.tighten': async ({ caller, ifMatch }) => {
      await tightenGuardPolicy(ports, issuerOf(caller()), revisionIn(ifMatch))
      return {}
    },
    'guardPolicies.activate': async ({ caller, params, body }) => {
      await activateGuardPolicy(ports, issuerOf(caller()), { ...params, ...body })
      return {}
    },
    'guardPolicies.retire': async ({ caller, params }) => {
      await retireGuardPolicy(ports, issuerOf(caller()), params.version)
      return {}
    },
  }
}

function entryView<E extends { readonly until: EpochMs }>(entry: E) {
  return { ...entry, until: toRfc3339(entry.until) }
}

function revisionIn(ifMatch: number | undefined) {
  return ifMatch === undefined ? {} : { revision: ifMatch }
}

function versionView({ draftedAt, shadowedAt, activatedAt, retiredAt, ...version }: GuardPolicyVersion) {
  const at = (ms: EpochMs | null) => (ms === null ? null : toRfc3339(ms))
  return {
    ...version,
    draftedAt: toRfc3339(draftedAt),
    shadowedAt: at(shadowedAt),
    activatedAt: at(activatedAt),
    retiredAt: at(retiredAt),
  }
}
