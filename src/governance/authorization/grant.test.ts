import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { digestOf, epochMs, idFrom } from '../../kernel/index.ts'
import { ed25519Signer, rawPublicKey, signJws } from '../../kernel/jws.ts'
import type { GrantClaims, GrantExpectation, TrustBundle } from './grant.ts'
import {
  grantExpiry,
  grantType,
  issueGrant,
  issueTrustBundle,
  rootFingerprint,
  verifyGrant,
  verifyTrustBundle,
} from './grant.ts'

const key = generateKeyPairSync('ed25519').privateKey
const root = generateKeyPairSync('ed25519').privateKey
const signer = ed25519Signer('grant-1', key)
const iat = 1_800_000_000
const at = (seconds: number) => epochMs((iat + seconds) * 1_000)
const id = <K extends Parameters<typeof idFrom>[0]>(kind: K) =>
  idFrom(kind, at(0), new Uint8Array(10).fill(3))

const claims: GrantClaims = {
  v: 1,
  iss: 'urn:countersign:demo',
  aud: ['gateway'],
  jti: id('grant'),
  sub: id('deployment'),
  uc: id('useCase'),
  sys: id('system'),
  env: 'prod',
  rte: [id('route')],
  rel: digestOf('release'),
  ucr: digestOf('revision'),
  bas: { k: 'decision', id: id('decision'), seq: 12 },
  tier: 2,
  mode: 'enforce',
  dcm: 1,
  scp: digestOf('scope'),
  htl: digestOf('policy'),
  epo: 4,
  iat,
  nbf: iat,
  exp: iat + 600,
}
const bundle: TrustBundle = {
  v: 1,
  iss: claims.iss,
  keys: [
    {
      kid: 'grant-1',
      publicKey: rawPublicKey(key),
      use: 'grant',
      signFrom: at(-1_000),
      signUntil: at(1_000),
      verifyUntil: at(1_900),
    },
  ],
}
const expected: GrantExpectation = { now: at(1), aud: 'gateway', minEpoch: () => 4 }
const token = issueGrant(claims, signer)
const signed = (change: object) => signJws({ ...claims, ...change }, grantType, signer)

test('a grant in force is read', () => {
  expect(verifyGrant(token, bundle, expected)).toEqual({ ok: true, kid: 'grant-1', claims })
})

test.each([
  ['one second before its end', { now: at(599) }, null],
  ['at its end, without leeway', { now: at(600) }, 'expired'],
  ['five seconds early', { now: at(-5) }, null],
  ['six seconds early', { now: at(-6) }, 'not_yet_valid'],
  ['epoch raised', { minEpoch: () => 5 }, 'stopped'],
  ['epoch behind', { minEpoch: () => 3 }, null],
  ['for another kind of point', { aud: 'ci' as const }, 'wrong_audience'],
  ['key no longer trusted', { now: at(1_900) }, 'key_not_trusted'],
])('%s', (_, change, fault) => {
  const result = verifyGrant(token, bundle, { ...expected, ...change })
  expect(result.ok ? null : result.fault).toBe(fault)
})

describe('claims outside the closed profile', () => {
  test.each([
    ['unknown claim', { extra: 1 }],
    ['version', { v: 2 }],
    ['tier', { tier: 4 }],
    ['mode', { mode: 'off' }],
    ['no route', { rte: [] }],
    ['33 routes', { rte: Array.from({ length: 33 }, () => claims.rte[0]) }],
    ['id of another kind', { sub: claims.sys }],
    ['digest', { rel: 'sha256:00' }],
    ['nbf apart from iat', { nbf: iat + 1 }],
    ['longer than the tier allows', { exp: iat + 601 }],
    ['ends before it begins', { exp: iat }],
    ['negative epoch', { epo: -1 }],
    ['environment', { env: 'production' }],
    ['basis', { bas: { k: 'waiver', id: 'x', seq: 1 } }],
    ['data class', { dcm: 4 }],
    ['audience', { aud: ['everyone'] }],
  ])('%s', (_, change) => {
    expect(verifyGrant(signed(change), bundle, expected)).toEqual({ ok: false, fault: 'bad_claims' })
  })
  test('another issuer', () => {
    const result = verifyGrant(signed({ iss: 'urn:countersign:other' }), bundle, expected)
    expect(result).toEqual({ ok: false, fault: 'wrong_issuer' })
  })
  test('the issuer refuses to sign them', () => {
    expect(() => issueGrant({ ...claims, exp: iat + 601 }, signer)).toThrow()
  })
})

test('a grant never outlives its authorization', () => {
  expect(grantExpiry(iat, 1, at(10_000))).toBe(iat + 900)
  expect(grantExpiry(iat, 3, at(10_000))).toBe(iat + 300)
  expect(grantExpiry(iat, 1, epochMs((iat + 30) * 1_000 + 999))).toBe(iat + 30)
})

test('a trust bundle is read only when the pinned root signed it', () => {
  const text = issueTrustBundle(bundle, ed25519Signer(rawPublicKey(root), root))
  const pinned = rootFingerprint(rawPublicKey(root))
  expect(verifyTrustBundle(text, pinned)).toEqual(bundle)
  expect(verifyTrustBundle(text, digestOf('another root'))).toBeNull()
  expect(
    verifyTrustBundle(issueTrustBundle(bundle, ed25519Signer(rawPublicKey(root), key)), pinned),
  ).toBeNull()
  expect(
    verifyTrustBundle(issueTrustBundle(bundle, ed25519Signer(rawPublicKey(key), key)), pinned),
  ).toBeNull()
})
