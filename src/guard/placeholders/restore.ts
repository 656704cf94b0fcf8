import { placeholdersIn } from './placeholder.ts'

/** What placeholders of a conversation stand for, as it was written. */
export type Meanings = ReadonlyMap<string, string>

/** The text with each placeholder that is known as what it stands for. Others, and what a value holds, stay as they are. */
export function restored(text: string, meanings: Meanings): string {
  let [out, at] = ['', 0]
  for (const { start, end } of placeholdersIn(text)) {
    const meant = meanings.get(text.slice(start, end))
    if (meant === undefined) continue
    out += text.slice(at, start) + meant
    at = end
  }
  return out + text.slice(at)
}
