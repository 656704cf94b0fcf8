import type { DataClass } from '../../kernel/index.ts'
import { dataClasses } from '../../kernel/index.ts'
import type { Finding } from '../finding.ts'
import type { Channel, Trust } from '../text.ts'

/** A text of a conversation, as the guard has read it. `id` names it in explanations; it is no text of the conversation. */
export type TaintSegment = {
  readonly id: string
  readonly channel: Channel
  readonly findings: readonly Pick<Finding, 'kind' | 'sureness'>[]
  /** What the registry of the organisation says of the output of the tool whose result this is; nothing: untrusted. */
  readonly vouchedFor?: boolean
  /** What the caller says of it. It can make a text less trusted, never more. */
  readonly label?: Trust
}

export type Sensitive = { readonly dataClass: DataClass; readonly from: string }

/** What a conversation has been exposed to. */
export type Exposure = {
  readonly taint: Trust
  /** Channels and ids of what made it untrusted. */
  readonly sources: readonly Channel[]
  readonly untrusted: readonly string[]
  readonly sensitive: readonly Sensitive[]
  /** Whether all of the conversation has passed the gateway. What has not counts as untrusted. */
  readonly complete: boolean
}

/** The order of the lattice. */
export const trusts = ['trusted', 'user', 'untrusted'] as const satisfies readonly Trust[]

/** The lower trust of two. Commutative, associative, idempotent. */
export function joinTrust(a: Trust, b: Trust): Trust {
  return trusts.indexOf(a) >= trusts.indexOf(b) ? a : b
}

/**
 * How much trust a text takes from the conversation that it stands in. Output of the model brings nothing of its own: it
 * has inherited all that was before it. Definitions of tools bring nothing either, as only pinned ones reach a model.
 */
export function taintOf({ channel, vouchedFor, label }: TaintSegment): Trust {
  const own = channel === 'tool_result' && vouchedFor === true ? 'trusted' : broughtBy[channel]
  return label === undefined ? own : joinTrust(own, label)
}

/** What a conversation is exposed to. INVARIANT: one more text never makes it less (checked by a law). */
export function exposureOf(segments: readonly TaintSegment[], complete: boolean): Exposure {
  const untrusted = segments.filter((segment) => taintOf(segment) === 'untrusted')
  const start: Trust = complete ? 'trusted' : 'untrusted'
  return {
    taint: segments.reduce<Trust>((taint, segment) => joinTrust(taint, taintOf(segment)), start),
    sources: [...new Set(untrusted.map(({ channel }) => channel))].sort(),
    untrusted: untrusted.map(({ id }) => id),
    sensitive: segments.flatMap(({ id, findings }) => {
      const dataClass = dataClassOf(findings)
      return dataClass === null ? [] : [{ dataClass, from: id }]
    }),
    complete,
  }
}

/** Whether untrusted content, sensitive data and a way out of the organisation meet. */
export function isLethalTrifecta({ taint, sensitive }: Exposure, sendsOutside: boolean): boolean {
  return sendsOutside && taint === 'untrusted' && sensitive.length > 0
}

/** The highest class of what was found, from 0 (public) to 3 (restricted). */
export function dataClassIn({ sensitive }: Exposure): number {
  return sensitive.reduce((most, { dataClass }) => Math.max(most, dataClasses.indexOf(dataClass)), 0)
}

const broughtBy: Readonly<Record<Channel, Trust>> = {
  system: 'trusted',
  user: 'user',
  document: 'untrusted',
  tool_result: 'untrusted',
  tool_def: 'trusted',
  model: 'trusted',
  reasoning: 'trusted',
  tool_args: 'trusted',
  unknown: 'untrusted',
}

/** Personal data are confidential, secrets restricted. What may be one of them by its shape alone is not counted. */
export function dataClassOf(findings: TaintSegment['findings']): DataClass | null {
  const sure = findings.filter(({ sureness }) => sureness !== 'possible')
  if (sure.some(({ kind }) => kind === 'secret')) return 'restricted'
  return sure.some(({ kind }) => kind === 'pii') ? 'confidential' : null
}
