import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createChanges } from '../../src/adapters/postgres/index.ts'
import { createHub } from '../../src/app/live/hub.ts'
import { runImports } from '../../src/app/imports/run.ts'
import { markNotices, startThread } from '../../src/contracts/routes/collaboration.ts'
import { readWork, snoozeWork } from '../../src/contracts/routes/home.ts'
import { endSession } from '../../src/contracts/routes/identity.ts'
import { uploadImport } from '../../src/contracts/routes/imports.ts'
import { enrolPerson as invite } from '../../src/contracts/routes/people.ts'
import { createServiceAccount, issueServiceKey } from '../../src/contracts/routes/service-accounts.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import { type SessionId } from '../../src/kernel/index.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import { enrolPerson, type Person } from '../../src/main/demo/person.ts'
import { submitted } from '../../src/main/demo/systems.ts'
import { cookieOf, listenTo, type EventReader } from '../support/event-reader.ts'
import { callRecord } from '../support/call-record.ts'
import { importFile, importRow } from '../support/imports.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { storeCalls } from '../support/store-calls.ts'

let plane: Plane
let newcomers = 0
beforeAll(async () => {
  plane = await startPlane()
}, 120_000)
afterAll(() => plane.close())

const listen = (person: Person, topics: string, after?: number) =>
  listenTo(plane.origin, person, topics, after)
/** Listens, and waits until it is certain that everything before is behind: the first stream of all hears a gap. */
async function settledOn(person: Person, topics: string): Promise<EventReader> {
  const reader = await listen(person, topics)
  await reader.next('beat')
  return reader
}
async function newcomer(roles: readonly { role: 'requester' }[] = []): Promise<Person> {
  newcomers += 1
  const [name, email] = [`Nora New ${newcomers}`, `listener-${newcomers}@soc.example`]
  await plane.org.admin.stepUp()
  const { token } = await plane.org.admin.call(invite, { body: { name, email, roles: [...roles] } })
  return enrolPerson(plane.origin, { name, email, token })
}
const statusOf = async (topics: string, headers: Record<string, string>) => {
  const response = await fetch(`${plane.origin}/api/v1/stream?topics=${topics}`, { headers })
  await response.body?.cancel()
  return response.status
}

test('a change is told once it is committed, and says nothing but that there is one', async () => {
  const { analyst } = plane.org
  const reader = await settledOn(analyst, 'work')
  const { id } = await submitted(plane.org, alertTriage('Told of at once'))
  const told = await reader.next('changed')
  expect(told?.data).toEqual({ topic: 'work' })
  const { items } = await analyst.call(readWork, { query: {} })
  expect(items.map((item) => item.id)).toContain(id)
  reader.close()
})

test('what belongs to others is not told: neither their use cases nor their personal matters', async () => {
  const { analyst, requester, admin } = plane.org
  const outsider = await newcomer()
  const reading = await settledOn(outsider, 'work,health')
  const telling = await settledOn(analyst, 'work')
  await submitted(plane.org, alertTriage('Of no concern to others'))
  expect((await telling.next('changed'))?.data).toEqual({ topic: 'work' })
  await requester.call(markNotices, { body: { isRead: true } })
  // They were there first, so whoever hears of an entry hears it after they were passed over. Their own matter comes last.
  const { id } = await admin.call(invite, { body: { name: 'Nobody', email: 'nobody@soc.example' } })
  expect(id).not.toBe(outsider.id)
  await plane.pool.query(
    `insert into work_snoozes (person_id, kind, record, until_at) values ($1, 'mention', 'x', now())`,
    [outsider.id],
  )
  expect((await reading.next('changed'))?.data).toEqual({ topic: 'work' })
  expect(reading.heard.filter(({ name }) => name === 'changed')).toHaveLength(1)
  reading.close()
  telling.close()
})

test('that calls came through the gateway is told to whoever may read calls, and to nobody else', async () => {
  const { analyst } = plane.org
  const outsider = await newcomer()
  const [telling, passedOver] = [
    await settledOn(analyst, 'traffic'),
    await settledOn(outsider, 'traffic,work'),
  ]
  await storeCalls(plane.pool, [callRecord()])
  expect((await telling.next('changed'))?.data).toEqual({ topic: 'traffic' })
  await plane.pool.query(
    `insert into work_snoozes (person_id, kind, record, until_at) values ($1, 'mention', 'y', now())`,
    [outsider.id],
  )
  expect((await passedOver.next('changed'))?.data).toEqual({ topic: 'work' })
  telling.close()
  passedOver.close()
})

test('a stop reaches everybody, a personal matter all streams of its person', async () => {
  const { analyst, auditor, commander } = plane.org
  const [one, two] = [await settledOn(analyst, 'work'), await settledOn(analyst, 'work')]
  const [item] = (await analyst.call(readWork, { query: {} })).items.filter(
    ({ snooze }) => snooze.k === 'until',
  )
  if (item?.snooze.k !== 'until') throw new Error('nothing can be put off')
  await analyst.call(snoozeWork, { body: { kind: item.kind, id: item.id, until: item.snooze.at } })
  for (const reader of [one, two]) {
    expect((await reader.next('changed'))?.data).toEqual({ topic: 'work' })
    reader.close()
  }
  const outsider = await newcomer()
  const health = await settledOn(outsider, 'health')
  const ledger = await settledOn(auditor, 'health')
  await commander.stepUp()
  await commander.call(orderStop, {
    body: { scope: 'installation', targetId: 'installation', reasonCode: 'incident', reason: 'Everything.' },
  })
  for (const reader of [health, ledger]) {
    expect((await reader.next('changed'))?.data).toEqual({ topic: 'health' })
    reader.close()
  }
})

test('who comes back hears what they missed; with an id that was never given, that all is to be read anew', async () => {
  const { analyst } = plane.org
  const first = await settledOn(analyst, 'work')
  await submitted(plane.org, alertTriage('Before the cut'))
  const last = await first.next('changed')
  first.close()
  await submitted(plane.org, alertTriage('During the cut'))
  const again = await listen(analyst, 'work', last?.id ?? 0)
  const missed = await again.next('changed')
  expect(missed?.id).toBeGreaterThan(last?.id ?? Infinity)
  again.close()
  const lost = await listen(analyst, 'work', 999_999_999)
  expect(await lost.next('gap')).toMatchObject({ data: {} })
  lost.close()
})

test('who is too far behind hears of a gap; a slow reader is cut off, and a person has so many streams', async () => {
  const { analyst } = plane.org
  const { rows } = await plane.pool.query<{ id: SessionId }>(
    'select id from sessions where person_id = $1 and ended_at is null order by created_at desc limit 1',
    [analyst.id],
  )
  const session = rows[0]?.id
  if (session === undefined) throw new Error('no session')
  const { query } = plane.plane
  const ports = {
    query,
    changes: createChanges(plane.pool),
    ledgerState: () => 'running',
    log: () => undefined,
  }
  const far = createHub(ports, { maxBehind: 2 })
  const behind = (await far.open({ session, topics: ['work'], after: 0 }))[Symbol.asyncIterator]()
  const heard: string[] = []
  while (!heard.includes('gap'))
    heard.push(...((await behind.next()).value ?? []).map(({ name }: { name: string }) => name))
  far.close()
  expect((await behind.next()).done).toBe(true)

  const one = { session, topics: ['work'], after: null }
  const few = createHub(ports, { perPerson: 1 })
  await few.open(one)
  await expect(few.open(one)).rejects.toMatchObject({ code: 'THROTTLED' })
  few.close()
  await expect(few.open(one)).rejects.toMatchObject({ code: 'UNAVAILABLE' })

  const strict = createHub(ports, { beatMs: 10, slowMs: 0, perPerson: 1 })
  const slow = (await strict.open(one))[Symbol.asyncIterator]()
  // It takes nothing until it is cut off, which makes room for the next one.
  let next = await strict.open(one).catch(() => null)
  while (next === null) next = await strict.open(one).catch(() => null)
  expect((await slow.next()).done).toBe(true)
  strict.close()
})

test('a stream ends with its session, and none begins without one', async () => {
  const person = await newcomer()
  const reader = await settledOn(person, 'work')
  const ended = reader.next('never')
  await person.call(endSession, {})
  expect(await ended).toBeNull()
  expect(await statusOf('work', { cookie: cookieOf(person) })).toBe(401)
  expect(await statusOf('work', {})).toBe(401)
  expect(await statusOf('everything', { cookie: cookieOf(plane.org.analyst) })).toBe(400)
  const { admin } = plane.org
  await admin.stepUp()
  const { id } = await admin.call(createServiceAccount, {
    body: { name: 'Listener', permissions: ['useCase.read'] },
  })
  const { token } = await admin.call(issueServiceKey, { params: { id }, body: {} })
  expect(await statusOf('work', { authorization: `Bearer ${token}` })).toBe(403)
})

test('an import tells its progress to whoever may see it', async () => {
  const { analyst, requester, commander } = plane.org
  const owners = { business: requester.email, technical: commander.email }
  const text = importFile([importRow(1, owners), importRow(2, owners)])
  const { id } = await analyst.call(uploadImport, { body: { fileName: 'two.csv', text } })
  const outsider = await newcomer()
  expect(await statusOf(`import:${id}`, { cookie: cookieOf(outsider) })).toBe(404)
  const reader = await settledOn(analyst, `import:${id}`)
  await runImports(plane.plane, new AbortController().signal)
  expect((await reader.next('changed'))?.data).toEqual({ topic: `import:${id}` })
  reader.close()
})

test('who is named in a comment hears that work waits', async () => {
  const { requester, analyst } = plane.org
  const { id } = await submitted(plane.org, alertTriage('Somebody is named'))
  const reader = await settledOn(analyst, 'work')
  await requester.call(startThread, {
    body: { subject: { k: 'use_case', id }, text: `Is it, @[${analyst.id}]?` },
  })
  await reader.next('changed')
  expect((await analyst.call(readWork, { query: {} })).items.map(({ kind }) => kind)).toContain('mention')
  reader.close()
})

test('a server that stops ends its streams and waits for none', async () => {
  const own = await startPlane()
  const reader = await listenTo(own.origin, own.org.analyst, 'work')
  await reader.next('beat')
  const ended = reader.next('never')
  const ahead = connect(Number(new URL(own.origin).port), 'localhost') // as a browser does, and asks nothing
  await once(ahead, 'connect')
  const closed = once(ahead, 'close')
  await own.close()
  expect(await ended).toBeNull()
  await closed
}, 25_000) // a server that waited for the silent one would take 30 seconds
