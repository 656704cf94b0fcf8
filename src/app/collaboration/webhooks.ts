import { webhook } from '../../governance/collaboration/index.ts'
import {
  AppError,
  addMs,
  hourMs,
  idFrom,
  type DeliveryId,
  type EpochMs,
  type Secret,
  type WebhookId,
} from '../../kernel/index.ts'
import type { NoticeKind } from '../../kernel/notice-kinds.ts'
import { webhooks } from '../aggregates/collaboration.ts'
import { runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import { databaseNow } from '../clock.ts'
import type { WebhookVault } from '../ports/outgoing.ts'
import type { Query } from '../ports/query.ts'
import { instant } from '../sql.ts'

export type WebhookPorts = CommandPorts & { readonly query: Query; readonly webhookVault: WebhookVault }

export type WebhookInput = {
  readonly url: string
  readonly kinds: readonly NoticeKind[]
  readonly privateCidrs: readonly string[]
}

/** Registers an endpoint. Its secret is returned this once, and sealed before it reaches the database. */
export function registerWebhook(
  ports: WebhookPorts,
  issuer: Issuer,
  input: WebhookInput,
): Promise<{ readonly id: WebhookId; readonly secret: Secret<string> }> {
  return runCommand(ports, issuer, async (work) => {
    const id = work.ids.next('webhook')
    await work.tx.query(`select pg_advisory_xact_lock(hashtextextended('webhooks', 0))`) // they are counted below
    await apply(work, id, { c: 'register', webhookId: id, ...input })
    await work.tx.query('update webhooks set url = $2 where id = $1', [id, input.url])
    return { id, secret: await storeSecret(ports, work, id, 1) }
  })
}

/** What an endpoint is told of, and what people call it. */
export function changeWebhook(
  ports: CommandPorts,
  issuer: Issuer,
  id: WebhookId,
  input: {
    readonly kinds: readonly NoticeKind[]
    readonly description: string
    readonly revision: number | undefined
  },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { kinds, description } = input
    await loadForChange(work, id, input.revision)
    await apply(work, id, { c: 'change', kinds, description })
    await work.tx.query(`update webhooks set description = nullif($2, '') where id = $1`, [id, description])
  })
}

/** Another address and, as at registration, a secret that is returned this once; the secrets of before end. */
export function moveWebhook(
  ports: WebhookPorts,
  issuer: Issuer,
  id: WebhookId,
  input: Pick<WebhookInput, 'url' | 'privateCidrs'> & { readonly revision: number | undefined },
): Promise<{ readonly secret: Secret<string> }> {
  return runCommand(ports, issuer, async (work) => {
    const { url, privateCidrs } = input
    const { secrets } = await loadForChange(work, id, input.revision)
    await apply(work, id, { c: 'move', url, privateCidrs })
    await work.tx.query('update webhooks set url = $2, rests_until = null where id = $1', [id, url])
    await work.tx.query('delete from webhook_secrets where webhook_id = $1', [id])
    return { secret: await storeSecret(ports, work, id, secrets + 1) }
  })
}

/** A further secret, returned this once. Deliveries carry a signature of the one before until that ends. */
export function rotateWebhookSecret(
  ports: WebhookPorts,
  issuer: Issuer,
  id: WebhookId,
  input: { readonly overlapHours: number; readonly revision: number | undefined },
): Promise<{ readonly secret: Secret<string> }> {
  return runCommand(ports, issuer, async (work) => {
    const { secrets } = await loadForChange(work, id, input.revision)
    await apply(work, id, { c: 'rotate', overlapHours: input.overlapHours })
    const n = secrets + 1
    await work.tx.query(
      `update webhook_secrets set expires_at = least(coalesce(expires_at, 'infinity'), ${instant(2)}) where webhook_id = $1`,
      [id, addMs(work.now, input.overlapHours * hourMs)],
    )
    await work.tx.query(
      `delete from webhook_secrets where webhook_id = $1 and (n <= $2 or expires_at <= ${instant(3)})`,
      [id, n - webhook.maxLiveSecrets, work.now],
    )
    return { secret: await storeSecret(ports, work, id, n) }
  })
}

/** Ends an endpoint for good: its secrets are forgotten, and what waits for it goes no more. */
export function commandWebhook(
  ports: CommandPorts,
  issuer: Issuer,
  id: WebhookId,
  command: webhook.Command & { readonly c: 'disable' },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const { state } = await work.load(webhooks, id)
    if (state.s === 'absent') throw new AppError('NOT_FOUND')
    if (state.s === 'disabled' && command.cause === 'gone') return // somebody was faster
    await apply(work, id, command)
    await work.tx.query('delete from webhook_secrets where webhook_id = $1', [id])
    await work.tx.query(
      `update deliveries set state = 'dropped', last_fault = 'disabled', ended_at = ${instant(2)}
       where webhook_id = $1 and state = 'waiting'`,
      [id, work.now],
    )
  })
}

/** Sends an endpoint a message that tells of nothing. */
export async function testWebhook(
  { query, random }: Pick<WebhookPorts, 'query' | 'random'>,
  id: WebhookId,
): Promise<DeliveryId> {
  const [found] = await query<{ isDisabled: boolean }>(
    'select disabled_at is not null as "isDisabled" from webhooks where id = $1',
    [id],
  )
  if (found === undefined) throw new AppError('NOT_FOUND')
  if (found.isDisabled) throw wrongState('disabled')
  const now: EpochMs = await databaseNow(query)
  const delivery = idFrom('delivery', now, random(10))
  await query(
    `insert into deliveries (id, channel, webhook_id, state, next_at, created_at)
     values ($1, 'webhook', $2, 'waiting', ${instant(3)}, ${instant(3)})`,
    [delivery, id, now],
  )
  return delivery
}

/** That something is not possible in the state that it is in. */
export function wrongState(state: string): AppError {
  return new AppError('REFUSED', undefined, { reasons: [{ code: 'WRONG_STATE', params: { state } }] })
}

async function loadForChange(
  work: Work,
  id: WebhookId,
  revision: number | undefined,
): Promise<webhook.Webhook> {
  const { state, rev } = await work.load(webhooks, id)
  if (state.s === 'absent') throw new AppError('NOT_FOUND')
  work.expect(rev, revision)
  return state
}

async function apply(work: Work, id: WebhookId, command: webhook.Command): Promise<void> {
  const [row] = await work.tx.query<{ active: number }>(
    'select count(*)::int as active from webhooks where disabled_at is null',
  )
  const context = { now: work.now, actor: work.issuer.actor, active: row?.active ?? 0 }
  await work.apply(webhooks, id, command, context)
}

async function storeSecret(
  { webhookVault }: WebhookPorts,
  work: Work,
  id: WebhookId,
  n: number,
): Promise<Secret<string>> {
  const secret = webhookVault.create()
  await work.tx.query(
    `insert into webhook_secrets (webhook_id, n, sealed, created_at) values ($1, $2, $3, ${instant(4)})`,
    [id, n, Buffer.from(webhookVault.seal(id, secret)), work.now],
  )
  return secret
}
