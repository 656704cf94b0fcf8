/** A denial is the gateway doing its work, and still the thing to look at. */
export const toneOf = { allow: 'good', block: 'breach', fault: 'attention' } as const
