import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { digestOf, epochMs, idFrom, type RecordId } from '../kernel/index.ts'
import { storeLeft } from './left-records.ts'
import type { LeftSpool, RecordEntry, RuntimeRecord, SealedBatch, SpoolFolder } from './ports.ts'
import { createRecords } from './records.ts'
import { createSpool, noSpool } from './spool.ts'
import { lineOf, unstoredIn } from './spool-lines.ts'

const worker = 'w1'
const log = () => undefined
const idOf = (n: number) => idFrom('record', epochMs(1_000 + n), new Uint8Array(10).fill(n % 256))

function entryOf(n: number, change: Partial<RuntimeRecord> = {}): RecordEntry {
  const record: RuntimeRecord = {
    action: 'allow',
    at: epochMs(1_000 + n),
    codes: [],
    dataClassMax: null,
    deployment: null,
    dialect: 'openai-chat',
    findingCount: 0,
    findings: [],
    grant: null,
    id: idOf(n),
    input: null,
    inspection: 'complete',
    key: null,
    mode: null,
    model: null,
    output: null,
    release: null,
    released: 'full',
    seq: 0,
    snapshot: null,
    status: 200,
    target: null,
    tier: null,
    timing: { firstByteMs: null, totalMs: 0 },
    tried: [],
    usage: null,
    v: 1,
    worker,
    ...change,
  }
  return { record, salt: Buffer.alloc(32, n).toString('base64url') }
}

/** What a disk would still have: files by number, as long as nobody removes them. */
function memoryFolder() {
  const files = new Map<number, string>()
  const state = { isFull: false }
  const folder: SpoolFolder = {
    create: (n) => {
      files.set(n, '')
      return {
        append: (text) => {
          if (state.isFull) {
            files.set(n, `${files.get(n)}${text.slice(0, text.length / 2)}`)
            throw new Error('ENOSPC')
          }
          files.set(n, `${files.get(n)}${text}`)
        },
        sync: async () => undefined,
        remove: () => void files.delete(n),
      }
    },
    close: () => undefined,
  }
  const lines = () => [...files].toSorted(([a], [b]) => a - b).flatMap(([, text]) => text.split('\n'))
  return { folder, files, lines, state }
}

/** A store that remembers what it was given and refuses what does not follow. */
function memoryStore() {
  const state = { batches: 0, isDown: false, losesAnswers: false }
  const records: RuntimeRecord[] = []
  return {
    state,
    records,
    store: async (batch: SealedBatch) => {
      if (state.isDown) throw new Error('no database')
      if (batch.batchNumber < state.batches) return
      expect([batch.batchNumber, batch.firstSeq]).toEqual([state.batches, records.length])
      state.batches += 1
      records.push(...batch.entries.map(({ record }) => record))
      if (state.losesAnswers) throw new Error('the answer was lost')
    },
    stored: async () => ({ batches: state.batches, records: records.length }),
  }
}

const leftIn = (lines: () => readonly string[], removed: () => void = () => undefined): LeftSpool => ({
  worker,
  lines,
  remove: removed,
  letGo: () => undefined,
})

type Step =
  | { readonly s: 'begin' | 'answer' | 'gone' | 'refuse' }
  | { readonly s: 'flush'; readonly how: 'stored' | 'down' | 'answer_lost' }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom<Step>(
      { s: 'begin' },
      { s: 'answer' },
      { s: 'answer' },
      { s: 'gone' },
      { s: 'refuse' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('stored', 'down', 'answer_lost').map((how): Step => ({ s: 'flush', how })),
  },
)

test('law: wherever a process is killed, every call that it had answered has one record, and no record is there twice', async () => {
  const seen = { unstored: 0, moved: 0, cut: 0 }
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 5, maxLength: 60 }), async (steps) => {
      const disk = memoryFolder()
      const store = memoryStore()
      const spool = createSpool({ folder: disk.folder, log, fileBytes: 1_500 })
      const records = createRecords({ store, worker, log, monotonicMs: () => 0, spool })
      const open: number[] = []
      const answered = new Map<RecordId, RuntimeRecord['released']>()
      let next = 0
      for (const step of steps) {
        if (step.s === 'flush') {
          store.state.isDown = step.how === 'down'
          store.state.losesAnswers = step.how === 'answer_lost'
          await records.flush()
          continue
        }
        if (step.s === 'begin') {
          open.push(next)
          records.foresee(entryOf(next, { codes: ['process_ended'], released: 'none', action: 'fault' }))
          next += 1
          continue
        }
        const n = step.s === 'refuse' ? next++ : open.shift()
        if (n === undefined) continue
        const told = step.s === 'refuse' ? ({ status: 403, released: 'none' } as const) : {}
        expect(records.foresee(entryOf(n, told))).toBe(true)
        const released = step.s === 'gone' ? 'partial' : (told.released ?? 'full')
        records.write(entryOf(n, { ...told, released, seq: records.nextSeq() }))
        answered.set(idOf(n), released)
      }
      seen.moved += disk.lines().filter((line) => line.includes('"moved"')).length

      ;[store.state.isDown, store.state.losesAnswers] = [false, false]
      const before = store.records.length
      expect(await storeLeft([leftIn(disk.lines)], store, log)).toEqual([])
      seen.unstored += store.records.length - before
      seen.cut += open.length
      expect(store.records.map(({ seq }) => seq)).toEqual(store.records.map((_, n) => n))
      const ids = store.records.map(({ id }) => id)
      expect(new Set(ids).size).toBe(ids.length)
      for (const [id, released] of answered)
        expect([id, store.records.find((record) => record.id === id)?.released]).toEqual([id, released])
      for (const n of open)
        expect(store.records.find(({ id }) => id === idOf(n))?.codes).toEqual(['process_ended'])
      expect(ids.length).toBe(answered.size + open.length)
    }),
    { numRuns: 200 },
  )
  expect(Math.min(seen.unstored, seen.moved, seen.cut)).toBeGreaterThan(50)
})

test('what is stored leaves the disk, and a file goes when nothing in it waits', async () => {
  const disk = memoryFolder()
  const store = memoryStore()
  const records = createRecords({
    store,
    worker,
    log,
    monotonicMs: () => 0,
    spool: createSpool({ folder: disk.folder, log, fileBytes: 1_000 }),
  })
  for (let n = 0; n < 10; n += 1) {
    records.foresee(entryOf(n))
    records.write(entryOf(n, { seq: n }))
  }
  expect(disk.files.size).toBeGreaterThan(3)
  await records.flush()
  expect(disk.files.size).toBe(1)
  await records.close()
  expect(disk.files.size).toBe(0)
  expect(store.records).toHaveLength(10)
})

test.each<[string, Partial<RuntimeRecord>, Partial<RuntimeRecord>]>([
  ['other codes, as many of them', { codes: ['process_ended'] }, { codes: ['client_gone'] }],
  ['another code more', { codes: ['rate_limited'] }, { codes: ['rate_limited', 'client_gone'] }],
  ['an output', { output: null }, { output: { bytes: 3, hmac: digestOf('abc') } }],
  ['less released', { released: 'full' }, { released: 'partial' }],
  ['another status', { status: 499 }, { status: 200 }],
])('a call that ends otherwise than was foreseen is kept as it has ended: %s', (_what, then, now) => {
  const disk = memoryFolder()
  const spool = createSpool({ folder: disk.folder, log })
  const records = createRecords({ store: memoryStore(), worker, log, monotonicMs: () => 0, spool })
  records.foresee(entryOf(1, then))
  records.write(entryOf(1, now))
  expect(unstoredIn(disk.lines(), 0).map(({ record }) => record)).toEqual([entryOf(1, now).record])
})

test('a call that ends as was foreseen is not written again', () => {
  const keep = vi.fn(() => true)
  const spool = { ...noSpool, keep }
  const records = createRecords({ store: memoryStore(), worker, log, monotonicMs: () => 0, spool })
  const codes: RuntimeRecord['codes'][number][] = ['model_not_granted']
  const output = { bytes: 3, hmac: digestOf('abc') }
  records.foresee(entryOf(1, { codes, output }))
  records.write(entryOf(1, { codes, output: { ...output } }))
  expect(keep).toHaveBeenCalledTimes(1)
  records.foresee(entryOf(2, { codes }))
  codes.push('client_gone') // the list of a call grows
  records.write(entryOf(2, { codes }))
  expect(keep).toHaveBeenCalledTimes(3)
})

test('a disk that is full stops the gateway, and what was torn hides nothing of what follows', async () => {
  const disk = memoryFolder()
  const spool = createSpool({ folder: disk.folder, log, syncEveryMs: 1 })
  const records = createRecords({ store: memoryStore(), worker, log, monotonicMs: () => 0, spool })
  records.start()
  disk.state.isFull = true
  expect([records.foresee(entryOf(1)), records.ready()]).toEqual([false, false])
  disk.state.isFull = false
  await expect.poll(() => records.ready()).toBe(true)
  expect(records.foresee(entryOf(2))).toBe(true)
  expect(unstoredIn(disk.lines(), 0).map(({ record }) => record.id)).toEqual([idOf(2)])
  await records.close()
})

test('a spool that has grown too large stops the gateway', () => {
  const spool = createSpool({ folder: memoryFolder().folder, log, maxBytes: 500 })
  const records = createRecords({ store: memoryStore(), worker, log, monotonicMs: () => 0, spool })
  expect(records.ready()).toBe(true)
  records.foresee(entryOf(1))
  expect(records.ready()).toBe(false)
})

test.each([
  ['nothing', ''],
  ['half a line', lineOf({ k: 'record', entry: entryOf(1) }).slice(0, 40)],
  ['a line that is no line', '{"k":"record","entry":{"record":{"id":"x"}}}'],
  ['no object', 'null'],
])('of %s nothing is read', (_what, text) => {
  expect(unstoredIn([text], 0)).toEqual([])
})

test('a database that does not answer leaves the spool to the next try', async () => {
  const store = memoryStore()
  store.state.isDown = true
  let isRemoved = false
  const left = leftIn(
    () => [lineOf({ k: 'record', entry: entryOf(1) })],
    () => (isRemoved = true),
  )
  expect(await storeLeft([left], store, log)).toEqual([left])
  expect(isRemoved).toBe(false)
  store.state.isDown = false
  expect(await storeLeft([left], store, log)).toEqual([])
  expect([isRemoved, store.records.length]).toEqual([true, 1])
})

test('a call of tier 3 is not admitted when the database refuses, hangs or is not there', async () => {
  const admitting = (admit?: () => Promise<void>) =>
    createRecords({
      store: memoryStore(),
      ...(admit === undefined ? {} : { admissions: { admit } }),
      worker,
      log,
      monotonicMs: () => 0,
      admitWithinMs: 5,
    }).admit(entryOf(1))
  expect(await admitting(async () => undefined)).toBe(true)
  expect(await admitting(() => Promise.reject(new Error('refused')))).toBe(false)
  expect(await admitting(() => new Promise(() => undefined))).toBe(false)
  expect(await admitting()).toBe(false)
})
