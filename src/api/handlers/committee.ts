import { visibilityOf } from '../../app/access.ts'
import { databaseNow } from '../../app/clock.ts'
import {
  castBallot,
  commandCase,
  commandCondition,
  openCase,
  type CasePorts,
} from '../../app/committee/cases.ts'
import { readCase, type CaseRecord } from '../../app/committee/case-record.ts'
import {
  commandSeat,
  proposeCharter,
  ratifyCharter,
  templateFor,
  type CharterDraft,
  type CharterPorts,
} from '../../app/committee/charter.ts'
import { simulateCharter } from '../../app/committee/charter-simulation.ts'
import {
  listCases,
  listConditions,
  listDecisions,
  readCharters,
  replayCase,
  type CaseRow,
} from '../../app/committee/views.ts'
import type { Query } from '../../app/ports/query.ts'
import { toPage } from '../../contracts/paging.ts'
import type { BodyOf } from '../../contracts/route.ts'
import type { caseRoutes } from '../../contracts/routes/cases.ts'
import type { charterRoutes, simulateCharter as simulateRoute } from '../../contracts/routes/charters.ts'
import type { conditionRoutes } from '../../contracts/routes/conditions.ts'
import { AppError, epochMs, fromRfc3339, toRfc3339, type CaseId, type EpochMs } from '../../kernel/index.ts'
import { afterOf } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { readerOf } from '../reader.ts'

type CommitteeRoutes = readonly (
  | (typeof charterRoutes)[number]
  | (typeof caseRoutes)[number]
  | (typeof conditionRoutes)[number]
)[]

/** Charter, seats, cases, ballots, decisions and conditions. */
export function committeeHandlers<P extends Principal>(
  ports: CasePorts & CharterPorts,
  query: Query,
): Handlers<CommitteeRoutes, P> {
  const visible = async (caller: P) => visibilityOf(readerOf(caller), 'case.read', await databaseNow(query))
  const readable = (caller: P, id: CaseId) => readCase(query, readerOf(caller), id)
  return {
    'charters.template': async ({ query: { functions: seated } }) => {
      const template = templateFor(ports.catalogue, seated)
      return { ...template, rules: rulesView(template.rules) }
    },
    'charters.read': async () => {
      const { versions, proposals, delegations, interests } = await readCharters(query)
      const now = await databaseNow(query)
      const inForce = versions.findLast(({ effectiveFrom }) => effectiveFrom <= now)
      return {
        inForce: inForce?.digest ?? null,
        versions: versions.map((item) => ({
          ...item,
          charter: charterView(item.charter),
          effectiveFrom: toRfc3339(item.effectiveFrom),
        })),
        proposals: proposals.map((item) => ({
          ...item,
          charter: charterView(item.charter),
          signatures: item.signatures.map((one) => ({ ...one })),
        })),
        delegations: delegations.map((item) => ({
          ...item,
          from: toRfc3339(item.from),
          until: toRfc3339(item.until),
        })),
        interests: interests.map((item) => ({ ...item })),
      }
    },
    'charters.simulate': async ({ caller, body }) => {
      const { faults, compared, differing } = await simulateCharter(ports, readerOf(caller()), draftOf(body))
      return {
        faults: [...faults],
        compared,
        differing: differing.map(({ kind, reasons, ...row }) => ({
          ...row,
          kind: kindOf(kind),
          reasons: reasons.map((reason) => ({ ...reason })),
        })),
      }
    },
    'charters.propose': async ({ caller, body }) => {
      const { digest, charter } = await proposeCharter(ports, issuerOf(caller()), draftOf(body))
      return { digest, charter: charterView(charter) }
    },
    'charters.ratify': async ({ caller, params, body }) => {
      const { isRatified, effectiveFrom } = await ratifyCharter(
        ports,
        issuerOf(caller()),
        params.digest,
        body.assertion,
      )
      return { isRatified, effectiveFrom: effectiveFrom === null ? null : toRfc3339(effectiveFrom) }
    },
    'seats.delegate': async ({ caller, params, body }) => {
      const command = { c: 'delegate', seat: params.id, to: body.to, until: at(body.until) } as const
      await commandSeat(ports, issuerOf(caller()), command)
      return {}
    },
    'seats.endDelegation': async ({ caller, params }) => {
      await commandSeat(ports, issuerOf(caller()), { c: 'end_delegation', seat: params.id })
      return {}
    },
    'interests.declare': async ({ caller, body }) => {
      const c = body.withdraw === true ? 'withdraw_interest' : 'declare_interest'
      await commandSeat(ports, issuerOf(caller()), { c, subject: body.subject })
      return {}
    },
    'cases.open': async ({ caller, body }) => {
      const { kind, release, environment, deploymentId, stops } = body
      return openCase(ports, issuerOf(caller()), {
        kind,
        release,
        environment,
        ...(deploymentId === undefined ? {} : { deploymentId }),
        ...(stops === undefined ? {} : { stops }),
      })
    },
    'cases.list': async ({ caller, query: asked }) => {
      const { open, mine, tier, cursor, ...filter } = asked
      const rows = await listCases(query, await visible(caller()), {
        ...filter,
        isOpen: open === undefined ? undefined : open === 'true',
        isMine: mine === undefined ? undefined : true,
        tier: tier === undefined ? undefined : Number(tier),
        after: afterOf(cursor),
        limit: asked.limit + 1,
      })
      const keyOf = ({ deadline, openedAt, id }: CaseRow) => [
        asked.sort === 'deadline' ? deadline : openedAt,
        id,
      ]
      const page = toPage(rows, asked.limit, keyOf)
      return {
        ...page,
        items: page.items.map(({ kind, deadline, openedAt, tally, ...row }) => ({
          ...row,
          kind: kindOf(kind),
          deadline: text(deadline),
          openedAt: text(openedAt),
          missing: [...tally.missing],
          counted: tally.counted,
        })),
      }
    },
    'cases.read': async ({ caller, params }) => caseView(await readable(caller(), params.id)),
    'cases.startVote': async ({ caller, params }) => {
      const { state } = await commandCase(ports, issuerOf(caller()), params.id, { c: 'start_vote' })
      return { state: state.s }
    },
    'cases.cast': async ({ caller, params, body }) => {
      const { conditions, assertion, until, ...ballot } = body
      const { state } = await castBallot(ports, issuerOf(caller()), params.id, {
        ...ballot,
        conditions: conditions.map((condition) => ({ ...condition, due: at(condition.due) })),
        until: until === undefined ? null : at(until),
        ...(assertion === undefined ? {} : { assertion }),
      })
      const { tally } = await readable(caller(), params.id)
      return { state: state.s, tally: tallyView(tally) }
    },
    'cases.recuse': async ({ caller, params, body }) => {
      const { state } = await commandCase(ports, issuerOf(caller()), params.id, { c: 'recuse', ...body })
      return { state: state.s }
    },
    'cases.close': async ({ caller, params }) => {
      const { state } = await commandCase(ports, issuerOf(caller()), params.id, { c: 'close' })
      return { state: state.s, decision: decisionView(state) }
    },
    'cases.cancel': async ({ caller, params, body }) => {
      const { state } = await commandCase(ports, issuerOf(caller()), params.id, { c: 'cancel', ...body })
      return { state: state.s }
    },
    'decisions.revoke': async ({ caller, params, body }) => {
      const { state } = await commandCase(ports, issuerOf(caller()), params.id, { c: 'revoke', ...body })
      return { state: state.s }
    },
    'decisions.list': async ({ caller, query: asked }) => {
      const rows = await listDecisions(query, await visible(caller()), {
        ...asked,
        after: afterOf(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ decidedAt, id }) => [decidedAt, id])
      return {
        ...page,
        items: page.items.map((row) => ({
          ...row,
          notBefore: text(row.notBefore),
          expiresAt: text(row.expiresAt),
          decidedAt: text(row.decidedAt),
          revokedAt: row.revokedAt === null ? null : text(row.revokedAt),
        })),
      }
    },
    'decisions.replay': async ({ caller, params }) => {
      await readable(caller(), params.id)
      const replayed = await replayCase(query, params.id)
      if (replayed.k === 'undecided')
        return {
          decided: false,
          decisionId: null,
          recorded: null,
          recomputed: null,
          inputs: null,
          matches: null,
        }
      const { decisionId, recorded, recomputed, inputs, matches } = replayed
      return { decided: true, decisionId, recorded, recomputed, inputs, matches }
    },
    'conditions.list': async ({ caller, query: asked }) => {
      const { overdue, dueFrom, dueUntil, cursor, ...filter } = asked
      const rows = await listConditions(query, readerOf(caller()), {
        ...filter,
        dueFrom: dueFrom === undefined ? null : at(dueFrom),
        dueUntil: dueUntil === undefined ? null : at(dueUntil),
        isOverdue: overdue === undefined ? undefined : true,
        after: afterOf(cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ due, id }) => [due, id])
      return {
        ...page,
        items: page.items.map(({ state, due, ...row }) => {
          const { caseId, decisionId, phase, owner, attester, proposedBy, onBreach } = state.terms
          const terms = { caseId, decisionId, phase, owner, attester, proposedBy, onBreach }
          return {
            ...row,
            ...terms,
            state: state.s,
            due: text(due),
            endedBy: state.s === 'open' ? null : state.by,
            evidence: state.s === 'met' ? state.evidence : null,
          }
        }),
      }
    },
    'conditions.attest': async ({ caller, params, body }) => {
      await commandCondition(ports, issuerOf(caller()), params.id, { c: 'attest', ...body })
      return {}
    },
    'conditions.withdraw': async ({ caller, params }) => {
      await commandCondition(ports, issuerOf(caller()), params.id, { c: 'withdraw' })
      return {}
    },
  }
}

type CaseState = CaseRecord['state']

function caseView(record: CaseRecord) {
  const { state, revision, title, tally, rationales, conditionTexts: texts, approvedBefore, own } = record
  const { id, s, subject, subjectDigest, tier, rule, proof, requirements, roster, recused } = state
  const conditionView = ({ due, ...condition }: CaseState['reviewConditions'][number]) => ({
    ...condition,
    due: text(due),
    text: texts.get(condition.textDigest) ?? null,
  })
  return {
    id,
    revision,
    title,
    state: s,
    subject: { ...subject, stops: [...subject.stops] },
    approvedBefore,
    subjectDigest,
    tier,
    rule: { ...rule },
    proof,
    deadline: text(state.deadline),
    openedAt: text(state.openedAt),
    votingSince: state.votingSince === null ? null : text(state.votingSince),
    closableFrom: state.votingSince === null ? null : text(record.closableFrom),
    requirements: requirements.map((item) => ({ ...item })),
    reviewConditions: state.reviewConditions.map(conditionView),
    roster: roster.map(({ candidates, ...entry }) => ({
      ...entry,
      candidates: candidates.map((candidate) => ({ ...candidate, conflicts: [...candidate.conflicts] })),
    })),
    ballots: state.ballots.map((ballot) => ({
      id: ballot.id,
      fn: ballot.fn,
      by: ballot.by,
      choice: ballot.choice,
      castAt: text(ballot.castAt),
      until: ballot.until === null ? null : text(ballot.until),
      conditions: ballot.conditions.map(conditionView),
      rationale: rationales[ballot.id] ?? null,
    })),
    recused: [...recused],
    tally: tallyView(tally),
    decision: decisionView(state),
    events: record.events.map((event) => ({ ...event, at: text(event.at) })),
    own: { ...own, refusals: own.refusals.map((reason) => ({ ...reason, params: { ...reason.params } })) },
  }
}

type Charter = Awaited<ReturnType<typeof readCharters>>['versions'][number]['charter']

function charterView(item: Charter) {
  return { ...item, rules: rulesView(item.rules) }
}

function rulesView(rules: Charter['rules']) {
  return Object.fromEntries(Object.entries(rules).map(([kind, perTier]) => [kind, { ...perTier }]))
}

/** The decider checks the rules. */
function draftOf({ seats, rules, businessExecutives }: BodyOf<typeof simulateRoute>): CharterDraft {
  const own = rules === undefined ? {} : { rules }
  const executives = businessExecutives === undefined ? {} : { businessExecutives }
  return { seats, ...own, ...executives } as unknown as CharterDraft // its lint reads it as anything
}

function tallyView(tally: CaseRecord['tally']) {
  return {
    ...tally,
    missing: [...tally.missing],
    vetoes: [...tally.vetoes],
    reasons: tally.reasons.map((reason) => ({ ...reason, params: { ...reason.params } })),
  }
}

function decisionView({ decision }: CaseState) {
  if (decision === null) return null
  const { id, outcome, decidedAt, notBefore, expiresAt, revoked, conditions } = decision
  return {
    id,
    outcome,
    decidedAt: text(decidedAt),
    notBefore: text(notBefore),
    expiresAt: text(expiresAt),
    revoked,
    conditions: conditions.map((condition) => condition.id),
  }
}

function kindOf(kind: string) {
  const known = (['initial', 'renewal', 'change', 'resume', 'veto_override', 'waiver'] as const).find(
    (name) => name === kind,
  )
  if (known === undefined) throw new AppError('INTERNAL', `unknown kind of case \`${kind}\``)
  return known
}

/** The schema has checked the form. */
function at(value: string): EpochMs {
  return fromRfc3339(value) ?? epochMs(0)
}

function text(value: number): string {
  return toRfc3339(epochMs(value))
}
