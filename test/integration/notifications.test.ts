import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { createPool } from '../../src/adapters/postgres/index.ts'
import { createMailer } from '../../src/adapters/outgoing/smtp.ts'
import { createCourier, type DeliveryPorts } from '../../src/app/collaboration/deliver.ts'
import { DeliveryFault, type Mail } from '../../src/app/ports/outgoing.ts'
import {
  listNotices,
  readPreferences,
  setPreferences,
  setWatch,
  startThread,
} from '../../src/contracts/routes/collaboration.ts'
import { enrolPerson as invite, erasePerson, readPerson } from '../../src/contracts/routes/people.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import {
  changeWebhook,
  disableWebhook,
  listDeliveries,
  listWebhooks,
  moveWebhook,
  readWebhook,
  registerWebhook,
  resendDelivery,
  rotateWebhookSecret,
  testWebhook,
} from '../../src/contracts/routes/webhooks.ts'
import { maxAttempts } from '../../src/governance/collaboration/index.ts'
import { epochMs, idFrom, Secret, type DeliveryId, type WebhookId } from '../../src/kernel/index.ts'
import type { NoticeKind } from '../../src/kernel/notice-kinds.ts'
import { parseVkey } from '../../src/ledger/index.ts'
import { alertTriage } from '../../src/main/demo/answers.ts'
import { enrolPerson, type Person } from '../../src/main/demo/person.ts'
import { build, triaged, type Built } from '../../src/main/demo/systems.ts'
import {
  headersOf,
  mailServerCertificate,
  startMailServer,
  wordsOf,
  type MailServer,
} from '../support/mail-server.ts'
import { startPlane, type Plane } from '../support/plane.ts'
import { objectionsTo } from '../support/refusals.ts'
import { replay } from '../support/replay.ts'
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver.ts'

const title = 'Triage of alerts of the north site'
const loopback = ['127.0.0.0/8']
let plane: Plane
let built: Built
let server: MailServer
let receivers: WebhookReceiver[] = []
let newcomers = 0
beforeAll(async () => {
  plane = await startPlane()
  const answers = alertTriage(title)
  built = await build(plane.org, await triaged(plane.org, answers), answers)
  server = await startMailServer()
  await deliver({ mailer: null }) // whatever was told until now goes nowhere
}, 60_000)
afterEach(async () => {
  server.refuseWith(null)
  const { items } = await plane.org.admin.call(listWebhooks, { query: { state: 'active' } })
  for (const { id } of items) await plane.org.admin.call(disableWebhook, { params: { id } })
  await Promise.all(receivers.map((receiver) => receiver.close()))
  receivers = []
})
afterAll(async () => {
  await server.close()
  await plane.close()
})

const mailerTo = (port: number) =>
  createMailer({
    host: '127.0.0.1',
    port,
    tls: 'none',
    login: null,
    from: 'Countersign <countersign@soc.example>',
    idHost: 'soc.example',
  })

function portsWith(changed: Partial<DeliveryPorts>): DeliveryPorts {
  return { ...plane.plane, digestHour: 0, ...changed }
}

/** Sends everything that is due now. */
async function deliver(changed: Partial<DeliveryPorts> = {}): Promise<void> {
  const mailer = changed.mailer === undefined ? mailerTo(server.port) : changed.mailer
  const courier = createCourier(portsWith({ ...changed, mailer }))
  await courier.run(new AbortController().signal)
  await courier.settled()
  mailer?.close()
}

/** The waiting deliveries are due, as if their time had passed. */
const passTime = () =>
  plane.pool.query(`update deliveries set next_at = clock_timestamp() where state = 'waiting'`)

async function receiver(): Promise<WebhookReceiver> {
  const started = await startReceiver()
  receivers.push(started)
  return started
}

async function register(url: string, kinds: readonly NoticeKind[] = ['stop'], privateCidrs = loopback) {
  await plane.org.admin.stepUp()
  return plane.org.admin.call(registerWebhook, { body: { url, kinds: [...kinds], privateCidrs } })
}

async function newcomer(name: string): Promise<Person> {
  newcomers += 1
  const email = `told-${newcomers}@soc.example`
  await plane.org.admin.stepUp()
  const body = { name, email, roles: [{ role: 'requester' as const }] }
  const { token } = await plane.org.admin.call(invite, { body })
  return enrolPerson(plane.origin, { name, email, token })
}

const about = () => ({ k: 'use_case', id: built.useCaseId }) as const
const stop = () =>
  plane.org.seats.security.call(orderStop, {
    body: {
      scope: 'use_case',
      targetId: built.useCaseId,
      reasonCode: 'person',
      reason: 'The feed is poisoned.',
    },
  })
const write = (by: Person, text: string) => by.call(startThread, { body: { subject: about(), text } })
const mailsTo = (person: Person) => server.mails.filter(({ to }) => to.includes(person.email))
const deliveriesOf = async (webhookId: WebhookId) =>
  (await plane.org.admin.call(listDeliveries, { query: { webhookId } })).items

/** What the ledger says of a delivery that failed for good. */
async function undelivered(id: DeliveryId | undefined): Promise<readonly unknown[]> {
  const { rows } = await plane.pool.query<{ facts: unknown }>(
    `select p.facts::jsonb as facts from ledger.entry e join ledger.payload p on p.event_id = e.id
     where e.stream = 'delivery/' || $1 and e.kind = 'notification.mandatory_undelivered'`,
    [id],
  )
  return rows.map(({ facts }) => facts)
}

test('a stop goes to its people by mail at once, with kind, id and link and nothing that anybody wrote', async () => {
  const { requester, seats } = plane.org
  await stop()
  await deliver()
  const [mail, ...more] = mailsTo(requester)
  if (mail === undefined) throw new Error('no mail')
  expect(more).toEqual([])
  const headers = headersOf(mail)
  expect(headers.get('subject')).toBe(`Countersign: a stop was ordered (use_case:${built.useCaseId})`)
  expect(headers.get('to')).toBe(requester.email)
  expect(headers.get('auto-submitted')).toBe('auto-generated')
  expect(headers.get('message-id')).toMatch(/^<dlv_[0-9a-z]{26}@soc\.example>$/)
  expect(headers.get('content-type')).toMatch(/^multipart\/alternative/)
  const words = wordsOf(mail)
  expect(words.split(`${plane.origin}/intake/${built.useCaseId}`)).toHaveLength(4) // as text, as link, as its words
  for (const text of [title, 'poisoned', seats.security.name, requester.name])
    expect(words).not.toContain(text)
  expect(mailsTo(seats.security)).toEqual([]) // did it
  await deliver()
  expect(mailsTo(requester)).toHaveLength(1)
})

test('a mail that the server does not take comes again under its id; one refused for good is a dead letter', async () => {
  const { requester, analyst, admin } = plane.org
  const before = mailsTo(analyst).length
  server.refuseWith(451)
  await write(requester, `Look, @[${analyst.id}]`)
  await deliver()
  const { items } = await admin.call(listDeliveries, { query: { channel: 'mail', state: 'waiting' } })
  expect(items).toMatchObject([
    { personId: analyst.id, attempts: 1, fault: 'mail_refused', status: 451, webhookId: null },
  ])
  await deliver()
  expect(mailsTo(analyst)).toHaveLength(before) // not before its time
  server.refuseWith(550)
  await passTime()
  await deliver()
  const dead = (await admin.call(listDeliveries, { query: { channel: 'mail', state: 'dead' } })).items
  expect(dead).toMatchObject([{ id: items[0]?.id, attempts: 2, status: 550, nextAt: null }])
  expect(await undelivered(items[0]?.id)).toEqual([]) // a mention is not mandatory
  server.refuseWith(null)
  const params = { id: items[0]?.id as DeliveryId }
  await admin.call(resendDelivery, { params })
  expect(await objectionsTo(admin.call(resendDelivery, { params }))).toEqual(['WRONG_STATE'])
  await deliver()
  const mail = mailsTo(analyst).at(-1)
  expect(mail === undefined ? '' : headersOf(mail).get('message-id')).toBe(`<${params.id}@soc.example>`)
})

test('that a stop did not reach somebody by mail is an entry, of its person and nothing that was written', async () => {
  const { businessOwner, admin } = plane.org
  server.refuseWith(550)
  await stop()
  await deliver()
  const { items } = await admin.call(listDeliveries, { query: { channel: 'mail', state: 'dead' } })
  const own = items.find(({ personId }) => personId === businessOwner.id)
  expect(await undelivered(own?.id)).toMatchObject([
    {
      deliveryId: own?.id,
      person: businessOwner.id,
      webhookId: null,
      kinds: ['stop'],
      attempts: 1,
      fault: 'mail_refused',
    },
  ])
})

test('news go in one digest a day; what is read meanwhile is left out; nothing that was written goes', async () => {
  const { requester } = plane.org
  const reader = await newcomer('Dora Daily')
  await reader.call(setWatch, { body: { subject: about(), isWatching: true } })
  await write(requester, 'First secret remark')
  await write(requester, 'Second secret remark')
  const early = { digestHour: 23 }
  const lateDay = new Date().getUTCHours() === 23
  if (!lateDay) {
    await deliver(early)
    expect(mailsTo(reader)).toEqual([])
  }
  await deliver()
  const [digest, ...more] = mailsTo(reader)
  if (digest === undefined) throw new Error('no digest')
  expect(more).toEqual([])
  expect(headersOf(digest).get('subject')).toBe('Countersign: 2 notifications')
  expect(wordsOf(digest)).toContain(`${plane.origin}/intake/${built.useCaseId}/comments`)
  expect(wordsOf(digest)).not.toContain('secret remark')

  await write(requester, 'Third secret remark')
  await deliver()
  expect(mailsTo(reader)).toHaveLength(1) // waits for the next day
  await nextDay()
  await deliver()
  expect(mailsTo(reader)).toHaveLength(2)
  await write(requester, 'Fourth secret remark')
  await deliver()
  await nextDay()
  await plane.pool.query('update notices set read_at = now() where person_id = $1', [reader.id])
  await deliver()
  expect(mailsTo(reader)).toHaveLength(2)
})

/** As if a day had passed since every digest. */
async function nextDay(): Promise<void> {
  const owner = createPool(plane.database, undefined, 1)
  await owner.query('update deliveries set digest_on = digest_on - 1 where digest_on is not null')
  await owner.end()
}

test('each person chooses how a kind goes by mail; what is switched off is neither told nor mailed', async () => {
  const { requester } = plane.org
  const chooser = await newcomer('Cleo Choice')
  await chooser.call(setWatch, { body: { subject: about(), isWatching: true } })
  expect(await chooser.call(readPreferences, {})).toMatchObject({
    off: [],
    mail: { stop: 'at_once', mention: 'at_once', comment: 'daily', decision: 'daily' },
    digest: null, // this plane has no mail server
  })
  const mail = { comment: 'at_once', stop: 'off' } as const
  const chosen = await chooser.call(setPreferences, { body: { off: [], mail } })
  expect(chosen.mail).toMatchObject({ ...mail, mention: 'at_once' })
  await write(requester, 'A remark')
  await stop()
  await deliver()
  const subjects = mailsTo(chooser).map((sent) => headersOf(sent).get('subject'))
  expect(subjects).toEqual([`Countersign: somebody wrote a comment (${built.useCaseId})`])
  const told = (await chooser.call(listNotices, { query: {} })).items
  expect(told.map(({ kind }) => kind)).toEqual(['stop', 'comment']) // the stop is told, not mailed
  await chooser.call(setPreferences, { body: { off: ['comment'], mail: { comment: 'daily' } } })
  await write(requester, 'Another remark')
  await deliver()
  expect(mailsTo(chooser)).toHaveLength(1)
})

test('what is told while there is no mail server is never mailed; who is erased is not written to', async () => {
  const { requester, admin } = plane.org
  const gone = await newcomer('Gwen Gone')
  await write(requester, `Look, @[${gone.id}]`)
  await deliver({ mailer: null })
  await deliver()
  expect(mailsTo(gone)).toEqual([])
  await write(requester, `Look again, @[${gone.id}]`)
  server.refuseWith(451)
  await deliver()
  server.refuseWith(null)
  await admin.stepUp()
  const { revision } = await admin.call(readPerson, { params: { id: gone.id } })
  await admin.call(erasePerson, { params: { id: gone.id }, ifMatch: revision })
  await passTime()
  await deliver()
  expect(mailsTo(gone)).toEqual([])
})

test('no address begins another header or reaches another recipient; a password goes over TLS alone', async () => {
  const mail: Mail = {
    id: idFrom('delivery', epochMs(1), new Uint8Array(10)),
    to: '',
    subject: 'Countersign: x\r\nBcc: eve@elsewhere.example',
    text: 'x',
    html: '<p>x</p>',
  }
  const before = server.mails.length
  const mailer = mailerTo(server.port)
  for (const to of [
    'a@b.example\r\nBcc: eve@c.example',
    'a@b.example, eve@c.example',
    'Eve <eve@c.example>',
    '',
  ])
    await expect(mailer.send({ ...mail, to })).rejects.toMatchObject({
      code: 'address_unusable',
      isFinal: true,
    })
  expect(server.mails).toHaveLength(before)
  await mailer.send({ ...mail, to: 'ana@soc.example' })
  const sent = server.mails.at(-1)
  if (sent === undefined) throw new Error('no mail')
  expect([sent.to, headersOf(sent).get('bcc')]).toEqual([['ana@soc.example'], undefined])
  mailer.close()

  const login = { user: 'countersign', password: new Secret('hunter2') }
  const locked = await startMailServer({ user: login.user, password: 'hunter2' })
  const from = 'countersign@soc.example'
  const place = {
    host: 'localhost',
    port: locked.port,
    tls: 'starttls',
    from,
    idHost: 'soc.example',
  } as const
  // Whoever cannot prove to be the server does not hear the password.
  const untrusted = createMailer({ ...place, login })
  await expect(untrusted.send({ ...mail, to: 'ana@soc.example' })).rejects.toBeInstanceOf(DeliveryFault)
  const wrong = { ...login, password: new Secret('hunter3') }
  const stranger = createMailer({ ...place, login: wrong, ca: mailServerCertificate })
  const refused = stranger.send({ ...mail, to: 'ana@soc.example' })
  await expect(refused).rejects.toMatchObject({ code: 'mail_setup', isFinal: false })
  expect(locked.mails).toEqual([])
  const trusted = createMailer({ ...place, login, ca: mailServerCertificate })
  await trusted.send({ ...mail, to: 'ana@soc.example' })
  expect(locked.mails).toHaveLength(1)
  for (const one of [untrusted, stranger, trusted]) one.close()
  await locked.close()
})

test('an endpoint hears of a fact once, signed, whoever else is told; its secret stands nowhere', async () => {
  const { admin, requester } = plane.org
  const endpoint = await receiver()
  const body = { url: endpoint.url, kinds: ['stop' as const], privateCidrs: loopback }
  expect(await objectionsTo(requester.call(registerWebhook, { body }))).toEqual(['FORBIDDEN'])
  const { id, secret } = await register(endpoint.url)
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  await stop()
  await write(requester, 'Not of this kind')
  await deliver()
  await deliver()
  expect(endpoint.calls).toHaveLength(1)
  const [call] = endpoint.calls
  const message = call?.verified(secret) as { data: { id: string } } | null | undefined
  expect(message).toMatchObject({
    type: 'stop.ordered',
    data: {
      kinds: ['stop'],
      about: `stop/use_case:${built.useCaseId}`,
      useCaseId: built.useCaseId,
      threadId: null,
      actor: plane.org.seats.security.id,
      url: `${plane.origin}/intake/${built.useCaseId}`,
    },
  })
  expect(call?.verified(`whsec_${Buffer.alloc(32).toString('base64')}`)).toBeNull()
  expect(call?.body).not.toContain('poisoned')
  expect(await deliveriesOf(id)).toMatchObject([
    {
      id: call?.headers['webhook-id'],
      state: 'delivered',
      attempts: 1,
      event: 'stop.ordered',
      isTest: false,
    },
  ])
  const view = await admin.call(readWebhook, { params: { id } })
  expect(view).toMatchObject({ url: endpoint.url, liveSecrets: 1, waiting: 0, dead: 0 })
  expect(view.deliveredAt).not.toBeNull()
  const { rows } = await plane.pool.query<{ kind: string; facts: string; personal: string }>(
    `select e.kind, p.facts::text, p.personal::text from ledger.entry e join ledger.payload p on p.event_id = e.id
     where e.stream = 'webhook/' || $1`,
    [id],
  )
  expect(rows.map(({ kind }) => kind)).toEqual(['webhook.registered'])
  expect(JSON.stringify(rows)).not.toMatch(/whsec_|hook\?from/)
  expect(JSON.parse(rows[0]?.personal ?? '')).toEqual({ host: new URL(endpoint.url).host })
  expect(rows[0]?.facts).not.toContain('127.0.0.1:')
})

test('a secret is not kept for a repetition, which registers nothing more and hears that the answer is lost', async () => {
  const { admin } = plane.org
  await admin.stepUp()
  const body = { url: 'https://hooks.example/once', kinds: ['stop' as const] }
  const idempotencyKey = randomUUID()
  const { secret } = await admin.call(registerWebhook, { body, idempotencyKey })
  const again = () => objectionsTo(admin.call(registerWebhook, { body, idempotencyKey }))
  expect(await again()).toEqual(['IDEMPOTENCY_IN_PROGRESS'])
  await plane.pool.query(
    `update idempotency_keys set claimed_at = claimed_at - interval '1 minute' where key = $1`,
    [idempotencyKey],
  )
  expect(await again()).toEqual(['IDEMPOTENCY_ANSWER_LOST'])
  const { items } = await admin.call(listWebhooks, { query: {} })
  expect(items.filter(({ url }) => url === body.url)).toHaveLength(1)
  const { rows } = await plane.pool.query<{ hits: number }>(
    `select (select count(*)::int from idempotency_keys k where k::text like '%' || $1 || '%')
       + (select count(*)::int from streams s where s::text like '%' || $1 || '%')
       + (select count(*)::int from webhook_secrets w where position(convert_to($1, 'UTF8') in w.sealed) > 0) as hits`,
    [secret.slice('whsec_'.length)],
  )
  expect(rows).toEqual([{ hits: 0 }])
})

test('with two live secrets both verify; one whose time is over signs no more', async () => {
  const { admin } = plane.org
  const endpoint = await receiver()
  const { id, secret: first } = await register(endpoint.url)
  const rotate = async (overlapHours: number) => {
    const { revision } = await admin.call(readWebhook, { params: { id } })
    const { secret } = await admin.call(rotateWebhookSecret, {
      params: { id },
      body: { overlapHours },
      ifMatch: revision,
    })
    return secret
  }
  const believed = async (...secrets: readonly string[]) => {
    await admin.call(testWebhook, { params: { id } })
    await deliver()
    const call = endpoint.calls.at(-1)
    return secrets.map((secret) => call?.verified(secret) !== null)
  }
  const second = await rotate(24)
  expect(await believed(first, second)).toEqual([true, true])
  expect(endpoint.calls.at(-1)?.verified(second)).toMatchObject({
    type: 'webhook.test',
    data: { webhookId: id },
  })
  const third = await rotate(1)
  expect(await believed(first, second, third)).toEqual([false, true, true])
  const fourth = await rotate(0) // one has leaked
  expect(await believed(second, third, fourth)).toEqual([false, false, true])
  expect((await admin.call(readWebhook, { params: { id } })).liveSecrets).toBe(1)
})

test('an endpoint is told of other facts and gets another address with another secret; the old address hears no more', async () => {
  const { admin } = plane.org
  const [old, next] = [await receiver(), await receiver()]
  const { id, secret: first } = await register(old.url)
  const revision = async () => (await admin.call(readWebhook, { params: { id } })).revision
  await admin.stepUp()
  const body = { kinds: ['override' as const], description: 'Pager of the watch' }
  const stale = admin.call(changeWebhook, { params: { id }, body, ifMatch: 99 })
  expect(await objectionsTo(stale)).toEqual(['STALE'])
  await admin.call(changeWebhook, { params: { id }, body, ifMatch: await revision() })
  expect(await admin.call(readWebhook, { params: { id } })).toMatchObject(body)
  await stop()
  await deliver()
  expect(old.calls).toEqual([])
  await admin.call(changeWebhook, {
    params: { id },
    body: { kinds: ['stop'], description: '' },
    ifMatch: await revision(),
  })

  const move = (url: string, privateCidrs: string[], ifMatch: number) =>
    admin.call(moveWebhook, { params: { id }, body: { url, privateCidrs }, ifMatch })
  expect(await objectionsTo(move(next.url, [], await revision()))).toEqual(['URL_NOT_ENCRYPTED'])
  const { secret: second } = await move(next.url, loopback, await revision())
  await admin.call(testWebhook, { params: { id } })
  await deliver()
  expect(old.calls).toEqual([])
  const [call] = next.calls
  expect([call?.verified(first), call?.verified(second)]).toMatchObject([null, { type: 'webhook.test' }])
  expect(await admin.call(readWebhook, { params: { id } })).toMatchObject({
    url: next.url,
    description: null,
    kinds: ['stop'],
    liveSecrets: 1,
  })
  const { rows } = await plane.pool.query<{ kind: string; facts: string; personal: string }>(
    `select e.kind, p.facts::text, p.personal::text from ledger.entry e join ledger.payload p on p.event_id = e.id
     where e.stream = 'webhook/' || $1 order by e.rev`,
    [id],
  )
  expect(rows.map(({ kind }) => kind)).toEqual([
    'webhook.registered',
    'webhook.changed',
    'webhook.changed',
    'webhook.moved',
  ])
  expect(rows.map(({ facts }) => facts).join()).not.toMatch(/Pager|127\.0\.0\.1:/)
  expect(JSON.stringify(rows)).not.toMatch(/whsec_|hook\?from/)
})

test('an endpoint that asks for a pause is left alone until it is over, with all that waits for it', async () => {
  const { admin } = plane.org
  const endpoint = await receiver()
  const { id } = await register(endpoint.url)
  endpoint.answerWith((reply) => void reply.writeHead(429, { 'retry-after': '3600' }).end())
  await admin.call(testWebhook, { params: { id } })
  await deliver()
  await admin.call(testWebhook, { params: { id } })
  await deliver()
  expect(endpoint.calls).toHaveLength(1)
  const waiting = await deliveriesOf(id)
  expect(waiting.map(({ state, attempts }) => [state, attempts])).toEqual([
    ['waiting', 0],
    ['waiting', 1],
  ])
  for (const { nextAt } of waiting) expect(Date.parse(nextAt ?? '') - Date.now()).toBeGreaterThan(3_500_000)
  endpoint.answerWith((reply) => void reply.writeHead(204).end())
  await plane.pool.query(`update webhooks set rests_until = clock_timestamp() where id = $1`, [id])
  await plane.pool.query(`update deliveries set next_at = clock_timestamp() where webhook_id = $1`, [id])
  await deliver()
  expect(endpoint.calls).toHaveLength(3)
})

test('what an endpoint does not take comes again under its id until it is a dead letter, and then when told to', async () => {
  const { admin } = plane.org
  const endpoint = await receiver()
  endpoint.answerWith((reply) => void reply.writeHead(500).end('x'.repeat(100_000)))
  const { id } = await register(endpoint.url)
  await stop()
  for (let i = 1; i < maxAttempts; i += 1) {
    await deliver()
    expect(await deliveriesOf(id)).toMatchObject([
      { state: 'waiting', attempts: i, fault: 'status', status: 500 },
    ])
    await deliver() // nothing is due
    await passTime()
  }
  await deliver()
  const [dead] = await deliveriesOf(id)
  expect(dead).toMatchObject({ state: 'dead', attempts: maxAttempts, nextAt: null })
  expect(endpoint.calls).toHaveLength(maxAttempts)
  expect(await undelivered(dead?.id)).toMatchObject([
    { person: null, webhookId: id, kinds: ['stop'], attempts: maxAttempts, fault: 'status' },
  ])
  endpoint.answerWith((reply) => void reply.writeHead(200).end())
  await passTime()
  await deliver()
  expect(endpoint.calls).toHaveLength(maxAttempts)
  await admin.call(resendDelivery, { params: { id: dead?.id as DeliveryId } })
  await deliver()
  expect(await deliveriesOf(id)).toMatchObject([{ state: 'delivered', attempts: 1, fault: null }])
  expect(new Set(endpoint.calls.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([dead?.id]))
  expect(new Set(endpoint.calls.map(({ body }) => body)).size).toBe(1)
})

test('an endpoint that says it is gone is disabled for good, and what waits for it is dropped', async () => {
  const { admin } = plane.org
  const endpoint = await receiver()
  endpoint.answerWith((reply) => void reply.writeHead(410).end())
  const { id } = await register(endpoint.url)
  for (let i = 0; i < 2; i += 1) await admin.call(testWebhook, { params: { id } })
  await deliver()
  expect(endpoint.calls).toHaveLength(1)
  expect(await admin.call(readWebhook, { params: { id } })).toMatchObject({
    state: 'disabled',
    disabledCause: 'gone',
    liveSecrets: 0,
  })
  const sent = await deliveriesOf(id)
  expect(sent.map(({ state, fault }) => [state, fault])).toEqual([
    ['dropped', 'disabled'],
    ['dropped', 'disabled'],
  ])
  const { rows } = await plane.pool.query<{ actor: string }>(
    `select c.actor from ledger.entry e join ledger.command c on c.seq = e.seq
     where e.stream = 'webhook/' || $1 and e.kind = 'webhook.disabled'`,
    [id],
  )
  expect(rows).toEqual([{ actor: 'sys:monitor' }])
  expect(await objectionsTo(admin.call(testWebhook, { params: { id } }))).toEqual(['WRONG_STATE'])
  expect(await objectionsTo(admin.call(disableWebhook, { params: { id } }))).toEqual(['WRONG_STATE'])
  await stop()
  await deliver()
  expect(await deliveriesOf(id)).toHaveLength(2)
})

test('a redirect is not followed', async () => {
  const [first, second] = [await receiver(), await receiver()]
  first.answerWith((reply) => void reply.writeHead(307, { location: second.url }).end())
  const { id } = await register(first.url)
  await plane.org.admin.call(testWebhook, { params: { id } })
  await deliver()
  expect(await deliveriesOf(id)).toMatchObject([{ state: 'waiting', fault: 'redirect', status: 307 }])
  expect(second.calls).toEqual([])
})

test('a name or address that leads into a private network is refused unless the endpoint opens it', async () => {
  const endpoint = await receiver()
  const { port } = new URL(endpoint.url)
  for (const host of [
    'localhost',
    '127.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '10.0.0.7',
    '169.254.169.254',
  ]) {
    const { id } = await register(`https://${host}:${port}/`, ['stop'], [])
    await plane.org.admin.call(testWebhook, { params: { id } })
    await deliver()
    expect(await deliveriesOf(id)).toMatchObject([
      { state: 'waiting', fault: 'address_refused', status: null },
    ])
  }
  // Opened, the connection is made; that nobody speaks TLS there is another fault.
  const { id } = await register(`https://localhost:${port}/`, ['stop'], [...loopback, '::1/128'])
  await plane.org.admin.call(testWebhook, { params: { id } })
  await deliver()
  const [opened] = await deliveriesOf(id)
  expect(['tls', 'unreachable']).toContain(opened?.fault)
  expect(endpoint.calls).toEqual([])
})

test('a peer that does not answer holds up nobody, and no transaction', async () => {
  const { admin, requester } = plane.org
  const [slow, quick] = [await receiver(), await receiver()]
  slow.answerWith(() => undefined)
  const [stuck, served] = [await register(slow.url), await register(quick.url)]
  const before = mailsTo(requester).length
  await stop()
  const mailer = mailerTo(server.port)
  const courier = createCourier(portsWith({ mailer }))
  const stopped = new AbortController()
  await courier.run(stopped.signal)
  await vi.waitFor(() => expect(slow.calls).toHaveLength(1))
  await vi.waitFor(() => expect(quick.calls).toHaveLength(1))
  await admin.call(testWebhook, { params: { id: served.id } })
  await courier.run(stopped.signal) // the slow one is still spoken with, and not a second time
  await vi.waitFor(() => expect(quick.calls).toHaveLength(2))
  await vi.waitFor(() => expect(mailsTo(requester)).toHaveLength(before + 1))
  expect(slow.calls).toHaveLength(1)
  const { rows } = await plane.pool.query(
    `select 1 from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
  )
  expect(rows).toEqual([])
  stopped.abort()
  await courier.settled()
  mailer.close()
  // Who stops in between hands it back, as if it had not been tried.
  expect(await deliveriesOf(stuck.id)).toMatchObject([{ state: 'waiting', attempts: 0, fault: null }])
})

test('couriers that work at the same time send each thing once', async () => {
  const { admin } = plane.org
  const endpoint = await receiver()
  const { id } = await register(endpoint.url)
  for (let i = 0; i < 20; i += 1) await admin.call(testWebhook, { params: { id } })
  await stop()
  await Promise.all([deliver(), deliver(), deliver()])
  await deliver()
  const ids = endpoint.calls.map(({ headers }) => headers['webhook-id'])
  expect([ids.length, new Set(ids).size]).toEqual([21, 21])
})

test('replay of the ledger gives the same endpoints', async () => {
  const key = parseVkey(plane.ledger.vkey)
  if (key === null) throw new Error('no key')
  const { report, differences, rows } = await replay(plane.database, key)
  expect(report.findings).toEqual([])
  expect(differences).toEqual([])
  expect(rows['webhooks']).toBeGreaterThan(5)
})
