/** A denial is the gateway doing its work, and still the thing to look at. */
export const toneOf = {
  allow: 'good',
  redact: 'pending',
  block: 'breach',
  held: 'pending',
  fault: 'attention',
} as const
/** The same for what became of one finding. */
export const toneOfEffect = { none: 'neutral', redacted: 'pending', blocked: 'breach' } as const
