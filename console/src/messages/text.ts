import { IntlMessageFormat } from 'intl-messageformat'
import { en } from './en.ts'

export type MessageKey = keyof typeof en
export type Values = Readonly<Record<string, string | number | Date>>

const catalogue: Readonly<Record<string, string>> = en
const compiled = new Map<string, IntlMessageFormat>()
let isPseudo = false

/** The message `key` in the reader's language, with `values` put in. ICU MessageFormat, plain text only. */
export function t(key: MessageKey, values?: Values): string {
  return say(key, values)
}

/**
 * The message of a code that the server names, such as a reason of a refusal. A code that this version does not know is
 * shown as it is: it is never swallowed.
 */
export function tCode(group: string, code: string, values?: Values): string {
  const key = `${group}.${code}`
  return Object.hasOwn(catalogue, key) ? say(key, values) : code.toLowerCase().replaceAll('_', ' ')
}

/** Whether the catalogue has words for a code. */
export function knows(group: string, code: string): boolean {
  return Object.hasOwn(catalogue, `${group}.${code}`)
}

/** Whether the words of a code say its parameter `name`, in whatever form. */
export function says(group: string, code: string, name: string): boolean {
  return new RegExp(`\\{${name}\\s*[,}]`).test(catalogue[`${group}.${code}`] ?? '')
}

/** Makes every text longer and accented, to find what is not in the catalogue and what does not fit. */
export function usePseudoLocale(on: boolean): void {
  isPseudo = on
}

function say(key: string, values: Values | undefined): string {
  const text = catalogue[key] ?? key
  if (values === undefined && !text.includes('{') && !text.includes("''"))
    return isPseudo ? pseudo(text) : text
  let format = compiled.get(key)
  if (format === undefined) {
    format = new IntlMessageFormat(text, 'en')
    compiled.set(key, format)
  }
  const said = filled(format, text, values)
  return isPseudo ? pseudo(said) : said
}

const accents: Readonly<Record<string, string>> = {
  a: 'å',
  e: 'é',
  i: 'î',
  o: 'ö',
  u: 'ü',
  A: 'Å',
  E: 'É',
  O: 'Ö',
}

function pseudo(text: string): string {
  return `[${text.replaceAll(/[aeiouAEO]/g, (letter) => accents[letter] ?? letter)}${'~'.repeat(Math.ceil(text.length / 3))}]`
}

/** A value that the server did not send must not cost the sentence: it keeps a gap. */
function filled(format: IntlMessageFormat, text: string, values: Values | undefined): string {
  try {
    return String(format.format(values === undefined ? undefined : { ...values }))
  } catch {
    return text.replaceAll(/\{[^{}]*\}/g, '…')
  }
}
