import type { CommandPorts } from '../../app/command.ts'
import { listFeedback, markFinding, marksOfRecord } from '../../app/guard/feedback.ts'
import { featuresOfFinding } from '../../app/guard/feedback-features.ts'
import { consentToExport, exportFeedback, exportsOf } from '../../app/guard/feedback-export.ts'
import { readHits } from '../../app/guard/hits.ts'
import { tryText } from '../../app/guard/try-text.ts'
import type { ContentOpener } from '../../app/ports/gateway-content.ts'
import type { GuardPorts } from '../../app/ports/guard-ground.ts'
import type { Query } from '../../app/ports/query.ts'
import { toPage } from '../../contracts/paging.ts'
import { findingKinds } from '../../contracts/routes/gateway.ts'
import type { guardFeedbackRoutes } from '../../contracts/routes/guard-feedback.ts'
import { toRfc3339, type EpochMs } from '../../kernel/index.ts'
import { afterOf } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { instantOf } from '../instant.ts'
import { readerOf, visibleTo } from '../reader.ts'

/** What the guard can and cannot find; told wherever somebody might believe more. */
const unsupported = ['names_of_people', 'street_addresses', 'organisations', 'health_in_free_text'] as const

/** What the guard finds, how often, and what analysts say of it. */
export function guardFeedbackHandlers<P extends Principal>(
  ports: CommandPorts &
    GuardPorts & { readonly query: Query; readonly content: ContentOpener; readonly now: () => EpochMs },
): Handlers<typeof guardFeedbackRoutes, P> {
  const { query, guardGround: ground, guardShadow, now } = ports
  return {
    'guard.capabilities': async () => ({
      detectors: ground.digest,
      model: ground.model,
      header: ground.header,
      languages: [...ground.languages],
      kinds: [...findingKinds],
      unsupported: [...unsupported],
      shadow: guardShadow,
    }),
    'guard.hits': async ({ caller, query: { from, to, deployment } }) => {
      const hits = await readHits(query, {
        visibility: visibleTo(caller(), now()),
        from: instantOf(from),
        to: instantOf(to),
        ...(deployment === undefined ? {} : { deployment }),
      })
      return {
        from,
        to,
        calls: hits.calls,
        rules: [...hits.rules],
        marks: [...hits.marks],
        languages: [...hits.languages],
        series: hits.series.map((item) => ({ ...item, at: toRfc3339(item.at) })),
      }
    },
    'guardFeedback.record': async ({ caller, params, body }) => {
      await markFinding(ports, issuerOf(caller()), { ...params, ...body })
      return {}
    },
    'guardFeedback.ofRecord': async ({ caller, params }) => ({
      marks: [...(await marksOfRecord(query, visibleTo(caller(), now()), params.record))],
    }),
    'guardFeedback.list': async ({ caller, query: asked }) => {
      const { deployment, rule, mark, state } = asked
      const groups = await listFeedback(query, {
        visibility: visibleTo(caller(), now()),
        after: afterOf(asked.cursor),
        limit: asked.limit + 1,
        ...(deployment === undefined ? {} : { deployment }),
        ...(rule === undefined ? {} : { rule }),
        ...(mark === undefined ? {} : { mark }),
        ...(state === undefined ? {} : { isOpen: state === 'open' }),
      })
      const page = toPage(groups, asked.limit, ({ lastAt, lastRecord }) => [lastAt, lastRecord])
      const items = page.items.map((group) => ({
        ...group,
        lastAt: toRfc3339(group.lastAt),
        allowedUntil: group.allowedUntil === null ? null : toRfc3339(group.allowedUntil),
      }))
      return { ...page, items }
    },
    'guardFeedback.explain': async ({ caller, params, body }) => {
      const { features, why } = await featuresOfFinding(ports, issuerOf(caller()), { ...params, ...body })
      return { features: features.map(({ ngram, share }) => ({ ngram, share })), why }
    },
    'guardExports.read': async ({ caller, params }) => {
      const { consent, dataOwner, exports } = await exportsOf(query, issuerOf(caller()), params.deployment)
      return {
        dataOwner,
        consent:
          consent === null
            ? null
            : { by: consent.by, at: toRfc3339(consent.at), until: toRfc3339(consent.until) },
        exports: exports.map((past) => ({ ...past, at: toRfc3339(past.at) })),
      }
    },
    'guardExports.consent': async ({ caller, params }) => {
      await consentToExport(ports, issuerOf(caller()), params.deployment, { c: 'consent' })
      return {}
    },
    'guardExports.withdraw': async ({ caller, params }) => {
      await consentToExport(ports, issuerOf(caller()), params.deployment, { c: 'withdraw' })
      return {}
    },
    'guardExports.export': async ({ caller, params }) => {
      const made = await exportFeedback(ports, issuerOf(caller()), params.deployment)
      return { ...made, leftOut: [...made.leftOut] }
    },
    'guard.try': async ({ caller, body }) => {
      const principal = caller()
      const reader = readerOf(principal)
      const tried = await tryText({ query, guardGround: ground }, { ...body, now: now(), caller: reader })
      return {
        findings: tried.map(({ finding, features, isLeft, window }) => {
          const { rule, kind, severity, sureness, start, end, via = [], band, score, z } = finding
          return {
            rule,
            kind,
            severity,
            sureness,
            start,
            end,
            via: [...via],
            band: band ?? null,
            score: score ?? null,
            z: z ?? null,
            features: [...features],
            isLeft,
            window,
          }
        }),
      }
    },
  }
}
