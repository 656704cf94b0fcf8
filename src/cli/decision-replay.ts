import { createReadStream } from 'node:fs'
import { replayDecision, reviewCase, type Replayed, type Tally } from '../governance/committee/index.ts'
import type { VerifiedEntry } from '../ledger/index.ts'
import { linesOf, verifyExport } from '../ledger/index.ts'
import { UsageError, type CliCommand } from './cli.ts'
import { isFileError } from './ledger-verify.ts'
import { isTold, readFacts } from './story/facts.ts'

/** A case of an export, as it stood when it was decided, with its result computed again. */
export type ReplayedCase = {
  readonly case: reviewCase.Case
  readonly tally: Tally
  readonly result: Replayed
  /** Where in the log each ballot stands. */
  readonly entries: readonly { readonly ballot: string; readonly index: number; readonly isSigned: boolean }[]
}

/** `decision replay`: shows how each decision of an export came about, and computes its outcome again. */
export function decisionReplayCommand(): CliCommand {
  return {
    name: 'decision replay',
    summary: 'Recompute the decisions of an export offline: exit 0 all match, 40 a mismatch',
    positionals: ['file'],
    options: {
      case: { type: 'string', help: 'only this case' },
      vkey: { type: 'string', help: 'public key of the log; without it the key in the file is believed' },
    },
    run: async ({ positionals, values, io, print }) => {
      const file = positionals[0] ?? ''
      const vkey = typeof values['vkey'] === 'string' ? values['vkey'] : await keyIn(file)
      const entries = vkey === null ? null : await entriesOf(file, vkey)
      if (entries === null) {
        io.err('the log does not hold: see `ledger verify`\n')
        return 40
      }
      const wanted = values['case']
      const cases = replayCases(entries).filter((item) => wanted === undefined || item.case.id === wanted)
      if (wanted !== undefined && cases.length === 0) throw new UsageError('no such case in this export')
      print({ cases }, cases.length === 0 ? 'no case in this export' : cases.map(textOf).join('\n\n'))
      return cases.every(({ result }) => result.k === 'undecided' || result.matches) ? 0 : 40
    },
  }
}

/** The cases of verified entries, in the order in which they opened. */
export function replayCases(entries: readonly VerifiedEntry[]): readonly ReplayedCase[] {
  const byCase = new Map<string, { index: number; event: reviewCase.Event }[]>()
  for (const { index, leaf, facts } of entries) {
    const told = facts !== undefined && isTold(leaf.kind) ? readFacts(leaf.kind, facts) : null
    if (told === null || !isOfCase(told)) continue
    byCase.set(told.caseId, [...(byCase.get(told.caseId) ?? []), { index, event: told }])
  }
  return [...byCase.values()].flatMap((steps) => {
    const events = steps.map(({ event }) => event)
    const decided = events.findIndex(({ e }) => e === 'decision.recorded')
    const before = decided < 0 ? events : events.slice(0, decided)
    const state = before.reduce(reviewCase.evolve, reviewCase.initial)
    if (state.s === 'absent') return []
    const cast = steps.flatMap(({ index, event }) =>
      event.e === 'ballot.cast'
        ? [{ ballot: event.ballot.id, index, isSigned: event.proof.bound !== null }]
        : [],
    )
    return [{ case: state, tally: reviewCase.tallyOf(state), result: replayDecision(events), entries: cast }]
  })
}

function isOfCase(told: NonNullable<ReturnType<typeof readFacts>>): told is reviewCase.Event {
  return 'caseId' in told && told.e !== 'stop.lifted'
}

/** Null when the log is not what was signed. */
async function entriesOf(file: string, vkey: string): Promise<readonly VerifiedEntry[] | null> {
  const read: (readonly VerifiedEntry[])[] = []
  const recompute = (entries: readonly VerifiedEntry[]) => {
    read.push(entries)
    return []
  }
  try {
    await verifyExport(linesOf(createReadStream(file)), { vkey, kinds: new Set(), recompute })
  } catch (error) {
    if (isFileError(error)) throw new UsageError(`cannot read: ${error.code}`, { cause: error })
    throw error
  }
  return read[0] ?? null
}

/** The key that the file itself names; null when it has no header. */
async function keyIn(file: string): Promise<string | null> {
  try {
    for await (const line of linesOf(createReadStream(file))) {
      const header: unknown = JSON.parse(Buffer.from(line).toString('utf8'))
      const named = typeof header === 'object' && header !== null && 'vkey' in header ? header.vkey : null
      return typeof named === 'string' ? named : null
    }
    return null
  } catch (error) {
    if (isFileError(error)) throw new UsageError(`cannot read: ${error.code}`, { cause: error })
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function textOf({ case: item, tally, result, entries }: ReplayedCase): string {
  const { subject, rule, roster, ballots } = item
  const people = roster.map(({ fn, chair, candidates }) => {
    const names = candidates.map(({ person, role, conflicts }) =>
      [person, role, ...(conflicts.length === 0 ? [] : [`(${conflicts.join(', ')})`])].join(' '),
    )
    return `    ${fn}${chair ? ', chair' : ''}: ${names.join('; ')}`
  })
  const votes = ballots.map(({ id, fn, by, choice, conditions }) => {
    const entry = entries.find(({ ballot }) => ballot === id)
    const signed = entry?.isSigned === true ? ', signed by passkey' : ''
    const under = conditions.length === 0 ? '' : `, ${conditions.length} conditions`
    return `    entry ${entry?.index}: ${fn} ${by} ${choice}${under}${signed}`
  })
  const [share, of] = rule.ratio
  return [
    `${item.id}: ${subject.kind}, tier ${item.tier}, ${subject.environment}: ${resultText(item, result)}`,
    `  release ${subject.release}`,
    `  charter ${subject.charter}`,
    `  rule: required ${rule.required.join(', ')}; at least ${rule.minBallots} ballots; ${share} of ${of} approve;` +
      ` veto ${rule.veto.join(', ') || 'none'}; ${rule.minIndependent} independent; proof ${item.proof}`,
    '  roster:',
    ...people,
    '  live ballots:',
    ...votes,
    `  tally: ${tally.status}, ${tally.counted} counted, ${tally.present} present, ${tally.approvals} approve`,
    ...tally.reasons.map(({ code, params }) => `    ${[code, ...Object.values(params)].join(' ')}`),
  ].join('\n')
}

function resultText(item: reviewCase.Case, result: Replayed): string {
  if (result.k === 'undecided') return item.s
  const { recorded, recomputed, matches } = result
  return `${recorded}, recomputed ${recomputed}: ${matches ? 'matches' : 'DOES NOT MATCH'}`
}
