import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { pinnedGuard } from './pinned-guard.ts'
import { startOnnxTier } from '../adapters/classifier/onnx-tier.ts'
import { loadModels } from '../adapters/files/model-catalogue.ts'
import { loadToolPolicies } from '../adapters/files/tool-policies.ts'
import { createGatewayFeed, readTrustBundle, type Pool } from '../adapters/postgres/index.ts'
import { exitCodes, type CliCommand } from '../cli/cli.ts'
import { createSnapshotSource, type Snapshot } from '../gateway/snapshot.ts'
import { epochMs } from '../kernel/index.ts'
import type { Config } from './config.ts'
import { catalogueFolder } from './catalogue-folder.ts'
import { databaseChecks, gatewayPool } from './gateway-database.ts'
import { readEquipment, type GatewayEquipment } from './gateway-equipment.ts'
import { configOf } from './serve-command.ts'

type Found = { readonly check: string; readonly ok: boolean; readonly found: string }
type Check = { readonly name: string; readonly run: () => string | Promise<string> }

/** `gateway check-config`: says what a gateway of its own would find at its start. Of what it needs it makes the empty folder of the spool alone. */
export const gatewayCheckCommand: CliCommand = {
  name: 'gateway check-config',
  summary: 'Check what a gateway in a process of its own needs, and say what was found',
  run: async ({ io, print }) => {
    const found = await findings(configOf(io.env, 'gateway'))
    const isSound = found.every(({ ok }) => ok)
    const width = Math.max(...found.map(({ check }) => check.length))
    const lines = found.map(
      (one) => `${one.ok ? 'ok   ' : 'FAULT'}  ${one.check.padEnd(width)}  ${one.found}`,
    )
    print({ sound: isSound, checks: found }, lines.join('\n'))
    return isSound ? exitCodes.ok : exitCodes.refused
  },
}

async function findings(config: Config): Promise<readonly Found[]> {
  const local = await runAll([
    { name: 'listens at', run: () => `${config.host}:${config.gatewayPort}${sharing(config)}` },
    { name: 'catalogue', run: () => catalogue(config.guard.expected) },
    { name: 'classifier', run: () => classifier(config.guard.classifier) },
    { name: 'spool', run: () => writable(join(config.home, 'spool')) },
  ])
  const read = readEquipment(config)
  if ('faults' in read)
    return [...local, ...read.faults.map((found) => ({ check: 'equipment', ok: false, found }))]
  const { equipment } = read
  const { issuer, rootFingerprint } = equipment.trust
  const pool = gatewayPool(equipment)
  try {
    const pinned = { check: 'trusts', ok: true, found: `${issuer}, root ${rootFingerprint}` }
    return [...local, pinned, ...(await inDatabase(pool, equipment))]
  } finally {
    await pool.end()
  }
}

/** One after the other: where one fails, the next ones could only say the same. */
async function inDatabase(pool: Pool, equipment: GatewayEquipment): Promise<readonly Found[]> {
  const found: Found[] = []
  const snapshot = { name: 'snapshot', run: async () => told(await load(pool, equipment), equipment) }
  for (const check of [...databaseChecks(pool, equipment.trust), snapshot]) {
    found.push(...(await runAll([check])))
    if (found.at(-1)?.ok !== true) break
  }
  return found
}

async function runAll(checks: readonly Check[]): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const { name, run } of checks) {
    try {
      found.push({ check: name, ok: true, found: await run() })
    } catch (error) {
      found.push({ check: name, ok: false, found: error instanceof Error ? error.message : 'unknown' })
    }
  }
  return found
}

function sharing({ sharesGatewayPort }: Config): string {
  return sharesGatewayPort ? ', which other gateways of this machine may share' : ''
}

function catalogue(expected: Config['guard']['expected']): string {
  pinnedGuard(catalogueFolder, expected)
  const { models } = loadModels(catalogueFolder)
  return `${models.size} models, ${loadToolPolicies(catalogueFolder).size} policies about tools`
}

async function classifier(file: string | null): Promise<string> {
  if (file === null) return 'none'
  const tier = await startOnnxTier(file)
  await tier.close()
  return `\`${tier.id}\`, ${tier.digest}`
}

function writable(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const probe = join(folder, `${randomBytes(6).toString('hex')}.probe`)
  writeFileSync(probe, '')
  rmSync(probe)
  return `\`${folder}\` can be written`
}

async function load(pool: Pool, { trust }: GatewayEquipment): Promise<Snapshot> {
  const clock = { now: () => epochMs(Date.now()), monotonicMs: () => performance.now() }
  const refused: string[] = []
  const feed = createGatewayFeed(pool, { trustBundle: () => readTrustBundle(pool) })
  const log = (_level: string, event: string, facts?: object) =>
    void refused.push(`${event} ${JSON.stringify(facts ?? {})}`)
  const source = createSnapshotSource({ feed, trust, clock, log })
  await source.refresh()
  const snapshot = source.current()
  if (snapshot === null || refused.length > 0) throw new Error(`not taken: ${refused.join('; ')}`)
  return snapshot
}

/** Counts, and whether the key of this gateway opens what is sealed for it. */
function told({ grants, keys, routes }: Snapshot, { upstreamSecrets }: GatewayEquipment): string {
  const targets = [...routes.values()].flatMap(({ models, servers = {} }) => [
    ...Object.values(models).flat(),
    ...Object.values(servers),
  ])
  const sealed = new Map(
    targets.flatMap(({ id, secretRef }) => (secretRef === null ? [] : [[id, secretRef]])),
  )
  const shut = [...sealed].filter(([, ref]) => upstreamSecrets.open(ref) === null).map(([id]) => id)
  if (shut.length > 0) throw new Error(`the secret of ${shut.join(', ')} was sealed under another key`)
  return `${grants.size} grants, ${keys.size} keys, ${routes.size} routes, ${sealed.size} secrets of upstreams`
}
