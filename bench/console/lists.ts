// List routes of the console over HTTP, in an installation with few records and in one with many.
// Usage: node bench/console/lists.ts [rounds] [--write]
import type { Person } from '../../src/main/demo/person.ts'
import { alternate, numbersOf, report, summaryOf, type Summary } from '../measure.ts'
import { sizes, startGrowing, type Size } from './large.ts'

const [rounds = 40] = numbersOf(40)

const installation = await startGrowing()
try {
  const { org, origin } = installation
  const addresses = {
    overview: '/overview',
    'overview, rows of tier 2': '/overview/deployments?tier=2&limit=100',
    'my work': '/work',
    'systems, newest': '/systems?limit=100',
    'systems by name': '/systems?limit=100&sort=name',
    'systems by tier': '/systems?limit=100&sort=-tier',
    'systems by authorization': '/systems?limit=100&sort=authorization',
    'systems by next date': '/systems?limit=100&sort=next',
    'systems of tier 2 by name': '/systems?limit=100&tier=2&sort=name',
    'systems named': '/systems?limit=100&q=summariser%209',
    'systems, counts by authorization': '/systems/summary',
    'use cases, changed last': '/use-cases?limit=100',
    'use cases by triage': '/use-cases?limit=100&sort=triageDue',
    deployments: '/deployments?limit=100',
    'cases, newest': '/cases?limit=100',
    'cases by deadline': '/cases?limit=100&open=true&sort=deadline',
    decisions: '/decisions?limit=100',
    conditions: '/conditions?limit=100',
    'reviews by due date': '/reviews?limit=100&sort=due',
    waivers: '/waivers?limit=100',
    stops: '/stops?limit=100',
    people: '/people?limit=100',
    'ledger, newest': '/ledger/entries?limit=100&sort=-index',
    'ledger, one kind': '/ledger/entries?limit=100&sort=-index&kind=decision.recorded',
    'refused attempts': '/refusals?limit=100',
  }
  const tasks = Object.fromEntries(
    Object.entries(addresses).map(([what, path]) => [what, () => timed(org.auditor, origin, path)]),
  )
  const few = await measured(sizes.small)
  const many = await measured(sizes.large)

  async function measured(size: Size): Promise<Readonly<Record<string, Summary>>> {
    await installation.grow(size)
    const found = await alternate(tasks, rounds)
    return Object.fromEntries(Object.entries(found).map(([what, all]) => [what, summaryOf(all)]))
  }

  report(
    import.meta.dirname,
    'lists',
    {
      ...sizes,
      rounds,
      as: 'auditor',
      page: 100,
      unit: 'ms over HTTP on loopback, one request at a time',
    },
    {
      lists: Object.keys(addresses).map((what) => ({
        what,
        p50Few: few[what]?.p50,
        p95Few: few[what]?.p95,
        p50Many: many[what]?.p50,
        p95Many: many[what]?.p95,
      })),
    },
  )
} finally {
  await installation.close()
}

async function timed(person: Person, origin: string, path: string): Promise<number> {
  const { cookies } = JSON.parse(person.session()) as { readonly cookies: readonly [string, string][] } // our own form
  const cookie = cookies.map(([name, value]) => `${name}=${value}`).join('; ')
  const began = performance.now()
  const answer = await fetch(`${origin}/api/v1${path}`, { headers: { cookie, accept: 'application/json' } })
  const text = await answer.text()
  const took = performance.now() - began
  if (!answer.ok) throw new Error(`void run: ${path} answers ${answer.status} ${text}`)
  return took
}
