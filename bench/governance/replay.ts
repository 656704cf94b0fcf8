// A case of 1,000 recorded events: decided again from its commands, and folded again from its events, against
// JSON.parse of the same events.
// Usage: node bench/governance/replay.ts [seconds per round] [rounds] [--write]
import { replayDecision, reviewCase } from '../../src/governance/committee/index.ts'
import { canonicalJson } from '../../src/kernel/index.ts'
import { alternate, numbersOf, rateOf, ratioOf, report, summaryOf } from '../measure.ts'
import { countingIds, longHistory } from './case-history.ts'

const [seconds = 0.3, rounds = 15] = numbersOf(0.3, 15)
const { steps, events, state } = longHistory(1_000)
const stored = JSON.stringify(events)

function decideAgain(): reviewCase.State {
  const ids = countingIds()
  let reached: reviewCase.State = reviewCase.initial
  for (const { command, ctx } of steps) {
    const decided = reviewCase.decide(reached, command, { ...ctx, ids })
    if (!decided.ok) throw new Error('void run: a command was refused')
    reached = decided.events.reduce(reviewCase.evolve, reached)
  }
  return reached
}
function foldAgain(recorded: readonly reviewCase.Event[]): reviewCase.State {
  return recorded.reduce(reviewCase.evolve, reviewCase.initial)
}

const parsed = JSON.parse(stored) as reviewCase.Event[] // what was written one line above
const expected = canonicalJson(state)
if (canonicalJson(foldAgain(parsed)) !== expected || canonicalJson(decideAgain()) !== expected)
  throw new Error('void run: the replayed state is not the one that the commands left')
const replayed = replayDecision(parsed)
if (replayed.k !== 'decided' || !replayed.matches) throw new Error('void run: the decision does not replay')

const perSecond = (task: () => unknown) => () => rateOf(task, seconds) * events.length
const rates = await alternate(
  {
    decide: perSecond(decideAgain),
    fold: perSecond(() => foldAgain(parsed)),
    parse: perSecond(() => JSON.parse(stored)),
  },
  rounds,
)
report(
  import.meta.dirname,
  'replay',
  {
    seconds,
    rounds,
    history: `one case, ${steps.length} commands, ${events.length} events, ${stored.length} characters of JSON`,
    checked: 'state folded from the stored events, and from the commands, equals the state the commands left',
    ratio: 'events per second over JSON.parse of the same events, round by round',
  },
  {
    rows: [
      { what: 'decide and evolve, events per second', ...summaryOf(rates.decide) },
      { what: 'evolve alone, events per second', ...summaryOf(rates.fold) },
      { what: 'JSON.parse, events per second', ...summaryOf(rates.parse) },
    ],
    ratios: [
      { what: 'decide and evolve to JSON.parse', ...ratioOf(rates.decide, rates.parse) },
      { what: 'evolve to JSON.parse', ...ratioOf(rates.fold, rates.parse) },
    ],
  },
)
