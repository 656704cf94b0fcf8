import { feedbackStyle } from './row.ts'

/**
 * Styles of harmless texts that are written with the words of attacks: they ask for a persona, tell a model what to do,
 * speak about prompts and attacks, use the words in another sense, or were found and marked as no attack. Thresholds allow
 * more of them than of ordinary texts.
 */
const borderline: ReadonlySet<string> = new Set([
  'about-ai',
  'about-attacks',
  'act as a profession, with a first request',
  'assistant of a company with restrictions',
  'borderline',
  'brand voice guide and tone rules',
  'cards of characters for chats',
  'command',
  'creative requests with dark themes',
  "debates, devil's advocate and satire",
  feedbackStyle,
  'instruction',
  'limits, filters and restrictions in everyday matters',
  'long instruction prompt',
  'long rules of a text adventure',
  'long scenarios for exercises, cases and mock events',
  'long system prompts in Markdown',
  'mascots and voices of things for companies and museums',
  'operator',
  'ordinary requests full of answer, say, all, nothing',
  'over-defence',
  'over-defence trigger (persona)',
  'people share harmless prompts and talk about them',
  'people who build with models talk about prompts, filters and refusals',
  'persona',
  'persona of an expert with long rules',
  'personas that break harmless rules',
  'plain questions about mischief',
  'prompt templates with placeholders',
  'question about texts',
  'questions about passwords',
  'requests to be brutally honest',
  'rules for coding assistants and agents in a repository',
  'short personas in many words',
  'simulated talks for training',
  'stories and games for children with magic and rules',
  'superheroes, gods, oracles and toys that can do anything',
  'system prompt or agent instructions',
  'system prompt or persona',
  'terse request',
  'tutors and teachers with rules',
  'users talk about refusals, warnings and tone of an assistant',
  'writing about assistants',
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
