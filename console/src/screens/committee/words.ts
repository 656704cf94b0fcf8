import { t, tCode } from '../../messages/committee.ts'

/** Names one after the other, the last with "and". */
export function listed(names: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names)
}

export function functionNames(fns: readonly string[]): string {
  return listed(fns.map((fn) => tCode('fn', fn)))
}

/** Which share of the ballots must approve: "2/3", or "all". */
export function shareOf([above, below]: readonly [number, number]): string {
  return above === below ? 'all' : `${above}/${below}`
}

type Counted = {
  readonly counted: number
  readonly missing: readonly string[]
  readonly vetoes: readonly string[]
}

/**
 * The tally of a case as a sentence: "4 of 5 ballots, legal missing, no veto". A function that has objected is not missing,
 * though its approval is.
 */
export function tallySentence({ counted, missing, vetoes }: Counted, seated: number): string {
  const silent = missing.filter((fn) => !vetoes.includes(fn))
  const whole = missing.length === 0 ? [t('tally.noneMissing')] : []
  return [
    t('tally.ballots', { counted, seated }),
    ...(silent.length === 0 ? whole : [t('tally.missing', { fns: functionNames(silent) })]),
    vetoes.length === 0 ? t('tally.noVeto') : t('tally.veto', { fns: functionNames(vetoes) }),
  ].join(', ')
}
