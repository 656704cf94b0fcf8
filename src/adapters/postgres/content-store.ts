import { randomBytes } from 'node:crypto'
import type {
  CallContent,
  ContentOpener,
  ContentStore,
  ContentText,
  KeptContent,
} from '../../app/ports/gateway-content.ts'
import type { Query } from '../../app/ports/query.ts'
import { dayMs, hkdfSha256, Secret, type DeploymentId } from '../../kernel/index.ts'
import { sealingKey, type SealingKey } from '../files/sealing-key.ts'
import type { Pool } from './pool.ts'

/** Keys of days that are kept open; a gateway needs one for each deployment whose content is kept. */
const mostOpen = 512

/** The key under which the keys of days are sealed. `master`, of 32 bytes, never reaches the database. */
function sealingOf(master: Buffer): SealingKey {
  return sealingKey(Buffer.from(hkdfSha256(master, Buffer.from('content of calls'))))
}

/**
 * Keeps content in the database of the role `countersign_gateway`: AES-256-GCM under a key of its deployment and of the day
 * on which it goes, each text bound to its record and side.
 */
export function createContentStore(pool: Pool, master: Buffer): ContentStore {
  const sealing = sealingOf(master)
  const open = new Map<string, SealingKey>()

  async function keyOf(deployment: DeploymentId, day: string): Promise<SealingKey> {
    const owner = ownerOf(deployment, day)
    const known = open.get(owner)
    if (known !== undefined) return known
    const offered = sealing.seal(owner, new Secret(randomBytes(32).toString('base64url')))
    const { rows } = await pool.query<{ sealed: Buffer | null }>({
      name: 'content_key',
      text: 'select content_key($1, $2, $3) as sealed',
      values: [deployment, day, offered],
    })
    const key = keyIn(sealing, owner, rows[0]?.sealed ?? null)
    if (key === null) throw new Error('the key of a day does not open')
    if (open.size >= mostOpen) open.clear()
    open.set(owner, key)
    return key
  }

  return {
    put: async (calls) => {
      for (const call of calls) {
        const day = dayAfter(call)
        const key = await keyOf(call.deployment, day)
        const sides = [['input', call.input] as const, ['output', call.output] as const]
        for (const [side, text] of sides) {
          if (text === null) continue
          const sealed = key.seal(`${call.record}/${side}`, new Secret(text.text))
          await pool.query({
            name: 'keep_content',
            text: `insert into gateway_content (record_id, side, deployment_id, expires_on, sealed, omitted_bytes)
              values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
            values: [call.record, side, call.deployment, day, sealed, text.omittedBytes],
          })
        }
      }
    },
  }
}

/** Opens content for the control plane, which has the same master key and reads by its own role. */
export function createContentOpener(query: Query, master: Buffer): ContentOpener {
  const sealing = sealingOf(master)
  return {
    open: async (record) => {
      const rows = await query<{
        side: 'input' | 'output'
        sealed: Buffer
        omitted: number
        deployment: DeploymentId
        day: string
        key: Buffer
      }>(
        `select c.side, c.sealed, c.omitted_bytes as omitted, c.deployment_id as deployment,
           to_char(c.expires_on, 'YYYY-MM-DD') as day, k.sealed_key as key
         from gateway_content c
           join content_keys k on k.deployment_id = c.deployment_id and k.expires_on = c.expires_on
         where c.record_id = $1`,
        [record],
      )
      const texts = new Map<string, ContentText>()
      for (const { side, sealed, omitted, deployment, day, key } of rows) {
        const text = keyIn(sealing, ownerOf(deployment, day), key)?.open(`${record}/${side}`, sealed) ?? null
        if (text !== null) texts.set(side, { text: text.reveal(), omittedBytes: omitted })
      }
      if (texts.size === 0) return null
      const kept: KeptContent = { input: texts.get('input') ?? null, output: texts.get('output') ?? null }
      return kept
    },
  }
}

function keyIn(sealing: SealingKey, owner: string, sealed: Buffer | null): SealingKey | null {
  const secret = sealed === null ? null : sealing.open(owner, sealed)
  return secret === null ? null : sealingKey(Buffer.from(secret.reveal(), 'base64url'))
}

function ownerOf(deployment: DeploymentId, day: string): string {
  return `${deployment}/${day}`
}

/** The day, in UTC, on which content goes: it is there for its days in full. */
function dayAfter({ at, days }: Pick<CallContent, 'at' | 'days'>): string {
  return new Date(at + (days + 1) * dayMs).toISOString().slice(0, 10)
}
