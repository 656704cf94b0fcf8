import { generateKeyPairSync } from 'node:crypto'
import { resolve } from 'node:path'
import type { ApprovalPort } from '../../src/app/ports/approval.ts'
import { loadGuard } from '../../src/adapters/files/guard-catalogue.ts'
import { loadToolPolicies } from '../../src/adapters/files/tool-policies.ts'
import { fakeConversationVault } from '../../src/app/ports/conversation-vault.fake.ts'
import type { Caller } from '../../src/gateway/admit.ts'
import type { LeaseStore } from '../../src/app/ports/leases.ts'
import { createBudgets } from '../../src/gateway/leases/budgets.ts'
import { fakeLeaseStore } from '../../src/gateway/leases/lease-store.fake.ts'
import { limitsOf } from '../../src/gateway/leases/limits-by-key.ts'
import type { Limits } from '../../src/gateway/limits.ts'
import type {
  RuntimeRecord,
  SealedBatch,
  SnapshotData,
  Target,
  ToolData,
  ToolSighting,
} from '../../src/gateway/ports.ts'
import type { Guard } from '../../src/guard/inspect.ts'
import { createRecords } from '../../src/gateway/records.ts'
import { createGateway } from '../../src/gateway/server.ts'
import { createSightings } from '../../src/gateway/sightings.ts'
import { createSnapshotSource } from '../../src/gateway/snapshot.ts'
import {
  issueGrant,
  issueTrustBundle,
  rootFingerprint,
  type GrantClaims,
  type GrantScope,
} from '../../src/governance/authorization/index.ts'
import { digestOf, epochMs, idFrom, Secret, type IdKind } from '../../src/kernel/index.ts'
import { ed25519Signer, rawPublicKey } from '../../src/kernel/jws.ts'
import { makeKeyToken, secretDigest } from '../../src/kernel/key-token.ts'

const [grantKey, rootKey] = [
  generateKeyPairSync('ed25519').privateKey,
  generateKeyPairSync('ed25519').privateKey,
]
const issuer = 'urn:countersign:test'
const release = digestOf('release')
const catalogue = resolve(import.meta.dirname, '../../catalogue')
export const shippedGuard = loadGuard(catalogue)
const toolPolicies = loadToolPolicies(catalogue)
const [toolPolicy = digestOf('none')] = toolPolicies.keys()
let serial = 0
const id = <K extends IdKind>(kind: K) => {
  serial += 1
  return idFrom(kind, epochMs(1_700_000_000_000 + serial), new Uint8Array(10).fill(serial % 256))
}

/** By what the memory gateway names windows of texts. */
export const memoryWindowKey = new Uint8Array(32).fill(7)

export type MemorySetup = {
  readonly scope?: Partial<GrantScope>
  readonly claims?: Partial<GrantClaims>
  /** Origin and path of each tool server. */
  readonly servers: Readonly<Record<string, string>>
  /** Where the model of each alias is served, and in which API. */
  readonly models?: Readonly<Record<string, { readonly address: string; readonly api: Target['api'] }>>
  readonly approvals?: ApprovalPort
  readonly target?: Partial<Target>
  readonly guard?: Guard
  /** Takes the batches of records; they are kept unless it throws. */
  readonly store?: () => void
  readonly maxSpool?: number
  /** Where budgets are kept; in memory unless given. */
  readonly leases?: LeaseStore
  /** Changes the snapshot before the gateway first sees it. */
  readonly change?: (data: SnapshotData) => SnapshotData
  readonly limits?: Partial<Limits>
  readonly mcpOrigins?: readonly string[]
  readonly sharesPort?: boolean
}

export type MemoryGateway = Awaited<ReturnType<typeof runMemoryGateway>>

/** A gateway whose snapshot is a variable, with two keys of one deployment, in front of tool servers. */
export async function runMemoryGateway(setup: MemorySetup) {
  const [deployment, route] = [id('deployment'), id('route')]
  const now = Date.now()
  const scope: GrantScope = {
    models: Object.keys(setup.models ?? {}),
    tools: [],
    capabilities: [],
    regions: ['local'],
    externalSend: false,
    dataClassMax: 'internal',
    guardPolicy: digestOf('guard'),
    toolPolicy,
    volumePerDay: 1_000_000,
    ...setup.scope,
  }
  const iat = Math.floor(now / 1_000)
  let epoch = 1
  const grantWith = (change: Partial<GrantClaims> = {}, document: GrantScope = scope) =>
    issueGrant(
      {
        v: 1,
        iss: issuer,
        aud: ['gateway'],
        jti: id('grant'),
        sub: deployment,
        uc: id('useCase'),
        sys: id('system'),
        env: 'prod',
        rte: [route],
        rel: release,
        ucr: digestOf('revision'),
        bas: { k: 'decision', id: id('decision'), seq: 1 },
        tier: 1,
        mode: 'enforce',
        dcm: 1,
        scp: digestOf(document),
        htl: digestOf('human'),
        epo: 1,
        iat,
        nbf: iat,
        exp: iat + 900,
        ...setup.claims,
        ...change,
      },
      ed25519Signer('g1', grantKey),
    )
  const grantSigner = {
    kid: 'g1',
    publicKey: rawPublicKey(grantKey),
    use: 'grant' as const,
    signFrom: epochMs(now - 1e7),
    signUntil: epochMs(now + 1e7),
    verifyUntil: epochMs(now + 2e7),
  }
  const keys = [1, 2].map((n) => {
    const keyId = id('key')
    const token = makeKeyToken(keyId, new Uint8Array(32).fill(n))
    const stored = { id: keyId, secretDigest: secretDigest(token) ?? digestOf('none'), deployment }
    return { token, stored: { ...stored, expires: epochMs(now + 1e9), sources: [], revokedAt: null } }
  })
  const targetOf = (address: string, api: Target['api'] = 'mcp', model = ''): Target => {
    const { origin, pathname } = new URL(address)
    return {
      id: id('upstream'),
      origin,
      basePath: pathname === '/' ? '' : pathname,
      api,
      model,
      region: 'local',
      secretRef: 'server',
      privateCidrs: ['127.0.0.0/8'],
      ...setup.target,
    }
  }
  const servers = Object.fromEntries(
    Object.entries(setup.servers).map(([name, address]) => [name, targetOf(address)]),
  )
  const models = Object.fromEntries(
    Object.entries(setup.models ?? {}).map(([alias, { address, api }]) => [
      alias,
      [targetOf(address, api, alias)],
    ]),
  )
  const first: SnapshotData = {
    version: 1,
    dbNow: epochMs(now),
    trustBundle: issueTrustBundle(
      { v: 1, iss: issuer, keys: [grantSigner] },
      ed25519Signer(rawPublicKey(rootKey), rootKey),
    ),
    keys: keys.map(({ stored }) => stored),
    grants: [grantWith()],
    scopes: [scope],
    minEpochs: [{ deployment, epoch: 1 }],
    limits: [],
    ownModels: [],
    routes: [{ id: route, deployment, release, environment: 'prod', models, servers }],
  }
  const state = { data: setup.change?.(first) ?? first, isFailing: false }
  const skew = { wall: 0, monotonic: 0 }
  const clock = {
    now: () => epochMs(Date.now() + skew.wall),
    monotonicMs: () => performance.now() + skew.monotonic,
  }
  const logged: { readonly event: string; readonly facts: object | undefined }[] = []
  const log = (_level: string, event: string, facts?: object) => void logged.push({ event, facts })
  const batches: SealedBatch[] = []
  const records = createRecords({
    admissions: { admit: () => Promise.resolve() },
    store: {
      store: async (batch) => {
        setup.store?.()
        batches.push(batch)
      },
    },
    worker: 'w1',
    log,
    monotonicMs: clock.monotonicMs,
    ...(setup.maxSpool === undefined ? {} : { maxSpool: setup.maxSpool }),
  })
  const seen: ToolSighting[] = []
  const sightings = createSightings({
    store: { store: async (told) => void seen.push(...told) },
    clock,
    log,
  })
  const snapshot = createSnapshotSource({
    feed: {
      load: async () => {
        if (state.isFailing) throw new Error('the database is gone')
        return { ...state.data, dbNow: epochMs(Date.now()) }
      },
      subscribe: () => () => {},
    },
    trust: { issuer, rootFingerprint: rootFingerprint(rawPublicKey(rootKey)) },
    clock,
    log,
  })
  const limitsNow = () => [...(snapshot.current()?.limits.values() ?? [])].flat()
  const gateway = createGateway({
    port: 0,
    host: '127.0.0.1',
    snapshot,
    records,
    clock,
    upstreamSecrets: { open: (ref) => (ref === 'server' ? new Secret('server-secret') : null) },
    conversations: fakeConversationVault(),
    canaryDigestOf: (token) => digestOf(token),
    windowKey: memoryWindowKey,
    guard: setup.guard ?? shippedGuard,
    toolPolicies,
    sightings,
    budgets: createBudgets<Caller>({
      store:
        setup.leases ??
        fakeLeaseStore({ get: (limit) => limitsNow().find((known) => known.id === limit) }, clock.now),
      limitsOf,
      worker: 'w1',
      workers: () => 1,
      monotonicMs: clock.monotonicMs,
      log: () => undefined,
    }),
    models: { models: new Map(), digests: new Map() },
    log,
    limits: { drainMs: 200, ...setup.limits },
    ...(setup.approvals === undefined ? {} : { approvals: setup.approvals }),
    ...(setup.mcpOrigins === undefined ? {} : { mcpOrigins: setup.mcpOrigins }),
    ...(setup.sharesPort === undefined ? {} : { sharesPort: setup.sharesPort }),
  })
  const { port } = await gateway.start()
  return {
    address: `http://127.0.0.1:${port}`,
    token: keys[0]?.token ?? '',
    otherToken: keys[1]?.token ?? '',
    logged,
    /** Definitions of tools that were told; all of them once the gateway is closed. */
    seen,
    /** Puts other rules about tools into force. */
    rule: async (tools: ToolData) => {
      state.data = { ...state.data, version: state.data.version + 1, tools }
      await snapshot.refresh()
    },
    /** Time that has passed for the gateway's two clocks, and for nobody else. */
    skew,
    /** From now on the database cannot be reached for a snapshot, or can. */
    failSnapshots: (isFailing: boolean) => void (state.isFailing = isFailing),
    /** Shows the gateway another state of the database. */
    publish: async (change: (data: SnapshotData) => SnapshotData) => {
      state.data = { ...change(state.data), version: state.data.version + 1 }
      await snapshot.refresh()
    },
    openExchanges: gateway.openExchanges,
    /** Puts another scope into force. */
    regrant: async (change: Partial<GrantScope>, claims: Partial<GrantClaims> = {}) => {
      const document = { ...scope, ...change }
      epoch += 1
      const grants = [grantWith({ ...claims, scp: digestOf(document), epo: epoch }, document)]
      state.data = { ...state.data, version: state.data.version + 1, grants, scopes: [document] }
      await snapshot.refresh()
    },
    /** Everything that was recorded so far. */
    recorded: async (): Promise<readonly RuntimeRecord[]> => {
      await records.flush()
      return batches.flatMap(({ entries }) => entries.map(({ record }) => record))
    },
    /** The state of grants is what it was, and the deployment is stopped. */
    stopDeployment: async () => {
      epoch += 1
      state.data = {
        ...state.data,
        version: state.data.version + 1,
        minEpochs: [{ deployment, epoch }],
      }
      await snapshot.refresh()
    },
    close: () => gateway.close(),
  }
}
