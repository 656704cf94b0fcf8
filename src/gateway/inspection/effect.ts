import type { PolicyInPlace } from './policing.ts'
import type { CanaryWatch } from '../../guard/canary/watch.ts'
import type { Finding, FindingKind, Severity } from '../../guard/finding.ts'
import type { Channel, Trust } from '../../guard/text.ts'
import type { Treatment } from '../../guard/treatment.ts'
import { dataClasses, type DataClass } from '../../kernel/index.ts'
import { isOrder } from './in-arguments.ts'

/** What becomes of a place where something was found. */
export type Effect = 'none' | 'redacted' | 'blocked'

/** What may pass in one call, and what is done about the rest. */
export type Terms = {
  /** Highest class of data that may pass. */
  readonly ceiling: DataClass
  readonly treatment: Treatment
  /** The same under the guard policy in shadow. Left out: it is the same. */
  readonly shadowTreatment?: Treatment
  /** Whether the grant lets the caller be given back what was replaced of it. Left out: no. */
  readonly isReversible?: boolean
  /** The canaries that are looked for. Left out: none. */
  readonly canaries?: CanaryWatch | null
  /** Whether what is sent are calls of tools, decided here, and not what a conversation has said before. Left out: no. */
  readonly decidesCalls?: boolean
  /** What the organisation says of findings. Left out: nothing. */
  readonly policy?: PolicyInPlace | null
}

/** The capability by which a grant chooses it. */
export const reversibleRedaction = 'reversible_redaction'

/** Least severity in text that nobody vouches for from which something is done. */
const least: ReadonlySet<Severity> = new Set(['medium', 'high', 'critical'])

/** Class of data that a kind of finding stands for. */
const classOf: Readonly<Partial<Record<FindingKind, DataClass>>> = {
  pii: 'confidential',
  secret: 'restricted',
}

/** Kinds that only matter in an answer when something in the conversation may have put them there. */
const planted: ReadonlySet<FindingKind> = new Set(['injection', 'structure', 'tool_poisoning'])

/**
 * Decides about one finding. Personal data and secrets are judged by the class that the grant allows, everything else by
 * how far its channel is believed. `taint`: of the conversation, which what a model writes inherits.
 */
export function effectOf(
  finding: Finding,
  channel: Channel,
  taint: Trust,
  { ceiling, treatment }: Terms,
): Effect {
  const { kind, severity, sureness } = finding
  const dataClass = classOf[kind]
  if (dataClass !== undefined) {
    const isOver = dataClasses.indexOf(dataClass) > dataClasses.indexOf(ceiling)
    return sureness !== 'possible' && isOver ? effects[treatment[kind]] : 'none'
  }
  if (kind === 'canary') return effects[treatment.canary] // it is out of its place: whoever says it
  // Only definitions that the grant pins reach a model, and those are full of orders that somebody has read.
  if (kind === 'injection' && channel === 'tool_def') return 'none'
  if (!least.has(severity) || channel === 'user' || channel === 'system') return 'none'
  const isAnswer = channel === 'model' || channel === 'reasoning' || channel === 'tool_args'
  const isPlanted = planted.has(kind) || (channel !== 'model' && isOrder(finding))
  if (isAnswer && isPlanted && taint !== 'untrusted') return 'none'
  return effects[treatment[kind]]
}

const effects = { flag: 'none', redact: 'redacted', token: 'redacted', block: 'blocked' } as const

/** Whether what is replaced of a finding may be given back to the caller: where the policy says so, and the grant. */
export function canBeGivenBack({ kind }: Finding, { treatment, isReversible = false }: Terms): boolean {
  return isReversible && treatment[kind] === 'token'
}
