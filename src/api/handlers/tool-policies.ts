import { tryCalls, type BenchPorts, type MadeCall } from '../../app/tools/bench.ts'
import {
  activateToolPolicy,
  createToolPolicy,
  discardToolPolicyDraft,
  draftToolPolicy,
  publishToolPolicy,
  retireToolPolicy,
  type ToolPolicyPorts,
} from '../../app/tools/policies.ts'
import {
  diffToolPolicies,
  listToolPolicies,
  readToolPolicy,
  type ToolPolicyVersion,
} from '../../app/tools/policy-views.ts'
import { replayTraffic } from '../../app/tools/traffic-replay.ts'
import type { BodyOf } from '../../contracts/route.ts'
import type { toolPolicyRoutes, tryToolPolicy } from '../../contracts/routes/tool-policies.ts'
import { dataClasses, toRfc3339, type EpochMs } from '../../kernel/index.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { visibleTo } from '../reader.ts'

export type ToolPolicyHandlerPorts = ToolPolicyPorts & BenchPorts & { readonly now: () => EpochMs }

/** Policies about tools: their versions, and what they would do. */
export function toolPolicyHandlers<P extends Principal>(
  ports: ToolPolicyHandlerPorts,
): Handlers<typeof toolPolicyRoutes, P> {
  const { query, shippedToolPolicies: shipped, toolPolicyCompiler } = ports
  return {
    'toolPolicies.list': async () => ({
      items: (await listToolPolicies(query, shipped)).map(versionView),
    }),
    'toolPolicies.read': async ({ caller, params }) => {
      const record = await readToolPolicy(query, shipped, visibleTo(caller(), ports.now()), params)
      const { revision, text, args, policies, differing, ...version } = record
      return {
        ...versionView(version),
        revision,
        text,
        args,
        policies: [...policies],
        differing: differing.map((row) => ({
          ...row,
          outcome: row.outcome as 'allow', // as the gateway wrote it; the reply is checked
          shadowOutcome: row.shadowOutcome as 'allow', // as above
          lastAt: toRfc3339(row.lastAt),
        })),
      }
    },
    'toolPolicies.diff': async ({ params, query: { fromKey, fromVersion } }) => ({
      lines: [...(await diffToolPolicies(query, shipped, { key: fromKey, version: fromVersion }, params))],
    }),
    'toolPolicies.create': async ({ caller, body }) => {
      await createToolPolicy(ports, issuerOf(caller()), body)
      return {}
    },
    'toolPolicies.draft': async ({ caller, params, body, ifMatch }) => {
      await draftToolPolicy(ports, issuerOf(caller()), { ...params, ...body, ...revisionIn(ifMatch) })
      return {}
    },
    'toolPolicies.discard': async ({ caller, params }) => {
      await discardToolPolicyDraft(ports, issuerOf(caller()), params.key)
      return {}
    },
    'toolPolicies.publish': async ({ caller, params, ifMatch }) => {
      await publishToolPolicy(ports, issuerOf(caller()), { ...params, ...revisionIn(ifMatch) })
      return {}
    },
    'toolPolicies.activate': async ({ caller, params, body }) => {
      await activateToolPolicy(ports, issuerOf(caller()), { ...params, ...body })
      return {}
    },
    'toolPolicies.retire': async ({ caller, params }) => {
      await retireToolPolicy(ports, issuerOf(caller()), params)
      return {}
    },
    'toolPolicies.check': async ({ body }) => {
      const checked = toolPolicyCompiler.check(body)
      return { faults: checked.ok ? [] : [...checked.faults] }
    },
    'toolPolicies.try': async ({ body }) => {
      const { candidate, current, calls } = body
      const tried = await tryCalls(ports, { candidate, current, calls: calls.map(madeCall) })
      return tried.ok
        ? {
            k: 'results',
            results: tried.results.map(({ candidate: a, current: b }) => ({
              candidate: copied(a),
              current: b === null ? null : copied(b),
            })),
          }
        : { k: 'faults', faults: [...tried.faults] }
    },
    'toolPolicies.replay': async ({ caller, body }) => {
      const result = await replayTraffic(ports, { ...body, visibility: visibleTo(caller(), ports.now()) })
      if (!result.ok) return { k: 'faults', faults: [...result.faults] }
      const { counts, calls } = result.replay
      return {
        k: 'replay',
        counts,
        calls: calls.map((call) => ({
          ...call,
          at: toRfc3339(call.at),
          recorded: copied(call.recorded),
          candidate: replayedView(call.candidate),
          current: replayedView(call.current),
        })),
      }
    },
  }
}

type ReplayedCall = Extract<
  Awaited<ReturnType<typeof replayTraffic>>,
  { ok: true }
>['replay']['calls'][number]
type Decision = ReplayedCall['recorded']

function copied({ k, reasons }: Decision) {
  return { k, reasons: [...reasons] }
}

function replayedView(replayed: ReplayedCall['candidate']) {
  return replayed.k === 'decided'
    ? { k: replayed.k, decision: copied(replayed.decision) }
    : { k: replayed.k, policies: [...replayed.policies] }
}

/** The context of a made-up call; untrusted text, sensitive data and a way out make the trifecta, as in a real one. */
function madeCall(call: BodyOf<typeof tryToolPolicy>['calls'][number]): MadeCall {
  const { toolId, effect, autonomyMax, tier, environment, mayExternalSend, args, sendsOutside, ...facts } =
    call
  const dataClass = dataClasses.indexOf(facts.dataClass)
  const trifecta = sendsOutside && facts.taint === 'untrusted' && dataClass >= 2
  return {
    toolId,
    effect,
    autonomyMax,
    tier,
    environment,
    mayExternalSend,
    args,
    context: { ...facts, dataClass, externalSend: sendsOutside, trifecta },
  }
}

function revisionIn(ifMatch: number | undefined) {
  return ifMatch === undefined ? {} : { revision: ifMatch }
}

function versionView({ publishedAt, activatedAt, retiredAt, ...version }: ToolPolicyVersion) {
  const at = (ms: EpochMs | null) => (ms === null ? null : toRfc3339(ms))
  return {
    ...version,
    publishedAt: at(publishedAt),
    activatedAt: at(activatedAt),
    retiredAt: at(retiredAt),
  }
}
