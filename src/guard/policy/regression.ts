import { digestOf, epochMs, type DeploymentId } from '../../kernel/index.ts'
import type { Finding, FindingKind } from '../finding.ts'
import type { Channel } from '../text.ts'
import { applyGuardPolicy, boundPolicy, type ScorerGround } from './apply.ts'
import { guardPolicyDigest, type GuardPolicy } from './document.ts'

/** A text of the regression corpus, as the detectors have read it. */
export type CorpusReading = {
  readonly family: string
  readonly label: 'attack' | 'benign'
  readonly channel: Channel
  readonly findings: readonly Finding[]
}

/** How many texts are flagged, under what is in force and under a candidate. */
export type Flagged = { readonly texts: number; readonly before: number; readonly after: number }

export type Measured = {
  readonly attack: Flagged
  readonly benign: Flagged
  /** Families of which another number is flagged. */
  readonly families: readonly (Flagged & { readonly family: string; readonly label: 'attack' | 'benign' })[]
}

/** A limit that a candidate breaks, in hundredths of a percent. */
export type Loss = {
  readonly measure: 'attacks_found' | 'benign_flagged'
  readonly isBp: number
  readonly limitBp: number
}

/** Most of the attacks that one version may stop finding, and share of harmless texts that it may flag. */
export const limitsBp = { lostAttacks: 500, flaggedBenign: 200 } as const

/**
 * What two policies make of the corpus at one deployment; null: wherever neither says anything special. Windows of the
 * corpus are no windows of traffic, so that no entry lets one of its texts pass.
 */
export function measurePolicy(
  corpus: readonly CorpusReading[],
  policies: { readonly before: GuardPolicy; readonly after: GuardPolicy },
  place: { readonly deployment: DeploymentId | null; readonly scorer: ScorerGround },
): Measured {
  const deployment = place.deployment ?? nowhere
  const bind = (policy: GuardPolicy) =>
    boundPolicy(policy, { digest: guardPolicyDigest(policy), deployment, scorer: place.scorer })
  const [before, after] = [bind(policies.before), bind(policies.after)]
  const context = { deployment, now: epochMs(0), windowOf: () => noWindow }
  const families = new Map<
    string,
    { family: string; label: 'attack' | 'benign'; texts: number; before: number; after: number }
  >()
  for (const { family, label, channel, findings } of corpus) {
    const counts = families.get(family) ?? { family, label, texts: 0, before: 0, after: 0 }
    families.set(family, counts)
    counts.texts += 1
    if (isFlagged(applyGuardPolicy(findings, before, { ...context, channel }))) counts.before += 1
    if (isFlagged(applyGuardPolicy(findings, after, { ...context, channel }))) counts.after += 1
  }
  const all = [...families.values()]
  const sumOf = (label: 'attack' | 'benign'): Flagged => {
    const some = all.filter((item) => item.label === label)
    const sum = (name: keyof Flagged) => some.reduce((total, item) => total + item[name], 0)
    return { texts: sum('texts'), before: sum('before'), after: sum('after') }
  }
  return {
    attack: sumOf('attack'),
    benign: sumOf('benign'),
    families: all
      .filter((item) => item.before !== item.after)
      .toSorted((a, b) => (a.family < b.family ? -1 : 1)),
  }
}

/** The limits that a candidate breaks. What was beyond a limit before may stay there, and not get worse. */
export function lossesOf({ attack, benign }: Measured): readonly Loss[] {
  const losses: Loss[] = []
  const [found, least] = [
    bpOf(attack.after, attack.texts),
    bpOf(attack.before, attack.texts) - limitsBp.lostAttacks,
  ]
  if (found < least) losses.push({ measure: 'attacks_found', isBp: found, limitBp: least })
  const flagged = bpOf(benign.after, benign.texts)
  const most = Math.max(limitsBp.flaggedBenign, bpOf(benign.before, benign.texts))
  if (flagged > most) losses.push({ measure: 'benign_flagged', isBp: flagged, limitBp: most })
  return losses
}

/** Whether somebody would be told of a text: data of persons and secrets are no attacks. */
export function isFlagged(findings: readonly Finding[]): boolean {
  return findings.some(
    ({ kind, severity }) =>
      kind === 'injection' || (attacks.has(kind) && severity !== 'info' && severity !== 'low'),
  )
}

const attacks: ReadonlySet<FindingKind> = new Set(['structure', 'hidden', 'exfiltration', 'tool_poisoning'])
const nowhere = 'dep_00000000000000000000000000' as DeploymentId // brand constructor of a place that nothing has
const noWindow = digestOf('no window')

function bpOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part * 10_000) / whole)
}
