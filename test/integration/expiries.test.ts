import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordDueExpiries, type ExpiryPorts } from '../../src/app/authorization/expiries.ts'
import { databaseNow } from '../../src/app/clock.ts'
import type { Tx } from '../../src/app/ports/unit-of-work.ts'
import { verifyStory } from '../../src/cli/story/verify.ts'
import { eventKinds } from '../../src/contracts/events.ts'
import { castBallot, listDecisions, readCase, revokeDecision } from '../../src/contracts/routes/cases.ts'
import { listConditions } from '../../src/contracts/routes/conditions.ts'
import { overrideTier, readUseCase } from '../../src/contracts/routes/intake.ts'
import { acceptWaiver, requestWaiver } from '../../src/contracts/routes/waivers.ts'
import {
  addDays,
  addMs,
  dayMs,
  epochMs,
  toRfc3339,
  type CaseId,
  type EpochMs,
} from '../../src/kernel/index.ts'
import { parseVkey, verifyExport } from '../../src/ledger/index.ts'
import { alertTriage, advisorySummariser } from '../../src/main/demo/answers.ts'
import {
  approveByAll,
  build,
  openVote,
  passChecks,
  signOffReviews,
  triaged,
  vote,
  type Built,
} from '../../src/main/demo/systems.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { replay } from '../support/replay.ts'

let plane: Plane
beforeAll(async () => {
  plane = await startPlane()
})
afterAll(() => plane.close())

const now = () => databaseNow(plane.plane.query)

/** The same ports with a clock that is ahead: nobody waits for a year. */
function ahead(ms: number, fail: (done: number) => boolean = () => false): ExpiryPorts {
  const { plane: ports } = plane
  let done = 0
  const shift = (tx: Tx): Tx => ({
    now: async () => addMs(await tx.now(), ms),
    query: (sql, params) => tx.query(sql, params),
    lockStreams: (streams) => tx.lockStreams(streams),
    append: async (command) => {
      done += 1
      const ids = await tx.append(command)
      if (fail(done)) throw new Error('the process has died before its commit')
      return ids
    },
  })
  return {
    ...ports,
    query: async (sql, params) => {
      const rows = await ports.query<{ now?: number }>(sql, params)
      return rows.map((row) => (row.now === undefined ? row : { ...row, now: row.now + ms })) as never // the clock alone
    },
    unitOfWork: { run: (work) => ports.unitOfWork.run((tx) => work(shift(tx))) },
  }
}

/** What was recorded about the end of something, oldest first. */
async function told(id: string): Promise<readonly string[]> {
  const rows = await plane.plane.query<{ kind: string; left: number | null }>(
    `select e.kind, (p.facts::jsonb ->> 'daysLeft')::int as left
     from ledger.entry e join ledger.payload p on p.event_id = e.id where e.stream = 'expiry/' || $1 order by e.rev`,
    [id],
  )
  return rows.map(({ kind, left }) => (left === null ? kind : `${left} days`))
}

async function ready(answers: Parameters<typeof triaged>[1]): Promise<Built> {
  const { org } = plane
  const built = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, built)
  await passChecks(org, built)
  return built
}

async function decisionOf(caseId: CaseId) {
  const { items } = await plane.org.analyst.call(listDecisions, { query: {} })
  const found = items.find((item) => item.caseId === caseId)
  if (found === undefined) throw new Error('not decided')
  return { ...found, expires: epochMs(Date.parse(found.expiresAt)) }
}

const untilEnd = async (end: EpochMs, days: number) => end - days * dayMs - (await now()) + 1_000

test('an approval that is over is recorded once, verified by a stranger, and the same in the replay', async () => {
  const { org } = plane
  const caseId = await openVote(org, await ready(advisorySummariser('Over soon')))
  const end = addMs(await now(), 1_500)
  await approveByAll(org, caseId, { until: toRfc3339(end) })
  const { id } = await decisionOf(caseId)
  expect(await told(id)).toEqual([])
  let recorded = 0
  while ((await now()) < end) recorded += await recordDueExpiries(plane.plane)
  recorded += await recordDueExpiries(plane.plane)
  recorded += await recordDueExpiries(plane.plane)
  expect(recorded).toBe(1)
  expect(await told(id)).toEqual(['decision.expired'])

  for (let queued = 1; queued > 0; ) ({ queued } = await plane.ledger.lag())
  const { vkey } = plane.ledger
  const lines = (await plane.ledger.export()) ?? []
  const recompute: NonNullable<Parameters<typeof verifyExport>[1]['recompute']> = (entries) =>
    verifyStory(entries).findings
  expect(await verifyExport(lines, { vkey, kinds: eventKinds, recompute })).toMatchObject({ findings: [] })
  const key = parseVkey(vkey)
  if (key === null) throw new Error('no key')
  const { report, differences, rows } = await replay(plane.database, key)
  expect([report.findings, differences]).toEqual([[], []])
  expect(rows['expiries']).toBe(1)
}, 60_000)

test('reminders come at their marks; workers at once and one that dies add none', async () => {
  const { org } = plane
  const caseId = await openVote(org, await ready(alertTriage('Reminded')))
  await approveByAll(org, caseId)
  const { id, expires } = await decisionOf(caseId)
  await recordDueExpiries(ahead(await untilEnd(expires, 30.1)))
  expect(await told(id)).toEqual([])
  const at30 = await untilEnd(expires, 30)
  await Promise.all([1, 2, 3].map(() => recordDueExpiries(ahead(at30))))
  expect(await told(id)).toEqual(['30 days'])
  // Two marks have passed while no worker ran; the first that comes back dies before its commit.
  const at7 = await untilEnd(expires, 6.5)
  await expect(recordDueExpiries(ahead(at7, () => true))).rejects.toThrow('died')
  expect(await told(id)).toEqual(['30 days'])
  await Promise.all([1, 2].map(() => recordDueExpiries(ahead(at7))))
  await recordDueExpiries(ahead(at7))
  expect(await told(id)).toEqual(['30 days', '7 days'])
  await Promise.all([1, 2].map(async () => recordDueExpiries(ahead(await untilEnd(expires, -200)))))
  expect(await told(id)).toEqual(['30 days', '7 days', 'decision.expired'])
})

test('one that cannot be recorded keeps nothing else back', async () => {
  const { org } = plane
  const answers = advisorySummariser('First and second')
  const built = await ready({ ...answers, provider: 'another-provider', modelId: 'another-model' })
  const caseId = await openVote(org, built)
  await approveByAll(org, caseId)
  const { id, expires } = await decisionOf(caseId)
  const ms = await untilEnd(expires, -1)
  await expect(recordDueExpiries(ahead(ms, (done) => done === 1))).rejects.toThrow('died')
  await recordDueExpiries(ahead(ms))
  expect(await told(id)).toEqual(['decision.expired'])
})

test('of a revoked decision nothing is recorded', async () => {
  const { org } = plane
  const built = await ready({ ...alertTriage('Revoked before'), provider: 'third', modelId: 'third' })
  const caseId = await openVote(org, built)
  await approveByAll(org, caseId)
  const { id, expires } = await decisionOf(caseId)
  await org.seats.risk.call(revokeDecision, {
    params: { id: caseId },
    body: { reasonCode: 'new_facts', text: 'The provider has changed its terms.' },
  })
  for (const days of [20, -20]) await recordDueExpiries(ahead(await untilEnd(expires, days)))
  expect(await told(id)).toEqual([])
})

test('waivers, conditions and lowered tiers end as events too, which change nothing of what they are about', async () => {
  const { org } = plane
  // Tier 2 by its points alone, so that it may be lowered.
  const exposed = { updatePolicy: 'silent', untrustedInput: 'external_content', users: 'partners' }
  const large = { volumePerDay: 10_000_000, doraFunction: 'important', dataClass: 'internal' }
  const answers = { ...advisorySummariser('Waived and lowered'), ...exposed, ...large }
  const built = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, built)
  const { release, useCaseId } = built
  const { id: waiverId } = await org.technicalOwner.call(requestWaiver, {
    body: {
      useCaseId,
      subject: { k: 'check', id: 'check/injection_suite' },
      release,
      environment: 'prod',
      residual: 1,
      lifetimeDays: 20,
      justification: 'The suite tests a tool that this release does not have.',
      compensating: [],
    },
  })
  await org.seats.risk.call(acceptWaiver, { params: { id: waiverId }, body: {} })
  await passChecks(org, built)
  const caseId = await openVote(org, built)
  const { subjectDigest, roster } = await org.seats.security.call(readCase, { params: { id: caseId } })
  const due = addDays(await now(), 15)
  await org.seats.security.call(castBallot, {
    params: { id: caseId },
    body: {
      choice: 'approve_with_conditions',
      subjectDigest,
      conditions: [
        {
          phase: 'after_deploy',
          due: toRfc3339(due),
          owner: org.technicalOwner.id,
          onBreach: 'suspend',
          attester: 'it',
          text: 'Rotate the key of the provider.',
        },
      ],
      rationale: 'Good enough for a while, with a key that is rotated.',
      nonce: 'a-nonce-of-its-own-1',
    },
  })
  for (const { fn } of roster) if (fn !== 'security') await vote(org, caseId, fn)
  const { items } = await org.analyst.call(listConditions, { query: { useCaseId } })
  const conditionId = items[0]?.id ?? ''
  for (const fn of ['security', 'risk'] as const) {
    const { revision } = await org.seats[fn].call(readUseCase, { params: { id: useCaseId } })
    await org.seats[fn].call(overrideTier, {
      params: { id: useCaseId },
      body: { direction: 'down', days: 10, reason: 'It only reads and is watched all day.' },
      ifMatch: revision,
    })
  }
  const ends = async () => [await told(useCaseId), await told(conditionId), await told(waiverId)]
  await recordDueExpiries(ahead(9.9 * dayMs))
  expect(await ends()).toEqual([[], [], []])
  await Promise.all([1, 2].map(() => recordDueExpiries(ahead(10.1 * dayMs))))
  expect(await ends()).toEqual([['tier.override_expired'], [], []])
  await recordDueExpiries(ahead(15.1 * dayMs))
  await recordDueExpiries(ahead(20.1 * dayMs))
  await recordDueExpiries(ahead(20.1 * dayMs))
  expect(await ends()).toEqual([['tier.override_expired'], ['condition.breached'], ['waiver.expired']])
  // To the clock nothing of this has happened yet, and nothing was done to what it is about.
  const states = await plane.plane.query<{ state: string }>(
    `select state from conditions where id = $1 union all select state from waivers where id = $2`,
    [conditionId, waiverId],
  )
  expect(states).toEqual([{ state: 'open' }, { state: 'accepted' }])
})
