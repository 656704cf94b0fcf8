import type { Family } from './model-header.ts'

export const familyLabels = ['attack', 'benign'] as const

/** The families of one label, or of both, whose name or style holds the text: the worst first. */
export function worstFamilies(
  families: readonly Family[],
  { label, text }: { readonly label: Family['label'] | null; readonly text: string },
): readonly Family[] {
  const needle = text.trim().toLowerCase()
  return families
    .filter((one) => label === null || one.label === label)
    .filter(({ family, style }) => `${family} ${style}`.toLowerCase().includes(needle))
    .toSorted((a, b) => leastWrong(b) - leastWrong(a) || (a.family < b.family ? -1 : 1))
}

/** The least share of errors that the interval leaves open: few texts prove little, and do not come first. */
function leastWrong({ label, flagged }: Family): number {
  return label === 'attack' ? 1 - flagged.high : flagged.low
}
