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

/** A stretch of a text, in UTF-16 units of the original; `end` is exclusive. */
export type Span = { readonly start: number; readonly end: number }
