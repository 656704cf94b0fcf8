/** Where a text stands in a conversation, by the gateway's reading of the dialect. */
export const channels = [
  'system',
  'user',
  'document',
  'tool_result',
  'tool_def',
  'model',
  'reasoning',
  'tool_args',
  'unknown',
] as const
export type Channel = (typeof channels)[number]

/** How far a text is believed. The order is that of the taint lattice: `trusted < user < untrusted`. */
export type Trust = 'trusted' | 'user' | 'untrusted'

/** What is known of where the texts of a call come from. */
export type Origin = {
  /** Of the conversation; what a model writes for itself and for tools inherits it. */
  readonly taint: Trust
  /** Whether results and documents are from a source that is believed like a user. */
  readonly isBelieved: boolean
}

/** The channel whose trust a text has: of a source that is believed it is a user's. */
export function trustedAs(channel: Channel, { isBelieved }: Origin): Channel {
  return isBelieved && (channel === 'document' || channel === 'tool_result') ? 'user' : channel
}

/** A stretch of a text, in UTF-16 units of the original; `end` is exclusive. */
export type Span = { readonly start: number; readonly end: number }
