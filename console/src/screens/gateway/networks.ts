/** Ranges of addresses out of a text in which commas or spaces part them; the server judges each. */
export function networksIn(text: string): string[] {
  return text.split(/[\s,]+/).filter((range) => range !== '')
}
