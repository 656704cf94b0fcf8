import { commandReview, recordCheck, type ReviewCommand } from '../../app/reviews.ts'
import { reportReview, type ReportPorts } from '../../app/review-report.ts'
import { listChecks, listReviews, readReview, type ReviewRow } from '../../app/review-views.ts'
import { toPage } from '../../contracts/paging.ts'
import type { reviewRoutes } from '../../contracts/routes/reviews.ts'
import { actorText, toRfc3339, type ReviewId } from '../../kernel/index.ts'
import { afterOf, idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { instantOf } from '../instant.ts'
import { readerOf } from '../reader.ts'

/** Reviews and the results of checks. */
export function reviewHandlers<P extends Principal>(ports: ReportPorts): Handlers<typeof reviewRoutes, P> {
  const { query } = ports
  type Asked = {
    readonly caller: () => P
    readonly params: { readonly id: ReviewId }
    readonly ifMatch: number | undefined
  }
  const run = async ({ caller, params, ifMatch }: Asked, command: ReviewCommand) => {
    await commandReview(ports, issuerOf(caller()), params.id, command, ifMatch)
    return {}
  }
  return {
    'reviews.list': async ({ caller, query: asked }) => {
      const { overdue, ...filter } = asked
      const rows = await listReviews(query, readerOf(caller()), {
        ...filter,
        isOverdue: overdue === undefined ? undefined : overdue === 'true',
        after: afterOf(asked.cursor),
        limit: asked.limit + 1,
      })
      const keyOf = ({ state, createdAt }: ReviewRow) =>
        asked.sort === 'due' ? [state.due, state.id] : [createdAt, state.id]
      const page = toPage(rows, asked.limit, keyOf)
      return { ...page, items: page.items.map(rowView) }
    },
    'reviews.read': async ({ caller, params }) => {
      const found = await readReview(query, readerOf(caller()), params.id)
      const { state, revision, notes } = found
      return {
        ...rowView(found),
        revision,
        firedBy: [...state.firedBy],
        isTier3Default: state.tier3Default,
        signedBy: state.signedBy,
        report: state.report,
        conditions: state.conditions.map((item) => ({ ...item, due: toRfc3339(item.due) })),
        notes: notes.map((note) => ({
          ...note,
          at: toRfc3339(note.at),
          conditions: note.conditions.map((item) => ({ ...item })),
        })),
      }
    },
    'reviews.assign': async (request) => run(request, { c: 'assign', lead: request.body.lead }),
    'reviews.start': async (request) => run(request, { c: 'start' }),
    'reviews.ask': async (request) => run(request, { c: 'ask', sealed: { text: request.body.text } }),
    'reviews.answer': async (request) => run(request, { c: 'answer' }),
    'reviews.signOff': async ({ caller, params, body, ifMatch }) => {
      const { subject, summary } = body
      const conditions = body.conditions.map((item) => ({ ...item, due: instantOf(item.due) }))
      const report = { outcome: 'sign_off', subject, summary, conditions } as const
      return reportReview(ports, issuerOf(caller()), params.id, report, ifMatch)
    },
    'reviews.object': async ({ caller, params, body, ifMatch }) => {
      const report = { outcome: 'object', ...body, conditions: [] } as const
      return reportReview(ports, issuerOf(caller()), params.id, report, ifMatch)
    },
    'reviews.notNeeded': async (request) => {
      const { reasonCode, text } = request.body
      return run(request, { c: 'declare_not_needed', reasonCode, sealed: { text } })
    },
    'checks.record': async ({ caller, body }) => {
      await recordCheck(ports, issuerOf(caller()), { ...body, validUntil: instantOf(body.validUntil) })
      return {}
    },
    'checks.list': async ({ caller, query: asked }) => {
      const rows = await listChecks(query, readerOf(caller()), {
        release: asked.release,
        environment: asked.environment,
        after: asked.cursor === undefined ? undefined : idIn(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ id }) => [id])
      const items = page.items.flatMap(({ state, status }) => {
        const { checkId, release, environment, result, artefactDigest, by, at, validUntil } = state
        const what = { checkId, release, environment, result, artefactDigest, by: actorText(by) }
        const when = { recordedAt: toRfc3339(at), validUntil: toRfc3339(validUntil) }
        return status === 'missing' ? [] : [{ ...what, ...when, status }]
      })
      return { ...page, items }
    },
  }
}

function rowView({ state, title, createdAt, isOverdue }: ReviewRow) {
  const { id, useCaseId, kind, tier, s, subject, lead, due } = state
  return {
    id,
    useCaseId,
    title,
    kind,
    tier,
    state: s,
    subject: { ...subject },
    lead,
    due: toRfc3339(due),
    isOverdue,
    createdAt: toRfc3339(createdAt),
  }
}
