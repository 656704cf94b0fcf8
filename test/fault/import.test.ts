import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDemoProvider } from '../../src/adapters/demo-provider/demo-provider.ts'
import { checkLedger } from '../../src/app/ledger-check/check.ts'
import { commitImport, listImportRows, readImport, uploadImport } from '../../src/contracts/routes/imports.ts'
import type { ImportId } from '../../src/kernel/index.ts'
import { foundOrganisation, type Organisation } from '../../src/main/demo/organisation.ts'
import { queryOf } from '../support/gateway-fixture.ts'
import { importFile, importRow } from '../support/imports.ts'
import { Shipped } from './shipped.ts'

/** The largest file takes minutes: `.ci/steps` asks for it. */
const count = Number(process.env['COUNTERSIGN_IMPORT_ROWS'] ?? 200)
const badEvery = 100
const withinMs = 60_000 + count * 100

let product: Shipped
let provider: Awaited<ReturnType<typeof startDemoProvider>>
let org: Organisation

beforeAll(async () => {
  product = await Shipped.create()
  await product.start()
  provider = await startDemoProvider({ chunkDelayMs: 2 })
  const { setupToken } = product.announced
  org = await foundOrganisation(product.origin, setupToken ?? '', provider.origin, () => undefined)
}, 120_000)
afterAll(async () => {
  await product.close()
  await provider.close()
}, 60_000)

const read = (id: ImportId) => org.analyst.call(readImport, { params: { id } })

/** Which transaction has written each row of the plan so far. */
function marks(id: ImportId): Promise<readonly string[]> {
  const sql = 'select xmin::text as mark from import_rows where import_id = $1 order by row'
  return product.look(async (pool) =>
    (await pool.query<{ mark: string }>(sql, [id])).rows.map(({ mark }) => mark),
  )
}

/** Asks until `isReached`; the import itself is what is waited for. */
async function until(id: ImportId, isReached: (record: Awaited<ReturnType<typeof read>>) => boolean) {
  for (const deadline = Date.now() + withinMs; ; ) {
    const record = await read(id).catch(() => null) // the program may just be coming back
    if (record !== null && isReached(record)) return record
    if (Date.now() > deadline) throw new Error(`not reached: ${JSON.stringify(record)} ${product.errors}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

test(
  `${count} rows: each bad one is shown, the check goes on after kill -9, and the commit survives one in the middle without a duplicate`,
  async () => {
    const { analyst, requester, technicalOwner, backupOwner } = org
    const owners = { business: requester.email, technical: technicalOwner.email, backup: backupOwner.email }
    const bad = new Set<number>()
    const rows = Array.from({ length: count }, (_, i) => {
      const row = importRow(i, owners)
      if (i % badEvery !== 7) return row
      bad.add(i + 2)
      return { ...row, dataClass: 'secret' }
    })
    const began = Date.now()
    const { id } = await analyst.call(uploadImport, { body: { fileName: 'all.csv', text: importFile(rows) } })
    await until(id, ({ progress, phase }) => progress.done > 0 || phase === 'planned')
    const kept = await marks(id)
    await product.signal('SIGKILL')
    await product.start()
    const planned = await until(id, ({ phase }) => phase === 'planned')
    const checkedMs = Date.now() - began
    expect((await marks(id)).slice(0, kept.length)).toEqual(kept)
    expect(planned.counts).toEqual({ create: count - bad.size, update: 0, unchanged: 0, error: bad.size })
    const shown: number[] = []
    for (let cursor: string | undefined; ; ) {
      const query = { outcome: 'error' as const, limit: 200, ...(cursor === undefined ? {} : { cursor }) }
      const page = await analyst.call(listImportRows, { params: { id }, query })
      for (const { row, reasons } of page.items) {
        shown.push(row)
        expect(reasons).toContainEqual({
          code: 'IMPORT_CELL_NO_OPTION',
          params: { column: 'dataClass', options: 'public, internal, confidential, restricted' },
        })
      }
      if (page.next === undefined) break
      cursor = page.next
    }
    expect(shown).toEqual([...bad].sort((a, b) => a - b))

    const planDigest = planned.planDigest ?? ''
    await analyst.call(commitImport, { params: { id }, body: { planDigest, mode: 'skip_errors' } })
    const before = await until(id, ({ applied }) => applied.done >= count / 4)
    await product.signal('SIGKILL')
    await product.start()
    const done = await until(id, ({ phase }) => phase === 'done')
    expect(done.applied).toEqual({ done: count - bad.size, failed: 0, pending: 0 })
    await product.look(async (pool) => {
      const { rows: found } = await pool.query<{
        all: number
        different: number
        submitted: number
        started: number
      }>(
        `select count(*)::int as all, count(distinct external_id)::int as different,
           count(*) filter (where state = 'submitted')::int as submitted,
           (select count(*)::int from ledger.entry where kind = 'intake.started') as started from use_cases`,
      )
      const wanted = count - bad.size
      expect(found).toEqual([{ all: wanted, different: wanted, submitted: wanted, started: wanted }])
      await pool.query('begin isolation level repeatable read read only') // the pool has one connection
      const report = await checkLedger(queryOf(pool), { key: product.key, anchors: [] })
      await pool.query('rollback')
      expect([report.verdict, report.findings]).toEqual(['sound', []])
    })
    console.log(
      `${count} rows: checked in ${checkedMs} ms with one kill after at least ${kept.length} of them, killed again after ${before.applied.done} of ${count - bad.size} ` +
        `rows, all committed ${Date.now() - began} ms after the upload`,
    )
  },
  4 * withinMs,
)
