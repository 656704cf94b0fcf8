/**
 * A folded text in small letters. Each unit stays where it is, and none depends on its neighbours, as the last sigma of a
 * word would: so that pieces read as the whole does.
 */
export function inSmallLetters(text: string): string {
  return (text.includes('\u03a3') ? text.replaceAll('\u03a3', '\u03c3') : text).toLowerCase()
}
