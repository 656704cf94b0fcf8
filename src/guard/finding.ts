import type { ChannelClass } from './injection/scorer.ts'
import type { Channel, Span, Trust } from './text.ts'
import type { Transform } from './normalise/transform.ts'
import type { Sureness } from './stream/candidate.ts'

export const findingKinds = [
  'injection',
  'structure',
  'hidden',
  'exfiltration',
  'tool_poisoning',
  'pii',
  'secret',
  'output_sink',
  'canary',
  'opaque',
] as const
export type FindingKind = (typeof findingKinds)[number]
export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

/** How much a text looks like an order to a model. `flag` is told; on `high` something may be done. */
export const bands = ['quiet', 'flag', 'high'] as const
export type Band = (typeof bands)[number]

/** What stands in a text, and why it matters there. It holds nothing of the text. */
export type Finding = Span & {
  readonly rule: string
  readonly kind: FindingKind
  readonly severity: Severity
  readonly sureness: Sureness
  /** Of a canary: which one it is. */
  readonly canary?: string
  /** What had to be decoded to read it, the outermost first; left out when nothing had to be. */
  readonly via?: readonly Transform[]
  /** Of an injection: how much it looks like one. */
  readonly band?: Exclude<Band, 'quiet'>
  /** Of an injection: the probability, at the stated prior of the weights. 0 to 1. */
  readonly score?: number
  /** Of an injection: the score that thresholds are compared with; left out where something else has raised its band. */
  readonly z?: number
}

/**
 * The band of what was found: the scorer's own, and of structural findings what their severity says. Data that is
 * personal or secret, and links, are no orders to a model.
 */
export function bandOf({ kind, severity, band }: Pick<Finding, 'kind' | 'severity' | 'band'>): Band {
  if (kind === 'injection') return band ?? 'quiet'
  if (!structural.has(kind)) return 'quiet'
  if (severity === 'high' || severity === 'critical') return 'high'
  return severity === 'medium' ? 'flag' : 'quiet'
}

const structural: ReadonlySet<FindingKind> = new Set(['structure', 'hidden', 'tool_poisoning'])

/** A text to be read: what a person or a machine wrote, and where it stands. */
export type Text = {
  readonly channel: Channel
  readonly text: string
  /** By whose thresholds it is scored; left out: by those of its channel. */
  readonly channelClass?: ChannelClass | null
}

/** How far a channel is believed as long as nobody says otherwise. */
export const trustOf: Readonly<Record<Channel, Trust>> = {
  system: 'trusted',
  user: 'user',
  document: 'untrusted',
  tool_result: 'untrusted',
  tool_def: 'untrusted',
  model: 'untrusted',
  reasoning: 'untrusted',
  tool_args: 'untrusted',
  unknown: 'untrusted',
}
