import { visibilityOf } from '../../app/access.ts'
import { databaseNow } from '../../app/clock.ts'
import { personOf, type CommandPorts } from '../../app/command.ts'
import {
  commandUseCase,
  mustDecideBp,
  similarTo,
  startUseCase,
  type UseCaseCommand,
} from '../../app/intake.ts'
import { exchangesOf } from '../../app/intake-exchange.ts'
import {
  explain,
  listUseCases,
  previewOf,
  questionnaireView,
  readUseCaseRecord,
  type Explanation,
  type UseCaseRow,
} from '../../app/intake-views.ts'
import { policiesInForce } from '../../app/policies/in-force.ts'
import type { Catalogue } from '../../app/ports/catalogue.ts'
import type { Query } from '../../app/ports/query.ts'
import { permittedOn } from '../../app/readable.ts'
import { toPage } from '../../contracts/paging.ts'
import type { intakeRoutes } from '../../contracts/routes/intake.ts'
import { AppError, epochMs, toRfc3339, type Json, type UseCaseId } from '../../kernel/index.ts'
import { afterOf } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'

type Values = { readonly [key: string]: Json }
/** The body was parsed from JSON, so its members are JSON. */
const valuesOf = (answers: Readonly<Record<string, unknown>>): Values => answers as Values

/** Intake: requests, triage, tier and legal class. */
export function intakeHandlers<P extends Principal>(
  ports: CommandPorts & { readonly catalogue: Catalogue },
  query: Query,
): Handlers<typeof intakeRoutes, P> {
  type Asked = {
    readonly caller: () => P
    readonly params: { readonly id: UseCaseId }
    readonly ifMatch: number | undefined
  }
  const run = async ({ caller, params, ifMatch }: Asked, command: UseCaseCommand) => {
    const { state, revision } = await commandUseCase(ports, issuerOf(caller()), params.id, command, ifMatch)
    return { state: state.s, revision }
  }
  const readable = (caller: P, id: UseCaseId) => {
    return readUseCaseRecord(query, { ...caller, person: personOf(caller) }, id)
  }
  return {
    'questionnaires.list': async () => {
      const { key, version, digest } = questionnaireView(await policiesInForce(query), ports.catalogue)
      return { items: [{ key, version, digest }] }
    },
    'questionnaires.read': async ({ params }) => {
      const found = questionnaireView(await policiesInForce(query), ports.catalogue)
      if (found.key !== params.key) throw new AppError('NOT_FOUND')
      return { ...found, sections: [...found.sections], questions: [...found.questions] }
    },
    'useCases.start': async ({ caller, body }) =>
      startUseCase(ports, issuerOf(caller()), {
        answers: valuesOf(body.answers),
        owners: ownersOf(body.owners),
        ...(body.unit === undefined ? {} : { unit: body.unit }),
      }),
    'useCases.change': async (request) => {
      const { answers, owners, source } = request.body
      return run(request, {
        c: 'change',
        answers: valuesOf(answers),
        ...(owners === undefined ? {} : { owners: ownersOf(owners) }),
        ...(source === undefined ? {} : { source }),
      })
    },
    'useCases.confirm': async (request) => run(request, { c: 'confirm', ...request.body }),
    'useCases.submit': async (request) => {
      const { notDuplicates, text } = request.body
      return run(request, {
        c: 'submit',
        ...(notDuplicates === undefined ? {} : { notDuplicates }),
        ...(text === undefined ? {} : { text }),
      })
    },
    'useCases.ask': async (request) => run(request, { c: 'ask', ...request.body }),
    'useCases.triage': async (request) => run(request, { c: 'triage' }),
    'useCases.merge': async (request) => run(request, { c: 'merge', ...request.body }),
    'useCases.withdraw': async (request) => run(request, { c: 'withdraw', ...request.body }),
    'useCases.retire': async (request) => run(request, { c: 'retire', ...request.body }),
    'useCases.revise': async (request) => run(request, { c: 'revise' }),
    'useCases.changeOwner': async (request) => run(request, { c: 'change_owner', ...request.body }),
    'useCases.overrideTier': async (request) => {
      const { direction, to, days, reason } = request.body
      if (direction === 'up') {
        if (to === undefined) throw missing('/to')
        return run(request, { c: 'raise_tier', to, text: reason })
      }
      if (days === undefined) throw missing('/days')
      return run(request, { c: 'lower_tier', days, text: reason })
    },
    'useCases.legalClass': async (request) => {
      const { act, reason } = request.body
      return run(
        request,
        act === 'clear_prohibited'
          ? { c: act, text: reason }
          : { c: 'confirm_legal', confirmation: act, text: reason },
      )
    },
    'useCases.list': async ({ caller, query: asked }) => {
      const principal = caller()
      const visibility = visibilityOf(
        { ...principal, person: personOf(principal) },
        'useCase.read',
        await databaseNow(query),
      )
      const rows = await listUseCases(query, visibility, {
        ...asked,
        after: afterOf(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ updatedAt, triageDue, id }) => [
        asked.sort === 'triageDue' ? triageDue : updatedAt,
        id,
      ])
      return { ...page, items: page.items.map(rowView) }
    },
    'useCases.read': async ({ caller, params }) => {
      const reader = { ...caller(), person: personOf(caller()) }
      const { row, state, revision, answers, legal } = await readUseCaseRecord(query, reader, params.id)
      const { assessment, up, down, prohibited } = state
      const exchanges = await exchangesOf(query, reader, params.id)
      return {
        ...rowView(row),
        backupOwner: state.owners.backup,
        revision,
        answersRevision: state.revision,
        revisionDigest: state.revisionDigest,
        revisionInForce: state.inForce?.revisionDigest ?? null,
        answers: { ...answers },
        asked: [...state.asked],
        triagedBy: state.triagedBy,
        assessment: assessment === null ? null : assessmentView(assessment),
        legal:
          state.legal === null ? null : { ...legal, basis: [...state.legal.basis], gpai: state.legal.gpai },
        reviews: state.reviews.map(({ kind, triggerIds }) => ({ kind, triggerIds: [...triggerIds] })),
        mergedInto: state.mergedInto,
        exchanges: exchanges.map(({ at, keys, ...turn }) => ({
          ...turn,
          at: toRfc3339(at),
          keys: [...keys],
        })),
        override: {
          up,
          down:
            down === null
              ? null
              : {
                  signed: down.signed.map((signature) => ({ ...signature })),
                  days: down.days,
                  endsAt: down.expiresAt === null ? null : toRfc3339(down.expiresAt),
                },
        },
        prohibited:
          prohibited === null ? null : { clearedBy: [...prohibited.clearedBy], cleared: prohibited.cleared },
        permitted: [...(await permittedOn(query, reader, params.id))],
      }
    },
    'useCases.tier': async ({ caller, params }) => {
      const { state, effectiveTier, legal } = await readable(caller(), params.id)
      const { visible: _, ...explained } = explanationView(
        explain(await policiesInForce(query), state.answers),
      )
      return {
        ...explained,
        legal: { ...explained.legal, ...legal },
        computedLegal: explained.legal,
        effective: effectiveTier,
      }
    },
    'useCases.duplicates': async ({ caller, params }) => {
      await readable(caller(), params.id)
      const items = await similarTo(query, params.id)
      return { items: items.map((item) => ({ ...item, mustDecide: item.scoreBp >= mustDecideBp })) }
    },
    'tier.assess': async ({ body }) =>
      explanationView(previewOf(await policiesInForce(query), valuesOf(body.answers))),
  }
}

function ownersOf(owners: {
  readonly business?: Owner | undefined
  readonly technical?: Owner | undefined
  readonly backup?: Owner | undefined
}) {
  const { business, technical, backup } = owners
  return {
    ...(business === undefined ? {} : { business }),
    ...(technical === undefined ? {} : { technical }),
    ...(backup === undefined ? {} : { backup }),
  }
}
type Owner = UseCaseRow['businessOwner']

function rowView({ submittedAt, triageDue, updatedAt, ...row }: UseCaseRow) {
  const instantOf = (at: number | null) => (at === null ? null : toRfc3339(epochMs(at)))
  return {
    ...row,
    submittedAt: instantOf(submittedAt),
    triageDue: instantOf(triageDue),
    updatedAt: toRfc3339(epochMs(updatedAt)),
  }
}

function assessmentView({ tier, floor, points, perDimension, fired, unknowns }: Explanation['computed']) {
  return {
    tier,
    floor,
    points,
    perDimension: { ...perDimension },
    fired: fired.map((rule) => ({ ...rule })),
    unknowns: [...unknowns],
  }
}

function explanationView({ computed, legal, reviews, lowerIf, visible }: Explanation) {
  return {
    computed: assessmentView(computed),
    legal: { class: legal.class, cleared: false, basis: [...legal.basis], gpai: legal.gpai },
    reviews: reviews.map(({ kind, triggerIds }) => ({ kind, triggerIds: [...triggerIds] })),
    lowerIf: lowerIf.map((item) => ({ ...item })),
    visible: [...visible],
  }
}

function missing(pointer: string): AppError {
  return new AppError('INVALID_INPUT', undefined, {
    extra: { errors: [{ in: 'body', pointer, message: 'required for this direction' }] },
  })
}
