import { isId, type UserId } from './ids.ts'

/** How a text names a person: `@[usr_…]`. A name would be another person's tomorrow; an id is not. */
export const mentionForm = /@\[(usr_[0-7][0-9a-hjkmnp-tv-z]{25})\]/g

/** The people that a text names, each once, in the order of the text. */
export function mentionsIn(text: string): readonly UserId[] {
  const named = [...text.matchAll(mentionForm)].flatMap(([, id]) => (isId('user', id) ? [id] : []))
  return [...new Set(named)]
}
