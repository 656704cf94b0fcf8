import type { Json } from '../../kernel/index.ts'
import type { Suspicion } from '../advice.ts'
import { bandOf, type Finding } from '../finding.ts'
import type { Channel } from '../text.ts'
import { derivationsOf, evidenceOf, marksOf, marksWithin, type Source } from './derivation.ts'

/** The part of a text that looks like an order to a model, with what stands around it. */
export type Suspect = {
  readonly band: 'flag' | 'high'
  readonly trust: 'user' | 'untrusted'
  readonly text: string
}

/** The same without its text: what could be recognised of it in the arguments of a call. `isComplete`: all of that. */
export type Traces = Omit<Suspect, 'text'> & {
  readonly marks: readonly number[]
  readonly isComplete: boolean
}

/** Where something may come from that a model takes for an order. */
const suspected: Readonly<Partial<Record<Channel, 'user' | 'untrusted'>>> = {
  user: 'user',
  document: 'untrusted',
  tool_result: 'untrusted',
  unknown: 'untrusted',
}

/** An order and what it is about stand together: so many UTF-16 units around a finding belong to it. */
const around = 400

/** What of a text looks like an order; null when nothing does. */
export function suspectIn(channel: Channel, text: string, findings: readonly Finding[]): Suspect | null {
  const trust = suspected[channel]
  if (trust === undefined) return null
  const telling = findings.filter((finding) => bandOf(finding) !== 'quiet')
  if (telling.length === 0) return null
  const band = telling.some((finding) => bandOf(finding) === 'high') ? 'high' : 'flag'
  const parts: string[] = []
  let to = 0
  for (const { start, end } of telling.toSorted((a, b) => a.start - b.start)) {
    const from = Math.max(to, start - around)
    to = Math.max(to, Math.min(text.length, end + around))
    if (to > from) parts.push(text.slice(from, to))
  }
  return { band, trust, text: parts.join('\n') }
}

/** How the arguments of a call follow from each suspect. `said`: texts of the user, who may have said the same. */
export function suspicionsOn(
  args: Json,
  suspects: readonly Suspect[],
  said: readonly string[],
): readonly Suspicion[] {
  if (suspects.length === 0) return []
  const sources = suspects.map(({ trust, text }, n): Source => ({ id: `suspect ${n}`, trust, text }))
  const users = said.map((text, n): Source => ({ id: `user ${n}`, trust: 'user', text }))
  const derivations = derivationsOf(args, [...users, ...sources])
  return suspects.map(({ band, trust }, n) => ({
    band,
    trust,
    evidence: trust === 'user' ? 'context' : evidenceOf(derivations, `suspect ${n}`),
  }))
}

/** What is kept of a suspect whose text is not: the marks of its views, `most` at most. */
export function tracesOf({ band, trust, text }: Suspect, most: number): Traces {
  const within = marksWithin(text)
  const marks = new Set<number>()
  for (const { mark } of within.marks) {
    if (marks.has(mark.hash)) continue
    if (marks.size >= most) return { band, trust, marks: [...marks], isComplete: false }
    marks.add(mark.hash)
  }
  return { band, trust, marks: [...marks], isComplete: within.isComplete }
}

/** How the arguments of a call follow from suspects of which only traces are left. */
export function suspicionsFrom(args: Json, traces: readonly Traces[]): readonly Suspicion[] {
  if (traces.length === 0) return []
  const wanted = marksOf(args)
  return traces.map(({ band, trust, marks, isComplete }) => {
    if (marks.some((mark) => wanted.has(mark))) return { band, trust, evidence: 'copied' }
    // INVARIANT: what is not kept counts as what was found, where there is anything to find.
    return { band, trust, evidence: isComplete || wanted.size === 0 ? 'context' : 'overlap' }
  })
}
