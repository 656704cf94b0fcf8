import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { epochMs, idFrom } from '../kernel/index.ts'
import { batchRoot, recordCommitment } from '../ledger/batch.ts'
import { OpenBatch } from './batch.ts'
import type { RecordEntry, RuntimeRecord } from './ports.ts'
import { recordOf } from './record-of.ts'

function entryOf(n: number, action: RuntimeRecord['action']): RecordEntry {
  const state = {
    id: idFrom('record', epochMs(1_000 + n), new Uint8Array(10).fill(n % 256)),
    at: epochMs(1_000 + n),
    worker: 'w1',
    dialect: 'openai-chat',
    key: null,
    caller: null,
    target: null,
    tried: [],
    model: null,
    guard: null,
    inspection: 'none',
    input: null,
    usage: null,
    tools: [],
    timing: { firstByteMs: null, totalMs: n },
  } as const
  const record = { ...recordOf(state, { codes: [], released: 'none', status: 200 }, 7 + n), action }
  return { record, salt: Buffer.alloc(32, n).toString('base64url') }
}

test('law: a batch that grew record by record has the root that anybody computes of all of them, and their counts', () => {
  const anyActions = fc.array(fc.constantFrom('allow', 'redact', 'block', 'held', 'fault'), {
    minLength: 1,
    maxLength: 40,
  })
  fc.assert(
    fc.property(anyActions, (actions) => {
      const open = new OpenBatch()
      const entries = actions.map((action, n) => entryOf(n, action))
      for (const entry of entries) open.add(entry)
      const commitments = entries.map(({ record, salt }) =>
        recordCommitment(Buffer.from(salt, 'base64url'), record),
      )
      const sealed = open.sealed('w1', 3)
      expect(sealed?.root).toBe(`sha256:${Buffer.from(batchRoot(commitments)).toString('hex')}`)
      expect(sealed).toMatchObject({ worker: 'w1', batchNumber: 3, firstSeq: 7, entries })
      for (const action of ['allow', 'redact', 'block', 'held', 'fault'] as const)
        expect(sealed?.counts[action]).toBe(actions.filter((one) => one === action).length)
    }),
    { numRuns: 50 },
  )
})

test('nothing is sealed of which there is nothing', () => {
  expect(new OpenBatch().sealed('w1', 0)).toBe(null)
})
