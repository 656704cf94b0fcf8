import { afterAll, beforeAll, expect, test } from 'vitest'
import { ProblemError } from '../../src/contracts/client.ts'
import { readAuthorization } from '../../src/contracts/routes/enforcement.ts'
import {
  listDeployments,
  listSystems,
  readRelease,
  readSystem,
  summariseSystems,
} from '../../src/contracts/routes/registry.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import { digestOf } from '../../src/kernel/index.ts'
import { advisorySummariser, alertTriage } from '../../src/main/demo/answers.ts'
import { approved, build, triaged, type Built } from '../../src/main/demo/systems.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { settleStandings } from '../support/settle.ts'

let plane: Plane
let live: Built
let fresh: Built

beforeAll(async () => {
  plane = await startPlane()
  live = await approved(plane.org, advisorySummariser('Advisory summariser'))
  const answers = alertTriage('Alert triage')
  fresh = await build(plane.org, await triaged(plane.org, answers), answers)
}, 60_000)
afterAll(() => plane.close())

const list = (query: Parameters<typeof plane.org.analyst.call<typeof listSystems>>[1]['query'] = {}) =>
  plane.org.analyst.call(listSystems, { query })
const standingsOf = async () => {
  const { items } = await list({ sort: 'name' })
  return items.map(({ name, places }) => [name, places[0]?.state])
}
const settle = () => settleStandings(plane)

test('a list says what the issuer has derived, and nothing while that may have changed', async () => {
  expect(await standingsOf()).toEqual([
    ['Advisory summariser', 'unknown'],
    ['Alert triage', 'unknown'],
  ])
  await settle()
  expect(await standingsOf()).toEqual([
    ['Advisory summariser', 'valid'],
    ['Alert triage', 'none'],
  ])
  await plane.org.commander.call(orderStop, {
    body: { scope: 'deployment', targetId: live.deploymentId, reasonCode: 'incident' },
  })
  expect((await standingsOf())[0]).toEqual(['Advisory summariser', 'unknown'])
  await settle()
  expect((await standingsOf())[0]).toEqual(['Advisory summariser', 'suspended'])
  const derived = await plane.org.analyst.call(readAuthorization, {
    params: { id: live.deploymentId },
    query: {},
  })
  expect(derived.state).toBe('suspended')
})

test('the summary counts places by what may be said of them', async () => {
  await settle()
  const { systems, places, byState } = await plane.org.analyst.call(summariseSystems, {})
  expect({ systems, places, byState }).toEqual({
    systems: 2,
    places: 2,
    byState: [
      { state: 'suspended', places: 1 },
      { state: 'none', places: 1 },
    ],
  })
})

test('what is kept is no longer said once its time has come, whether or not anybody has looked', async () => {
  await settle()
  await plane.plane.query(
    `update deployment_standings set holds_until_at = clock_timestamp() where deployment_id = $1`,
    [live.deploymentId],
  )
  const { items } = await list({ q: 'advisory' })
  expect(items[0]?.places[0]).toMatchObject({ state: 'unknown', until: null })
})

test.each([
  [{ tier: 1 }, ['Advisory summariser']],
  [{ environment: 'prod', sort: '-name' }, ['Alert triage', 'Advisory summariser']],
  [{ environment: 'dev' }, []],
  [{ q: 'TRIAGE' }, ['Alert triage']],
  [{ q: '%' }, []],
  [{ authorization: 'none' }, ['Alert triage']],
  [{ sort: '-tier' }, ['Alert triage', 'Advisory summariser']],
  [{ state: 'retired' }, []],
] as const)('%o finds %j', async (query, names) => {
  await settle()
  expect((await list(query)).items.map(({ name }) => name)).toEqual(names)
})

test('a deployment is found by the title of its use case, by its id and by that of its system; signs are no wildcards', async () => {
  const found = async (q: string) =>
    (await plane.org.analyst.call(listDeployments, { query: { q } })).items.map(({ id }) => id)
  for (const q of ['advisory', live.deploymentId, live.systemId])
    expect(await found(q)).toEqual([live.deploymentId])
  expect(await found('triage')).toEqual([fresh.deploymentId])
  for (const q of ['%', '_', 'nothing of the kind']) expect(await found(q)).toEqual([])
})

test('pages of every order hold each system once, and a cursor belongs to its order', async () => {
  await settle()
  for (const sort of ['-createdAt', 'name', '-tier', 'authorization', 'next', '-next'] as const) {
    const first = await list({ sort, limit: 1 })
    const second = await list({ sort, limit: 1, cursor: first.next ?? '' })
    const ids = [...first.items, ...second.items].map(({ id }) => id)
    expect(new Set(ids)).toEqual(new Set([live.systemId, fresh.systemId]))
    expect(second.next).toBeUndefined()
  }
  const { next = '' } = await list({ sort: 'name', limit: 1 })
  const refused = await list({ sort: '-tier', limit: 1, cursor: next }).catch((error: unknown) => error)
  expect(refused instanceof ProblemError && refused.problem.code).toBe('INVALID_INPUT')
})

test('a release says who made it, what was decided on it and where it runs', async () => {
  const found = await plane.org.analyst.call(readRelease, { params: { digest: live.release } })
  expect(found.author).toContain(plane.org.technicalOwner.id)
  expect(found.decisions.map(({ outcome }) => outcome)).toEqual(['approved'])
  expect(found.places).toMatchObject([{ id: live.deploymentId, isDesired: true, isObserved: true }])
  const {
    name,
    tier,
    approved: last,
  } = await plane.org.analyst.call(readSystem, {
    params: { id: live.systemId },
  })
  expect({ name, tier, last }).toEqual({ name: 'Advisory summariser', tier: 1, last: live.release })
  const unknown = { params: { digest: digestOf({ no: 'release' }) } }
  const refused = await plane.org.analyst.call(readRelease, unknown).catch((error: unknown) => error)
  expect(refused instanceof ProblemError && refused.problem.status).toBe(404)
})
