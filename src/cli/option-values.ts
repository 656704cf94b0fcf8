import { UsageError, type CliInput } from './cli.ts'

/** The text of an option; undefined where it was left out. */
export function textOf(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** An option that is a whole number of at most nine digits; `fallback` where it was left out. Throws `UsageError`. */
export function wholeNumber<T extends number | undefined>(
  values: CliInput['values'],
  option: string,
  { least, fallback }: { readonly least: number; readonly fallback: T },
): number | T {
  const text = textOf(values[option])
  if (text === undefined) return fallback
  const number = Number(text)
  if (/^\d{1,9}$/.test(text) && number >= least) return number
  throw new UsageError(`--${option} takes a whole number from ${least} on`)
}
