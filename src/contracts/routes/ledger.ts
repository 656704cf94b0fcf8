import { z } from 'zod'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { empty, idOf, instant } from '../schemas.ts'

const entryView = z.strictObject({
  id: idOf('event'),
  index: z.int().min(0).nullable(),
  stream: z.string(),
  rev: z.int(),
  kind: z.string(),
  at: instant,
  actor: z.string(),
  commandId: z.string(),
  facts: z.record(z.string(), z.unknown()),
  hasSealed: z.boolean(),
})

const tag = 'ledger'

export const ledgerStatus = route({
  id: 'ledger.status',
  method: 'GET',
  path: '/api/v1/ledger/status',
  tag,
  summary: 'State of the log: size, what waits for an index, the newest signed checkpoint',
  access: { permission: 'ledger.read' },
  query: empty,
  reply: z.strictObject({
    state: z.enum(['starting', 'following', 'running', 'halted']),
    detail: z.string().optional(),
    origin: z.string().nullable(),
    size: z.int(),
    queued: z.int(),
    oldestQueuedMs: z.int(),
    checkpoint: z.string().nullable(),
    vkey: z.string(),
  }),
})

export const ledgerEntries = route({
  id: 'ledger.entries',
  method: 'GET',
  path: '/api/v1/ledger/entries',
  tag,
  summary: 'Indexed entries in order or the newest first, by stream or kinds',
  access: { permission: 'ledger.read' },
  query: pageQuery(['index', '-index'], {
    stream: z.string().min(3).max(200).optional(),
    /** One kind, or several with commas between. */
    kind: z
      .string()
      .regex(
        /^[a-z][a-z0-9_.-]{2,63}(,[a-z][a-z0-9_.-]{2,63}){0,15}$/,
        'kinds such as `stop.ordered,stop.lifted`',
      )
      .optional(),
    from: z.coerce.number().int().min(0).optional(),
  }),
  reply: pageOf(entryView),
})

export const ledgerEntry = route({
  id: 'ledger.entry',
  method: 'GET',
  path: '/api/v1/ledger/entries/:id',
  tag,
  summary: 'One entry, indexed or not yet',
  access: { permission: 'ledger.read' },
  params: z.strictObject({ id: idOf('event') }),
  reply: entryView,
})

export const ledgerProof = route({
  id: 'ledger.proof',
  method: 'GET',
  path: '/api/v1/ledger/entries/:id/proof',
  tag,
  summary: 'The audit path of an entry under the newest signed checkpoint; 503 while it has no index yet',
  access: { permission: 'ledger.read' },
  params: z.strictObject({ id: idOf('event') }),
  reply: z.strictObject({
    index: z.int().min(0),
    leaf: z.string(),
    path: z.array(z.string()),
    checkpoint: z.string(),
    /** The open facts with their salts: together they are what the commitment in the leaf was made for. */
    opening: z.strictObject({
      count: z.int(),
      fields: z.array(
        z.strictObject({ index: z.int(), pointer: z.string(), value: z.unknown(), salt: z.string() }),
      ),
    }),
  }),
})

export const ledgerExport = route({
  id: 'ledger.export',
  method: 'GET',
  path: '/api/v1/ledger/export',
  tag,
  summary: 'The whole log as an export file, for `countersign ledger verify`',
  access: { permission: 'ledger.export' },
  query: empty,
  produces: 'application/jsonl',
  reply: z.string(),
})

export const revealEntry = route({
  id: 'ledger.reveal',
  method: 'POST',
  path: '/api/v1/ledger/entries/:id/reveal',
  tag,
  summary: 'Open the sealed half of one entry for a stated reason; the opening is an entry itself',
  access: { permission: 'sealed.reveal', proof: 'fresh_passkey' },
  params: z.strictObject({ id: idOf('event') }),
  body: z.strictObject({ reason: z.string().trim().min(1).max(2_000) }),
  reply: z.strictObject({ stream: z.string(), sealed: z.record(z.string(), z.unknown()).nullable() }),
  refuses: ['PERSON_REQUIRED', 'REASON_REQUIRED', 'STEP_UP_REQUIRED'],
  idempotent: false, // a kept answer would keep the text
})

export const ledgerRoutes = [
  ledgerStatus,
  ledgerEntries,
  ledgerEntry,
  ledgerProof,
  ledgerExport,
  revealEntry,
] as const
