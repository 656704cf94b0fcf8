import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, type CallInput } from '../../src/contracts/client.ts'
import { mayRunDry, type ReplyOf, type Route } from '../../src/contracts/route.ts'
import { proposeCharter } from '../../src/contracts/routes/charters.ts'
import { routes } from '../../src/contracts/routes/index.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import { endpointContainment } from '../../src/main/demo/answers.ts'
import type { Organisation } from '../../src/main/demo/organisation.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { fillPortfolio } from '../../src/main/demo/portfolio.ts'
import { build, openVote, passChecks, signOffReviews, triaged, vote } from '../../src/main/demo/systems.ts'
import { startPlane, type Plane } from '../support/plane.ts'

/** What a command would be answered is asked before it is sent: both must say the same, and asking changes nothing. */
let plane: Plane
beforeAll(async () => {
  plane = await startPlane()
}, 60_000)
afterAll(() => plane.close())

const asked = new Set<string>()

/** Rows of every table that commands may read, and of what they append to the log; what the integrator makes of that comes later. */
async function contents(): Promise<string> {
  const tables = await plane.pool.query<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where relkind in ('r', 'p') and not relispartition and has_table_privilege(c.oid, 'select')
       and ((nspname = 'public' and relname <> 'sessions')
         or (nspname = 'ledger' and relname in ('entry', 'payload'))) order by 1`,
  )
  const counts = tables.rows.map(({ name }) => `select '${name}' as name, count(*) as n from ${name}`)
  const { rows } = await plane.pool.query(counts.join(' union all '))
  return JSON.stringify(rows)
}

/** The person, who asks before every act. */
function careful(person: Person): Person {
  const { origin, cookies } = JSON.parse(person.session()) as {
    readonly origin: string
    readonly cookies: readonly [string, string][]
  }
  const client = createClient(routes, { baseUrl: origin, cookies: new Map(cookies) })
  const first = async <R extends Route>(
    route: R,
    input: CallInput<R>,
    act: () => Promise<ReplyOf<R>>,
  ): Promise<ReplyOf<R>> => {
    if (!mayRunDry(route)) return act()
    const before = await contents()
    const problem = await client.ask(route, input)
    expect(await contents(), `asking ${route.id} changes nothing`).toBe(before)
    expect(problem, `${route.id} would be carried out`).toBeNull()
    asked.add(route.id)
    return act()
  }
  return {
    ...person,
    call: (route, input) => first(route, input, () => person.call(route, input)),
    sign: (route, input) => first(route, input, () => person.sign(route, input)),
  }
}

function carefulOrganisation(org: Organisation): Organisation {
  const entries = Object.entries(org).map(([name, value]) => {
    if (typeof value === 'string') return [name, value]
    return [
      name,
      name === 'seats'
        ? Object.fromEntries(Object.entries(value as object).map(([fn, one]) => [fn, careful(one as Person)]))
        : careful(value as Person),
    ]
  })
  return Object.fromEntries(entries) as Organisation // the same members, each careful
}

test('a whole portfolio: what would be carried out is carried out, and asking alone changes no row', async () => {
  await fillPortfolio(carefulOrganisation(plane.org), () => undefined)
  expect(asked.size).toBeGreaterThan(15)
}, 120_000)

test('a refusal is told with every reason, and not kept as an attempt', async () => {
  const { org } = plane
  const answers = endpointContainment('Containment of sensors')
  const built = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, built)
  await passChecks(org, built)
  const id = await openVote(org, built)
  await vote(org, id, 'legal')
  const before = await contents()
  const client = createClient(routes, {
    baseUrl: plane.origin,
    cookies: new Map((JSON.parse(org.analyst.session()) as { cookies: [string, string][] }).cookies),
  })
  const problem = await client.ask(proposeCharter, { body: { seats: [] } })
  expect(problem?.code).toBe('INVALID_INPUT')
  const seats = [{ fn: 'security' as const, holder: org.analyst.id, alternates: [], chair: false }]
  const refused = await client.ask(proposeCharter, { body: { seats } })
  expect(refused?.reasons.map(({ code }) => code)).toEqual(
    expect.arrayContaining(['REQUIRED_NOT_SEATED', 'NO_CHAIR', 'NOT_SEATED']),
  )
  const absent = built.systemId.replace(/.{6}$/, '000000')
  const stop = { scope: 'system', targetId: absent, reasonCode: 'incident' } as const
  expect((await client.ask(orderStop, { body: stop }))?.code).toBe('NOT_FOUND')
  expect(await contents()).toBe(before)
})

test('who is not signed in, and who may not, learns as little as from the command itself', async () => {
  const body = {
    scope: 'system',
    targetId: 'sys_00000000000000000000000000',
    reasonCode: 'incident',
  } as const
  const nobody = createClient(routes, { baseUrl: plane.origin })
  expect((await nobody.ask(orderStop, { body }))?.code).toBe('UNAUTHENTICATED')
})
