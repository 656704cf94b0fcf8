import { setImmediate as turn } from 'node:timers/promises'
import type { guardPolicy } from '../../governance/guard/index.ts'
import type { Finding, FindingKind } from '../../guard/finding.ts'
import { injectionRules } from '../../guard/injection-finding.ts'
import { applyGuardPolicy, boundPolicy, type BoundPolicy } from '../../guard/policy/apply.ts'
import { guardPolicyDigest, type GuardPolicy } from '../../guard/policy/document.ts'
import { lossesOf, measurePolicy, type Loss, type Measured } from '../../guard/policy/regression.ts'
import { mayBeMilder } from '../../guard/policy/faults.ts'
import { measureScores, type KeptScore, type ScoreEffect } from '../../guard/policy/scores.ts'
import type { Channel } from '../../guard/text.ts'
import { dayMs, digestOf, epochMs, type DeploymentId, type EpochMs } from '../../kernel/index.ts'
import { visibleSql, type Visibility } from '../access.ts'
import type { GuardGround } from '../ports/guard-ground.ts'
import type { RecordFinding } from '../ports/gateway.ts'
import type { Query } from '../ports/query.ts'
import { instant } from '../sql.ts'
import { recordedClass } from './recorded-class.ts'

/** What a candidate would have made of recorded findings of one rule in one channel of a deployment. */
export type TrafficEffect = {
  readonly deploymentId: DeploymentId
  readonly title: string
  readonly rule: string
  readonly channel: string
  /** What became of them. */
  readonly outcome: RecordedOutcome
  /** `quiet`: they would not have been found; `flagged`: they would only have been told. */
  readonly candidate: RecordedOutcome | 'quiet'
  readonly findings: number
  readonly calls: number
}
export type RecordedOutcome = 'flagged' | 'redacted' | 'blocked'

export type Effect = {
  readonly traffic: {
    readonly since: EpochMs
    /** Calls with findings that were looked at. */
    readonly calls: number
    /** Whether older calls of the time were left out. */
    readonly isCut: boolean
    readonly changed: readonly TrafficEffect[]
  }
  /** Scores that records keep, of all that the reader may see, by the thresholds of both. */
  readonly scores: readonly ScoreEffect[]
  /** The corpus at deployments for which the candidate says something special, and everywhere else. */
  readonly corpus: readonly (Measured & {
    readonly deploymentId: DeploymentId | null
    readonly losses: readonly Loss[]
  })[]
}

/** Time of recorded traffic that an effect looks at, in days, and most of its calls. */
export const effectDays = 30
const mostCalls = 20_000

/**
 * What a candidate would have changed, compared with `before`: on the recorded findings of the last 30 days of what the
 * reader may see, on the scores that they keep, and on the regression corpus. Records tell findings, at most sixteen a call;
 * what a candidate that tells more would have found besides, they do not tell.
 */
export async function effectOf(
  { query, guardGround: ground }: { readonly query: Query; readonly guardGround: GuardGround },
  policies: { readonly before: GuardPolicy; readonly after: GuardPolicy },
  { visibility, now }: { readonly visibility: Visibility; readonly now: EpochMs },
): Promise<Effect> {
  const corpus = await ground.corpus()
  const places = new Set([...policies.before.off, ...policies.after.off].map(({ deployment }) => deployment))
  const judged: Effect['corpus'][number][] = []
  for (const deploymentId of [null, ...places]) {
    await turn() // a policy names hundreds of them; others have their turn
    const measured = measurePolicy(corpus, policies, { deployment: deploymentId, scorer: ground.scorer })
    judged.push({ deploymentId, ...measured, losses: lossesOf(measured) })
  }
  return { ...(await trafficEffect(query, ground, policies, { visibility, now })), corpus: judged }
}

/** What the ledger keeps of an effect, and the limits that it breaks, for the decider. */
export function effectFacts({ traffic, scores, corpus }: Effect): NonNullable<guardPolicy.Subject['effect']> {
  return {
    summary: {
      days: effectDays,
      calls: traffic.calls,
      scores: scores.map(({ side, scores: kept, before, after }) => ({ side, scores: kept, before, after })),
      changedFindings: traffic.changed.reduce((sum, { findings }) => sum + findings, 0),
      corpus: corpus.map(({ deploymentId, attack, benign }) => ({ deploymentId, attack, benign })),
    },
    losses: corpus.flatMap(({ losses }) => losses),
  }
}

type Row = {
  readonly deploymentId: DeploymentId
  readonly title: string
  readonly tier: number | null
  readonly findings: readonly RecordFinding[]
}

async function trafficEffect(
  query: Query,
  { scorer }: GuardGround,
  { before, after }: { readonly before: GuardPolicy; readonly after: GuardPolicy },
  { visibility, now }: { readonly visibility: Visibility; readonly now: EpochMs },
): Promise<Pick<Effect, 'traffic' | 'scores'>> {
  const since = epochMs(now - effectDays * dayMs)
  const rows = await query<Row>(
    `select r.deployment_id as "deploymentId", u.title,
       (r.record ->> 'tier')::integer as tier, r.record -> 'findings' as findings
     from gateway_records r join deployments d on d.id = r.deployment_id join use_cases u on u.id = d.use_case_id
     where r.marks @> '{findings:some}' and r.at >= ${instant(2)} and ${visibleSql('u', 1)}
     order by r.at desc, r.id desc limit $3`,
    [JSON.stringify(visibility), since, mostCalls + 1],
  )
  const counts = new Map<string, TrafficEffect>()
  const kept: KeptScore[] = []
  const bound = new Map<string, { readonly before: BoundPolicy; readonly after: BoundPolicy }>()
  for (const { deploymentId, title, tier, findings } of rows.slice(0, mostCalls)) {
    const bind = (policy: GuardPolicy) =>
      boundPolicy(policy, { digest: guardPolicyDigest(policy), deployment: deploymentId, scorer })
    const known = bound.get(deploymentId) ?? { before: bind(before), after: bind(after) }
    bound.set(deploymentId, known)
    const ofCall = new Set<string>()
    for (const finding of findings) {
      const outcome = outcomeOf(finding)
      const side = recordedClass(finding)
      if (finding.kind === 'injection' && finding.zMilli !== undefined && side !== null)
        kept.push({ ...known, side, zMilli: finding.zMilli })
      const [was, is] = [known.before, known.after].map((policy) => under(finding, policy, deploymentId, now))
      // What passes already, or was milder already, is not changed.
      if (was === undefined || was === null || is === undefined) continue
      const candidate = is === null ? 'quiet' : is === was ? treated(finding, known, tier) : 'flagged'
      if (candidate === outcome) continue
      const name = [deploymentId, finding.rule, finding.channel, outcome, candidate].join(' ')
      const { rule, channel } = finding
      const count = counts.get(name) ?? {
        deploymentId,
        title,
        rule,
        channel,
        outcome,
        candidate,
        findings: 0,
        calls: 0,
      }
      counts.set(name, {
        ...count,
        findings: count.findings + 1,
        calls: count.calls + (ofCall.has(name) ? 0 : 1),
      })
      ofCall.add(name)
    }
  }
  return {
    scores: measureScores(kept),
    traffic: {
      since,
      calls: Math.min(rows.length, mostCalls),
      isCut: rows.length > mostCalls,
      changed: [...counts.values()].toSorted((a, b) => b.findings - a.findings || (a.rule < b.rule ? -1 : 1)),
    },
  }
}

function outcomeOf({ effect }: RecordFinding): RecordedOutcome {
  return effect === 'none' ? 'flagged' : effect
}

/**
 * What would have been done about a finding where another treatment of its kind is asked for. What was only told may have
 * been so for other reasons, such as the class of data that a grant allows: it stays so.
 */
function treated(
  finding: RecordFinding,
  { before, after }: { readonly before: BoundPolicy; readonly after: BoundPolicy },
  tier: number | null,
): RecordedOutcome {
  const outcome = outcomeOf(finding)
  const kind = finding.kind as FindingKind // as the gateway wrote it
  const mode = after.redaction[kind]
  if (outcome === 'flagged' || mode === undefined || mode === before.redaction[kind]) return outcome
  const wanted = ({ flag: 'flagged', token: 'redacted', redact: 'redacted', block: 'blocked' } as const)[mode]
  const isMilder = outcomes.indexOf(wanted) < outcomes.indexOf(outcome)
  return isMilder && !mayBeMilder(kind, tier) ? outcome : wanted
}

const outcomes = ['flagged', 'redacted', 'blocked'] as const

/** The band of a recorded finding under a policy that is in force now; null where it would not be found. */
function under(
  finding: RecordFinding,
  policy: BoundPolicy,
  deployment: DeploymentId,
  now: EpochMs,
): 'high' | 'flag' | null {
  const { rule, kind, severity, sureness, start, end, window, zMilli } = finding
  const band = rule === injectionRules.flag ? 'flag' : 'high'
  const found: Finding = {
    rule,
    kind: kind as FindingKind, // as the gateway wrote it
    severity,
    sureness,
    start,
    end,
    ...(kind === 'injection' && zMilli !== undefined ? { z: zMilli / 1_000, band } : {}),
  }
  const channel = finding.channel as Channel // as above
  const channelClass = recordedClass(finding)
  const context = { deployment, channel, channelClass, now, windowOf: () => window ?? unknownWindow }
  const [left] = applyGuardPolicy([found], policy, context)
  return left === undefined ? null : (left.band ?? 'high')
}

const unknownWindow = digestOf('a window that no entry names')
