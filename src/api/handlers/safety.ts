import {
  commandOverride,
  requestOverride,
  type OverrideCommand,
  type OverridePorts,
} from '../../app/authorization/overrides.ts'
import { orderStop } from '../../app/authorization/stops.ts'
import { commandWaiver, requestWaiver, type WaiverCommand } from '../../app/authorization/waivers.ts'
import { openWaiverCase } from '../../app/committee/cases.ts'
import { databaseNow } from '../../app/clock.ts'
import { requireStreamReadable } from '../../app/readable.ts'
import { listRefusals } from '../../app/refusal-log.ts'
import { readRequirements } from '../../app/requirement-views.ts'
import {
  listOverrides,
  listStops,
  listWaivers,
  missingAcceptors,
  waitsForCase,
  readOverride,
  readWaiver,
  type Note,
  type OverrideRow,
  type StopRow,
  type WaiverRow,
} from '../../app/safety-views.ts'
import { toPage } from '../../contracts/paging.ts'
import type { overrideRoutes } from '../../contracts/routes/overrides.ts'
import type { refusalRoutes } from '../../contracts/routes/refusals.ts'
import type { requirementRoutes } from '../../contracts/routes/requirements.ts'
import type { stopRoutes } from '../../contracts/routes/stops.ts'
import type { waiverRoutes } from '../../contracts/routes/waivers.ts'
import {
  actorText,
  AppError,
  epochMs,
  satisfies,
  toRfc3339,
  type EpochMs,
  type OverrideId,
  type WaiverId,
} from '../../kernel/index.ts'
import { afterOf, idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { instantOf } from '../instant.ts'
import { readerOf } from '../reader.ts'

type SafetyRoutes = readonly [
  ...typeof stopRoutes,
  ...typeof overrideRoutes,
  ...typeof waiverRoutes,
  ...typeof requirementRoutes,
  ...typeof refusalRoutes,
]

/** Stops, emergency overrides, waivers, what is required, and what was refused. */
export function safetyHandlers<P extends Principal>(ports: OverridePorts): Handlers<SafetyRoutes, P> {
  const { query } = ports
  // Asked before anything about a signature is said: who may not see a record learns nothing about it.
  const assertSeen = (caller: P, stream: string) =>
    requireStreamReadable(query, readerOf(caller), stream, 'useCase.read')
  const runOverride = async (caller: P, id: OverrideId, command: OverrideCommand) => {
    await assertSeen(caller, `override/${id}`)
    await commandOverride(ports, issuerOf(caller), id, command)
    return {}
  }
  const runWaiver = async (caller: P, id: WaiverId, command: WaiverCommand) => {
    await assertSeen(caller, `waiver/${id}`)
    await commandWaiver(ports, issuerOf(caller), id, command)
    return {}
  }
  return {
    'stops.order': async ({ caller, body }) => {
      const { reason, ...input } = body
      if (body.scope === 'installation') await assertRecent(caller())
      return orderStop(ports, issuerOf(caller()), { ...input, ...(reason === undefined ? {} : { reason }) })
    },
    'stops.list': async ({ caller, query: asked }) => {
      const rows = await listStops(query, readerOf(caller()), {
        scope: asked.scope,
        isInForce: flag(asked.inForce),
        after: afterOf(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ since, id }) => [since, id])
      return { ...page, items: page.items.map(stopView) }
    },
    'overrides.request': async ({ caller, body }) => {
      await assertSeen(caller(), `deployment/${body.deploymentId}`)
      return requestOverride(ports, issuerOf(caller()), body)
    },
    'overrides.second': async ({ caller, params, body }) =>
      runOverride(caller(), params.id, { c: 'second', ...body }),
    'overrides.renew': async ({ caller, params, body }) =>
      runOverride(caller(), params.id, { c: 'renew', ...body }),
    'overrides.revoke': async ({ caller, params }) => runOverride(caller(), params.id, { c: 'revoke' }),
    'overrides.review': async ({ caller, params, body }) =>
      runOverride(caller(), params.id, { c: 'review', ...body }),
    'overrides.list': async ({ caller, query: asked }) => {
      const rows = await listOverrides(query, readerOf(caller()), {
        deploymentId: asked.deploymentId,
        state: asked.state,
        isUnreviewed: flag(asked.unreviewed),
        after: asked.cursor === undefined ? undefined : idIn(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ id }) => [id])
      return { ...page, items: page.items.map(overrideView) }
    },
    'overrides.read': async ({ caller, params }) => {
      const found = await readOverride(query, readerOf(caller()), params.id)
      return { ...overrideView(found), notes: found.notes.map(noteView) }
    },
    'waivers.request': async ({ caller, body }) => requestWaiver(ports, issuerOf(caller()), body),
    'waivers.accept': async ({ caller, params, body }) =>
      runWaiver(caller(), params.id, { c: 'accept', ...body }),
    'waivers.openCase': async ({ caller, params }) => {
      await assertSeen(caller(), `waiver/${params.id}`)
      return openWaiverCase(ports, issuerOf(caller()), params.id)
    },
    'waivers.refuse': async ({ caller, params, body }) =>
      runWaiver(caller(), params.id, { c: 'refuse', ...body }),
    'waivers.renew': async ({ caller, params, body }) =>
      runWaiver(caller(), params.id, { c: 'renew', ...body }),
    'waivers.revoke': async ({ caller, params }) => runWaiver(caller(), params.id, { c: 'revoke' }),
    'waivers.list': async ({ caller, query: asked }) => {
      const rows = await listWaivers(query, readerOf(caller()), {
        useCaseId: asked.useCaseId,
        state: asked.state,
        after: asked.cursor === undefined ? undefined : idIn(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ id }) => [id])
      return { ...page, items: page.items.map(waiverView) }
    },
    'waivers.read': async ({ caller, params }) => {
      const found = await readWaiver(query, readerOf(caller()), params.id)
      return { ...waiverView(found), notes: found.notes.map(noteView) }
    },
    'requirements.read': async ({ caller, query: asked }) => {
      const found = await readRequirements(query, readerOf(caller()), asked)
      const items = found.items.map(({ artefact, ...item }) => ({ ...item, artefact: artefact ?? null }))
      return { ...asked, ...found, items }
    },
    'refusals.list': async ({ caller, query: asked }) => {
      const { actor, command, code, from, to } = asked
      const rows = await listRefusals(query, readerOf(caller()), {
        actor,
        command,
        code,
        from: from === undefined ? undefined : instantOf(from),
        to: to === undefined ? undefined : instantOf(to),
        after: afterOf(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ at, id }) => [at, id])
      const items = page.items.map(({ codes, at, ...row }) => ({
        ...row,
        at: toRfc3339(epochMs(at)),
        codes: [...codes],
      }))
      return { ...page, items }
    },
  }

  /** Stopping everything is the one stop that asks for a fresh proof. */
  async function assertRecent({ authn }: P): Promise<void> {
    if (!satisfies(authn, 'recent_auth', await databaseNow(query)))
      throw new AppError('STEP_UP_REQUIRED', undefined, { extra: { proof: 'recent_auth' } })
  }
}

function flag(text: 'true' | 'false' | undefined): boolean | undefined {
  return text === undefined ? undefined : text === 'true'
}

function stopView({ scope, targetId, useCaseId, title, isInForce, epoch, stops }: StopRow) {
  const ordered = stops.map(({ id, reasonCode, since, by, reason }) => ({
    id,
    reasonCode,
    since: toRfc3339(since),
    by: actorText(by),
    reason,
  }))
  return { scope, targetId, useCaseId, title, isInForce, epoch, stops: ordered }
}

function overrideView(row: OverrideRow) {
  const { id, revision, useCaseId, deploymentId, requestedBy, state, current, isReviewOverdue } = row
  const terms = 'terms' in state ? state.terms : null
  const active = 'activatedAt' in state ? state : null
  return {
    id,
    revision,
    useCaseId,
    deploymentId,
    state: current,
    requestedBy,
    terms: terms === null ? null : termsView(terms),
    requested: 'requested' in state ? signatureView(state.requested) : null,
    seconded: active === null ? null : signatureView(active.seconded),
    renewedBy: active?.renewedBy ?? null,
    activatedAt: textOf(active?.activatedAt),
    expiresAt: textOf(active?.expiresAt),
    reviewDue: textOf(active?.reviewDue),
    isReviewOverdue,
    outcome: state.s === 'reviewed' ? state.outcome : null,
    reviewedBy: state.s === 'reviewed' ? state.reviewedBy : null,
  }
}

type Requested = Extract<OverrideRow['state'], { readonly s: 'requested' }>

function termsView({ release, tier, capabilities, incidentId, lifetimeHours }: Requested['terms']) {
  return { release, tier, capabilities: [...capabilities], incidentId, lifetimeHours }
}

function signatureView({ person, fn }: Requested['requested']) {
  return { person, fn }
}

function waiverView(row: WaiverRow) {
  const { id, revision, title, requestedBy, state, current } = row
  const { subject, scope, tier, residual, stateDigest, lifetimeDays, compensating } = state.terms
  const accepted = 'acceptances' in state ? state : null
  return {
    id,
    revision,
    useCaseId: scope.useCaseId,
    title,
    state: current,
    subject: { ...subject },
    release: scope.release,
    environment: scope.environment,
    tier,
    residual,
    stateDigest,
    lifetimeDays,
    compensating: [...compensating],
    requestedBy,
    acceptances: (accepted?.acceptances ?? []).map((acceptance) => ({ ...acceptance })),
    missing: [...missingAcceptors(row)],
    needsCase: waitsForCase(row),
    caseId: row.caseId,
    renewals: accepted?.renewals ?? 0,
    expiresAt: textOf(state.s === 'accepted' ? state.expiresAt : undefined),
  }
}

function noteView(note: Note) {
  return { ...note, at: toRfc3339(note.at) }
}

function textOf(at: EpochMs | undefined): string | null {
  return at === undefined ? null : toRfc3339(at)
}
