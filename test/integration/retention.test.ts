import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyStory } from '../../src/cli/story/verify.ts'
import { eventKinds } from '../../src/contracts/events.ts'
import { enrolPerson as invite, erasePerson, readPerson } from '../../src/contracts/routes/people.ts'
import { askUseCase, readUseCase, startUseCase } from '../../src/contracts/routes/intake.ts'
import {
  listHolds,
  listRedactions,
  placeHold,
  readHold,
  redactEntry,
  releaseHold,
} from '../../src/contracts/routes/retention.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import { epochMs, idFrom, type EventId, type HoldId, type UserId } from '../../src/kernel/index.ts'
import { parseVkey, verifyExport } from '../../src/ledger/index.ts'
import { advisorySummariser, alertTriage } from '../../src/main/demo/answers.ts'
import { enrolPerson, type Person } from '../../src/main/demo/person.ts'
import {
  approveByAll,
  build,
  draftUseCase,
  openVote,
  passChecks,
  signOffReviews,
  submitted,
  triaged,
} from '../../src/main/demo/systems.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { objectionsTo, problemOf } from '../support/refusals.ts'
import { replay } from '../support/replay.ts'

let plane: Plane
let lou: Person // reviews for the legal function, beside Lena who sits for it
beforeAll(async () => {
  plane = await startPlane()
  lou = await newcomer('Lou Legal', { role: 'reviewer', fn: 'legal' })
})
afterAll(() => plane.close())

const reason = 'The court has asked for everything.'
let newcomers = 0

async function newcomer(
  name: string,
  role: { role: 'requester' | 'analyst' | 'reviewer'; fn?: 'legal' } = { role: 'requester' },
): Promise<Person> {
  newcomers += 1
  const email = `newcomer-${newcomers}@soc.example`
  await plane.org.admin.stepUp()
  const { token } = await plane.org.admin.call(invite, { body: { name, email, roles: [role] } })
  return enrolPerson(plane.origin, { name, email, token })
}

/** The codes of the refusal, or nothing when there was none. */
async function erase(id: UserId): Promise<void> {
  const params = { id }
  const { revision } = await plane.org.admin.call(readPerson, { params })
  await plane.org.admin.call(erasePerson, { params, ifMatch: revision })
}

async function hold(
  by: Person,
  subject:
    | { k: 'person'; id: UserId }
    | { k: 'use_case'; id: Awaited<ReturnType<typeof submitted>>['id'] }
    | { k: 'installation' },
): Promise<HoldId> {
  return (await by.call(placeHold, { body: { subject, matter: 'Doe against us', reason } })).id
}
const release = async (by: Person, id: HoldId | undefined) => {
  if (id === undefined) throw new Error('no hold')
  await by.stepUp()
  await by.call(releaseHold, { params: { id }, body: { reason: 'The matter is settled and closed.' } })
}

type Text = { readonly kind: string; readonly id: EventId }
/** The texts that somebody has typed and that are still there. */
async function textsBy(who: UserId): Promise<readonly Text[]> {
  return plane.plane.query<Text>(
    `select e.kind, e.id from ledger.command c join ledger.entry e on e.seq = c.seq
       join ledger.payload p on p.event_id = e.id
     where c.actor = 'p:' || $1 and p.personal is not null order by e.seq, e.part`,
    [who],
  )
}

test('who may keep, who may let go, and who may know', async () => {
  const { org } = plane
  const eve = await newcomer('Eve')
  const subject = { k: 'person', id: eve.id } as const
  for (const other of [org.requester, org.analyst, org.auditor])
    expect(await objectionsTo(hold(other, subject))).toEqual(['FORBIDDEN'])
  expect(await objectionsTo(hold(org.seats.risk, subject))).toEqual(['FUNCTION_REQUIRED'])
  const unknown = { k: 'person', id: idFrom('user', epochMs(1), new Uint8Array(10)) } as const
  expect(await objectionsTo(hold(org.admin, unknown))).toEqual(['SUBJECT_UNKNOWN'])
  const id = await hold(org.seats.legal, subject)

  expect(await objectionsTo(release(org.admin, id))).toEqual(['FORBIDDEN'])
  expect(await objectionsTo(release(org.seats.risk, id))).toEqual(['FUNCTION_REQUIRED'])
  expect(await objectionsTo(release(org.seats.legal, id))).toEqual(['SELF_APPROVAL'])

  const params = { id }
  for (const other of [org.requester, eve, org.analyst, org.seats.risk])
    expect(await objectionsTo(other.call(readHold, { params }))).toEqual(['FORBIDDEN'])
  const seen = (who: Person) => who.call(readHold, { params })
  expect((await seen(lou)).notes).toMatchObject([{ event: 'hold.placed', matter: 'Doe against us', reason }])
  for (const other of [org.auditor, org.admin])
    expect((await seen(other)).notes).toMatchObject([{ event: 'hold.placed', matter: null, reason: null }])

  await release(lou, id)
  expect(await seen(org.auditor)).toMatchObject({ state: 'released', releasedBy: lou.id })
  expect(await objectionsTo(release(lou, id))).toEqual(['WRONG_STATE'])
})

test('the list of holds pages and filters', async () => {
  const { org } = plane
  const [ann, bob] = [await newcomer('Ann'), await newcomer('Bob')]
  const ids = [
    await hold(org.admin, { k: 'person', id: ann.id }),
    await hold(org.admin, { k: 'person', id: bob.id }),
    await hold(lou, { k: 'person', id: bob.id }),
  ]
  const list = (query: object) => org.auditor.call(listHolds, { query })
  const first = await list({ limit: 2, state: 'in_force' })
  expect(first.items.map(({ id }) => id)).toEqual([ids[2], ids[1]])
  const next = await list({ limit: 2, state: 'in_force', cursor: first.next })
  expect(next.items.map(({ id }) => id)).toEqual([ids[0]])
  expect((await list({ subjectId: ann.id })).items.map(({ id }) => id)).toEqual([ids[0]])
  expect((await list({ subject: 'installation' })).items).toEqual([])
  await release(lou, ids[1])
  expect((await list({ state: 'released', subjectId: bob.id })).items.map(({ id }) => id)).toEqual([ids[1]])
  for (const id of [ids[0], ids[2]]) await release(org.seats.legal, id)
})

test('an erasure under a hold is refused and names every hold that concerns the person', async () => {
  const { org } = plane
  const rita = await newcomer('Rita the second')
  const owners = { business: org.businessOwner.id, technical: org.technicalOwner.id, backup: null }
  const { id } = await rita.call(startUseCase, { body: { answers: alertTriage('Of Rita'), owners } })
  const holds = [
    await hold(org.admin, { k: 'person', id: rita.id }),
    await hold(lou, { k: 'use_case', id }),
    await hold(lou, { k: 'installation' }),
  ]
  for (let i = 0; i < holds.length; i += 1) {
    const { reasons } = await problemOf(erase(rita.id))
    expect(reasons).toEqual(
      holds
        .slice(i)
        .map((holdId) => expect.objectContaining({ code: 'ON_HOLD', params: { holdId } }) as unknown),
    )
    await release(org.seats.legal, holds[i])
  }
  await erase(rita.id)
  expect(await objectionsTo(hold(lou, { k: 'person', id: rita.id }))).toEqual(['SUBJECT_ERASED'])
})

test('a hold of a use case keeps its owners, its voters and whoever wrote there', async () => {
  const { org } = plane
  const useCase = await submitted(org, alertTriage('Held'))
  const asker = await newcomer('Asker', { role: 'analyst' })
  await asker.call(askUseCase, {
    params: { id: useCase.id },
    body: { keys: ['problem'], text: 'What is it for?' },
    ifMatch: useCase.revision,
  })
  const bystander = await newcomer('Bystander', { role: 'analyst' })
  const answers = advisorySummariser('Held as well')
  const built = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, built)
  await passChecks(org, built)
  await approveByAll(org, await openVote(org, built))
  const [asked, voted] = [
    await hold(lou, { k: 'use_case', id: useCase.id }),
    await hold(lou, { k: 'use_case', id: built.useCaseId }),
  ]
  expect(await objectionsTo(erase(asker.id))).toEqual(['ON_HOLD'])
  expect(await objectionsTo(erase(org.backupOwner.id))).toEqual(['ON_HOLD', 'ON_HOLD'])
  // Everybody who voted sits; both reasons are named.
  expect(await objectionsTo(erase(org.seats.security.id))).toEqual(['ON_HOLD', 'SEAT_OCCUPIED'])
  expect(await objectionsTo(erase(bystander.id))).toEqual([])
  for (const id of [asked, voted]) await release(org.seats.legal, id)
})

test('of a hold and an erasure at the same moment, one sees the other', async () => {
  const { org } = plane
  const counts = { held: 0, erased: 0 }
  for (let i = 0; i < 6; i += 1) {
    const eve = await newcomer('Eve')
    const params = { id: eve.id }
    const { revision } = await org.admin.call(readPerson, { params })
    const subject = { k: 'person', id: eve.id } as const
    const acts = [
      () => objectionsTo(org.admin.call(erasePerson, { params, ifMatch: revision })),
      () => objectionsTo(org.seats.legal.call(placeHold, { body: { subject, matter: 'M', reason } })),
    ]
    const [erased, held] = i % 2 === 0 ? acts : acts.toReversed()
    const [one = [], other = []] = await Promise.all([erased?.(), held?.()])
    const { state } = await org.admin.call(readPerson, { params })
    expect([one, other].filter((codes) => codes.length === 0)).toHaveLength(1)
    expect([...one, ...other]).toEqual([state === 'erased' ? 'SUBJECT_ERASED' : 'ON_HOLD'])
    counts[state === 'erased' ? 'erased' : 'held'] += 1
    const { items } = await org.auditor.call(listHolds, { query: { subjectId: eve.id } })
    expect(items).toHaveLength(state === 'erased' ? 0 : 1)
    for (const { id } of items) await release(lou, id)
  }
  expect(counts.held + counts.erased).toBe(6)
})

test('erasing a person takes what they wrote in their own name, and nothing of others or of the record', async () => {
  const { org } = plane
  const rita = await newcomer('Rita the third')
  const owners = { business: org.businessOwner.id, technical: org.technicalOwner.id, backup: null }
  const { id } = await rita.call(startUseCase, {
    body: { answers: alertTriage('Kept title'), owners },
  })
  const stop = { scope: 'use_case', targetId: id, reasonCode: 'person' } as const
  await rita.call(orderStop, { body: { ...stop, reason: 'I saw something odd.' } })
  await org.technicalOwner.call(orderStop, { body: { ...stop, reason: 'Rita has told me so.' } })
  const before = await textsBy(org.technicalOwner.id)
  expect((await textsBy(rita.id)).map(({ kind }) => kind)).toEqual(['intake.answers_changed', 'stop.ordered'])
  await erase(rita.id)
  expect((await textsBy(rita.id)).map(({ kind }) => kind)).toEqual(['intake.answers_changed'])
  expect(await textsBy(org.technicalOwner.id)).toEqual(before)
  const read = await org.technicalOwner.call(readUseCase, { params: { id } })
  expect(read.title).toBe('Kept title')
  const left = await plane.plane.query<{ table: string }>(
    `select 'people' as table from people where id = $1 and (name is not null or email is not null)
     union all select 'credentials' from credentials where person_id = $1
     union all select 'recovery codes' from recovery_codes where person_id = $1
     union all select 'sessions' from sessions where person_id = $1 and ended_at is null
     union all select 'answers to requests' from idempotency_keys where principal = $1
     union all select 'profile' from ledger.payload p join ledger.entry e on e.id = p.event_id
       where e.stream = 'person/' || $1 and p.personal is not null`,
    [rita.id],
  )
  expect(left).toEqual([])
})

test('no text is written by somebody who is being erased', async () => {
  const { org } = plane
  const rita = await newcomer('Rita the fourth')
  const owners = { business: org.businessOwner.id, technical: org.technicalOwner.id, backup: null }
  const { id } = await rita.call(startUseCase, { body: { answers: alertTriage('Raced'), owners } })
  const stop = { scope: 'use_case', targetId: id, reasonCode: 'person', reason: 'Again and again.' } as const
  const writing = Array.from({ length: 12 }, () => objectionsTo(rita.call(orderStop, { body: stop })))
  const [answers] = await Promise.all([Promise.all(writing), erase(rita.id)])
  expect(new Set(answers.flat())).toEqual(new Set(answers.flat().length === 0 ? [] : ['UNAUTHENTICATED']))
  expect((await textsBy(rita.id)).map(({ kind }) => kind)).toEqual(['intake.answers_changed'])
})

test('one text goes by two people of privacy or legal, the title of a use case with it, and never under a hold', async () => {
  const { org } = plane
  const useCase = await draftUseCase(org, advisorySummariser('The affair of Jane Doe'))
  const [answers] = await plane.plane.query<Text>(
    `select kind, id from ledger.entry where stream = $1 and kind = 'intake.answers_changed'`,
    [`useCase/${useCase.id}`],
  )
  const redact = async (by: Person, entry: EventId | undefined = answers?.id) => {
    await by.stepUp()
    const body = { basis: 'gdpr_17', reason: 'It names a person who has asked to be left out.' } as const
    return by.call(redactEntry, { params: { id: entry ?? '' }, body })
  }
  expect(await objectionsTo(redact(org.admin))).toEqual(['FORBIDDEN'])
  expect(await objectionsTo(redact(org.seats.risk))).toEqual(['FUNCTION_REQUIRED'])
  expect(await redact(org.seats.privacy)).toEqual({ state: 'requested' })
  expect(await objectionsTo(redact(org.seats.privacy))).toEqual(['SELF_APPROVAL'])
  const held = await hold(lou, { k: 'use_case', id: useCase.id })
  expect(await objectionsTo(redact(lou))).toEqual(['ON_HOLD'])
  await release(org.seats.legal, held)
  expect(await redact(lou)).toEqual({ state: 'redacted' })
  expect(await objectionsTo(redact(org.seats.privacy))).toEqual(['WRONG_STATE'])
  const read = await org.analyst.call(readUseCase, { params: { id: useCase.id } })
  expect(read.title).toBe('')
  expect(read.answers['title']).toMatchObject({ value: null, source: 'masked' })
  const { items } = await org.auditor.call(listRedactions, { query: { state: 'redacted' } })
  expect(items).toMatchObject([{ entry: answers?.id, requestedBy: org.seats.privacy.id, redactedBy: lou.id }])
  const [profile] = await plane.plane.query<Text>(
    `select kind, id from ledger.entry where stream = $1 and kind = 'person.enrolled'`,
    [`person/${org.analyst.id}`],
  )
  expect(await objectionsTo(redact(lou, profile?.id))).toEqual(['NOT_REDACTABLE'])
})

test('a stranger verifies all of this, and replay gives every table', async () => {
  for (let queued = 1; queued > 0; ) ({ queued } = await plane.ledger.lag())
  const lines = await plane.ledger.export()
  const vkey = plane.ledger.vkey
  const recompute: NonNullable<Parameters<typeof verifyExport>[1]['recompute']> = (entries) =>
    verifyStory(entries).findings
  expect(await verifyExport(lines ?? [], { vkey, kinds: eventKinds, recompute })).toMatchObject({
    findings: [],
  })
  const key = parseVkey(vkey)
  if (key === null) throw new Error('no key')
  const { report, differences, rows } = await replay(plane.database, key)
  expect(report.findings).toEqual([])
  expect(report.erased).toBeGreaterThan(0)
  expect(differences).toEqual([])
  expect(rows['holds']).toBeGreaterThan(5)
  expect(rows['redactions']).toBe(1)
}, 60_000)
