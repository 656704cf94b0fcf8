import type { Span } from '../text.ts'

/**
 * What of a text can be recognised elsewhere: `copied`, a literal that nobody writes by chance (a URL, its host, an
 * address, a path, an id, a number of six or more digits); `overlap`, six words in a row.
 */
export type Mark = Span & {
  readonly evidence: 'copied' | 'overlap'
  /** 53 bits of a hash of it, so that nothing of the text has to be kept. */
  readonly hash: number
}

const shingleWords = 6
const [fewestDigits, shortestId] = [6, 8]
/** Longer runs without white space are data and no literal. */
const longestLiteral = 2_048

/** Calls `found` with each mark of a text in small letters. The work is linear in the length of the text. */
export function marksIn(text: string, found: (mark: Mark) => void): void {
  literalsIn(text, found)
  shinglesIn(text, found)
}

function literalsIn(text: string, found: (mark: Mark) => void): void {
  let from = -1
  for (let at = 0; at <= text.length; at += 1) {
    const isPart = at < text.length && !isSeparator(text.charCodeAt(at))
    if (isPart && from < 0) from = at
    if (isPart || from < 0) continue
    if (at - from <= longestLiteral) literal(text, from, at, found)
    from = -1
  }
}

/** Tells of a run without white space whether it is a literal, and which host or address stands in it. */
function literal(text: string, from: number, to: number, found: (mark: Mark) => void): void {
  let [start, end] = [from, to]
  while (start < end && !isWord(text.charCodeAt(start)) && text.charCodeAt(start) !== slash) start += 1
  while (end > start && !isWord(text.charCodeAt(end - 1))) end -= 1
  if (end - start < fewestDigits - 1) return
  const tell = (a: number, b: number) =>
    found({ evidence: 'copied', hash: hashOf(text, a, b), start: a, end: b })
  const scheme = text.indexOf('://', start)
  if (scheme >= start && scheme < end) {
    const hostFrom = scheme + 3
    let hostTo = hostFrom
    while (hostTo < end && !'/?#:'.includes(text.charAt(hostTo))) hostTo += 1
    tell(start, end)
    if (hostTo > hostFrom && hostTo < end) tell(hostFrom, hostTo)
    else if (hostTo === end) tell(hostFrom, end)
    return
  }
  const facts = factsOf(text, start, end)
  if (facts.isAddress || facts.isHost || facts.isPath || facts.digits >= fewestDigits || facts.isId)
    tell(start, end)
  const at = facts.isAddress ? text.indexOf('@', start) : -1
  if (at > start && at < end - 3) tell(at + 1, end)
}

function factsOf(text: string, start: number, end: number) {
  let [digits, letters, dots, slashes, ats, joints] = [0, 0, 0, 0, 0, 0]
  for (let i = start; i < end; i += 1) {
    const unit = text.charCodeAt(i)
    const isInner = i > start && i < end - 1
    if (unit >= 48 && unit <= 57) digits += 1
    else if (isWord(unit)) letters += 1
    else if (unit === 46 && isInner && isWord(text.charCodeAt(i + 1))) dots += 1
    else if (unit === slash || unit === 92) slashes += 1
    else if (unit === 64) ats += 1
    else if (unit === 45 || unit === 95) joints += 1
  }
  return {
    digits,
    isAddress: ats === 1 && dots > 0,
    isHost: dots > 0 && letters + digits > 5 && slashes === 0,
    isPath: slashes > 1 || (slashes === 1 && (dots > 0 || text.charCodeAt(start) === slash)),
    isId:
      digits > 1 && letters > 0 && digits + letters >= shortestId && dots + slashes + ats === 0 && joints < 8,
  }
}

function shinglesIn(text: string, found: (mark: Mark) => void): void {
  const starts: number[] = []
  const [firsts, seconds]: [number[], number[]] = [[], []]
  let [from, a, b] = [-1, seedA, seedB]
  for (let at = 0; at <= text.length; at += 1) {
    const unit = at < text.length ? text.charCodeAt(at) : 32
    if (isWord(unit)) {
      if (from < 0) [from, a, b] = [at, seedA, seedB]
      a = Math.imul(a ^ unit, prime)
      b = Math.imul(b ^ unit, otherPrime)
      continue
    }
    if (from < 0) continue
    starts.push(from)
    firsts.push(a)
    seconds.push(b)
    from = -1
    if (starts.length < shingleWords) continue
    let [x, y] = [seedA, seedB]
    for (let n = starts.length - shingleWords; n < starts.length; n += 1) {
      x = Math.imul(x ^ (firsts[n] ?? 0), prime)
      y = Math.imul(y ^ (seconds[n] ?? 0), otherPrime)
    }
    const start = starts[starts.length - shingleWords] ?? 0
    found({ evidence: 'overlap', hash: joinedHash(x, y), start, end: at })
    if (starts.length >= mostKept) {
      starts.splice(0, starts.length - shingleWords)
      firsts.splice(0, firsts.length - shingleWords)
      seconds.splice(0, seconds.length - shingleWords)
    }
  }
}

const mostKept = 1_024
const slash = 47
const [seedA, seedB] = [0x811c9dc5, 0x9747b28c]
const [prime, otherPrime] = [0x01000193, 0x5bd1e995]

function hashOf(text: string, start: number, end: number): number {
  let [a, b] = [seedA, seedB]
  for (let i = start; i < end; i += 1) {
    a = Math.imul(a ^ text.charCodeAt(i), prime)
    b = Math.imul(b ^ text.charCodeAt(i), otherPrime)
  }
  return joinedHash(a, b)
}

/** Two hashes of 32 bits as one whole number that a double holds. */
function joinedHash(a: number, b: number): number {
  return (a >>> 0) * 0x200000 + ((b ^ (b >>> 15)) & 0x1fffff)
}

/** Letters and digits of any script: what is not ASCII is one unless it is white space. */
function isWord(unit: number): boolean {
  return (unit >= 48 && unit <= 57) || (unit >= 97 && unit <= 122) || (unit >= 128 && unit !== 0xa0)
}

/** White space, quotes and brackets: none of them is part of a literal. */
function isSeparator(unit: number): boolean {
  return unit <= 32 || unit === 0xa0 || separators.has(unit)
}

const separators: ReadonlySet<number> = new Set('"\'`<>()[]{}|,;'.split('').map((mark) => mark.charCodeAt(0)))
