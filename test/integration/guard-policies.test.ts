import { afterAll, beforeAll, expect, test } from 'vitest'
import { createGatewayFeed, createPool, type Pool } from '../../src/adapters/postgres/index.ts'
import { tellOverAllowances } from '../../src/app/guard/policies.ts'
import type { RecordFinding, RuntimeRecord } from '../../src/app/ports/gateway.ts'
import { listNotices } from '../../src/contracts/routes/collaboration.ts'
import {
  listGuardFeedback,
  readGuardCapabilities,
  readGuardHits,
  readRecordFeedback,
  recordGuardFeedback,
  tryGuard,
} from '../../src/contracts/routes/guard-feedback.ts'
import {
  activateGuardPolicy,
  diffGuardPolicy,
  discardGuardPolicyDraft,
  draftGuardPolicy,
  listGuardPolicies,
  proposeGuardChange,
  readGuardPolicy,
  readGuardPolicyEffect,
  retireGuardPolicy,
  shadowGuardPolicy,
  tightenGuardPolicy,
} from '../../src/contracts/routes/guard-policies.ts'
import { createUnit, enrolPerson } from '../../src/contracts/routes/people.ts'
import { createRelease } from '../../src/contracts/routes/registry.ts'
import { keptGuardRules } from '../../src/gateway/guard-rules.ts'
import { digestOf, epochMs, type Digest, type RecordId } from '../../src/kernel/index.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import type { Organisation } from '../../src/main/demo/organisation.ts'
import { enrolPerson as setUpWithPasskey } from '../../src/main/demo/person.ts'
import { approved, type Built } from '../../src/main/demo/systems.ts'
import { callRecord } from '../support/call-record.ts'
import { fresh } from '../support/gateway-fixture.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { codesOf } from '../support/refusals.ts'
import { storeCalls } from '../support/store-calls.ts'

let [plane, org, built, gateway]: [Plane, Organisation, Built, Pool] = [] as never
let serial = 0
const [rule, channel] = ['email', 'document'] as const
const mail =
  'The meeting with the supplier is on Monday at ten. Questions go to office@northwind-supplies.com until Friday.'
beforeAll(async () => {
  plane = await startPlane()
  ;({ org } = plane)
  gateway = createPool(plane.database, 'countersign_gateway', 2)
  built = await approved(org, alertTriage('Triage of alerts'))
  await plane.plane.guardGround.corpus() // on a busy machine this takes longer than a client waits
}, 400_000)
afterAll(async () => {
  await gateway.end()
  await plane.close()
})

const feed = () => createGatewayFeed(gateway, { trustBundle: async () => '' }).load()
const revision = async () => (await org.analyst.call(listGuardPolicies, { query: {} })).revision
const version = (n: number) => org.auditor.call(readGuardPolicy, { params: { version: n } })
const found = (change: Partial<RecordFinding> = {}): RecordFinding => ({
  side: 'input',
  path: '/messages/0/content',
  channel,
  rule,
  kind: 'pii',
  severity: 'medium',
  sureness: 'likely',
  start: 4,
  end: 70,
  effect: 'redacted',
  ...change,
})

/** Stores calls of the deployment. */
async function keep(records: readonly Partial<RuntimeRecord>[]): Promise<readonly RecordId[]> {
  const calls = records.map((change) => {
    serial += 1
    return callRecord({
      action: 'redact',
      at: epochMs(Date.now() - 60_000 + serial),
      deployment: built.deploymentId,
      findingCount: change.findings?.length ?? 0,
      ...change,
    })
  })
  await storeCalls(gateway, calls)
  return calls.map(({ id }) => id)
}

let [window, records]: [Digest, readonly RecordId[]] = [digestOf('none'), []]

test('a text is tried: what is found, and by what it would be known again; nothing of it is stored', async () => {
  const before = await plane.pool.query('select count(*) from ledger.entry')
  const body = { text: mail, channel, deployment: built.deploymentId }
  const { findings } = await org.analyst.call(tryGuard, { body })
  expect(findings).toMatchObject([{ rule, kind: 'pii', isLeft: true }])
  window = findings[0]?.window ?? window
  const elsewhere = await org.analyst.call(tryGuard, { body: { ...body, deployment: null } })
  expect(elsewhere.findings[0]?.window).toBeNull()
  const answer = await org.analyst.call(tryGuard, { body: { ...body, channel: 'model' } })
  expect(answer.findings[0]?.window).toBeNull()
  expect(await codesOf(org.requester.call(tryGuard, { body }))).toEqual(['FORBIDDEN'])
  expect((await plane.pool.query('select count(*) from ledger.entry')).rows).toEqual(before.rows)
})

test('an analyst says of a finding what it was; the queue tells it by text and deployment', async () => {
  records = await keep([
    { findings: [found({ window })] },
    { findings: [found({ window }), found({ rule: 'role.chat-markup', kind: 'structure' })] },
    { findings: [] },
  ])
  const [first, second, third] = records
  if (first === undefined || second === undefined || third === undefined) throw new Error('three were kept')
  const mark = { mark: 'false_positive', reason: 'known_template' } as const
  await org.analyst.call(recordGuardFeedback, { params: { record: first, finding: 0 }, body: mark })
  await org.analyst.call(recordGuardFeedback, { params: { record: second, finding: 0 }, body: mark })
  const again = org.analyst.call(recordGuardFeedback, { params: { record: first, finding: 0 }, body: mark })
  expect(await codesOf(again)).toEqual(['REFUSED', 'NOTHING_CHANGED'])
  const none = org.analyst.call(recordGuardFeedback, { params: { record: third, finding: 0 }, body: mark })
  expect(await codesOf(none)).toEqual(['REFUSED', 'FINDING_UNKNOWN'])
  const outsider = org.requester.call(recordGuardFeedback, {
    params: { record: first, finding: 0 },
    body: mark,
  })
  expect(['FORBIDDEN', 'NOT_FOUND']).toContain((await codesOf(outsider))[0])

  const { items } = await org.auditor.call(listGuardFeedback, { query: { mark: 'false_positive' } })
  expect(items).toMatchObject([
    {
      deploymentId: built.deploymentId,
      rule,
      window,
      marks: { true_positive: 0, false_positive: 2, benign_in_context: 0 },
      calls: 2,
      allowedUntil: null,
      isProposed: false,
    },
  ])
  expect((await org.auditor.call(listGuardFeedback, { query: { mark: 'true_positive' } })).items).toEqual([])
  const { marks } = await org.auditor.call(readRecordFeedback, { params: { record: first } })
  expect(marks).toMatchObject([{ finding: 0, mark: 'false_positive' }])
})

test('the queue pages, and goes on where it was', async () => {
  const others = await keep([
    { findings: [found({ window: digestOf('b') }), found({ rule: 'hidden.instruction' })] },
  ])
  const [record] = others
  if (record === undefined) throw new Error('one was kept')
  for (const finding of [0, 1])
    await org.analyst.call(recordGuardFeedback, {
      params: { record, finding },
      body: { mark: 'true_positive', reason: 'attack_confirmed' },
    })
  const first = await org.auditor.call(listGuardFeedback, { query: { limit: 2 } })
  expect(first.items).toHaveLength(2)
  const rest = await org.auditor.call(listGuardFeedback, { query: { limit: 2, cursor: first.next } })
  expect(rest.items).toMatchObject([{ window }])
})

const entry = () => ({ deployment: built.deploymentId, channel, rule, window })
const allow = (days = 30) => ({ body: { change: { k: 'allow', entry: entry(), days } } }) as const

test('a proposal changes a draft alone, and what it would change is told before it does', async () => {
  expect(await codesOf(org.requester.call(proposeGuardChange, allow()))).toEqual(['FORBIDDEN'])
  const never = { deployment: built.deploymentId, rule: 'role.chat-markup' }
  const refused = org.analyst.call(proposeGuardChange, { body: { change: { k: 'off', entry: never } } })
  expect(await codesOf(refused)).toEqual(['REFUSED', 'DOCUMENT_INVALID'])
  expect(await org.analyst.call(proposeGuardChange, allow())).toEqual({ version: 1 })
  expect((await feed()).guard).toEqual({ inForce: null, shadow: null, named: [] })

  const { changes, strictness } = await org.auditor.call(diffGuardPolicy, {
    params: { version: 1 },
    query: {},
  })
  expect({ changes, strictness }).toMatchObject({
    strictness: 'weaker',
    changes: [{ k: 'allow', isAdded: true, entry: entry() }],
  })
  const effect = await org.auditor.call(readGuardPolicyEffect, { params: { version: 1 } })
  expect(effect.traffic.changed).toMatchObject([
    {
      deploymentId: built.deploymentId,
      rule,
      channel,
      outcome: 'redacted',
      candidate: 'quiet',
      findings: 2,
      calls: 2,
    },
  ])
  expect(effect.corpus).toMatchObject([{ deploymentId: null, families: [], losses: [] }])
  expect(effect.corpus[0]?.attack.texts).toBeGreaterThan(100)
  expect(effect.corpus[0]?.benign.texts).toBeGreaterThan(100)
  const { items } = await org.auditor.call(listGuardFeedback, { query: { state: 'done' } })
  expect(items).toMatchObject([{ window, isProposed: true }])
})

test('in shadow it changes nothing; a second person who has seen the differences puts it in force', async () => {
  const { analyst, secondAdmin } = org
  expect(await codesOf(analyst.call(shadowGuardPolicy, { ifMatch: 99 }))).toEqual(['STALE'])
  const atOnce = analyst.call(tightenGuardPolicy, { ifMatch: await revision() })
  expect(await codesOf(atOnce)).toEqual(['REFUSED', 'POLICY_WEAKER'])
  await analyst.call(shadowGuardPolicy, { ifMatch: await revision() })
  const shadowed = await version(1)
  expect(shadowed).toMatchObject({ stage: 'shadow', draftedBy: analyst.id, allowed: 1, isForOthers: false })
  const { digest } = shadowed
  if (digest === null) throw new Error('it is published')
  expect((await feed()).guard).toMatchObject({ inForce: null, shadow: { digest } })

  const difference = { channel, outcome: 'redacted', rule, shadowOutcome: 'quiet' } as const
  await keep([
    { findings: [found({ window })], guardShadow: { policy: digest, differences: [difference] } },
    { findings: [], guardShadow: { policy: digest, differences: [] } },
  ])
  expect(await version(1)).toMatchObject({
    shadowCalls: 2,
    differences: 1,
    differing: [
      { deploymentId: built.deploymentId, rule, outcome: 'redacted', shadowOutcome: 'quiet', calls: 1 },
    ],
  })
  const activate = (who: typeof analyst, differences: number) =>
    who.call(activateGuardPolicy, { params: { version: 1 }, body: { differences } })
  expect(await codesOf(activate(analyst, 1))).toEqual(['REFUSED', 'SELF_APPROVAL'])
  expect(await codesOf(activate(secondAdmin, 0))).toEqual(['REFUSED', 'DIFFERENCES_NOT_SEEN'])
  await activate(secondAdmin, 1)
  expect((await version(1)).stage).toBe('active')
  const { guard } = await feed()
  expect(guard).toMatchObject({ inForce: { digest }, shadow: null })
  const bound = keptGuardRules(null)(guard).of(built.deploymentId, digestOf('names none'))
  expect(bound.inForce?.allow.size).toBe(1)

  const body = { text: mail, channel, deployment: built.deploymentId }
  expect((await org.analyst.call(tryGuard, { body })).findings).toMatchObject([{ isLeft: false }])
  const { items } = await org.technicalOwner.call(listNotices, { query: {} })
  expect(items.filter(({ event }) => event === 'guard.allow_entry.added')).toHaveLength(1)
})

test('what is published never changes, and a gateway reads no more of it than it needs', async () => {
  await expect(
    plane.pool.query(`update guard_policies set policy = '{}' where digest is not null`),
  ).rejects.toThrow('never changes')
  await expect(gateway.query(`update guard_policies set stage = 'retired'`)).rejects.toThrow(
    'permission denied',
  )
  await expect(gateway.query('select drafted_by from guard_policies')).rejects.toThrow('permission denied')
  await expect(gateway.query('select * from guard_feedback')).rejects.toThrow('permission denied')
  await expect(
    plane.pool.query(
      `insert into guard_policies (version, stage, policy, digest, drafted_by, drafted_at, activated_by, activated_at, strictness)
       values (9, 'active', '{}', 'x', 'a', now(), 'b', now(), 'weaker')`,
    ),
  ).rejects.toThrow('check constraint')
})

test('one person puts in force what is not weaker, and nobody what makes the corpus worse', async () => {
  const { analyst } = org
  const { terms } = await version(1)
  const stricter = { ...terms, offsets: { ...terms.offsets, user: { flagCenti: -20, highCenti: 0 } } }
  await analyst.call(draftGuardPolicy, { body: stricter, ifMatch: await revision() })
  await analyst.call(tightenGuardPolicy, { ifMatch: await revision() })
  expect(await version(1)).toMatchObject({ stage: 'retired', replacedBy: 2 })
  expect(await version(2)).toMatchObject({ stage: 'active', strictness: 'not_weaker' })
  expect(await codesOf(analyst.call(retireGuardPolicy, { params: { version: 2 } }))).toEqual([
    'REFUSED',
    'POLICY_WEAKER',
  ])
  await analyst.call(draftGuardPolicy, { body: { ...stricter, allow: [] }, ifMatch: await revision() })
  await analyst.call(discardGuardPolicyDraft, {})
  expect(await codesOf(version(3))).toEqual(['NOT_FOUND'])
  const { items, next } = await analyst.call(listGuardPolicies, { query: { limit: 1 } })
  expect(items.map((item) => item.version)).toEqual([2])
  const older = await analyst.call(listGuardPolicies, { query: { limit: 1, cursor: next } })
  expect(older.items.map((item) => item.version)).toEqual([1])
})

test('sources, what is done, and budgets are terms of a policy: checked, compared, and given to gateways', async () => {
  const { analyst, auditor } = org
  const { terms } = await version(2)
  expect(terms).toMatchObject({ sources: [], redaction: {}, budgets: { blobs: 64, work: 64 } })
  const named = { deployment: built.deploymentId, server: 'tickets', tool: null }
  const wrong = {
    ...terms,
    sources: [named],
    redaction: { secret: 'flag' as const, structure: 'token' as const },
  }
  const refused = analyst.call(draftGuardPolicy, { body: wrong, ifMatch: await revision() })
  expect(await codesOf(refused)).toEqual(['REFUSED', 'DOCUMENT_INVALID', 'DOCUMENT_INVALID'])

  const looser = { ...terms, sources: [named], redaction: { exfiltration: 'flag' as const } }
  await analyst.call(draftGuardPolicy, { body: looser, ifMatch: await revision() })
  const { version: draft } = (await analyst.call(listGuardPolicies, { query: {} })).items[0] ?? { version: 0 }
  expect((await version(draft)).terms).toMatchObject({
    sources: [named],
    redaction: { exfiltration: 'flag' },
  })
  const diff = await auditor.call(diffGuardPolicy, { params: { version: draft }, query: {} })
  expect(diff).toMatchObject({
    strictness: 'weaker',
    changes: [
      { k: 'source', entry: named, isAdded: true },
      { k: 'redaction', kind: 'exfiltration', from: null, to: 'flag' },
    ],
  })
  const atOnce = analyst.call(tightenGuardPolicy, { ifMatch: await revision() })
  expect(await codesOf(atOnce)).toEqual(['REFUSED', 'POLICY_WEAKER'])
  await analyst.call(discardGuardPolicyDraft, {})
})

test('who answers for one use case proposes there, and nothing for the others', async () => {
  const { id: unit } = await org.admin.call(createUnit, { body: { name: 'Elsewhere', parent: null } })
  const scopes = [{ k: 'use_case', id: built.useCaseId } as const, { k: 'unit', id: unit } as const]
  const [inside, outside] = await Promise.all(
    scopes.map(async (scope, n) => {
      const [name, email] = [`Nia Narrow ${n}`, `nia.${n}@soc.example`]
      const roles = [{ role: 'soc_analyst', scope } as const]
      const { token } = await org.admin.call(enrolPerson, { body: { name, email, unit: null, roles } })
      return setUpWithPasskey(plane.origin, { name, email, token })
    }),
  )
  if (inside === undefined || outside === undefined) throw new Error('two were enrolled')
  expect(await codesOf(outside.call(proposeGuardChange, allow()))).toEqual(['NOT_FOUND'])
  const change = { k: 'offset', side: 'untrusted', flagCenti: 0, highCenti: 50 } as const
  expect(await codesOf(inside.call(proposeGuardChange, { body: { change } }))).toEqual(['FORBIDDEN'])
  await inside.call(proposeGuardChange, allow())
  expect(await codesOf(inside.call(discardGuardPolicyDraft, {}))).toEqual(['FORBIDDEN'])
  await org.analyst.call(discardGuardPolicyDraft, {})
})

test('a looser threshold is measured on recorded scores', async () => {
  const { analyst, auditor } = org
  const { header } = await auditor.call(readGuardCapabilities, {})
  const { tHigh } = (header as { thresholds: { untrusted: { tHigh: number } } }).thresholds.untrusted
  const scored = { rule: 'injection.found', kind: 'injection', scoreBp: 9_000 } as const
  await keep([
    { findings: [found({ ...scored, zMilli: Math.round(tHigh * 1_000) + 100 })] },
    { findings: [found({ ...scored, zMilli: Math.round(tHigh * 1_000) + 900 })] },
  ])
  const change = { k: 'offset', side: 'untrusted', flagCenti: 0, highCenti: 50 } as const
  const { version: draft } = await analyst.call(proposeGuardChange, { body: { change } })
  const effect = await auditor.call(readGuardPolicyEffect, { params: { version: draft } })
  expect(effect.traffic.changed).toMatchObject([
    { rule: 'injection.found', outcome: 'redacted', candidate: 'flagged', findings: 1, calls: 1 },
  ])
  expect(effect.scores).toMatchObject([
    { side: 'untrusted', scores: 2, before: { told: 0, acted: 2 }, after: { told: 1, acted: 1 } },
  ])
  await analyst.call(discardGuardPolicyDraft, {})
})

test('a stricter threshold is measured on what was only told, and another treatment on what was taken out', async () => {
  const { analyst, auditor } = org
  const { header } = await auditor.call(readGuardCapabilities, {})
  const { tFlag, tHigh } = (header as { thresholds: { untrusted: { tFlag: number; tHigh: number } } })
    .thresholds.untrusted
  const told = { rule: 'injection.suspected', kind: 'injection', scoreBp: 5_000, effect: 'none' } as const
  const zMilli = Math.round(Math.max(tFlag, tHigh - 0.05) * 1_000)
  await keep([{ findings: [found({ ...told, zMilli })] }])
  const { terms } = await version(2)
  const stricter = {
    ...terms,
    offsets: { ...terms.offsets, untrusted: { flagCenti: -10, highCenti: -10 } },
    redaction: { pii: 'block' as const },
  }
  await analyst.call(draftGuardPolicy, { body: stricter, ifMatch: await revision() })
  const { version: draft } = (await analyst.call(listGuardPolicies, { query: {} })).items[0] ?? { version: 0 }
  const effect = await auditor.call(readGuardPolicyEffect, { params: { version: draft } })
  expect(effect.scores).toMatchObject([
    {
      side: 'untrusted',
      scores: 3,
      before: { told: 1, acted: 2 },
      after: { told: 0, acted: 3 },
      leastMilli: zMilli,
      isMoreUnknown: true,
    },
  ])
  const treated = effect.traffic.changed.filter(({ candidate }) => candidate === 'blocked')
  expect(treated.map(({ outcome }) => outcome)).toEqual(treated.map(() => 'redacted'))
  expect(treated.map((row) => row.rule)).toContain(rule)
  expect(treated.map((row) => row.rule)).not.toContain('injection.suspected')
  await analyst.call(discardGuardPolicyDraft, {})
})

test('what was scored like a user is measured by the thresholds for users, whatever its channel', async () => {
  const { analyst, auditor } = org
  const { header } = await auditor.call(readGuardCapabilities, {})
  const { tHigh } = (header as { thresholds: { user: { tHigh: number } } }).thresholds.user
  const scored = { rule: 'injection.found', kind: 'injection', scoreBp: 9_000, scoredAs: 'user' } as const
  await keep([{ findings: [found({ ...scored, zMilli: Math.round(tHigh * 1_000) + 100 })] }])
  const effectOf = async (side: 'user' | 'untrusted') => {
    const change = { k: 'offset', side, flagCenti: 0, highCenti: 50 } as const
    const { version: draft } = await analyst.call(proposeGuardChange, { body: { change } })
    const { traffic, scores } = await auditor.call(readGuardPolicyEffect, { params: { version: draft } })
    await analyst.call(discardGuardPolicyDraft, {})
    return {
      changed: traffic.changed.reduce((sum, { findings }) => sum + findings, 0),
      ofUsers: scores.find((one) => one.side === 'user'),
    }
  }
  const counts = { scores: 1, before: { told: 0, acted: 1 } }
  expect(await effectOf('user')).toMatchObject({
    changed: 1,
    ofUsers: { ...counts, after: { told: 1, acted: 0 } },
  })
  expect(await effectOf('untrusted')).toMatchObject({
    changed: 1, // of the tests before
    ofUsers: { ...counts, after: { told: 0, acted: 1 } },
  })
})

test('a release that names a stricter published version is a minor change of its parent, any other a material one', async () => {
  const digests = [(await version(1)).digest, (await version(2)).digest]
  const change = async (guardPolicy: Digest | null | undefined, parent: Digest) => {
    const manifest = { ...built.manifest, guardPolicy }
    return org.technicalOwner.call(createRelease, {
      params: { id: built.systemId },
      body: { manifest, parent },
    })
  }
  const first = await change(digests[0], built.release)
  expect(first.change?.class).toBe('material')
  expect((await change(digests[1], first.digest)).change?.class).toBe('minor')
})

test('when its time is over a text no longer passes, and those who answer for the deployment hear of it', async () => {
  expect(await tellOverAllowances(plane.plane)).toBe(0)
  await plane.pool.query(`update guard_allowances set until_at = now() - interval '1 hour'`)
  // The decider goes by what it has recorded, not by what the row says: nothing is over yet.
  expect(await tellOverAllowances(plane.plane)).toBe(0)
  const without = { ...(await version(2)).terms, allow: [] }
  await org.analyst.call(draftGuardPolicy, { body: without, ifMatch: await revision() })
  await org.analyst.call(tightenGuardPolicy, { ifMatch: await revision() })
  const { items } = await org.technicalOwner.call(listNotices, { query: {} })
  expect(items.filter(({ event }) => event === 'guard.allow_entry.expired')).toHaveLength(1)
  expect((await plane.pool.query('select * from guard_allowances')).rows).toEqual([])
})

test('hits are counted by rule and channel, with what analysts say; capabilities say what is not found', async () => {
  const hour = 3_600_000
  const [from, to] = [Date.now() - hour, Date.now() + hour].map((at) => new Date(at).toISOString())
  if (from === undefined || to === undefined) throw new Error('two instants')
  const hits = await org.auditor.call(readGuardHits, { query: { from, to } })
  expect(hits.calls).toBe(10)
  expect(hits.rules.find((item) => item.rule === rule)).toEqual({
    rule,
    channel,
    flagged: 0,
    redacted: 4,
    blocked: 0,
  })
  expect(hits.marks.find((item) => item.rule === rule)).toEqual({ rule, truePositive: 1, falsePositive: 2 })
  expect(hits.series.reduce((sum, { calls }) => sum + calls, 0)).toBe(10)
  const old = { from: '2020-01-01T00:00:00.000Z', to: '2020-01-02T00:00:00.000Z' }
  expect(await org.auditor.call(readGuardHits, { query: old })).toMatchObject({ calls: 0, rules: [] })
  const capabilities = await org.requester.call(readGuardCapabilities, {})
  expect(capabilities.unsupported).toContain('names_of_people')
  expect(capabilities.shadow).toEqual({ hours: 0, requests: 0 })
})

test('languages of requests are counted by deployment and time; who may not see one does not hear of it', async () => {
  const hour = 3_600_000
  const span = (fromMs: number, toMs: number) => {
    const [from, to] = [
      new Date(Date.now() + fromMs).toISOString(),
      new Date(Date.now() + toMs).toISOString(),
    ]
    return { from, to }
  }
  const now = { query: span(-2 * hour, hour) }
  expect((await org.auditor.call(readGuardHits, now)).languages).toEqual([])
  await keep([
    { languages: { advisory: 1, supported: 1 } },
    { languages: { advisory: 0, supported: 2 } },
    { inspection: 'complete' },
  ])
  await keep([
    { languages: { advisory: 1, supported: 0 } },
    { languages: { advisory: 5, supported: 0 }, at: epochMs(Date.now() - 3 * 24 * hour) },
  ])
  const { deploymentId } = built
  const told = (await org.auditor.call(readGuardHits, now)).languages
  expect(told).toMatchObject([{ deploymentId, advisory: 2, supported: 3 }])
  const month = { query: span(-30 * 24 * hour, hour) }
  expect((await org.auditor.call(readGuardHits, month)).languages).toMatchObject([
    { advisory: 7, supported: 3 },
  ])
  const elsewhere = { query: { ...month.query, deployment: fresh('deployment') } }
  expect((await org.auditor.call(readGuardHits, elsewhere)).languages).toEqual([])
  await expect(
    gateway.query('insert into guard_languages values (now(), $1, $1, 1, 1)', ['x']),
  ).rejects.toThrow('permission denied')
})
