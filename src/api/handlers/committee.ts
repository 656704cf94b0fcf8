import { visibilityOf } from '../../app/access.ts'
import { databaseNow } from '../../app/clock.ts'
import { personOf } from '../../app/command.ts'
import {
  castBallot,
  commandCase,
  commandCondition,
  openCase,
  type CasePorts,
} from '../../app/committee/cases.ts'
import {
  commandSeat,
  proposeCharter,
  ratifyCharter,
  type CharterDraft,
  type CharterPorts,
} from '../../app/committee/charter.ts'
import {
  listCases,
  listConditions,
  listDecisions,
  readCase,
  readCharters,
  replayCase,
  type CaseRecord,
} from '../../app/committee/views.ts'
import type { Query } from '../../app/ports/query.ts'
import { toPage } from '../../contracts/paging.ts'
import type { committeeRoutes } from '../../contracts/routes/committee.ts'
import { AppError, epochMs, fromRfc3339, toRfc3339, type CaseId, type EpochMs } from '../../kernel/index.ts'
import { afterOf } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'

/** Charter, seats, cases, ballots, decisions and conditions. */
export function committeeHandlers<P extends Principal>(
  ports: CasePorts & CharterPorts,
  query: Query,
): Handlers<typeof committeeRoutes, P> {
  const visible = async (caller: P) =>
    visibilityOf({ ...caller, person: personOf(caller) }, 'case.read', await databaseNow(query))
  const readable = (caller: P, id: CaseId) => readCase(query, { ...caller, person: personOf(caller) }, id)
  return {
    'charters.template': async () => ({ ...ports.catalogue.charterTemplate }),
    'charters.read': async () => {
      const { versions, proposals, delegations, interests } = await readCharters(query)
      const now = await databaseNow(query)
      const inForce = versions.findLast(({ effectiveFrom }) => effectiveFrom <= now)
      return {
        inForce: inForce?.digest ?? null,
        versions: versions.map((item) => ({ ...item, effectiveFrom: toRfc3339(item.effectiveFrom) })),
        proposals: proposals.map((item) => ({
          ...item,
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
    'charters.propose': async ({ caller, body }) => {
      const { seats, rules, businessExecutives } = body
      const own = rules === undefined ? {} : { rules }
      const executives = businessExecutives === undefined ? {} : { businessExecutives }
      const draft = { seats, ...own, ...executives } as unknown as CharterDraft // the decider checks the rules
      return proposeCharter(ports, issuerOf(caller()), draft)
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
      const rows = await listCases(query, await visible(caller()), {
        ...asked,
        after: afterOf(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ openedAt, id }) => [openedAt, id])
      return {
        ...page,
        items: page.items.map(({ kind, deadline, openedAt, ...row }) => ({
          ...row,
          kind: kindOf(kind),
          deadline: text(deadline),
          openedAt: text(openedAt),
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
      const now = await databaseNow(query)
      const rows = await listConditions(query, await visible(caller()), {
        ...asked,
        after: afterOf(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ due, id }) => [due, id])
      return {
        ...page,
        items: page.items.flatMap(({ id, useCaseId, state }) => {
          if (state.s === 'absent') return []
          const { decisionId, phase, due, owner, attester, onBreach } = state.terms
          const isBreached = state.s === 'open' && now >= due
          const { s } = state
          return [
            {
              id,
              useCaseId,
              decisionId,
              state: s,
              phase,
              due: text(due),
              isBreached,
              owner,
              attester,
              onBreach,
            },
          ]
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

function caseView({ state, revision, tally, texts }: CaseRecord) {
  const { id, s, subject, subjectDigest, tier, rule, proof, requirements, roster, recused } = state
  return {
    id,
    revision,
    state: s,
    subject: { ...subject },
    subjectDigest,
    tier,
    rule: { ...rule },
    proof,
    deadline: text(state.deadline),
    openedAt: text(state.openedAt),
    votingSince: state.votingSince === null ? null : text(state.votingSince),
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
      rationale: texts[ballot.id]?.rationale ?? null,
    })),
    recused: [...recused],
    tally: tallyView(tally),
    decision: decisionView(state),
  }
}

function conditionView<T extends { readonly due: EpochMs }>(condition: T) {
  return { ...condition, due: text(condition.due) }
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
