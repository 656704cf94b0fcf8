import type { Channel, Span, Trust } from './text.ts'
import type { Sureness } from './stream/candidate.ts'

export const findingKinds = [
  'structure',
  'hidden',
  'exfiltration',
  'tool_poisoning',
  'pii',
  'secret',
  'opaque',
] as const
export type FindingKind = (typeof findingKinds)[number]
export const severities = ['info', 'low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

/** What stands in a text, and why it matters there. It holds nothing of the text. */
export type Finding = Span & {
  readonly rule: string
  readonly kind: FindingKind
  readonly severity: Severity
  readonly sureness: Sureness
}

/** A text to be read: what a person or a machine wrote, and where it stands. */
export type Text = { readonly channel: Channel; readonly text: string }

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
