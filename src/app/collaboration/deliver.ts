import { nextAttempt, pauseAskedFor } from '../../governance/collaboration/index.ts'
import {
  addMs,
  AppError,
  epochMs,
  minuteMs,
  secondMs,
  type DeliveryId,
  type EpochMs,
  type UserId,
  type WebhookId,
} from '../../kernel/index.ts'
import { databaseNow } from '../clock.ts'
import type { NoticeKind } from '../../kernel/notice-kinds.ts'
import { undeliveredNotices } from '../aggregates/collaboration.ts'
import { runCommand, systemIssuer, type CommandPorts } from '../command.ts'
import { DeliveryFault, type Mailer, type WebhookPost, type WebhookVault } from '../ports/outgoing.ts'
import type { Query } from '../ports/query.ts'
import { instant, millis } from '../sql.ts'
import { mailOf } from './mail-message.ts'
import { noticesOf } from './notice-views.ts'
import { fillOutbox, type OutboxPorts } from './outbox.ts'
import { authoritiesOf } from './subjects.ts'
import { callOf } from './webhook-message.ts'
import { commandWebhook, wrongState } from './webhooks.ts'

export type DeliveryPorts = CommandPorts &
  Pick<OutboxPorts, 'digestHour'> & {
    readonly query: Query
    /** Null: no mail server is configured, and mails wait. */
    readonly mailer: Mailer | null
    readonly postWebhook: WebhookPost
    readonly webhookVault: WebhookVault
    /** Address of the console. */
    readonly origin: string
    readonly log: (level: 'warn' | 'error', message: string) => void
  }

/** Sends what is due, beside whatever else its process does. */
export type Courier = {
  /** Takes up what is new and sets out for every peer for whom something is due; does not wait for them. */
  readonly run: (signal: AbortSignal) => Promise<void>
  /** Waits until nothing is under way. */
  readonly settled: () => Promise<void>
}

/** Peers that are spoken with at a time. A slow one keeps one place, and the others go on. */
const maxPeers = 16
/** Mails that are handed over at a time. */
const mailsAtOnce = 3
/** How long whoever has taken a delivery may keep it; many times what an attempt takes. */
const leaseMs = 2 * minuteMs
/** How long one webhook may take to answer. */
const answerMs = 15 * secondMs

type Peer = { readonly k: 'mail' } | { readonly k: 'webhook'; readonly id: WebhookId }

/**
 * One courier. No transaction is open while it talks to a peer: a delivery is taken with a lease, and marked afterwards.
 * A crash in between repeats it under the same id.
 */
export function createCourier(ports: DeliveryPorts): Courier {
  const underWay = new Map<string, Promise<void>>()
  return {
    run: async (signal) => {
      await fillOutbox({ ...ports, hasMail: ports.mailer !== null })
      for (const peer of await duePeers(ports)) {
        const name = peer.k === 'mail' ? 'mail' : peer.id
        if (underWay.has(name)) continue
        if (underWay.size >= maxPeers) return
        const visit = visitPeer(ports, peer, signal)
          .catch((error: unknown) => {
            ports.log('error', `delivering failed: ${messageOf(error)}`)
          })
          .finally(() => underWay.delete(name))
        underWay.set(name, visit)
      }
    },
    settled: async () => {
      await Promise.all(underWay.values())
    },
  }
}

/** Whoever has waited longest comes first. */
async function duePeers({ query, mailer }: DeliveryPorts): Promise<readonly Peer[]> {
  const rows = await query<{ webhookId: WebhookId | null }>(
    `select d.webhook_id as "webhookId" from deliveries d left join webhooks w on w.id = d.webhook_id
     where d.state = 'waiting' and d.next_at <= clock_timestamp() and w.disabled_at is null
       and (w.rests_until is null or w.rests_until <= clock_timestamp())
       and (d.channel = 'webhook' or $1)
     group by d.webhook_id order by min(d.next_at)`,
    [mailer !== null],
  )
  return rows.map(({ webhookId }) => (webhookId === null ? { k: 'mail' } : { k: 'webhook', id: webhookId }))
}

async function visitPeer(ports: DeliveryPorts, peer: Peer, signal: AbortSignal): Promise<void> {
  const ways = peer.k === 'mail' ? mailsAtOnce : 1
  await Promise.all(Array.from({ length: ways }, () => deliverDue(ports, peer, signal)))
}

/** One delivery after the other, until nothing is due or the peer fails: whoever fails gives the place to others. */
async function deliverDue(ports: DeliveryPorts, peer: Peer, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const taken = await take(ports.query, peer)
    if (taken === null) return
    if (!(await attempt(ports, taken, signal))) return
  }
}

type Taken = {
  readonly id: DeliveryId
  readonly attempts: number
  readonly at: EpochMs
  readonly personId: UserId | null
  readonly webhookId: WebhookId | null
  readonly isDigest: boolean
}

async function take(query: Query, peer: Peer): Promise<Taken | null> {
  const [row] = await query<Taken>(
    `update deliveries set attempts = attempts + 1, last_at = clock_timestamp(),
       next_at = clock_timestamp() + make_interval(secs => ${leaseMs / secondMs})
     where id = (
       select id from deliveries where state = 'waiting' and next_at <= clock_timestamp()
         and channel = $1 and ($2::text is null or webhook_id = $2)
       order by next_at, id limit 1 for update skip locked)
     returning id, attempts, ${millis('last_at')} as at, person_id as "personId", webhook_id as "webhookId",
       digest_on is not null as "isDigest"`,
    [peer.k, peer.k === 'mail' ? null : peer.id],
  )
  return row === undefined ? null : { ...row, at: epochMs(row.at) }
}

/** Whether the peer is there for the next one. */
async function attempt(ports: DeliveryPorts, taken: Taken, signal: AbortSignal): Promise<boolean> {
  try {
    const isSaid = taken.personId === null ? await post(ports, taken, signal) : await mail(ports, taken)
    await end(ports.query, taken.id, isSaid ? 'delivered' : 'dropped')
    return true
  } catch (error) {
    const fault = error instanceof DeliveryFault ? error : new DeliveryFault('internal')
    if (fault !== error) ports.log('error', `the delivery ${taken.id} failed: ${messageOf(error)}`)
    if (fault.code === 'gone' && taken.webhookId !== null) await giveUp(ports, taken.webhookId)
    else if (signal.aborted) await handBack(ports.query, taken)
    else await fail(ports, taken, fault)
    return fault.code === 'mail_refused' || fault.code === 'address_unusable' // of one recipient, not of the peer
  }
}

async function mail(ports: DeliveryPorts, { id, personId, isDigest }: Taken): Promise<boolean> {
  const { query, mailer, origin } = ports
  if (personId === null || mailer === null) throw new Error('a mail goes to a person by a mail server')
  const authority = (await authoritiesOf(query, [personId])).get(personId)
  const [person] = await query<{ email: string }>(
    `select email from people where id = $1 and state = 'active'`,
    [personId],
  )
  if (authority === undefined || person === undefined) return false
  const notices = await noticesOf(query, { authority, person: personId }, { id, isDigest })
  if (notices.length === 0) return false
  await mailer.send(mailOf({ id, to: person.email, origin, isDigest, notices }))
  return true
}

async function post(ports: DeliveryPorts, taken: Taken, signal: AbortSignal): Promise<boolean> {
  const call = await callOf(ports, taken)
  if (call === null) return false
  const within = AbortSignal.any([signal, AbortSignal.timeout(answerMs)])
  const { status, retryAfter } = await ports.postWebhook(call, within)
  if (status >= 200 && status < 300) return true
  if (status === 410) throw new DeliveryFault('gone', { status })
  if (status >= 300 && status < 400) throw new DeliveryFault('redirect', { status })
  const pauseMs = retryAfter === null ? null : pauseAskedFor(retryAfter, await databaseNow(ports.query))
  throw new DeliveryFault('status', { status, pauseMs })
}

async function end(query: Query, id: DeliveryId, state: 'delivered' | 'dropped'): Promise<void> {
  await query(
    `update deliveries set state = $2, ended_at = clock_timestamp(), last_fault = null, last_status = null
     where id = $1 and state = 'waiting'`,
    [id, state],
  )
}

/** Who has lost the lease marks nothing: somebody else has the delivery, with one attempt more. */
async function fail(ports: DeliveryPorts, taken: Taken, fault: DeliveryFault): Promise<void> {
  const { query } = ports
  const now = await databaseNow(query)
  const { pauseMs } = fault
  if (pauseMs !== null && taken.webhookId !== null)
    await query(`update webhooks set rests_until = ${instant(2)} where id = $1`, [
      taken.webhookId,
      addMs(now, pauseMs),
    ])
  const next = fault.isFinal ? null : nextAttempt(taken.attempts, now, pauseMs ?? 0)
  if (next === null) return bury(ports, taken, fault)
  await query(
    `update deliveries set last_fault = $3, last_status = $4, next_at = ${instant(5)}
     where id = $1 and attempts = $2 and state = 'waiting'`,
    [taken.id, taken.attempts, fault.code, fault.status, next],
  )
}

/** A dead letter. That something mandatory did not arrive is a fact of the same transaction. */
async function bury(ports: DeliveryPorts, taken: Taken, { code, status }: DeliveryFault): Promise<void> {
  const { id: deliveryId, attempts, personId: person, webhookId } = taken
  const issuer = systemIssuer('monitor', await databaseNow(ports.query))
  await runCommand(ports, issuer, async (work) => {
    const kinds = await work.tx.query<{ kind: NoticeKind }>(kindsSql, [deliveryId])
    const command = {
      c: 'give_up',
      deliveryId,
      person,
      webhookId,
      kinds: kinds.map(({ kind }) => kind),
      attempts,
      fault: code,
    } as const
    const buried = await work.tx.query(
      `update deliveries set last_fault = $3, last_status = $4, state = 'dead', ended_at = ${instant(5)}
       where id = $1 and attempts = $2 and state = 'waiting' returning id`,
      [deliveryId, attempts, code, status, work.now],
    )
    if (buried.length > 0) await work.apply(undeliveredNotices, deliveryId, command, { now: work.now })
  })
}

const kindsSql = `select n.kind from notices n where n.delivery_id = $1
  union select unnest(a.kinds) from deliveries d join announcements a on a.id = d.announcement_id where d.id = $1`

/** This process stops before the peer has answered; the next one tries again, as if this had not. */
async function handBack(query: Query, { id, attempts }: Taken): Promise<void> {
  await query(
    `update deliveries set attempts = attempts - 1, next_at = clock_timestamp()
     where id = $1 and attempts = $2 and state = 'waiting'`,
    [id, attempts],
  )
}

/** Tries a dead letter again, from the first attempt on. */
export async function resendDelivery(query: Query, id: DeliveryId): Promise<void> {
  const sent = await query(
    `update deliveries d set state = 'waiting', attempts = 0, next_at = clock_timestamp(), ended_at = null
     where d.id = $1 and d.state = 'dead'
       and not exists (select 1 from webhooks w where w.id = d.webhook_id and w.disabled_at is not null)
     returning d.id`,
    [id],
  )
  if (sent.length > 0) return
  const [found] = await query<{ state: string }>(
    `select case when w.disabled_at is null then d.state else 'disabled' end as state
     from deliveries d left join webhooks w on w.id = d.webhook_id where d.id = $1`,
    [id],
  )
  if (found === undefined) throw new AppError('NOT_FOUND')
  throw wrongState(found.state)
}

/** The endpoint has said that it is there no longer. SPEC: RFC 9110 15.5.11, Standard Webhooks 1.0. */
async function giveUp(ports: DeliveryPorts, id: WebhookId): Promise<void> {
  const issuer = systemIssuer('monitor', await databaseNow(ports.query))
  await commandWebhook(ports, issuer, id, { c: 'disable', cause: 'gone' })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}
