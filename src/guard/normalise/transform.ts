/** What was done to a text to read it otherwise. A finding names the transforms of the view in which it was made. */
export const transforms = [
  'confusable',
  'base64',
  'base32',
  'hex',
  'escape',
  'quoted_printable',
  'code_list',
  'morse',
  'selector_bytes',
  'spaced',
  'line_words',
  'leet',
  'rot13',
  'reversed',
  'reversed_words',
  'override',
  'joined',
  'acrostic',
  'run_together',
  'linked_words',
  'visible',
  'hidden',
] as const
export type Transform = (typeof transforms)[number]

/** Those that are read while a text comes, where it stands in the text itself; all others wait for its end. */
export const streamedTransforms: ReadonlySet<Transform> = new Set(['base64', 'base32', 'hex', 'escape'])
