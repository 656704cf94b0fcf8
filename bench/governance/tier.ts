// `assess` on full answers with 20 action rows, against JSON.parse of the same answers.
// Usage: node bench/governance/tier.ts [seconds per round] [rounds] [--write]
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { assess, parseTierPolicy, type Answers, type RiskOrder } from '../../src/governance/tiering/index.ts'
import type { Json } from '../../src/kernel/index.ts'
import { alternate, numbersOf, rateOf, ratioOf, report, summaryOf } from '../measure.ts'

const [seconds = 0.2, rounds = 20] = numbersOf(0.2, 20)
const catalogue = resolve(import.meta.dirname, '../../catalogue/tier-policies/security-ai.1.json')
const linted = parseTierPolicy(JSON.parse(readFileSync(catalogue, 'utf8')))
if (!linted.ok) throw new Error(JSON.stringify(linted.faults))
const { compiled } = linted

/** The option in the middle, so that neither the first nor the last comparison decides. */
const middle = (options: readonly string[], turn = 0) =>
  options[(options.length + turn) >> 1] ?? options[0] ?? ''
function answerTo(order: RiskOrder): Json {
  if (order.k === 'chain') return middle(order.options)
  if (order.k === 'bands') return order.upTo.at(-1) ?? 0
  if (order.k === 'set') return [...order.options]
  return Array.from({ length: 20 }, (_, n) =>
    Object.fromEntries(
      Object.entries(order.columns).map(([name, options]) => [name, middle(options, n % 2)]),
    ),
  )
}

const answers: Answers = Object.fromEntries(
  Object.entries(compiled.policy.orders).map(([key, order]) => [
    key,
    { value: answerTo(order), source: 'person' },
  ]),
)
const text = JSON.stringify(answers)
if (assess(answers, compiled).unknowns.length > 0) throw new Error('void run: an answer is missing')

const rates = await alternate(
  {
    assess: () => rateOf(() => assess(answers, compiled), seconds),
    parse: () => rateOf(() => JSON.parse(text), seconds),
  },
  rounds,
)
report(
  import.meta.dirname,
  'tier',
  {
    seconds,
    rounds,
    answers: `${Object.keys(answers).length} questions, 20 action rows, ${text.length} characters of JSON`,
    ratio: 'assessments per second over JSON.parse of the same answers per second, round by round',
  },
  {
    rows: [
      { what: 'assess per second', ...summaryOf(rates.assess) },
      { what: 'JSON.parse per second', ...summaryOf(rates.parse) },
    ],
    ratios: [{ what: 'assess to JSON.parse', ...ratioOf(rates.assess, rates.parse) }],
  },
)
