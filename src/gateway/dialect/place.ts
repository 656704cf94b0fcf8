import type { Channel } from '../../guard/text.ts'
import { readExactTree } from '../wire/json.ts'
import type { Media, Reading, Segment } from './reading.ts'
import { isTree } from './reading.ts'

/**
 * What may stand at one place of a body, and how it is read. A dialect is a table of places; what its table does not
 * expect is read as text of channel `unknown`, so that nothing passes unread because a provider has added a member.
 */
export type Place = (value: unknown, path: string, out: Out) => void

type Out = { readonly segments: Segment[]; readonly media: Media[] }

/** Reads a body by its table. `strange` names the members at its top that `known` has not. */
export function readPlaces(place: Place, tree: unknown, known: Readonly<Record<string, Place>>): Reading {
  const out: Out = { segments: [], media: [] }
  place(tree, '', out)
  const strange = isTree(tree) ? Object.keys(tree).filter((name) => !Object.hasOwn(known, name)) : []
  return { segments: out.segments, media: out.media, strange }
}

/** Whether a number has eight digits or more: a card or an account may be written as one. */
export function isLong(value: number): boolean {
  return Math.abs(value) >= 1e7
}

/** A text. Something else in its place is read as `unknown`. */
export function text(channel: Channel): Place {
  return (value, path, out) => {
    if (typeof value === 'string') push(out, path, channel, value, 'text')
    else anything(value, path, out)
  }
}

/** Something that cannot be changed without breaking it: a name, or a text with a signature over it. */
export function sealed(channel: Channel): Place {
  return (value, path, out) => {
    if (typeof value === 'string') push(out, path, channel, value, 'sealed')
    else anything(value, path, out)
  }
}

/** Any JSON: every string, every name and every long number of it. */
export function json(channel: Channel, splice: Segment['splice'] = 'text'): Place {
  const isCall = splice === 'call'
  const fixed = isCall ? 'call' : 'sealed'
  const read: Place = (value, path, out) => {
    if (typeof value === 'string') push(out, path, channel, value, splice, isCall ? 'text' : undefined)
    else if (typeof value === 'number') {
      if (isLong(value)) push(out, path, channel, String(value), fixed)
    } else if (Array.isArray(value)) value.forEach((item, n) => read(item, `${path}/${n}`, out))
    else if (isTree(value)) {
      for (const [name, member] of Object.entries(value)) {
        const at = `${path}/${escaped(name)}`
        push(out, at, channel, name, fixed)
        read(member, at, out)
      }
    }
  }
  return read
}

const anything = json('unknown')

/** The arguments of a call, JSON within a string: read as it is written and, where it differs, as it is meant. */
export function callText(): Place {
  return (value, path, out) => {
    if (typeof value !== 'string') return anything(value, path, out)
    push(out, path, 'tool_args', value, 'call', 'json')
    out.segments.push(...meantBy(value, path))
  }
}

/** The name of the tool that a call asks for. */
export const callName: Place = (value, path, out) => {
  if (typeof value === 'string') push(out, path, 'tool_args', value, 'call')
  else anything(value, path, out)
}

/**
 * The texts and numbers that the JSON text of a call writes in another way than they are meant; none when it has no escapes and no
 * exponents. What parsers may read differently (two members of one name, faults that some forgive) is read as all of
 * its escapes and exponents, wherever they stand, so that no reading of it hides anything from the guard.
 */
export function meantBy(written: string, path: string): readonly Segment[] {
  if (!written.includes('\\') && written.search(exponents) === -1) return []
  const out: Out = { segments: [], media: [] }
  const read = readExactTree(written)
  const place = json('tool_args', 'call')
  if (read.ok) place(read.tree, path, out)
  else place([unescaped(written), ...(written.match(exponents) ?? []).map(Number)], path, out)
  return out.segments.map(({ repeated: _inPlace, ...segment }) => ({ ...segment, meantAt: path }))
}

const exponents = /\d+(?:\.\d+)?[eE][+-]?\d+/g

const escapes = /\\(?:u([0-9a-fA-F]{4})|([^u]))/gs
const meant: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/** SPEC: RFC 8259 section 7. */
function unescaped(written: string): string {
  return written.replaceAll(escapes, (_all, code: string | undefined, char: string | undefined) =>
    code === undefined ? (meant[char ?? ''] ?? char ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

/** Names that stand in a table of a dialect: these may be told, others are whatever somebody made up. */
const tabled = new Set<string>()

/** `path` for a record: names that no dialect knows are `*`. */
export function toldPath(path: string): string {
  return path
    .split('/')
    .map((name) => (name === '' || tabled.has(name) || /^\d{1,6}$/.test(name) ? name : '*'))
    .join('/')
}

/** Known members, each by its own place; others are read as `unknown`. */
export function object(members: Readonly<Record<string, Place>>, others: Place = anything): Place {
  for (const name of Object.keys(members)) tabled.add(name)
  return (value, path, out) => {
    if (!isTree(value)) return anything(value, path, out)
    for (const name in value) {
      if (Object.hasOwn(members, name)) members[name]?.(value[name], `${path}/${name}`, out)
      else {
        const at = `${path}/${escaped(name)}`
        push(out, at, 'unknown', name, 'sealed')
        others(value[name], at, out)
      }
    }
  }
}

export function list(of: Place): Place {
  return (value, path, out) => {
    if (!Array.isArray(value)) return anything(value, path, out)
    for (let n = 0; n < value.length; n += 1) of(value[n], `${path}/${n}`, out)
  }
}

/**
 * The parts of a message. Texts that stand side by side are read by a model as one, whatever is cut where; anything else
 * between them, such as an image, parts them.
 */
export function parts(of: Place): Place {
  const all = list(of)
  return (value, path, out) => {
    const from = out.segments.length
    all(value, path, out)
    if (!Array.isArray(value) || value.length < 2) return
    let run: number[] = []
    let at = from
    for (let n = 0; n <= value.length; n += 1) {
      const [place, item]: [string, unknown] = [`${path}/${n}`, value[n]]
      const own = `${place}/text`
      let found = -1
      while (at < out.segments.length && isWithin(out.segments[at]?.path ?? '', place)) {
        if (out.segments[at]?.path === own && out.segments[at]?.splice === 'text') found = at
        at += 1
      }
      if (found >= 0) run.push(found)
      else if (!isTree(item) || item['text'] !== '') run = closed(run, own, out)
    }
  }
}

function closed(run: readonly number[], name: string, { segments }: Out): number[] {
  if (run.length > 1)
    for (const n of run) {
      const segment = segments[n]
      if (segment !== undefined) segments[n] = { ...segment, run: name }
    }
  return []
}

function isWithin(path: string, place: string): boolean {
  return path.startsWith(place) && (path.length === place.length || path[place.length] === '/')
}

/** One of several forms, told apart by `member`. */
export function by(
  member: string,
  forms: Readonly<Record<string, Place>>,
  otherwise: Place = anything,
): Place {
  return (value, path, out) => {
    const form = isTree(value) ? value[member] : undefined
    const place = typeof form === 'string' && Object.hasOwn(forms, form) ? forms[form] : undefined
    ;(place ?? otherwise)(value, path, out)
  }
}

/** A text, or a list of parts. */
export function either(whole: Place, parts: Place): Place {
  return (value, path, out) => (Array.isArray(value) ? parts : whole)(value, path, out)
}

/** An identifier of the provider. Of another shape it is read as `unknown`. */
export const id: Place = (value, path, out) => {
  if (typeof value !== 'string' || !isId(value)) anything(value, path, out)
}

/** The name of a model. */
export const name: Place = (value, path, out) => {
  if (typeof value !== 'string' || !/^[\w.:/@-]{1,128}$/.test(value)) anything(value, path, out)
}

/** One of a few words. */
export function word(...words: readonly string[]): Place {
  return (value, path, out) => {
    if (typeof value !== 'string' || !words.includes(value)) anything(value, path, out)
  }
}

/** A number that the provider has made: a time, a probability, an element of a vector. It is not read. */
export const number: Place = (value, path, out) => {
  if (typeof value !== 'number') anything(value, path, out)
}

/** A number that somebody may have written anything into. */
export const count: Place = (value, path, out) => anything(value, path, out)

/** Numbers all the way down, under names of the API. */
export const counts: Place = (value, path, out) => {
  if (Array.isArray(value)) value.forEach((item, n) => counts(item, `${path}/${n}`, out))
  else if (isTree(value)) {
    for (const member in value) {
      const at = `${path}/${escaped(member)}`
      if (!isId(member)) push(out, at, 'unknown', member, 'sealed')
      counts(value[member], at, out)
    }
  } else anything(value, path, out)
}

/** Base64 that is no text: a vector, a signature, something encrypted. */
export const opaque: Place = (value, path, out) => {
  if (typeof value !== 'string' || !isBase64(value)) anything(value, path, out)
}

/** Content for eyes and ears. */
export function media(kind: Media['kind'], at: Media['at']): Place {
  return (value, path, out) => {
    if (typeof value !== 'string') return anything(value, path, out)
    const isInline = value.startsWith('data:')
    out.media.push({ path, kind, at: isInline ? 'inline' : at })
    if (at === 'inline' ? isBase64(value) : isInline && isBase64(value.slice(value.indexOf(',') + 1))) return
    push(out, path, 'unknown', value, 'sealed')
  }
}

/** Whether `value` may be an identifier: 1 to 128 letters, digits and `_`, `-`, `.`, `:`. */
export function isId(value: string): boolean {
  return value.length <= 128 && /^[\w.:-]+$/.test(value)
}

function isBase64(value: string): boolean {
  return /^[A-Za-z0-9+/_-]*={0,2}$/.test(value)
}

function push(
  out: Out,
  path: string,
  channel: Channel,
  content: string,
  splice: Segment['splice'],
  repeated?: Segment['repeated'],
): void {
  if (content === '') return
  out.segments.push({ path, channel, text: content, splice, ...(repeated === undefined ? {} : { repeated }) })
}

/** SPEC: RFC 6901 section 3. */
export function escaped(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name
}

/** A number that no tree holds as it is written. */
export function numberSegment(written: string): Segment {
  return { path: '', channel: 'unknown', text: written, splice: 'sealed' }
}
