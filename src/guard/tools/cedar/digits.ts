/** How many ASCII digits stand in `text` from `at` on. */
export function digitsIn(text: string, at = 0): number {
  let end = at
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1
  return end - at
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39
}
