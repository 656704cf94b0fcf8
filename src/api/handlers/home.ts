import { listStandings, readOverview } from '../../app/overview.ts'
import type { InService } from '../../app/authorization/in-service.ts'
import { policiesInForce } from '../../app/policies/in-force.ts'
import type { Query } from '../../app/ports/query.ts'
import type { WorkKind } from '../../kernel/work-kinds.ts'
import { snoozeWork } from '../../app/work/snoozes.ts'
import { readWork, type OwnItem } from '../../app/work/work.ts'
import { toPage } from '../../contracts/paging.ts'
import type { homeRoutes } from '../../contracts/routes/home.ts'
import { AppError, epochMs, toRfc3339, type EpochMs } from '../../kernel/index.ts'
import { idIn } from '../cursor.ts'
import type { Handlers, Principal } from '../handler.ts'
import { readerOf } from '../reader.ts'

/** The operation that each kind of work is for. */
const actionOf: { readonly [K in WorkKind]: string } = {
  ballot: 'cases.cast',
  start_vote: 'cases.startVote',
  close_vote: 'cases.close',
  triage: 'useCases.triage',
  information: 'useCases.submit',
  review_information: 'reviews.answer',
  review_assign: 'reviews.assign',
  review_lead: 'reviews.signOff',
  condition_owned: 'conditions.list',
  attestation: 'conditions.attest',
  waiver_accept: 'waivers.accept',
  waiver_expiring: 'waivers.renew',
  override_second: 'overrides.second',
  override_review: 'overrides.review',
  decision_expiring: 'cases.open',
  evidence_missing: 'requirements.read',
  release_blocked: 'deployments.authorization',
  role_request: 'roles.approve',
  recovery_request: 'people.invite',
  charter_signature: 'charters.ratify',
  mention: 'notices.mark',
}

/** What stands on the first screens. */
export function homeHandlers<P extends Principal>(query: Query): Handlers<typeof homeRoutes, P> {
  const personIn = (caller: P) => {
    const { authority, person } = readerOf(caller)
    if (person === null) throw new AppError('FORBIDDEN', 'work waits for people, not for programs')
    return { authority, person }
  }
  return {
    'overview.read': async ({ caller }) => {
      const found = await readOverview(query, readerOf(caller()))
      const { at, withoutLeave, waiting, changes, deadlines, exceptions, gateway, setup, matrix, ...counts } =
        found
      return {
        at: toRfc3339(at),
        ...counts,
        matrix: [...matrix],
        withoutLeave: withoutLeave.map(standingView),
        waiting: waiting.map((item) => ({ ...item, oldest: timeOf(item.oldest) })),
        changes: changes.map((item) => ({ ...item, at: toRfc3339(item.at) })),
        deadlines: deadlines.map((item) => ({ ...item, at: toRfc3339(item.at) })),
        exceptions: exceptions.map((item) => ({
          ...item,
          since: toRfc3339(item.since),
          until: timeOf(item.until),
        })),
        gateway: { ...gateway, lastAt: timeOf(gateway.lastAt) },
        setup: [...setup],
      }
    },
    'overview.deployments': async ({ caller, query: asked }) => {
      const rows = await listStandings(query, readerOf(caller()), {
        tier: asked.tier,
        state: asked.state,
        environment: asked.environment,
        after: asked.cursor === undefined ? undefined : idIn(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ id }) => [id])
      return { ...page, items: page.items.map(standingView) }
    },
    'work.read': async ({ caller }) => {
      const { now, items, nextDate } = await readWork(query, await policiesInForce(query), personIn(caller()))
      return {
        at: toRfc3339(now),
        items: items.filter((item) => item.asleepUntil === null).map((item) => workView(item, now)),
        asleep: items.flatMap((item) =>
          item.asleepUntil === null ? [] : [{ ...workView(item, now), until: toRfc3339(item.asleepUntil) }],
        ),
        nextDate: timeOf(nextDate),
      }
    },
    'work.snooze': async ({ caller, body: { kind, id, until } }) => {
      const at = until === null ? null : epochMs(Date.parse(until))
      await snoozeWork(query, await policiesInForce(query), personIn(caller()), { kind, id, until: at })
      return {}
    },
  }
}

function workView(item: OwnItem, now: EpochMs) {
  const { kind, id, about, title, tier, due, since, why, snoozeLimit, delegation } = item
  return {
    kind,
    id,
    about: about ?? null,
    title,
    tier,
    due: timeOf(due),
    since: timeOf(since),
    isOverdue: due !== null && due <= now,
    why: { ...why, params: { ...why.params } },
    action: actionOf[kind],
    snooze:
      snoozeLimit.k === 'until' ? ({ k: 'until', at: toRfc3339(snoozeLimit.at) } as const) : snoozeLimit,
    delegation,
  }
}

function standingView({ until, asOf, reasons, ...rest }: InService) {
  return {
    ...rest,
    until: timeOf(until),
    asOf: timeOf(asOf),
    reasons: reasons.map((reason) => ({ ...reason, params: { ...reason.params } })),
  }
}

function timeOf(at: EpochMs | null): string | null {
  return at === null ? null : toRfc3339(at)
}
