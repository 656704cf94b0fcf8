import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPool, createUnitOfWork, type Pool } from '../../src/adapters/postgres/index.ts'
import type { CommandPorts, Issuer, RefusedAttempt } from '../../src/app/command.ts'
import { deployments, systems } from '../../src/app/aggregates/registry.ts'
import {
  commandDeployment,
  createDeployment,
  createRelease,
  registerSystem,
  retireSystem,
  type RegistryPorts,
} from '../../src/app/registry.ts'
import { listSystems, readDeployment, readSystem } from '../../src/app/registry-views.ts'
import type { Fact, SystemId } from '../../src/kernel/index.ts'
import { AppError, digestOfBytes, epochMs, idFrom, isId } from '../../src/kernel/index.ts'
import { cloneDatabase } from '../support/database.ts'

const random = (n: number) => randomBytes(n)
const now = epochMs(1_800_000_000_000)
const person = idFrom('user', now, random(10))
const useCaseId = idFrom('useCase', now, random(10))
const issuer: Issuer = {
  actor: { k: 'person', ref: person },
  authn: { method: 'password_totp', mfa: true, at: now },
  channel: 'api',
  authority: { k: 'system' },
}
const refused: RefusedAttempt[] = []
let pool: Pool
let ports: RegistryPorts

beforeAll(async () => {
  pool = createPool(await cloneDatabase(), 'countersign_app', 4)
  await pool.query(
    `insert into use_cases (id, revision, state, requester_id, created_at, updated_at) values ($1, 1, 'triaged', $2, now(), now())`,
    [useCaseId, person],
  )
  const command: CommandPorts = {
    unitOfWork: createUnitOfWork(pool, { origin: 'test/1', random }),
    random,
    refusalLog: async (entry) => void refused.push(entry),
  }
  ports = {
    ...command,
    readUseCase: async (_, id) => {
      if (id !== useCaseId) throw new AppError('NOT_FOUND')
      return {
        id,
        state: 'triaged',
        revision: 1,
        revisionDigest: digestOfBytes('revision'),
        tier: 2,
        legal: { class: 'minimal', cleared: false },
        unit: null,
        requester: person,
        owners: [person],
        actions: [{ toolId: 'lookup', effect: 'read', autonomy: 'A0' }],
      }
    },
    authorizationFor: async () => null,
  }
})
afterAll(() => pool.end())

const query = async <R extends object>(sql: string, params: readonly unknown[] = []) =>
  (await pool.query(sql, [...params])).rows as R[]

function manifestOf(systemId: SystemId, tool = 'lookup') {
  const digest = digestOfBytes('x')
  return {
    schema: 1,
    systemId,
    models: [{ provider: 'demo', model: 'demo-1', pin: '1', region: 'eu' }],
    prompts: [],
    tools: [{ toolId: tool, server: 'soc', effect: 'read', autonomy: 'A0', definitionSha256: digest }],
    dataSets: [],
    capabilities: [],
    guardPolicy: digest,
    toolPolicy: digest,
    artefacts: [],
    regions: ['eu'],
    externalSend: false,
    params: {},
  }
}

test('a system, its release and its deployment are recorded, and replay of the ledger gives their states', async () => {
  const { id } = await registerSystem(ports, issuer, { useCaseId, kind: 'built' })
  const { digest } = await createRelease(ports, issuer, id, { manifest: manifestOf(id) })
  const created = await createDeployment(ports, issuer, { systemId: id, environment: 'prod', owner: person })
  expect(isId('deployment', created.id)).toBe(true)
  expect((await listSystems(query, { limit: 10 })).map((row) => row.id)).toContain(id)
  expect((await readSystem(query, id))?.state.releases[digest]?.author).toEqual(issuer.actor)

  await expect(
    commandDeployment(ports, issuer, created.id, { c: 'deploy', release: digest, op: 'live' }),
  ).rejects.toMatchObject({ code: 'REFUSED', reasons: [{ code: 'NOT_AUTHORIZED' }] })
  expect(refused.at(-1)).toMatchObject({ command: 'deployment.deploy', subject: `deployment/${created.id}` })
  expect((await readDeployment(query, created.id))?.state.op).toBe('not_deployed')

  expect(await replayed(`system/${id}`, systems)).toEqual((await readSystem(query, id))?.state)
  expect(await replayed(`deployment/${created.id}`, deployments)).toEqual(
    (await readDeployment(query, created.id))?.state,
  )
})

test('a release beyond the declared actions is refused with the place of each tool, and a bad manifest with its path', async () => {
  const { id } = await registerSystem(ports, issuer, { useCaseId, kind: 'built' })
  await expect(
    createRelease(ports, issuer, id, { manifest: manifestOf(id, 'isolate') }),
  ).rejects.toMatchObject({ reasons: [{ code: 'TOOL_NOT_DECLARED', path: '/tools/0' }] })
  await expect(async () =>
    createRelease(ports, issuer, id, { manifest: { ...manifestOf(id), tier: 1 } }),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

test('a stale revision changes nothing', async () => {
  const { id } = await registerSystem(ports, issuer, { useCaseId, kind: 'bought' })
  const stale = retireSystem(ports, issuer, id, { reasonCode: 'end_of_life', revision: 7 })
  await expect(stale).rejects.toMatchObject({ code: 'STALE', extra: { revision: 1 } })
  await retireSystem(ports, issuer, id, { reasonCode: 'end_of_life', revision: 1 })
  expect((await readSystem(query, id))?.state.s).toBe('retired')
})

/** The state that the recorded facts of a stream fold to. */
async function replayed<S, E extends Fact>(
  stream: string,
  { initial, evolve }: { readonly initial: S; readonly evolve: (state: S, event: E) => S },
): Promise<S> {
  const rows = await query<{ kind: string; facts: string }>(
    'select e.kind, p.facts from ledger.entry e join ledger.payload p on p.event_id = e.id where e.stream = $1 order by e.rev',
    [stream],
  )
  return rows.reduce((state, row) => evolve(state, { e: row.kind, ...JSON.parse(row.facts) } as E), initial)
}
