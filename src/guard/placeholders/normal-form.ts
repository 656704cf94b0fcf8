import { identifiers } from '../identifiers/index.ts'
import { foldText } from '../normalise/fold.ts'
import { isDigit, isWordUnit } from '../stream/candidate.ts'
import { lookAlike } from './placeholder.ts'

/** Identifiers that are their letters and digits alone, however these are grouped. */
const grouped: ReadonlySet<string> = new Set(identifiers.map(({ rule }) => rule))

/**
 * One form for all ways in which a value is written, so that it has one placeholder: digits of a card without spaces, an
 * e-mail address with its domain in small letters, a telephone number as E.164 has it where its country is given,
 * identifiers that are written in groups as their letters and digits. Of everything else, such as a date, a plate or an
 * IPv6 address, each sign counts. Two values of one form are the same value.
 */
export function normalForm(rule: string, written: string): string {
  if (rule === lookAlike) return written
  const text = foldText(written)
  switch (rule) {
    case 'email': {
      const at = text.lastIndexOf('@')
      return `${text.slice(0, at)}${text.slice(at).toLowerCase()}`
    }
    case 'card':
      return kept(text, isDigit)
    case 'phone': {
      const digits = kept(text, isDigit)
      if (text.trimStart().startsWith('+')) return `+${digits}`
      return digits.startsWith('00') ? `+${digits.slice(2)}` : digits
    }
    case 'ipv4':
    case 'btc.base58': // its letters are told apart by their case
      return text
    default:
      return grouped.has(rule) ? kept(text, isWordUnit).toUpperCase() : text
  }
}

const longestValue = 512

/** Whether a value can be put back wherever its placeholder may stand: within JSON in a string, too, it needs no escape. */
export function canReturn(written: string): boolean {
  if (written.length > longestValue) return false
  for (let i = 0; i < written.length; i += 1) {
    const unit = written.charCodeAt(i)
    if (unit < 32 || unit === quote || unit === backslash || unit === 127) return false
  }
  return written.isWellFormed()
}

const [quote, backslash] = [34, 92]

function kept(text: string, keeps: (unit: number) => boolean): string {
  let out = ''
  for (let i = 0; i < text.length; i += 1) if (keeps(text.charCodeAt(i))) out += text.charAt(i)
  return out
}
