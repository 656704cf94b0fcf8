import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  addComment,
  countNotices,
  deleteComment,
  editComment,
  listComments,
  listMentionable,
  listNotices,
  listThreads,
  listVersions,
  markNotices,
  readPreferences,
  readThread,
  readWatch,
  reopenThread,
  resolveThread,
  setPreferences,
  setWatch,
  startThread,
} from '../../src/contracts/routes/collaboration.ts'
import { enrolPerson as invite, erasePerson, readPerson } from '../../src/contracts/routes/people.ts'
import { placeHold, redactEntry } from '../../src/contracts/routes/retention.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import { epochMs, idFrom, type CaseId, type EventId, type ThreadId } from '../../src/kernel/index.ts'
import { parseVkey } from '../../src/ledger/index.ts'
import { alertTriage, endpointContainment } from '../../src/main/demo/answers.ts'
import { enrolPerson, type Person } from '../../src/main/demo/person.ts'
import {
  build,
  openVote,
  passChecks,
  signOffReviews,
  triaged,
  type Built,
} from '../../src/main/demo/systems.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { objectionsTo } from '../support/refusals.ts'
import { replay } from '../support/replay.ts'

let plane: Plane
let built: Built
let outsider: Person // has no role, and owns nothing
let newcomers = 0
beforeAll(async () => {
  plane = await startPlane()
  const answers = alertTriage('Triage of alerts')
  built = await build(plane.org, await triaged(plane.org, answers), answers)
  outsider = await newcomer('Otto Outside', [])
}, 60_000)
afterAll(() => plane.close())

async function newcomer(name: string, roles: readonly { role: 'requester' }[]): Promise<Person> {
  newcomers += 1
  const email = `talker-${newcomers}@soc.example`
  await plane.org.admin.stepUp()
  const { token } = await plane.org.admin.call(invite, { body: { name, email, roles: [...roles] } })
  return enrolPerson(plane.origin, { name, email, token })
}

const about = () => ({ k: 'use_case', id: built.useCaseId }) as const
const start = (by: Person, text: string) => by.call(startThread, { body: { subject: about(), text } })
const textsOf = async (by: Person, id: ThreadId) =>
  (await by.call(listComments, { params: { id }, query: {} })).items.map(({ text }) => text)
const revisionOf = async (by: Person, id: ThreadId) =>
  (await by.call(readThread, { params: { id } })).revision
const noticesOf = async (by: Person) => (await by.call(listNotices, { query: { limit: 200 } })).items
const entriesBy = (who: Person, kind: string) =>
  plane.plane.query<{ id: EventId }>(
    `select e.id from ledger.entry e join ledger.command c on c.seq = e.seq
     where c.actor = 'p:' || $1 and e.kind = $2 order by e.seq desc`,
    [who.id, kind],
  )

test('a thread: begun, answered, rewritten, taken back, settled and opened again; every version is kept', async () => {
  const { requester, analyst } = plane.org
  const { id, comment } = await start(requester, 'Why is this *tier 3*?')
  const params = { id }
  await analyst.call(addComment, { params, body: { text: 'Because it contains hosts.' } })
  expect(await textsOf(requester, id)).toEqual(['Why is this *tier 3*?', 'Because it contains hosts.'])

  const own = { id, comment }
  const ifMatch = await revisionOf(requester, id)
  const rewrite = (by: Person, at: number) =>
    by.call(editComment, { params: own, ifMatch: at, body: { text: 'Why is it tier 3?' } })
  expect(await objectionsTo(rewrite(analyst, ifMatch))).toEqual(['NOT_AUTHOR'])
  await rewrite(requester, ifMatch)
  expect(await objectionsTo(rewrite(requester, ifMatch))).toEqual(['STALE'])
  const { versions } = await analyst.call(listVersions, { params: own })
  expect(versions.map(({ text }) => text)).toEqual(['Why is this *tier 3*?', 'Why is it tier 3?'])

  await analyst.call(resolveThread, { params, ifMatch: await revisionOf(analyst, id) })
  expect(await objectionsTo(requester.call(addComment, { params, body: { text: 'More' } }))).toEqual([
    'WRONG_STATE',
  ])
  await requester.call(reopenThread, { params, ifMatch: await revisionOf(requester, id) })
  await requester.call(deleteComment, { params: own, ifMatch: await revisionOf(requester, id) })
  const left = (await analyst.call(listComments, { params, query: {} })).items
  expect(left).toMatchObject([
    { id: comment, isDeleted: true, text: null, version: 2 },
    { isDeleted: false, text: 'Because it contains hosts.' },
  ])
  const gone = (await analyst.call(listVersions, { params: own })).versions
  expect(gone.map(({ text }) => text)).toEqual([null, null])
})

test('whoever may not read the record hears what they would hear if there were none', async () => {
  const { requester, auditor, admin } = plane.org
  const { id, comment } = await start(requester, 'Only for those who read it.')
  const [params, text] = [{ id }, 'x']
  const nowhere = idFrom('thread', epochMs(1), new Uint8Array(10))
  const noUseCase = idFrom('useCase', epochMs(1), new Uint8Array(10))
  for (const thread of [id, nowhere]) {
    const at = { params: { id: thread } }
    for (const act of [
      () => outsider.call(readThread, at),
      () => outsider.call(listComments, { ...at, query: {} }),
      () => outsider.call(listVersions, { params: { id: thread, comment } }),
      () => outsider.call(addComment, { ...at, body: { text } }),
      () => outsider.call(editComment, { params: { id: thread, comment }, ifMatch: 1, body: { text } }),
      () => outsider.call(resolveThread, { ...at, ifMatch: 1 }),
    ])
      expect(await objectionsTo(act())).toEqual(['NOT_FOUND'])
  }
  for (const useCaseId of [built.useCaseId, noUseCase]) {
    const subject = { k: 'use_case', id: useCaseId } as const
    for (const act of [
      () => outsider.call(listThreads, { query: { useCaseId } }),
      () => outsider.call(listMentionable, { query: { useCaseId } }),
      () => outsider.call(readWatch, { query: { useCaseId } }),
      () => outsider.call(setWatch, { body: { subject, isWatching: true } }),
      () => outsider.call(startThread, { body: { subject, text } }),
    ])
      expect(await objectionsTo(act())).toEqual(['NOT_FOUND'])
  }
  // Facts without texts: auditors and administrators see that somebody wrote, and write nothing.
  for (const reader of [auditor, admin]) {
    expect((await reader.call(listComments, { params, query: {} })).items).toMatchObject([
      { by: requester.id, text: null, isMasked: true },
    ])
    expect(await objectionsTo(reader.call(addComment, { params, body: { text } }))).toEqual(['FORBIDDEN'])
  }
  expect(await objectionsTo(requester.call(listThreads, { query: {} }))).toEqual(['INVALID_INPUT'])
})

test('the list of threads and the comments of one page by key', async () => {
  const { requester } = plane.org
  const ids: ThreadId[] = []
  for (const text of ['one', 'two', 'three'])
    ids.push(
      (
        await requester.call(startThread, {
          body: { subject: { k: 'system', id: built.systemId }, text },
        })
      ).id,
    )
  const list = (query: object) =>
    requester.call(listThreads, { query: { systemId: built.systemId, limit: 2, ...query } })
  const first = await list({})
  const rest = await list({ cursor: first.next })
  expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids.toReversed())
  const [id] = ids as [ThreadId]
  const params = { id }
  for (const text of ['b', 'c']) await requester.call(addComment, { params, body: { text } })
  const page = await requester.call(listComments, { params, query: { limit: 2 } })
  const last = await requester.call(listComments, { params, query: { limit: 2, cursor: page.next } })
  expect([...page.items, ...last.items].map(({ text }) => text)).toEqual(['one', 'b', 'c'])
  expect(last.next).toBeUndefined()
})

test('only who may read is named, and is told of it once', async () => {
  const { requester, analyst, auditor } = plane.org
  const { people } = await requester.call(listMentionable, { query: { useCaseId: built.useCaseId, q: 'o' } })
  expect(people.map(({ id }) => id)).not.toContain(outsider.id)
  expect(people.map(({ id }) => id)).not.toContain(auditor.id)
  for (const other of [outsider, auditor])
    expect(await objectionsTo(start(requester, `Look, @[${other.id}]`))).toEqual(['MENTION_CANNOT_READ'])
  const { id, comment } = await start(requester, `Look, @[${analyst.id}] and me, @[${requester.id}]`)
  const mention = { kind: 'mention', event: 'comment.added', threadId: id, actor: requester.id, readAt: null }
  expect((await noticesOf(analyst)).filter(({ threadId }) => threadId === id)).toMatchObject([mention])
  const again = { text: `Look again, @[${analyst.id}]` }
  const ifMatch = await revisionOf(requester, id)
  await requester.call(editComment, { params: { id, comment }, ifMatch, body: again })
  expect((await noticesOf(analyst)).filter(({ threadId }) => threadId === id)).toHaveLength(1)
  expect((await noticesOf(requester)).filter(({ threadId }) => threadId === id)).toEqual([])
})

test('a watch covers a use case with what belongs to it; read marks and switches are one’s own', async () => {
  const { requester, seats } = plane.org
  const watcher = await newcomer('Wanda Watch', [{ role: 'requester' }])
  const unreadOf = async () => (await watcher.call(countNotices, {})).unread
  const set = (isWatching: boolean) => watcher.call(setWatch, { body: { subject: about(), isWatching } })
  await set(true)
  await set(true)
  expect(await watcher.call(readWatch, { query: { useCaseId: built.useCaseId } })).toEqual({
    isWatching: true,
  })
  await start(requester, 'first')
  await requester.call(startThread, {
    body: { subject: { k: 'system', id: built.systemId }, text: 'second' },
  })
  expect(await unreadOf()).toBe(2)
  const [newest] = await noticesOf(watcher)
  if (newest === undefined) throw new Error('no notice')
  expect(newest).toMatchObject({ kind: 'comment', about: `system/${built.systemId}` })
  await requester.call(markNotices, { body: { ids: [newest.id], isRead: true } })
  expect(await unreadOf()).toBe(2)
  await watcher.call(markNotices, { body: { ids: [newest.id], isRead: true } })
  expect((await watcher.call(listNotices, { query: { unread: 'true' } })).items).toHaveLength(1)
  await watcher.call(markNotices, { body: { ids: [newest.id], isRead: false } })
  await watcher.call(markNotices, { body: { isRead: true } })
  expect(await unreadOf()).toBe(0)

  const off = await watcher.call(setPreferences, { body: { off: ['comment', 'decision'] } })
  expect(await watcher.call(readPreferences, {})).toEqual(off)
  await start(requester, 'third')
  expect(await unreadOf()).toBe(0)
  const mandatory = { off: ['stop'] } as unknown as { off: ['comment'] }
  expect(await objectionsTo(watcher.call(setPreferences, { body: mandatory }))).toEqual(['INVALID_INPUT'])

  await seats.security.call(orderStop, {
    body: { scope: 'use_case', targetId: built.useCaseId, reasonCode: 'person' },
  })
  expect(await noticesOf(watcher)).toMatchObject([
    {
      kind: 'stop',
      event: 'stop.ordered',
      about: `stop/use_case:${built.useCaseId}`,
      actor: seats.security.id,
    },
    {},
    {},
  ])
  await set(false)
  await watcher.call(setPreferences, { body: { off: [] } })
  await start(requester, 'fourth')
  expect(await unreadOf()).toBe(1)
})

test('a vote that starts is due to everybody who is seated', async () => {
  const { org } = plane
  const answers = endpointContainment('Containment of sensors')
  const voting = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, voting)
  await passChecks(org, voting)
  const id: CaseId = await openVote(org, voting)
  for (const seat of [org.seats.risk, org.seats.legal])
    expect(await noticesOf(seat)).toContainEqual(
      expect.objectContaining({ kind: 'ballot_due', about: `case/${id}`, title: 'Containment of sensors' }),
    )
  expect((await noticesOf(org.validator)).map(({ kind }) => kind)).not.toContain('ballot_due')
})

test('a comment goes by redaction and with its author, unless it is held', async () => {
  const { org } = plane
  const author = await newcomer('Gus Gone', [{ role: 'requester' }])
  const { id } = await start(author, 'It names somebody.')
  await author.call(addComment, { params: { id }, body: { text: 'It does not.' } })
  const [second, first] = await entriesBy(author, 'comment.added')
  if (first === undefined || second === undefined) throw new Error('no entries')
  const body = { basis: 'gdpr_17', reason: 'It names a person who asked.' } as const
  for (const seat of [org.seats.privacy, org.seats.legal]) {
    await seat.stepUp()
    await seat.call(redactEntry, { params: { id: first.id }, body })
  }
  expect(await textsOf(org.analyst, id)).toEqual([null, 'It does not.'])

  const erase = async (person: Person) => {
    await org.admin.stepUp()
    const { revision } = await org.admin.call(readPerson, { params: { id: person.id } })
    await org.admin.call(erasePerson, { params: { id: person.id }, ifMatch: revision })
  }
  await erase(author)
  expect(await textsOf(org.analyst, id)).toEqual([null, null])

  const held = await newcomer('Hal Held', [{ role: 'requester' }])
  await start(held, 'Keep this.')
  await org.seats.legal.call(placeHold, {
    body: { subject: about(), matter: 'Doe against us', reason: 'The court has asked for everything.' },
  })
  expect(await objectionsTo(erase(held))).toEqual(['ON_HOLD'])
  const [kept] = await entriesBy(held, 'comment.added')
  await org.seats.privacy.stepUp()
  const redact = org.seats.privacy.call(redactEntry, { params: { id: kept?.id ?? first.id }, body })
  expect(await objectionsTo(redact)).toEqual(['ON_HOLD'])
})

test('no text stands outside the sealed halves, and replay of the ledger gives the same threads', async () => {
  const { rows } = await plane.pool.query<{ hits: number }>(
    `select (select count(*)::int from streams where state::text like '%contains hosts%')
       + (select count(*)::int from ledger.payload where facts::text like '%contains hosts%') as hits`,
  )
  expect(rows).toEqual([{ hits: 0 }])
  const key = parseVkey(plane.ledger.vkey)
  if (key === null) throw new Error('no key')
  const { report, differences, rows: compared } = await replay(plane.database, key)
  expect(report.findings).toEqual([])
  expect(differences).toEqual([])
  expect(compared['threads']).toBeGreaterThan(5)
})
