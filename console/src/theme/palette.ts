/** The colours that carry meaning, as `tokens.css` has them: the test holds both files and the laws of the palette. */
export const tones = ['good', 'pending', 'attention', 'breach', 'stopped', 'unknown', 'neutral'] as const
export type Tone = (typeof tones)[number]

export const themes = ['light', 'dark'] as const
export type Theme = (typeof themes)[number]
