import type { DeploymentId, Digest, EpochMs } from '../../kernel/index.ts'
import { bands, type Finding } from '../finding.ts'
import { injectionRules } from '../injection-finding.ts'
import type { ChannelClass } from '../injection/scorer.ts'
import { classOf } from '../injection-lane.ts'
import type { WeightsHeader } from '../injection/weights.ts'
import type { Channel } from '../text.ts'
import { shippedBudgets, type Budgets } from '../normalise/budgets.ts'
import {
  allowableChannels,
  endsOf,
  nameOfAllowed,
  nameOfSource,
  type GuardPolicy,
  type Offsets,
  type Redaction,
} from './document.ts'
import { mayBeAllowed } from './faults.ts'

/** Where findings stand, and when. */
export type PolicyContext = {
  readonly deployment: DeploymentId
  readonly channel: Channel
  /** By whose thresholds the text was scored; left out: by those of its channel. */
  readonly channelClass?: ChannelClass | null
  readonly now: EpochMs
  /** The digest of the text round a finding; asked only where an entry could allow it. */
  readonly windowOf: (finding: Finding) => Digest
}

/** A policy ready to be asked for one deployment. Every `until` is asked each time: nothing has to run for it to lapse. */
export type BoundPolicy = {
  readonly digest: Digest
  readonly off: ReadonlySet<string>
  readonly allow: ReadonlyMap<string, EpochMs>
  /** Rules for which something is allowed here, so that no digest is made for others. */
  readonly allowedRules: ReadonlySet<string>
  /** How far the thresholds of the weights that are in place are moved. */
  readonly offsets: Offsets
  /** The thresholds with that; null where nothing is scored. */
  readonly thresholds: Thresholds | null
  /** Who is believed like a user here; see `believes`. */
  readonly believed: ReadonlySet<string>
  /** What is done about kinds of findings, where that is not what ships; see `treatmentUnder`. */
  readonly redaction: Redaction
  readonly budgets: Budgets
  /** Whether a language of the weights counts no more: then a score alone has something told, and nothing done. */
  readonly isOnlyTold: boolean
}

type Thresholds = WeightsHeader['thresholds']

/** The weights that are in place, as far as a policy depends on them; null where nothing is scored. */
export type ScorerGround = {
  readonly digest: Digest
  readonly thresholds: Thresholds
  readonly languages: readonly string[]
} | null

/** What a policy needs to know of weights. */
export function scorerGround(
  weights: { readonly digest: Digest; readonly header: WeightsHeader } | null,
): ScorerGround {
  if (weights === null) return null
  const { thresholds, languages } = weights.header
  return { digest: weights.digest, thresholds, languages }
}

/**
 * What a policy says of one deployment. Thresholds that were loosened for other weights than `scorer` are not: the same
 * number means something else there.
 */
export function boundPolicy(
  policy: GuardPolicy,
  place: { readonly digest: Digest; readonly deployment: DeploymentId; readonly scorer: ScorerGround },
): BoundPolicy {
  const { digest, deployment, scorer } = place
  const allow = policy.allow.filter((entry) => entry.deployment === deployment)
  const offsets = policy.model === (scorer?.digest ?? null) ? policy.offsets : withoutLooser(policy.offsets)
  return {
    digest,
    off: new Set(policy.off.filter((entry) => entry.deployment === deployment).map(({ rule }) => rule)),
    allow: endsOf(allow),
    allowedRules: new Set(allow.map(({ rule }) => rule)),
    offsets,
    thresholds: scorer === null ? null : moved(scorer.thresholds, offsets),
    believed: new Set(
      (policy.sources ?? []).filter((source) => source.deployment === deployment).map(nameOfSource),
    ),
    redaction: policy.redaction ?? {},
    budgets: policy.budgets ?? shippedBudgets,
    isOnlyTold: scorer?.languages.some((language) => !policy.languages.includes(language)) === true,
  }
}

/**
 * What is left of the findings of one text under a policy. Never left out, whatever a policy says: canaries, secrets,
 * forged roles, and what tools say of themselves.
 * INVARIANT: a policy that changes nothing gives back the same findings.
 */
export function applyGuardPolicy(
  findings: readonly Finding[],
  policy: BoundPolicy,
  context: PolicyContext,
): readonly Finding[] {
  const { off, allow, isOnlyTold } = policy
  const isPlain = off.size === 0 && allow.size === 0 && !isOnlyTold
  // What was read under the thresholds of the policy is what they leave.
  if (isPlain && findings.every((finding) => judged(finding, policy, context) === finding)) return findings
  return findings.flatMap((finding) => {
    const left = judged(finding, policy, context)
    return left === null || isLetThrough(left, policy, context) ? [] : [left]
  })
}

/**
 * A finding of the scorer under the thresholds of a policy; null where it lies below them. Nothing is made more of than it
 * was read as, so that what a language has made milder stays so.
 */
function judged(
  finding: Finding,
  { thresholds, isOnlyTold }: BoundPolicy,
  { channel, channelClass = classOf[channel] }: PolicyContext,
): Finding | null {
  const { z, band } = finding
  if (z === undefined || band === undefined || thresholds === null || channelClass === null) return finding
  const { tFlag, tHigh } = thresholds[channelClass]
  const byScore = z >= tHigh && !isOnlyTold ? 'high' : z >= tFlag ? 'flag' : 'quiet'
  if (bands.indexOf(byScore) >= bands.indexOf(band)) return finding
  if (byScore === 'quiet') return null
  return { ...finding, band: 'flag', rule: injectionRules.flag, severity: 'low', sureness: 'likely' }
}

function isLetThrough(finding: Finding, policy: BoundPolicy, context: PolicyContext): boolean {
  const { rule, kind } = finding
  if (!mayBeAllowed(rule, kind)) return false
  if (policy.off.has(rule)) return true
  if (!policy.allowedRules.has(rule) || !isAllowable(context.channel)) return false
  const { deployment, channel, now } = context
  const until = policy.allow.get(
    nameOfAllowed({ deployment, channel, rule, window: context.windowOf(finding) }),
  )
  return until !== undefined && now < until
}

/** Whether what a server sends is believed like a user at a deployment: all of it, or what one of its tools gives. */
export function believes(
  { believed }: Pick<BoundPolicy, 'believed'>,
  deployment: DeploymentId,
  { server, tool }: { readonly server: string; readonly tool: string | null },
): boolean {
  const named = (of: string | null) => believed.has(nameOfSource({ deployment, server, tool: of }))
  return named(null) || (tool !== null && named(tool))
}

/** Whether a text of this channel can be allowed. */
export function isAllowable(channel: Channel): channel is (typeof allowableChannels)[number] {
  return allowableChannels.some((name) => name === channel)
}

function moved({ user, untrusted }: Thresholds, offsets: Offsets): Thresholds {
  const by = (side: Thresholds['user'], { flagCenti, highCenti }: Offsets['user']) => ({
    tFlag: side.tFlag + flagCenti / 100,
    tHigh: side.tHigh + highCenti / 100,
  })
  return { user: by(user, offsets.user), untrusted: by(untrusted, offsets.untrusted) }
}

function withoutLooser(offsets: Offsets): Offsets {
  const stricter = ({ flagCenti, highCenti }: Offsets['user']) => ({
    flagCenti: Math.min(0, flagCenti),
    highCenti: Math.min(0, highCenti),
  })
  return { user: stricter(offsets.user), untrusted: stricter(offsets.untrusted) }
}
