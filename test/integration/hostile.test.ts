import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createServiceAccount,
  issueServiceKey,
  revokeServiceKey,
} from '../../src/contracts/routes/service-accounts.ts'
import { routes } from '../../src/contracts/routes/index.ts'
import { isMutation } from '../../src/contracts/route.ts'
import { servicePermissions } from '../../src/governance/people/index.ts'
import { advisorySummariser, alertTriage } from '../../src/main/demo/answers.ts'
import {
  approved,
  build,
  draftUseCase,
  openVote,
  passChecks,
  signOffReviews,
  triaged,
} from '../../src/main/demo/systems.ts'
import type { Person } from '../../src/main/demo/person.ts'
import { exerciseHostile, type Sender } from '../support/hostile.ts'
import { startPlane, type Plane } from '../support/plane.ts'

let plane: Plane
let senders: readonly Sender[]
let known: readonly string[]
const unhandled: unknown[] = []
const keep = (reason: unknown) => unhandled.push(reason)

beforeAll(async () => {
  process.on('unhandledRejection', keep)
  plane = await startPlane()
  const { org } = plane
  await draftUseCase(org, advisorySummariser('A draft'))
  await approved(org, advisorySummariser('Summaries of advisories'))
  const answers = alertTriage('Triage of alerts')
  const voting = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, voting)
  await passChecks(org, voting)
  await openVote(org, voting)
  senders = await everybody()
  known = await whatExists()
})
afterAll(async () => {
  process.off('unhandledRejection', keep)
  await plane.close()
})

async function everybody(): Promise<readonly Sender[]> {
  const { org, origin, pool } = plane
  const { id } = await org.admin.call(createServiceAccount, {
    body: { name: 'ci', permissions: [...servicePermissions] },
  })
  const issue = () => org.admin.call(issueServiceKey, { params: { id }, body: {} })
  const [live, ended] = [await issue(), await issue()]
  await org.admin.call(revokeServiceKey, { params: { id, key: ended.id } })
  const as = (name: string, person: Person): Sender => ({
    name,
    headers: { origin, cookie: cookieOf(person) },
  })
  const forged = `${live.token.slice(0, -1)}${live.token.endsWith('0') ? '1' : '0'}`
  const gone = org.backupOwner
  await pool.query(`update sessions set ended_at = now() where person_id = $1`, [gone.id])
  const whole = [
    as('admin', org.admin),
    as('analyst', org.analyst),
    as('requester', org.requester),
    as('seat', org.seats.security),
    { name: 'service', headers: { authorization: `Bearer ${live.token}` } },
  ]
  return [
    ...[whole, whole, whole, whole].flat(),
    { name: 'nobody', headers: {} },
    as('ended session', gone),
    { name: 'ended key', headers: { authorization: `Bearer ${ended.token}` } },
    { name: 'forged cookie', headers: { origin, cookie: `countersign=${'A'.repeat(43)}` } },
    { name: 'forged key', headers: { authorization: `Bearer ${forged}` } },
    { name: 'broken cookie', headers: { origin, cookie: 'countersign=%00; countersign=__proto__' } },
    { name: 'another site', headers: { origin: 'https://evil.example', cookie: cookieOf(org.admin) } },
    { name: 'both', headers: { origin, cookie: cookieOf(org.admin), authorization: `Bearer ${live.token}` } },
  ]
}

function cookieOf(person: Person): string {
  const { cookies } = JSON.parse(person.session()) as { readonly cookies: readonly [string, string][] } // our own form
  return cookies.map(([name, text]) => `${name}=${text}`).join('; ')
}

/** Ids and digests of everything in the database, a few of each kind; nobody who sends may be ended by another. */
async function whatExists(): Promise<readonly string[]> {
  const { org, plane: ports } = plane
  const rows = await ports.query<{ stream: string; state: unknown }>('select stream, state from streams')
  const entries = await ports.query<{ id: string }>('select id from ledger.entry limit 5')
  const all =
    JSON.stringify([rows, entries]).match(/\b[a-z]{2,4}_[0-9a-hjkmnp-tv-z]{26}\b|sha256:[0-9a-f]{64}/g) ?? []
  const sending = new Set<string>(
    [org.admin, org.analyst, org.requester, org.seats.security].map(({ id }) => id),
  )
  const kept = [...new Set(all)].filter((id) => !sending.has(id) && !/^(svc|key)_/.test(id))
  const few = Map.groupBy(kept, (id) => id.slice(0, 4))
  const roles = ['requester', 'installation', 'prod', 'security-ai', 'check/baseline_validation']
  return [...[...few.values()].flatMap((ids) => [...ids.slice(0, 5), ...ids.slice(-5)]), ...roles]
}

type Count = { readonly entries: number; readonly revisions: number }
async function recorded(): Promise<Count> {
  const [row] = await plane.plane.query<Count>(
    `select (select count(*)::int from ledger.entry) as entries, (select coalesce(sum(rev), 0)::int from streams) as revisions`,
  )
  return row ?? { entries: -1, revisions: -1 }
}

test('whatever anybody sends, nothing breaks, and what is refused has left nothing behind', async () => {
  // Signing out would turn the rest of the run into a test of nobody.
  // Whoever listens is not answered, and hears of nothing but changes.
  const kept = routes.filter(({ id, events }) => id !== 'session.end' && events === undefined)
  const mayChange = new Set(['admin', 'analyst', 'requester', 'seat', 'service', 'nobody'])
  let before = await recorded()
  let changes = 0
  const report = await exerciseHostile(plane.app, kept, {
    runs: 1_500,
    senders,
    known,
    watch: async ({ route, sender }, act) => {
      const status = await act()
      const after = await recorded()
      const entries = after.entries - before.entries
      // A browser sends no cookie from another site; a read that is recorded, like an export, changes nothing else.
      const isAllowed = status < 400 && (mayChange.has(sender) || !isMutation(route))
      if (entries !== after.revisions - before.revisions || (entries > 0 && !isAllowed))
        throw new Error(`${sender} got ${status} from ${route.id}, and ${entries} entries were written`)
      changes += entries
      before = after
    },
  })
  expect(unhandled).toEqual([])
  expect(report.succeeded.size).toBeGreaterThan(20)
  expect(changes).toBeGreaterThan(5)
  expect(report.refused).toBeGreaterThan(report.requests / 2)
}, 120_000)
