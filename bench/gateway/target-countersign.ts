import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadGuard, loadGuardWithoutScorer } from '../../src/adapters/files/guard-catalogue.ts'
import { openSpoolFolder } from '../../src/adapters/files/spool-folder.ts'
import { fakeConversationVault } from '../../src/app/ports/conversation-vault.fake.ts'
import type { GrantClaims, GrantScope } from '../../src/governance/authorization/grant.ts'
import { issueGrant, issueTrustBundle, rootFingerprint } from '../../src/governance/authorization/grant.ts'
import type { SnapshotData } from '../../src/gateway/ports.ts'
import type { Caller } from '../../src/gateway/admit.ts'
import { createBudgets } from '../../src/gateway/leases/budgets.ts'
import { fakeLeaseStore } from '../../src/gateway/leases/lease-store.fake.ts'
import { createRecords } from '../../src/gateway/records.ts'
import { createGateway } from '../../src/gateway/server.ts'
import { createSnapshotSource } from '../../src/gateway/snapshot.ts'
import { createSpool } from '../../src/gateway/spool.ts'
import { Secret, digestOf, epochMs, idFrom } from '../../src/kernel/index.ts'
import { ed25519Signer, rawPublicKey } from '../../src/kernel/jws.ts'
import { makeKeyToken, secretDigest } from '../../src/kernel/key-token.ts'

/** What the guard reads texts with: `core`, every detector but the scorer; `full`, as the product is. */
export type Profile = 'core' | 'full'

const catalogue = resolve(import.meta.dirname, '../../catalogue')

/** The gateway with one deployment, all checks on, records in a spool on disk, and a store that forgets. */
export async function startCountersign(
  origin: string,
  profile: Profile,
): Promise<{ origin: string; key: string }> {
  const [grantKey, rootKey] = [
    generateKeyPairSync('ed25519').privateKey,
    generateKeyPairSync('ed25519').privateKey,
  ]
  const iss = 'urn:countersign:bench'
  const now = epochMs(Date.now())
  const random = new Uint8Array(10)
  const [deployment, route, keyId] = [
    idFrom('deployment', now, random),
    idFrom('route', now, random),
    idFrom('key', now, random),
  ]
  const token = makeKeyToken(keyId, new Uint8Array(32))
  const release = digestOf('release')
  const scope: GrantScope = {
    models: ['demo', 'paced'],
    tools: [],
    capabilities: [],
    regions: ['local'],
    externalSend: false,
    dataClassMax: 'internal',
    guardPolicy: digestOf('guard'),
    toolPolicy: digestOf('tools'),
    volumePerDay: 1_000_000_000,
  }
  /** A fresh one every minute, as the issuer renews it: a long run outlives any grant. */
  const claimsAt = (minute: number): GrantClaims => ({
    v: 1,
    iss,
    aud: ['gateway'],
    jti: idFrom('grant', now, random),
    sub: deployment,
    uc: idFrom('useCase', now, random),
    sys: idFrom('system', now, random),
    env: 'prod',
    rte: [route],
    rel: release,
    ucr: digestOf('revision'),
    bas: { k: 'decision', id: 'bench', seq: 1 },
    tier: 1,
    mode: 'enforce',
    dcm: 1,
    scp: digestOf(scope),
    htl: digestOf('human'),
    epo: 1,
    iat: Math.floor(now / 1_000) + minute * 60,
    nbf: Math.floor(now / 1_000) + minute * 60,
    exp: Math.floor(now / 1_000) + minute * 60 + 900,
  })
  const trusted = {
    kid: 'g',
    publicKey: rawPublicKey(grantKey),
    use: 'grant' as const,
    signFrom: epochMs(now - 1e6),
    signUntil: epochMs(now + 1e6),
    verifyUntil: epochMs(now + 2e6),
  }
  const target = {
    id: idFrom('upstream', now, random),
    origin,
    api: 'openai' as const,
    basePath: '/v1',
    model: 'demo',
    region: 'local',
    secretRef: 'x',
    privateCidrs: ['127.0.0.0/8'],
  }
  const dataAt = (minute: number): SnapshotData => ({
    version: 1 + minute,
    dbNow: epochMs(Date.now()),
    trustBundle: issueTrustBundle(
      { v: 1, iss, keys: [trusted] },
      ed25519Signer(rawPublicKey(rootKey), rootKey),
    ),
    keys: [
      {
        id: keyId,
        secretDigest: secretDigest(token) ?? release,
        deployment,
        expires: epochMs(now + 1e9),
        sources: [],
        revokedAt: null,
      },
    ],
    grants: [issueGrant(claimsAt(minute), ed25519Signer('g', grantKey))],
    scopes: [scope],
    minEpochs: [{ deployment, epoch: 1 }],
    limits: [],
    ownModels: [],
    routes: [
      {
        id: route,
        deployment,
        release,
        environment: 'prod',
        models: { demo: [target], paced: [{ ...target, model: 'paced' }] },
      },
    ],
  })
  const clock = { now: () => epochMs(Date.now()), monotonicMs: () => performance.now() }
  const log = () => {}
  const snapshot = createSnapshotSource({
    feed: {
      load: async () => dataAt(Math.floor((Date.now() - now) / 60_000)),
      subscribe: () => () => {},
    },
    trust: { issuer: iss, rootFingerprint: rootFingerprint(rawPublicKey(rootKey)) },
    clock,
    log,
  })
  const limitsNow = () => snapshot.current()?.limits.get(keyId) ?? []
  const home = mkdtempSync(join(tmpdir(), 'countersign-bench-'))
  process.on('exit', () => rmSync(home, { recursive: true }))
  const gateway = createGateway({
    port: 0,
    host: '127.0.0.1',
    snapshot,
    records: createRecords({
      store: { store: async () => {} },
      spool: createSpool({ folder: openSpoolFolder(home, 'bench'), log }),
      worker: 'bench',
      log,
      monotonicMs: clock.monotonicMs,
    }),
    clock,
    upstreamSecrets: { open: () => new Secret('x') },
    conversations: fakeConversationVault(),
    canaryDigestOf: (token) => digestOf(token),
    guard: profile === 'full' ? loadGuard(catalogue) : loadGuardWithoutScorer(catalogue),
    toolPolicies: new Map(),
    budgets: createBudgets<Caller>({
      store: fakeLeaseStore({ get: (limit) => limitsNow().find((known) => known.id === limit) }, clock.now),
      limitsOf: limitsNow,
      worker: 'w1',
      workers: () => 1,
      monotonicMs: clock.monotonicMs,
      log,
    }),
    models: { models: new Map(), digests: new Map() },
    log,
    limits: { concurrentPerKey: 1_024 },
  })
  const { port } = await gateway.start()
  return { origin: `http://127.0.0.1:${port}`, key: token }
}
