import { IntlMessageFormat } from 'intl-messageformat'
import api from './en/api.json'
import common from './en/common.json'
import frame from './en/frame.json'
import words from './en/words.json'

type Catalogue = Readonly<Record<string, string>>
export type Values = Readonly<Record<string, string | number | Date>>

/** What stands before a dot in one of the keys. */
type Group<K> = K extends `${infer Head}.${infer Rest}` ? Head | `${Head}.${Group<Rest>}` : never

/** What a file may say: with the words of every visit and those of its own catalogues, no others. */
type Texts<K extends string> = {
  /** The message `key` in the reader's language, with `values` put in. ICU MessageFormat, plain text only. */
  readonly t: (key: K, values?: Values) => string
  /**
   * The message of a code that the server names, such as a reason of a refusal. A code that this version does not know is
   * shown as it is: it is never swallowed.
   */
  readonly tCode: (group: Group<K>, code: string, values?: Values) => string
  /** Whether the catalogue has words for a code. */
  readonly knows: (group: Group<K>, code: string) => boolean
}
export type KeyOf<T extends (key: never) => string> = Parameters<T>[0]

const everyVisit = { ...common, ...frame, ...api, ...words }
const catalogue: Record<string, string> = { ...everyVisit }
const compiled = new Map<string, IntlMessageFormat>()
let isPseudo = false

/**
 * The texts of an area. Its files import them from the module that calls this, so no screen can run before its catalogue is
 * there, and none is loaded for the screens of others.
 */
export function texts<C extends Catalogue>(own: C): Texts<keyof typeof everyVisit | (keyof C & string)> {
  Object.assign(catalogue, own)
  return {
    t: say,
    tCode: (group, code, values) =>
      known(group, code) ? say(`${group}.${code}`, values) : code.toLowerCase().replaceAll('_', ' '),
    knows: known,
  }
}

/** The texts of every visit, for the frame and what the areas share. */
export const { t, tCode } = texts({})

/** Whether the words of a code say its parameter `name`, in whatever form. */
export function says(group: string, code: string, name: string): boolean {
  return new RegExp(`\\{${name}\\s*[,}]`).test(catalogue[`${group}.${code}`] ?? '')
}

/** Makes every text longer and accented, to find what is not in the catalogue and what does not fit. */
export function usePseudoLocale(on: boolean): void {
  isPseudo = on
}

function known(group: string, code: string): boolean {
  return Object.hasOwn(catalogue, `${group}.${code}`)
}

function say(key: string, values?: Values): string {
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
