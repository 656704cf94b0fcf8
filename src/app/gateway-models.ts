import type { OwnModel } from '../governance/registry/index.ts'
import { epochMs, type EpochMs, type JsonObject } from '../kernel/index.ts'
import { ownModels } from './aggregates/gateway.ts'
import { runCommand, type CommandPorts, type Issuer, type Work } from './command.ts'
import type { Query } from './ports/query.ts'
import { millis } from './sql.ts'

/** Describes a model in place of the shipped entry of the same name, prices and all. */
export function describeModel(
  ports: CommandPorts,
  issuer: Issuer,
  { provider, id, entry }: { readonly provider: string; readonly id: string; readonly entry: JsonObject },
): Promise<void> {
  const name = `${provider}/${id}`
  return runCommand(ports, issuer, async (work) => {
    const model = { ...entry, provider, id }
    await work.apply(ownModels, name, { c: 'describe', model }, contextOf(work, name))
  })
}

/** From now on the shipped entry counts again, or nothing is known of the model. */
export function withdrawModel(ports: CommandPorts, issuer: Issuer, name: string): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    await work.apply(ownModels, name, { c: 'withdraw' }, contextOf(work, name))
  })
}

export type OwnModelRow = { readonly model: OwnModel; readonly setBy: string; readonly setAt: EpochMs }

/** Models that this organisation describes itself, by name. */
export async function listOwnModels(
  query: Query,
  filter: { readonly after?: string; readonly limit: number },
): Promise<readonly OwnModelRow[]> {
  const rows = await query<{ model: OwnModel; setBy: string; setAt: number }>(
    `select entry as model, set_by as "setBy", ${millis('set_at')} as "setAt" from own_models
     where $1::text is null or name > $1 order by name limit $2`,
    [filter.after ?? null, filter.limit],
  )
  return rows.map((row) => ({ ...row, setAt: epochMs(row.setAt) }))
}

function contextOf(work: Work, name: string) {
  return { name, now: work.now, actor: work.issuer.actor }
}
