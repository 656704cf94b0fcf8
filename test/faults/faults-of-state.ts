import type { SnapshotData } from '../../src/gateway/ports.ts'
import { grantLifetimeSeconds } from '../../src/governance/authorization/index.ts'
import { digestOf, epochMs } from '../../src/kernel/index.ts'
import { everywhere, none, refused, served, type Cell, type Fault } from './fault.ts'
import type { FaultGateway } from './gateway.ts'

type Of = Pick<Fault, 'what' | 'setup' | 'arrange' | 'cells'> & { readonly row?: string }
const nothingSent = (row: string, faults: readonly Of[]): readonly Fault[] =>
  faults.map((fault) => ({ row, ...fault, reaches: false }))
const publishing = (change: (data: SnapshotData) => SnapshotData) => async (gateway: FaultGateway) =>
  gateway.publish(change)
const keys = (change: object) =>
  publishing((data) => ({ ...data, keys: data.keys.map((key) => ({ ...key, ...change })) }))
const limited = (unit: 'requests' | 'micro_usd') =>
  publishing((data) => ({
    ...data,
    limits: [
      {
        id: 'lim_1',
        unit,
        amount: 1_000_000,
        target: { scope: 'org' as const },
        window: { k: 'none' as const },
      },
    ],
  }))
const passTime = (ms: number) => (gateway: FaultGateway) => {
  gateway.failSnapshots(true)
  gateway.skew.wall += ms
  gateway.skew.monotonic += ms
}
const stale = everywhere(refused(503, 'snapshot_stale'))
const leaseDown = { lease: () => Promise.reject(new Error('the database is gone')) }
const cost: Cell = none('calls of tools have no price')
const tiers = [
  [1, 300_001],
  [2, 60_001],
  [3, 15_001],
] as const
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1_000) + seconds

/** Faults of what the gateway knows and of what it depends on. It refuses before a byte goes upstream. */
export const faultsOfState: readonly Fault[] = [
  ...nothingSent('no key, or one that is expired or revoked; no grant; a raised epoch; another release', [
    {
      what: 'the key is revoked',
      arrange: keys({ revokedAt: epochMs(1) }),
      cells: everywhere(refused(401, 'key_revoked')),
    },
    {
      what: 'the key has expired',
      arrange: keys({ expires: epochMs(1) }),
      cells: everywhere(refused(401, 'key_expired')),
    },
    {
      what: 'the key is used elsewhere',
      arrange: keys({ sources: ['192.0.2.0/24'] }),
      cells: everywhere(refused(401, 'key_source_refused')),
    },
    {
      what: 'there is no grant',
      arrange: publishing((data) => ({ ...data, grants: [] })),
      cells: everywhere(refused(403, 'grant_absent')),
    },
    {
      what: 'the epoch was raised',
      arrange: publishing((data) => ({
        ...data,
        minEpochs: data.minEpochs.map((of) => ({ ...of, epoch: of.epoch + 1 })),
      })),
      cells: everywhere(refused(403, 'grant_stopped')),
    },
    {
      what: 'another release runs',
      arrange: publishing((data) => ({
        ...data,
        routes: data.routes.map((of) => ({ ...of, release: digestOf('other') })),
      })),
      cells: everywhere(refused(403, 'release_mismatch')),
    },
    {
      what: 'the grant has expired',
      setup: () => ({ claims: { exp: inSeconds(240) } }),
      arrange: passTime(245_000),
      cells: everywhere(refused(403, 'grant_expired')),
    },
  ]),
  ...nothingSent('a snapshot that is stale, rejected or empty; clock skew', [
    ...tiers.map(
      ([tier, ms]): Of => ({
        what: `the snapshot is older than tier ${tier} may take`,
        setup: () => ({ claims: { tier, exp: inSeconds(grantLifetimeSeconds[tier]) } }),
        arrange: passTime(ms),
        cells: stale,
      }),
    ),
    {
      what: 'the snapshot is empty',
      arrange: publishing((data) => ({
        ...data,
        keys: [],
        grants: [],
        routes: [],
        scopes: [],
        minEpochs: [],
      })),
      cells: everywhere(refused(401, 'key_invalid')),
    },
    {
      what: 'the newer snapshot is rejected, and the old one is too old',
      arrange: async (gateway) => {
        await gateway.publish((data) => ({ ...data, trustBundle: 'x' }))
        passTime(300_001)(gateway)
      },
      cells: stale,
    },
    {
      what: 'the wall clock was set back by an hour',
      arrange: (gateway) => void (gateway.skew.wall -= 3_600_000),
      cells: stale,
    },
    {
      what: 'the wall clock was set forward by an hour',
      arrange: (gateway) => void (gateway.skew.wall += 3_600_000),
      cells: stale,
    },
    {
      what: 'the machine has slept for an hour',
      arrange: (gateway) => {
        gateway.failSnapshots(true)
        gateway.skew.wall += 3_600_000
      },
      cells: stale,
    },
  ]),
  ...nothingSent('a detector that throws, in what is asked', [
    {
      what: 'the guard throws',
      arrange: ({ failing }) => void (failing.guard = true),
      cells: everywhere(refused(503, 'check_fault')),
    },
  ]),
  ...nothingSent('the store of budgets is down and the lease is spent; a price is unknown', [
    {
      what: 'no lease is to be had',
      setup: () => ({ leases: leaseDown, change: (data) => data }),
      arrange: limited('requests'),
      cells: everywhere(refused(503, 'budget_unknown'), {
        'mcp of before': none('without a lease no session opens'),
        'mcp of before, stream': none('without a lease no session opens'),
      }),
    },
    {
      what: 'the price of the model is unknown',
      arrange: limited('micro_usd'),
      cells: everywhere(refused(503, 'budget_unknown'), {
        'mcp of today': cost,
        'mcp of today, stream': cost,
        'mcp of before': cost,
        'mcp of before, stream': cost,
      }),
    },
  ]),
  ...nothingSent('records cannot be stored', [
    {
      what: 'the disk is full, and so is the spool',
      setup: () => ({ maxSpool: 3 }),
      arrange: async (gateway) => {
        gateway.failing.records = true
        for (let n = 0; n < 3; n += 1) await fetch(`${gateway.address}/v1/models`)
        await gateway.recorded()
      },
      cells: everywhere(refused(503, 'record_unavailable')),
    },
  ]),
  {
    row: 'a snapshot that is rejected',
    what: 'the older one goes on while it is young enough',
    reaches: true,
    arrange: publishing((data) => ({ ...data, trustBundle: 'x' })),
    cells: everywhere(served),
  },
  {
    row: 'the database is gone',
    what: 'and the snapshot is young enough',
    reaches: true,
    arrange: (gateway) => gateway.failSnapshots(true),
    cells: everywhere(served),
  },
]
