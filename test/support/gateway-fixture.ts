import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadCanaryMaker } from '../../src/adapters/files/canary-maker.ts'
import { loadToolPolicies } from '../../src/adapters/files/tool-policies.ts'
import { loadUpstreamSecrets, type UpstreamSecretBox } from '../../src/adapters/files/upstream-secrets.ts'
import { createPool, createUnitOfWork, type Database, type Pool } from '../../src/adapters/postgres/index.ts'
import type { Authority } from '../../src/app/access.ts'
import { stops } from '../../src/app/aggregates/registry.ts'
import { runCommand, type Issuer } from '../../src/app/command.ts'
import type { GatewayAdminPorts } from '../../src/app/gateway-admin.ts'
import type { CanaryMaker } from '../../src/app/ports/canary-maker.ts'
import type { Query } from '../../src/app/ports/query.ts'
import {
  grantLifetimeSeconds,
  issueGrant,
  issueTrustBundle,
  rootFingerprint,
  scopeDigest,
  stop,
  type GrantScope,
} from '../../src/governance/authorization/index.ts'
import {
  dataClasses,
  digestOf,
  digestOfBytes,
  epochMs,
  idFrom,
  type DataClass,
  type Digest,
  type IdKind,
  type Tier,
} from '../../src/kernel/index.ts'
import { ed25519Signer, rawPublicKey } from '../../src/kernel/jws.ts'
import { cloneDatabase } from './database.ts'

const random = (n: number) => randomBytes(n)
export const fresh = <K extends IdKind>(kind: K) => idFrom(kind, epochMs(Date.now()), random(10))
export const origin = 'gateway.test/1'
export const alias = 'demo/demo'

const [grantKey, rootKey] = [
  generateKeyPairSync('ed25519').privateKey,
  generateKeyPairSync('ed25519').privateKey,
]
const issuerName = 'urn:countersign:test'

export type GatewayFixture = Awaited<ReturnType<typeof gatewayFixture>>

/** Names under which a release knows the mock provider: one for each API that an upstream speaks. */
export const mockProviders = ['mock', 'mock-anthropic'] as const

const mockAliases = (models: readonly string[]) =>
  models.flatMap((model) => mockProviders.map((provider) => `${provider}/${model}`))

/** Digests of the definitions of tools that a grant pins. */
export type Pins = ReadonlyMap<string, Digest>

const [toolPolicy = digestOfBytes('none')] = loadToolPolicies(
  resolve(import.meta.dirname, '../../catalogue'),
).keys()

/** What the grant covers beyond the two models of the demo. */
export type Granted = {
  /** Models of the mock provider; callers say `mock/<model>`, and `mock-anthropic/<model>` where they speak its API. */
  readonly models?: readonly string[]
  readonly tools?: readonly string[]
  readonly capabilities?: readonly string[]
  readonly volumePerDay?: number
  readonly dataClassMax?: DataClass
}

/** A database with one deployment that runs a release, its empty route, and everything that signs for it. */
export async function gatewayFixture(granted: Granted = {}) {
  const database = await cloneDatabase()
  const owner = createPool(database, undefined, 2)
  const app = createPool(database, 'countersign_app', 4)
  const gateway = createPool(database, 'countersign_gateway', 3)
  const home = mkdtempSync(join(tmpdir(), 'cs-gateway-'))
  const vault: UpstreamSecretBox = loadUpstreamSecrets(join(home, 'keys'))
  const ids = {
    person: fresh('user'),
    useCase: fresh('useCase'),
    system: fresh('system'),
    deployment: fresh('deployment'),
    route: fresh('route'),
  }
  const manifest = {
    models: [
      { provider: 'demo', model: 'demo', pin: '1', region: 'local' },
      { provider: 'demo', model: 'demo-endless', pin: '1', region: 'local' },
      ...(granted.models ?? []).flatMap((model) =>
        mockProviders.map((provider) => ({ provider, model, pin: '1', region: 'local' })),
      ),
    ],
  }
  const release = digestOf(manifest)
  await insertDeployment(owner, ids, release, manifest)
  await owner.query(`insert into settings (name, value) values ('trust_bundle', $1)`, [trustBundle()])
  const ports: GatewayAdminPorts & { readonly canaryMaker: CanaryMaker } = {
    unitOfWork: createUnitOfWork(app, { origin, random }),
    random,
    refusalLog: async () => undefined,
    vault,
    canaryMaker: loadCanaryMaker(join(home, 'keys')),
  }
  return {
    database,
    owner,
    app,
    gateway,
    ids,
    ports,
    vault,
    trust: { issuer: issuerName, rootFingerprint: rootFingerprint(rawPublicKey(rootKey)) },
    query: queryOf(app),
    /** Issues a grant for the epoch that the database now says, and records it as the issuer does. */
    grant: (tier: Tier = 1, pins: Pins = new Map()) =>
      recordGrant(owner, ids, release, tier, scopeOf(granted, pins)),
    order: (scope: stop.StopTarget['scope'], targetId: string) => orderStop(ports, { scope, targetId }),
    close: async () => {
      await Promise.all([owner.end(), app.end(), gateway.end()])
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** A person of the test with the given authority. */
export function issuerWith(authority: Authority, person = fresh('user')): Issuer {
  return {
    actor: { k: 'person', ref: person },
    authn: { method: 'passkey', mfa: true, at: epochMs(Date.now()) },
    channel: 'api',
    authority,
  }
}

export function queryOf(pool: Pool): Query {
  return async <R extends object>(sql: string, params: readonly unknown[] = []) =>
    (await pool.query(sql, [...params])).rows as R[]
}

/** Makes the database refuse everybody, or serve again. */
export async function setReachable(database: Database, isReachable: boolean): Promise<void> {
  const name = 'database' in database ? database.database : ''
  const elsewhere = createPool({ ...database, database: 'postgres' }, undefined, 1)
  await elsewhere.query('update pg_database set datallowconn = $2 where datname = $1', [name, isReachable])
  if (!isReachable)
    await elsewhere.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
  await elsewhere.end()
}

function scopeOf(
  { models = [], tools = [], capabilities = [], volumePerDay = 1_000, dataClassMax = 'internal' }: Granted,
  pins: Pins,
): GrantScope {
  return {
    models: [alias, 'demo/demo-endless', ...mockAliases(models)],
    tools: tools.map((toolId) => ({
      toolId,
      definitionSha256: pins.get(toolId) ?? digestOfBytes(toolId),
      effect: 'read',
      autonomyMax: 'A1',
    })),
    capabilities,
    regions: ['local'],
    externalSend: false,
    dataClassMax,
    guardPolicy: digestOfBytes('guard'),
    toolPolicy,
    volumePerDay,
  }
}

type Ids = {
  readonly person: string
  readonly useCase: ReturnType<typeof fresh<'useCase'>>
  readonly system: ReturnType<typeof fresh<'system'>>
  readonly deployment: ReturnType<typeof fresh<'deployment'>>
  readonly route: ReturnType<typeof fresh<'route'>>
}

async function insertDeployment(owner: Pool, ids: Ids, release: string, manifest: object): Promise<void> {
  await owner.query(
    `insert into use_cases (id, revision, state, requester_id, created_at, updated_at)
     values ($1, 1, 'triaged', $2, now(), now())`,
    [ids.useCase, ids.person],
  )
  await owner.query(
    `insert into systems (id, use_case_id, kind, state, created_at) values ($1, $2, 'built', 'registered', now())`,
    [ids.system, ids.useCase],
  )
  await owner.query(
    `insert into releases (digest, system_id, manifest, author, created_at) values ($1, $2, $3, $4, now())`,
    [release, ids.system, JSON.stringify(manifest), ids.person],
  )
  await owner.query(
    `insert into deployments (id, use_case_id, system_id, environment, op, desired, observed, epoch, owner_id, created_at)
     values ($1, $2, $3, 'prod', 'live', $4, $4, 1, $5, now())`,
    [ids.deployment, ids.useCase, ids.system, release, ids.person],
  )
  await owner.query('insert into routes (id, deployment_id) values ($1, $2)', [ids.route, ids.deployment])
}

function trustBundle(): string {
  const now = Date.now()
  const key = {
    kid: 'g1',
    publicKey: rawPublicKey(grantKey),
    use: 'grant' as const,
    signFrom: epochMs(now - 1e7),
    signUntil: epochMs(now + 1e7),
    verifyUntil: epochMs(now + 2e7),
  }
  const root = ed25519Signer(rawPublicKey(rootKey), rootKey)
  return issueTrustBundle({ v: 1, iss: issuerName, keys: [key] }, root)
}

async function recordGrant(
  owner: Pool,
  ids: Ids,
  release: ReturnType<typeof digestOf>,
  tier: Tier,
  scope: GrantScope,
): Promise<void> {
  const { rows } = await owner.query<{ epoch: number; at: number }>(
    `select epoch, floor(extract(epoch from clock_timestamp()))::bigint as at
     from deployment_epochs where deployment_id = $1`,
    [ids.deployment],
  )
  const { epoch = 0, at: iat = 0 } = rows[0] ?? {}
  const jti = fresh('grant')
  const exp = iat + grantLifetimeSeconds[tier]
  const token = issueGrant(
    {
      v: 1,
      iss: issuerName,
      aud: ['gateway'],
      jti,
      sub: ids.deployment,
      uc: ids.useCase,
      sys: ids.system,
      env: 'prod',
      rte: [ids.route],
      rel: release,
      ucr: digestOfBytes('revision'),
      bas: { k: 'decision', id: fresh('decision'), seq: 1 },
      tier,
      mode: 'enforce',
      dcm: dataClasses.indexOf(scope.dataClassMax),
      scp: scopeDigest(scope),
      htl: digestOfBytes('human'),
      epo: epoch,
      iat,
      nbf: iat,
      exp,
    },
    ed25519Signer('g1', grantKey),
  )
  await owner.query('insert into grant_scopes (digest, scope) values ($1, $2) on conflict do nothing', [
    scopeDigest(scope),
    JSON.stringify(scope),
  ])
  await owner.query(
    `insert into grants (jti, deployment_id, token, release, epoch, basis, authorization_state, issued_at, expires_at)
     values ($1, $2, $3, $4, $5, 'dcn', 'valid', clock_timestamp(), to_timestamp($6))`,
    [jti, ids.deployment, token, release, epoch, exp],
  )
}

async function orderStop(ports: GatewayAdminPorts, target: stop.StopTarget): Promise<void> {
  await runCommand(ports, issuerWith({ k: 'system' }), async (work) => {
    await work.apply(
      stops,
      stop.stopStreamId(target),
      { c: 'order', target, reasonCode: 'person' },
      { now: work.now, actor: work.issuer.actor, ids: work.ids, resume: null, prohibitedCleared: false },
    )
  })
}
