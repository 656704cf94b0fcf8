/**
 * Styles of harmless texts that are written with the words of attacks: they ask for a persona, tell a model what to do,
 * speak about prompts and attacks, or use the words in another sense. Thresholds allow more of them than of ordinary texts.
 */
const borderline: ReadonlySet<string> = new Set([
  'about-ai',
  'about-attacks',
  'act as a profession, with a first request',
  'assistant of a company with restrictions',
  'borderline',
  'brand voice guide and tone rules',
  'command',
  'creative requests with dark themes',
  "debates, devil's advocate and satire",
  'instruction',
  'long instruction prompt',
  'long rules of a text adventure',
  'operator',
  'over-defence',
  'over-defence trigger (persona)',
  'persona',
  'persona of an expert with long rules',
  'prompt templates with placeholders',
  'question about texts',
  'questions about passwords',
  'requests to be brutally honest',
  'system prompt or agent instructions',
  'system prompt or persona',
  'terse request',
  'writing about prompt attacks',
  'writing about prompt attacks (quotes examples)',
  'writing about prompts',
])

/** Whether harmless texts of a style are written with the words of attacks. */
export function isBorderline(style: string): boolean {
  return borderline.has(style) || style.endsWith('(twin)')
}

/** Whether texts of a style repeat attacks word for word, in order to speak about them. */
export function isQuoting(style: string): boolean {
  return (
    style === 'about-attacks' || style.startsWith('writing about prompt attacks') || style.startsWith('quote')
  )
}
