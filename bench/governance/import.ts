// The dry run of an import without the database: records read, cells typed, each row played through the deciders and
// compared with all rows before it. Against parsing the same file alone.
// Usage: node bench/governance/import.ts [rows] [rounds] [--write]
import { resolve } from 'node:path'
import { loadCatalogue } from '../../src/adapters/files/catalogue.ts'
import { recordsOf } from '../../src/app/imports/records.ts'
import {
  columnsOf,
  headOf,
  LikenessIndex,
  planRow,
  printOf,
  readRow,
  type PlanContext,
} from '../../src/governance/intake/index.ts'
import { epochMs, idFrom, type UserId } from '../../src/kernel/index.ts'
import { importFile, importRow } from '../../test/support/imports.ts'
import { alternate, numbersOf, ratioOf, report, rounded, summaryOf } from '../measure.ts'

const [count = 20_000, rounds = 5] = numbersOf(20_000, 5)
const catalogue = loadCatalogue(resolve(import.meta.dirname, '../../catalogue')).forUseCases
const now = epochMs(1_800_000_000_000)
const people = new Map<string, UserId>(
  ['a@x.example', 'b@x.example', 'c@x.example'].map((email, i) => [
    email,
    idFrom('user', now, new Uint8Array(10).fill(i)),
  ]),
)
const owners = { business: 'a@x.example', technical: 'b@x.example', backup: 'c@x.example' }
const text = importFile(
  Array.from({ length: count }, (_, i) => ({
    ...importRow(i, owners),
    ...(i % 100 === 7 ? { dataClass: 'secret' } : {}),
  })),
)
const head = headOf(text)
if (!('headers' in head)) throw new Error('void run: the file has faults')
const { columns, faults } = columnsOf(head.headers, [], catalogue.questionnaire)
if (faults.length > 0) throw new Error('void run: the header has faults')
const { delimiter } = head
let peakMiB = 0

async function plan(): Promise<number> {
  const index = new LikenessIndex()
  const importer = idFrom('user', now, new Uint8Array(10).fill(9))
  const context: PlanContext = {
    now,
    actor: { k: 'person', ref: importer },
    catalogue,
    known: () => null,
    person: (email) => people.get(email) ?? null,
    emailOf: () => '',
    isActive: () => true,
    unit: () => null,
    unitName: () => '',
    similar: (print, id) => index.similar(print, id),
  }
  const began = performance.now()
  const outcomes = { create: 0, update: 0, unchanged: 0, error: 0 }
  for await (const { row, cells } of recordsOf(text, delimiter)) {
    const read = readRow(cells, columns, catalogue.questionnaire)
    const planned = planRow(row, read, context)
    outcomes[planned.outcome] += 1
    if (planned.change === null) continue
    const answers = Object.fromEntries(
      Object.entries(read.answers).map(([key, value]) => [key, { value, source: 'import' as const }]),
    )
    index.put(planned.externalId, printOf({ answers, unit: null }, read.answers))
  }
  if (outcomes.error !== Math.ceil((count - 7) / 100))
    throw new Error(`void run: ${JSON.stringify(outcomes)}`)
  peakMiB = Math.max(peakMiB, process.memoryUsage().rss / 2 ** 20)
  return (count * 1_000) / (performance.now() - began)
}

async function parseOnly(): Promise<number> {
  const began = performance.now()
  let rows = 0
  for await (const _ of recordsOf(text, delimiter)) rows += 1
  if (rows !== count) throw new Error('void run: rows are missing')
  return (count * 1_000) / (performance.now() - began)
}

const rates = await alternate({ plan, parse: parseOnly }, rounds)
report(
  import.meta.dirname,
  'import',
  {
    rows: count,
    rounds,
    file: `${head.headers.length} columns, ${rounded(text.length / 2 ** 20)} Mi characters, 1 % of the rows bad`,
    targets: 'at least 1,000 rows per second, at most 300 MiB resident',
    left: 'reading and writing the database, which the product does for 200 rows at a time',
  },
  {
    rows: [
      { what: 'dry run, rows per second', ...summaryOf(rates.plan) },
      { what: 'parsing alone, rows per second', ...summaryOf(rates.parse) },
    ],
    ratios: [{ what: 'dry run to parsing', ...ratioOf(rates.plan, rates.parse) }],
    memory: [{ what: 'largest resident size, MiB', value: rounded(peakMiB) }],
  },
)
