import { dayMs, documentFault, type DocumentFault, type EpochMs } from '../../kernel/index.ts'
import type { FindingKind } from '../finding.ts'
import type { GuardPolicy, Offsets } from './document.ts'

/** Longest time for which a text is allowed, in days. */
export const maxAllowedDays = 90
/** Furthest that one version moves a threshold from the version before it, in hundredths of z. */
export const maxStepCenti = 100

/** Kinds that no policy lets through: what they find is never harmless in its place. */
const keptKinds: ReadonlySet<FindingKind> = new Set(['canary', 'secret', 'tool_poisoning', 'opaque'])

/**
 * Kinds of which no policy says that they are only told; forged roles are `structure`. What nobody could read ships as
 * told in some tiers.
 */
const neverMild: ReadonlySet<string> = new Set<FindingKind>([
  'canary',
  'secret',
  'tool_poisoning',
  'structure',
])

/**
 * Whether findings of a rule may be allowed or put off: never canaries, secrets, forged roles (`role.*`), what tools say of
 * themselves, or what nobody could read.
 */
export function mayBeAllowed(rule: string, kind: FindingKind): boolean {
  return !keptKinds.has(kind) && !rule.startsWith('role.')
}

/**
 * Whether a policy may do less about a kind of finding than what ships: never in tier 3, and never about what no policy
 * lets through or only tells, whatever was stored before this was asked.
 */
export function mayBeMilder(kind: FindingKind, tier: number | null): boolean {
  return tier !== 3 && !keptKinds.has(kind) && !neverMild.has(kind)
}

/** What a policy is checked against. */
export type PolicyGround = {
  readonly now: EpochMs
  /** Every rule that a finding may name, with its kind. */
  readonly rules: ReadonlyMap<string, FindingKind>
  readonly digests: Pick<GuardPolicy, 'model' | 'rules'>
  /** Languages of the weights. */
  readonly languages: readonly string[]
  /** Thresholds of the version in force. */
  readonly offsets: Offsets
  readonly deployments: ReadonlySet<string>
}

/** Every fault of a policy, each with its place in the document. */
export function policyFaults(policy: GuardPolicy, ground: PolicyGround): readonly DocumentFault[] {
  const faults: DocumentFault[] = []
  const say = (path: readonly (string | number)[], words: string) => faults.push(documentFault(path, words))
  if (policy.rules !== ground.digests.rules) say(['rules'], 'not the detectors that are in place')
  if (policy.model !== ground.digests.model) say(['model'], 'not the weights that are in place')
  for (const [n, language] of policy.languages.entries())
    if (!ground.languages.includes(language))
      say(['languages', n], 'the scorer was not trained in this language')
  for (const side of ['user', 'untrusted'] as const) {
    const [to, from] = [policy.offsets[side], ground.offsets[side]]
    for (const band of ['flagCenti', 'highCenti'] as const)
      if (Math.abs(to[band] - from[band]) > maxStepCenti)
        say(['offsets', side, band], `more than ${maxStepCenti / 100} away from the version in force`)
  }
  for (const [n, { deployment, rule }] of policy.off.entries())
    for (const words of placeFaults(deployment, rule, ground)) say(['off', n], words)
  for (const [n, source] of (policy.sources ?? []).entries())
    if (!ground.deployments.has(source.deployment)) say(['sources', n], 'there is no such deployment')
  for (const [kind, mode] of Object.entries(policy.redaction ?? {})) {
    if (mode === 'token' && kind !== 'pii') say(['redaction', kind], 'only personal data is given back')
    if (mode === 'flag' && neverMild.has(kind)) say(['redaction', kind], 'this is never only told')
  }
  for (const [n, { deployment, rule, until }] of policy.allow.entries()) {
    for (const words of placeFaults(deployment, rule, ground)) say(['allow', n], words)
    if (until <= ground.now) say(['allow', n, 'until'], 'already over')
    if (until > ground.now + maxAllowedDays * dayMs)
      say(['allow', n, 'until'], `more than ${maxAllowedDays} days away`)
  }
  return faults
}

function placeFaults(
  deployment: string,
  rule: string,
  { rules, deployments }: PolicyGround,
): readonly string[] {
  const kind = rules.get(rule)
  return [
    ...(deployments.has(deployment) ? [] : ['there is no such deployment']),
    ...(kind === undefined ? ['there is no such rule'] : []),
    ...(kind !== undefined && !mayBeAllowed(rule, kind)
      ? ['findings of this rule are never let through']
      : []),
  ]
}
