import { randomBytes } from 'node:crypto'
import {
  conversationMs,
  mostValues,
  type ConversationName,
  type ConversationVault,
  type OpenConversation,
} from '../../app/ports/conversation-vault.ts'
import { hkdfSha256, hmacSha256, Secret } from '../../kernel/index.ts'
import { sealingKey, type SealingKey } from '../files/sealing-key.ts'
import type { Pool } from './pool.ts'

/** Placeholder and sealed value. */
type Row = { readonly placeholder: string; readonly sealed: Buffer }

/**
 * What stands behind placeholders, in the database of the role `countersign_gateway`. `master`, of 32 bytes, never leaves
 * this process: it names conversations and seals their keys. A conversation that is deleted takes its key with it, and
 * with the key every value.
 */
export function createConversationVault(pool: Pool, master: Buffer): ConversationVault {
  const naming = hkdfSha256(master, Buffer.from('conversation name'))
  const sealing = sealingKey(Buffer.from(hkdfSha256(master, Buffer.from('conversation key'))))
  return {
    open: async (name) => {
      const id = idOf(naming, name)
      const offered = sealing.seal(id, new Secret(randomBytes(32).toString('base64url')))
      const { rows } = await pool.query<{ sealed: Buffer | null }>({
        name: 'open_conversation',
        text: 'select open_conversation($1, $2, $3, $4, $5) as sealed',
        values: [id, name.deployment, name.key, offered, conversationMs],
      })
      const sealed = rows[0]?.sealed ?? null
      const key = sealed === null ? null : sealing.open(id, sealed)
      if (key === null) throw new Error('the key of a conversation does not open')
      return opened(pool, id, Buffer.from(key.reveal(), 'base64url'))
    },
  }
}

function opened(pool: Pool, id: string, key: Buffer): OpenConversation {
  const coding = hkdfSha256(key, Buffer.from('placeholders'))
  const values = sealingKey(Buffer.from(hkdfSha256(key, Buffer.from('values'))))
  return {
    code: (text) => hmacSha256(coding, text),
    keep: async (wanted) => {
      const seals = [...wanted].map(([placeholder, value]) => values.seal(placeholder, new Secret(value)))
      const { rows } = await pool.query<Row>({
        name: 'keep_conversation_values',
        text: 'select placeholder, sealed from keep_conversation_values($1, $2, $3, $4)',
        values: [id, [...wanted.keys()], seals, mostValues],
      })
      return meaningsOf(values, rows)
    },
    all: async () => {
      const { rows } = await pool.query<Row>({
        name: 'conversation_values_of',
        text: 'select placeholder, sealed from conversation_values_of($1)',
        values: [id],
      })
      return meaningsOf(values, rows)
    },
  }
}

/** Throws when a value was changed, or moved to another placeholder. */
function meaningsOf(values: SealingKey, rows: readonly Row[]): ReadonlyMap<string, string> {
  return new Map(
    rows.map(({ placeholder, sealed }) => {
      const value = values.open(placeholder, sealed)
      if (value === null) throw new Error('a value of a conversation does not open')
      return [placeholder, value.reveal()]
    }),
  )
}

/** Length before each mark: no two lists of marks read alike. */
function idOf(naming: Uint8Array, { deployment, key, marks }: ConversationName): string {
  const parts = [deployment, key, ...marks].flatMap((mark) => [`${mark.length}:`, mark])
  return Buffer.from(hmacSha256(naming, ...parts)).toString('hex')
}
