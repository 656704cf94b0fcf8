/** What stands in the margins of every printed page; `theme/print.css` puts it there. */
export type PageBox = 'title' | 'scope' | 'by' | 'proof' | 'page' | 'of'

/** Writes a text into the margin of the pages that are printed from now on; null takes it out. */
export function setPageBox(box: PageBox, text: string | null): void {
  const { style } = document.documentElement
  if (text === null) style.removeProperty(`--print-${box}`)
  else style.setProperty(`--print-${box}`, cssString(text))
}

/** UNTRUSTED: titles are text of people. As a CSS string nothing in it ends the string. */
export function cssString(text: string): string {
  const escaped = text.replaceAll(
    /["\\\p{Cc}]/gu,
    (character) => `\\${character.codePointAt(0)?.toString(16)} `,
  )
  return `"${escaped}"`
}
