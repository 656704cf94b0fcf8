import { isDigit, isLetter, type Sureness } from '../stream/candidate.ts'
import { entropyOf } from './entropy.ts'

/** How sure it is that a value behind a telling word is a secret; null when it is none. */
export type Judge = (value: string) => Sureness | null

const [shortestPassword, longestPassword, shortestKey] = [6, 64, 16]

export function judgePassword(value: string): Sureness | null {
  if (value.length < shortestPassword || value.length > longestPassword || value.includes(' ')) return null
  if (isMadeUp(value) || isCode(value) || isInstant(value)) return null
  // A word at the end of a sentence has two kinds of characters as well.
  if (isWord(withoutStop(value))) return null
  const classes = classesOf(value)
  if (classes < 2) return null
  return classes >= 3 && value.length >= 8 ? 'likely' : 'possible'
}

export function judgeKey(value: string): Sureness | null {
  if (
    value.length < shortestKey ||
    value.includes(' ') ||
    isMadeUp(value) ||
    isCode(value) ||
    isInstant(value) ||
    isFile(value)
  )
    return null
  const entropy = entropyOf(value)
  if (!hasDigit(value) || entropy < 3.2) return null
  return entropy >= 3.6 && value.length >= 20 ? 'likely' : 'possible'
}

function withoutStop(value: string): string {
  let end = value.length
  while (end > 0 && '.!?:'.includes(value.charAt(end - 1))) end -= 1
  return value.slice(0, end)
}

/** Letters alone, the first perhaps a capital. */
function isWord(value: string): boolean {
  const rest = value.slice(1)
  return (
    rest === rest.toLowerCase() && value.split('').every((character) => isLetter(character.charCodeAt(0)))
  )
}

/** Kinds of characters: small letters, capitals, digits, others. */
function classesOf(value: string): number {
  const classes = new Set<string>()
  for (let i = 0; i < value.length; i += 1) {
    const unit = value.charCodeAt(i)
    classes.add(isDigit(unit) ? 'digit' : !isLetter(unit) ? 'other' : unit >= 97 ? 'small' : 'capital')
  }
  return classes.size
}

/** What nobody has in a secret. */
const madeUpWithin = [
  'example',
  'changeme',
  'change_me',
  'change-me',
  'placeholder',
  'your_',
  'your-',
  'yourp',
  'your',
  'xxxx',
  '****',
  '...',
  'redacted',
  'masked',
  'dummy',
  'sample',
  'todo',
  'insert',
  'replace',
  'undefined',
  'hardcoded',
  'mock',
  'fake',
  '123456',
  'abcdef',
  'abc123',
  'qwerty',
]
/** What nobody has as one, numbers and signs left out. */
const madeUpWhole: ReadonlySet<string> = new Set(
  'password passwd pass pwd secret token null none true false string mypassword mysecret mytoken userpass test admin user'.split(
    ' ',
  ),
)

/** What stands where a secret would, such as `changeme`, `${VAR}` or `<token>`. */
export function isMadeUp(value: string): boolean {
  const lower = value.toLowerCase()
  const [first, last] = [value[0] ?? '', value.at(-1) ?? '']
  if ('$<{[%(*#\\'.includes(first) || last === '>') return true
  return madeUpWithin.some((word) => lower.includes(word)) || madeUpWhole.has(lettersOf(lower))
}

function lettersOf(lower: string): string {
  return lower
    .split('')
    .filter((character) => isLetter(character.charCodeAt(0)))
    .join('')
}

/** A name, a call or a path rather than a value. */
function isCode(value: string): boolean {
  if (value.includes('(') || value.includes('[') || value.includes('://') || value.startsWith('//'))
    return true
  if (value.includes('\\x') || value.includes('" +') || value.startsWith('./')) return true
  // Words joined by dots or underscores, without a digit: `config.auth.token`, `MY_TOKEN_NAME`.
  return value.split('').every((character) => isLetter(character.charCodeAt(0)) || '._-/'.includes(character))
}

/** A date or a time of day: digits with what stands between them there. */
function isInstant(value: string): boolean {
  const rest = value.split('').filter((character) => !isDigit(character.charCodeAt(0)))
  return rest.length > 0 && rest.every((character) => '-:./TZ+ '.includes(character))
}

const endings = [
  '.json',
  '.pem',
  '.key',
  '.yml',
  '.yaml',
  '.txt',
  '.crt',
  '.html',
  '.js',
  '.ts',
  '.py',
  '.md',
]

function isFile(value: string): boolean {
  return endings.some((ending) => value.endsWith(ending))
}

function hasDigit(value: string): boolean {
  for (let i = 0; i < value.length; i += 1) if (isDigit(value.charCodeAt(i))) return true
  return false
}
