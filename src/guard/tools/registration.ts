import type { Json, JsonObject } from '../../kernel/index.ts'

/** What an organisation knows of a tool beyond its definition. Whatever is not stated is taken as the worse. */
export type ToolRegistration = {
  /** Whether its result is trusted like the operator's own text. */
  readonly vouchedFor?: boolean
  /** Whether a call of it can carry data out of the organisation. */
  readonly sendsOutside?: boolean
  /** The argument that names where something goes, and where it may go: whole values, hosts, or domains of addresses. */
  readonly destination?: { readonly argument: string; readonly listed: readonly string[] }
  /** The argument that names what is acted on, and what of it is registered. */
  readonly target?: { readonly argument: string; readonly registered: readonly string[] }
}

/** Whether every destination of a call is listed. A call that names none has none that is. */
export function isDestinationListed(args: Json, { destination }: ToolRegistration): boolean {
  if (destination === undefined) return false
  const named = textsAt(args, destination.argument)
  return named.length > 0 && named.every((text) => isListed(text, destination.listed))
}

/** Whether everything that a call acts on is registered. */
export function isTargetRegistered(args: Json, { target }: ToolRegistration): boolean {
  if (target === undefined) return false
  const named = textsAt(args, target.argument)
  return named.length > 0 && named.every((text) => text !== null && target.registered.includes(text))
}

/** The texts of an argument, which is one text or a list of them; null stands for anything else. */
function textsAt(args: Json, argument: string): readonly (string | null)[] {
  if (typeof args !== 'object' || args === null || Array.isArray(args) || !Object.hasOwn(args, argument))
    return []
  const value = (args as JsonObject)[argument] // no list
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  return values.map((text) => (typeof text === 'string' ? text : null))
}

function isListed(text: string | null, listed: readonly string[]): boolean {
  if (text === null) return false
  if (listed.includes(text)) return true
  const place = hostOf(text) ?? domainOf(text)
  return place !== null && listed.includes(place)
}

/** The host of an https address without a login, as every client would read it. */
function hostOf(text: string): string | null {
  // UNTRUSTED: WHATWG parsing drops tabs and line breaks and takes `\` for `/`, which other parsers do not.
  if (!text.startsWith('https://') || !isPlain(text)) return null
  const url = URL.parse(text)
  return url === null || url.username !== '' || url.password !== '' || url.port !== '' ? null : url.hostname
}

/** The domain of one e-mail address. Lists, names and quotes are no address here, whatever a mail server makes of them. */
function domainOf(text: string): string | null {
  const [local = '', domain = '', ...more] = text.split('@')
  if (more.length > 0 || local === '' || domain === '') return null
  const isAddress = Array.from(local + domain).every((char) => addressChars.includes(char))
  return isAddress ? domain.toLowerCase() : null
}

const addressChars = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_+'

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i)
    if (unit <= 0x20 || unit >= 0x7f || unit === 0x5c) return false
  }
  return true
}
