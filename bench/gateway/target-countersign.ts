import { generateKeyPairSync } from 'node:crypto'
import { resolve } from 'node:path'
import { loadGuard } from '../../src/adapters/files/guard-catalogue.ts'
import type { GrantClaims, GrantScope } from '../../src/governance/authorization/grant.ts'
import { issueGrant, issueTrustBundle, rootFingerprint } from '../../src/governance/authorization/grant.ts'
import type { SnapshotData } from '../../src/gateway/ports.ts'
import { createRecords } from '../../src/gateway/records.ts'
import { createGateway } from '../../src/gateway/server.ts'
import { createSnapshotSource } from '../../src/gateway/snapshot.ts'
import { Secret, digestOf, epochMs, idFrom } from '../../src/kernel/index.ts'
import { ed25519Signer, rawPublicKey } from '../../src/kernel/jws.ts'
import { makeKeyToken, secretDigest } from '../../src/kernel/key-token.ts'

/** The gateway with one deployment, all checks on, and a store that forgets. */
export async function startCountersign(origin: string): Promise<{ origin: string; key: string }> {
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
    models: ['demo'],
    tools: [],
    capabilities: [],
    regions: ['local'],
    externalSend: false,
    dataClassMax: 'internal',
    guardPolicy: digestOf('guard'),
    toolPolicy: digestOf('tools'),
    volumePerDay: 1_000_000_000,
  }
  const iat = Math.floor(now / 1_000)
  const claims: GrantClaims = {
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
    iat,
    nbf: iat,
    exp: iat + 900,
  }
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
    basePath: '/v1',
    model: 'demo',
    region: 'local',
    secretRef: 'x',
    privateCidrs: ['127.0.0.0/8'],
  }
  const data: SnapshotData = {
    version: 1,
    dbNow: now,
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
    grants: [issueGrant(claims, ed25519Signer('g', grantKey))],
    scopes: [scope],
    minEpochs: [{ deployment, epoch: 1 }],
    routes: [{ id: route, deployment, release, environment: 'prod', models: { demo: target } }],
  }
  const clock = { now: () => epochMs(Date.now()), monotonicMs: () => performance.now() }
  const log = () => {}
  const gateway = createGateway({
    port: 0,
    host: '127.0.0.1',
    snapshot: createSnapshotSource({
      feed: { load: async () => ({ ...data, dbNow: clock.now() }), subscribe: () => () => {} },
      trust: { issuer: iss, rootFingerprint: rootFingerprint(rawPublicKey(rootKey)) },
      clock,
      log,
    }),
    records: createRecords({
      store: { store: async () => {} },
      worker: 'bench',
      log,
      monotonicMs: clock.monotonicMs,
    }),
    clock,
    upstreamSecrets: { open: () => new Secret('x') },
    guard: loadGuard(resolve(import.meta.dirname, '../../catalogue')),
    log,
  })
  const { port } = await gateway.start()
  return { origin: `http://127.0.0.1:${port}`, key: token }
}
