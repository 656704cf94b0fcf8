import { describe, expect, test } from 'vitest'
import { faultBench } from './bench.ts'
import type { Fault } from './fault.ts'
import { faultsOfRequests } from './faults-of-requests.ts'
import { faultsOfState } from './faults-of-state.ts'
import { faultsOfUpstreams } from './faults-of-upstreams.ts'
import { answerWell } from './faulty-upstream.ts'
import type { FaultGateway, Given } from './gateway.ts'
import { spoken, ways, type Way, type WayName } from './ways.ts'

const { upstream, gatewayFor } = await faultBench()

const names = Object.keys(ways) as WayName[] // of the ways
const faults = [...faultsOfRequests, ...faultsOfState, ...faultsOfUpstreams]

test.each(names)('without a fault %s is served', async (name) => {
  const fault: Fault = { row: '', what: '', reaches: true, cells: {} as Fault['cells'] }
  await isServed(ways[name], await meet(fault, ways[name]))
})

describe.each(faults.map((fault) => [`${fault.row}: ${fault.what}`, fault] as const))('%s', (_row, fault) => {
  test.each(names.filter((name) => fault.cells[name].k !== 'none'))('%s', async (name) => {
    const [way, cell] = [ways[name], fault.cells[name]]
    const met = await meet(fault, way)
    const { given } = met
    if (cell.k === 'served') return isServed(way, met)
    if (cell.k === 'none') return
    const isRefused = cell.k === 'refused' || (cell.k === 'cut' && given.status !== 200)
    if (isRefused) expect([given.status, given.reason]).toEqual([cell.status, cell.code])
    else expect(given.status).toBe(200)
    if (cell.k !== 'cut_late') expect(way.isWhole(given.text), given.text).toBe(false)
    if (!isRefused && cell.k !== 'withheld') expect(given.text).toContain(cell.code)
    if (isRefused || cell.k === 'withheld') expect(given.text).not.toContain(spoken)
    expect(upstream.calls.length > 0).toBe(fault.reaches)
    await isRecorded(met, cell.code)
  })
})

type Met = { readonly given: Given; readonly gateway: FaultGateway }

/** Calls in one way while something fails. */
async function meet(fault: Fault, way: Way): Promise<Met> {
  const gateway = await gatewayFor(way, fault.setup?.())
  upstream.state.misdeed = fault.misdeed ?? answerWell
  await fault.arrange?.(gateway)
  const given = await gateway.ask(fault.change?.(way, gateway))
  await gateway.settled()
  return { given, gateway }
}

async function isServed(way: Way, { given, gateway }: Met): Promise<void> {
  expect([given.status, given.reason]).toEqual([200, null])
  expect(way.isWhole(given.text), given.text).toBe(true)
  expect(given.text).toContain(spoken)
  expect(upstream.calls).toHaveLength(1)
  const record = await gateway.recordOf(given.record)
  expect(record).toMatchObject({ action: 'allow', released: 'full', inspection: 'complete', codes: [] })
}

/** What is written about a call is what has happened to it. */
async function isRecorded({ given, gateway }: Met, code: string): Promise<void> {
  const { record: id, text, status } = given
  gateway.failing.records = false
  const record = await gateway.recordOf(id)
  expect(record.codes).toContain(code)
  expect(['block', 'fault']).toContain(record.action)
  expect(record.released).toBe(
    text.includes(spoken) || (status === 200 && record.output !== null) ? 'partial' : 'none',
  )
  expect(record.status).toBe(status)
  expect(record.target === null || upstream.calls.length > 0).toBe(true)
}
