import { gatewayBoots } from '../../app/aggregates/gateway.ts'
import { runCommand, type Issuer, type Work } from '../../app/command.ts'
import type { BatchStore, SealedBatch, StoredTraffic } from '../../app/ports/gateway.ts'
import type { UnitOfWork } from '../../app/ports/unit-of-work.ts'
import { canonicalJson, epochMs, type Digest } from '../../kernel/index.ts'

export type GatewayBatchStore = BatchStore &
  StoredTraffic & {
    /** Records that a worker has ended with everything stored; a boot without this ended some other way. */
    readonly close: (worker: string) => Promise<void>
  }

const issuer: Issuer = {
  actor: { k: 'system', role: 'gateway' },
  authn: { method: 'none', mfa: false, at: epochMs(0) },
  channel: 'gateway',
  authority: { k: 'system' },
}

/**
 * Keeps sealed batches: rows and the entry `gateway.traffic.sealed` in one transaction of the role
 * `countersign_gateway`. A batch that is stored again, since its first answer was lost, changes nothing; another batch
 * of the same number is an error, and so is a gap.
 */
export function createBatchStore(ports: {
  readonly unitOfWork: UnitOfWork
  readonly random: (bytes: number) => Uint8Array
}): GatewayBatchStore {
  // The role may not write refusals; a refused batch stays in the spool of the gateway, which stops serving.
  const commandPorts = { ...ports, refusalLog: async () => undefined }
  return {
    store: (batch) =>
      runCommand(commandPorts, issuer, async (work) => {
        const { worker, batchNumber, firstSeq, root, counts, entries } = batch
        const { state } = await work.load(gatewayBoots, worker)
        if (batchNumber < state.batches) return assertSame(work, batch)
        const instants = entries.map(({ record }) => record.at)
        await work.apply(
          gatewayBoots,
          worker,
          {
            c: 'seal',
            batch: batchNumber,
            firstSeq,
            n: entries.length,
            root,
            firstAt: epochMs(Math.min(...instants)),
            lastAt: epochMs(Math.max(...instants)),
            counts,
          },
          { now: work.now, worker },
        )
        await insertRows(work, batch)
      }),
    stored: (worker) =>
      runCommand(commandPorts, issuer, async (work) => {
        const { batches, records } = (await work.load(gatewayBoots, worker)).state
        return { batches, records }
      }),
    close: (worker) =>
      runCommand(commandPorts, issuer, async (work) => {
        const { state, rev } = await work.load(gatewayBoots, worker)
        if (rev === 0 || state.s === 'closed') return // no traffic, or closed before
        await work.apply(gatewayBoots, worker, { c: 'close' }, { now: work.now, worker })
      }),
  }
}

async function assertSame({ tx }: Work, { worker, batchNumber, root }: SealedBatch): Promise<void> {
  const [stored] = await tx.query<{ root: Digest }>(
    'select root from gateway_batches where boot = $1 and batch = $2',
    [worker, batchNumber],
  )
  if (stored?.root !== root)
    throw new Error(`batch ${batchNumber} of \`${worker}\` was stored with another root`)
}

async function insertRows({ tx }: Work, { worker, batchNumber, entries }: SealedBatch): Promise<void> {
  await tx.query(
    `insert into gateway_records (id, boot, batch, position, at, deployment_id, key_id, action, record, salt)
     select r ->> 'id', $1, $2, n - 1, to_timestamp((r ->> 'at')::float8 / 1000), r ->> 'deployment', r ->> 'key',
       r ->> 'action', r, salt
     from unnest($3::jsonb[], $4::bytea[]) with ordinality as u (r, salt, n)`,
    [
      worker,
      batchNumber,
      entries.map(({ record }) => canonicalJson(record)),
      entries.map(({ salt }) => Buffer.from(salt, 'base64url')),
    ],
  )
}
