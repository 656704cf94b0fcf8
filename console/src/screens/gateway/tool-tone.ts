/** A tool that has changed stands still until somebody looks at it. */
export const toneOfTool = {
  matching: 'good',
  changed: 'breach',
  unseen: 'neutral',
  undeclared: 'attention',
} as const
/** Of what a policy says of a call. */
export const toneOfOutcome = {
  allow: 'good',
  approve: 'pending',
  deny: 'breach',
  fault: 'attention',
} as const
