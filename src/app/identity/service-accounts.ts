import { serviceAccount, type Permission } from '../../governance/people/index.ts'
import {
  AppError,
  epochMs,
  type EpochMs,
  type KeyId,
  type ServiceId,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import { makeKeyToken, secretDigest } from '../../kernel/key-token.ts'
import { serviceAccounts } from '../aggregates/service-accounts.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import type { Query } from '../ports/query.ts'
import { millis } from '../sql.ts'

export type NewServiceAccount = {
  readonly name: string
  readonly permissions: readonly string[]
  readonly useCaseId: UseCaseId | null
  readonly cidrs: readonly string[]
}

/** Creates an account for a program. It can do nothing until it has a key. */
export function createServiceAccount(
  ports: CommandPorts,
  issuer: Issuer,
  input: NewServiceAccount,
): Promise<{ readonly id: ServiceId }> {
  return runCommand(ports, issuer, async (work) => {
    const id = work.ids.next('service')
    await work.apply(serviceAccounts, id, { c: 'create', ...input }, contextOf(work, id))
    return { id }
  })
}

/** A fresh key. Its token is shown once and stored as a digest. */
export function issueKey(
  ports: CommandPorts,
  issuer: Issuer,
  service: ServiceId,
  lifetimeDays: number = serviceAccount.defaultLifetimeDays,
): Promise<{ readonly id: KeyId; readonly token: string; readonly expiresAt: EpochMs }> {
  return runCommand(ports, issuer, async (work) => {
    await assertKnown(work, service)
    const id = work.ids.next('key')
    const token = makeKeyToken(service, work.random(32))
    const digest = secretDigest(token)
    if (digest === null) throw new Error('a fresh key has no digest')
    const command = { c: 'issue_key', id, lifetimeDays, secretDigest: digest } as const
    const { events } = await work.apply(serviceAccounts, service, command, contextOf(work, service))
    const issued = events.find((event) => event.e === 'api_key.issued')
    if (issued === undefined) throw new Error('a key that is issued is recorded')
    return { id, token, expiresAt: issued.expiresAt }
  })
}

/** Revokes a key or disables the account with all its keys: one person is enough. */
export async function stopService(
  ports: CommandPorts,
  issuer: Issuer,
  service: ServiceId,
  command: serviceAccount.Command & { readonly c: 'revoke_key' | 'disable' },
): Promise<void> {
  await runCommand(ports, issuer, async (work) => {
    const state = await assertKnown(work, service)
    if (command.c === 'revoke_key' && !state.keys.some(({ id }) => id === command.id))
      throw new AppError('NOT_FOUND')
    await work.apply(serviceAccounts, service, command, contextOf(work, service))
  })
}

/** The account behind a key, as far as authentication asks. */
export type ServiceCaller = {
  readonly id: ServiceId
  readonly permissions: readonly Permission[]
  readonly useCaseId: UseCaseId | null
  readonly now: EpochMs
}

/** Who holds a key at this moment and calls from `ip` (null: unknown, outside every network). Notes the use. */
export async function readServiceKey(
  query: Query,
  key: { readonly id: ServiceId; readonly secretDigest: string; readonly ip: string | null },
): Promise<ServiceCaller | null> {
  const [row] = await query<ServiceCaller & { keyId: KeyId; isNoted: boolean }>(
    `select a.id, a.permissions, a.use_case_id as "useCaseId", ${millis('clock_timestamp()')} as now, k.id as "keyId",
       coalesce(k.last_used_at > clock_timestamp() - interval '1 minute', false) as "isNoted"
     from api_keys k join service_accounts a on a.id = k.service_id
     where k.secret_digest = $1 and a.id = $2 and a.state = 'active'
       and k.revoked_at is null and k.expires_at > clock_timestamp()
       and (cardinality(a.cidrs) = 0 or coalesce($3::inet <<= any (a.cidrs), false))`,
    [key.secretDigest, key.id, key.ip],
  )
  if (row === undefined) return null
  const { keyId, isNoted, ...caller } = row
  if (!isNoted) await query('update api_keys set last_used_at = clock_timestamp() where id = $1', [keyId])
  return { ...caller, now: epochMs(row.now) }
}

export type ServiceRow = {
  readonly id: ServiceId
  readonly name: string
  readonly state: 'active' | 'disabled'
  readonly permissions: readonly Permission[]
  readonly useCaseId: UseCaseId | null
  readonly cidrs: readonly string[]
  readonly createdBy: UserId
  readonly createdAt: number
  /** Keys that open something now, and when the first of them ends. */
  readonly liveKeys: number
  readonly nextKeyEndsAt: number | null
  readonly lastUsedAt: number | null
}
const live = `k.service_id = a.id and k.revoked_at is null and k.expires_at > clock_timestamp()`
const columns = `a.id, a.name, a.state, a.permissions, a.use_case_id as "useCaseId", a.cidrs::text[] as cidrs,
  a.created_by as "createdBy", ${millis('a.created_at')} as "createdAt",
  (select count(*) from api_keys k where ${live}) as "liveKeys",
  (select ${millis('min(k.expires_at)')} from api_keys k where ${live}) as "nextKeyEndsAt",
  (select ${millis('max(k.last_used_at)')} from api_keys k where k.service_id = a.id) as "lastUsedAt"`

/** Service accounts in the order in which they were created. */
export function listServiceAccounts(
  query: Query,
  page: {
    readonly state?: ServiceRow['state'] | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<readonly ServiceRow[]> {
  return query(
    `select ${columns} from service_accounts a
     where ($1::text is null or a.id > $1) and ($2::text is null or a.state = $2) order by a.id limit $3`,
    [page.after ?? null, page.state ?? null, page.limit],
  )
}

export type KeyRow = {
  readonly id: KeyId
  readonly issuedAt: number
  readonly expiresAt: number
  readonly revokedAt: number | null
  readonly lastUsedAt: number | null
}

/** One account with its latest keys; null when there is none. */
export async function readServiceAccount(
  query: Query,
  id: ServiceId,
): Promise<{ readonly account: ServiceRow; readonly keys: readonly KeyRow[] } | null> {
  const [account] = await query<ServiceRow>(`select ${columns} from service_accounts a where a.id = $1`, [id])
  if (account === undefined) return null
  const keys = await query<KeyRow>(
    `select id, ${millis('issued_at')} as "issuedAt", ${millis('expires_at')} as "expiresAt",
       ${millis('revoked_at')} as "revokedAt", ${millis('last_used_at')} as "lastUsedAt"
     from api_keys where service_id = $1 order by issued_at desc limit 50`,
    [id],
  )
  return { account, keys }
}

async function assertKnown(work: Work, id: ServiceId): Promise<serviceAccount.ServiceAccount> {
  const { state } = await work.load(serviceAccounts, id)
  if (state.s === 'absent') throw new AppError('NOT_FOUND')
  return state
}

function contextOf(work: Work, id: ServiceId): serviceAccount.Context {
  const actor = personOf(work.issuer)
  if (actor === null) throw new AppError('FORBIDDEN', 'a person answers for a service account')
  return { now: work.now, id, actor, authn: work.issuer.authn }
}
