import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { runIn, type CliWorld } from '../../test/support/cli.ts'
import { evaluateGate } from '../contracts/routes/enforcement.ts'
import {
  issueGrant,
  issueTrustBundle,
  receiptType,
  rootFingerprint,
  type GrantClaims,
} from '../governance/authorization/index.ts'
import { digestOf, epochMs, idFrom, type JsonObject } from '../kernel/index.ts'
import { ed25519Signer, rawPublicKey, signJws } from '../kernel/jws.ts'
import { gateCommand } from './gate.ts'
import { gateVerifyCommand, grantVerifyCommand } from './token-verify.ts'

const [key, rootKey] = [generateKeyPairSync('ed25519').privateKey, generateKeyPairSync('ed25519').privateKey]
const signer = ed25519Signer('grant-0', key)
const rootKid = rawPublicKey(rootKey)
const root = rootFingerprint(rootKid)
const iat = Math.floor(Date.now() / 1_000)
const at = (seconds: number) => new Date((iat + seconds) * 1_000).toISOString()
const id = <K extends Parameters<typeof idFrom>[0]>(kind: K) =>
  idFrom(kind, epochMs(0), new Uint8Array(10).fill(3))

const claims: GrantClaims = {
  v: 1,
  iss: 'urn:countersign:demo',
  aud: ['gateway', 'ci'],
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
const grant = issueGrant(claims, signer)
const bundle = issueTrustBundle(
  {
    v: 1,
    iss: claims.iss,
    keys: [
      {
        kid: 'grant-0',
        publicKey: rawPublicKey(key),
        use: 'grant',
        signFrom: epochMs(0),
        signUntil: epochMs((iat + 10_000) * 1_000),
        verifyUntil: epochMs((iat + 11_000) * 1_000),
      },
    ],
  },
  ed25519Signer(rootKid, rootKey),
)
const published = () =>
  Response.json({ bundle, rootFingerprint: root, issuer: claims.iss, logVkey: 'log+0+0' })
const keysPath = '/.well-known/countersign/keys'
const files = { grant: `${grant}\n`, bundle: `${bundle}\n`, answer: JSON.stringify({ bundle }) }
const online = { env: { COUNTERSIGN_URL: 'http://localhost:1' }, replies: { [keysPath]: published } }

const verify = (argv: readonly string[], world: CliWorld = { files }) =>
  runIn({ files, ...world }, [grantVerifyCommand(), gateVerifyCommand()], argv)

test.each([
  ['a token, with a bundle in a file', [grant, '--bundle', 'bundle'], 0],
  ['a file, with the answer of the server in a file', ['grant', '--bundle', 'answer'], 0],
  ['for another audience that it has', [grant, '--bundle', 'bundle', '--aud', 'ci'], 0],
  ['for an audience that it has not', [grant, '--bundle', 'bundle', '--aud', 'admission'], 3],
  ['of an earlier stop epoch', [grant, '--bundle', 'bundle', '--epoch', '5'], 3],
  ['after its end', [grant, '--bundle', 'bundle', '--at', at(600)], 3],
  ['with one character changed', [grant.replace(/.$/, '!'), '--bundle', 'bundle'], 2],
  ['with a wrong option', [grant, '--bundle', 'bundle', '--at', 'noon'], 2],
  ['without any bundle', [grant], 2],
  ['with a bundle that is not there', [grant, '--bundle', 'absent'], 2],
])('a grant: %s', async (_, argv, code) => {
  expect((await verify(['grant', 'verify', ...argv, '--root', root])).code).toBe(code)
})

test('a grant shows its claims, or the one reason against it', async () => {
  const sound = await verify(['grant', 'verify', grant, '--root', root, '--bundle', 'bundle', '--json'])
  expect(JSON.parse(sound.out)).toEqual({ ok: true, claims })
  const stopped = await verify([
    'grant',
    'verify',
    grant,
    '--root',
    root,
    '--bundle',
    'bundle',
    '--epoch',
    '5',
  ])
  expect(stopped.out).toBe('the grant does not hold: stopped\n')
})

test('keys that another root has signed prove nothing, from a file or from the server', async () => {
  const other = rootFingerprint(rawPublicKey(generateKeyPairSync('ed25519').privateKey))
  const offline = await verify(['grant', 'verify', grant, '--root', other, '--bundle', 'bundle'])
  expect([offline.code, offline.err]).toEqual([4, expect.stringContaining('not signed by the pinned root')])
  expect((await verify(['grant', 'verify', grant, '--root', other], online)).code).toBe(4)
})

test('without a pin the root of the server is believed and named; a file without a pin is not', async () => {
  const believed = await verify(['grant', 'verify', grant], online)
  expect([believed.code, believed.err]).toEqual([0, expect.stringContaining(root)])
  const pinned = { ...online, env: { ...online.env, COUNTERSIGN_ROOT_FINGERPRINT: root } }
  expect((await verify(['grant', 'verify', grant], pinned)).err).toBe('')
  const named = await verify(['grant', 'verify', grant, '--bundle', `http://localhost:1${keysPath}`], {
    replies: online.replies,
  })
  expect(named.code).toBe(0)
  expect((await verify(['grant', 'verify', grant, '--bundle', 'bundle'])).code).toBe(2)
})

const receiptOf = (change: JsonObject = {}, by = signer) =>
  signJws(
    {
      v: 1,
      iss: claims.iss,
      sub: claims.sub,
      env: 'prod',
      rel: claims.rel,
      verdict: 'allow',
      codes: [],
      commit: null,
      iat,
      exp: iat + 900,
      ...change,
    },
    receiptType,
    by,
  )

const check = (receipt: string, env: CliWorld['env'] = {}, verdict = 'allow') =>
  runIn(
    {
      env: {
        COUNTERSIGN_URL: 'http://localhost:1',
        COUNTERSIGN_API_KEY: 'csa_x',
        COUNTERSIGN_ROOT_FINGERPRINT: root,
        ...env,
      },
      replies: {
        [keysPath]: published,
        '/api/v1/gate/evaluations': () =>
          Response.json({ verdict, reasons: [], release: claims.rel, receipt, grant: null }),
      },
    },
    [gateCommand([evaluateGate])],
    [
      'gate',
      'check',
      '--release',
      claims.rel,
      '--deployment',
      claims.sub,
      '--environment',
      'prod',
      '--receipt',
      'receipt',
    ],
  )

test.each([
  ['the receipt of this answer', receiptOf(), 0],
  ['a receipt of another verdict', receiptOf({ verdict: 'deny' }), 4],
  ['a receipt of another release', receiptOf({ rel: digestOf('other') }), 4],
  ['a receipt of another environment', receiptOf({ env: 'staging' }), 4],
  ['a receipt that no longer speaks', receiptOf({ iat: iat - 900, exp: iat }), 4],
  ['a receipt by another key', receiptOf({}, ed25519Signer('grant-0', rootKey)), 4],
  ['a receipt with one more claim', receiptOf({ extra: 1 }), 4],
  ['no receipt', '', 4],
])('gate check believes an allow with %s, or not', async (_, receipt, code) => {
  expect((await check(receipt)).code).toBe(code)
})

test('gate check pins the root of the environment', async () => {
  const other = rootFingerprint(rawPublicKey(generateKeyPairSync('ed25519').privateKey))
  expect((await check(receiptOf(), { COUNTERSIGN_ROOT_FINGERPRINT: other })).code).toBe(4)
  expect((await check(receiptOf(), { COUNTERSIGN_ROOT_FINGERPRINT: 'none' })).code).toBe(2)
  const first = await check(receiptOf(), { COUNTERSIGN_ROOT_FINGERPRINT: undefined })
  expect([first.code, first.err]).toEqual([0, expect.stringContaining(root)])
})

test('gate verify reads the file that gate check has written', async () => {
  const { files: written } = await check(receiptOf())
  const receipt = written.get('receipt') ?? ''
  const argv = ['gate', 'verify', 'receipt', '--root', root, '--bundle', 'bundle']
  const sound = await verify(argv, { files: { ...files, receipt } })
  expect([sound.code, sound.out]).toEqual([0, expect.stringMatching(/verdict +allow/)])
  const late = await verify([...argv, '--at', at(900)], { files: { ...files, receipt } })
  expect([late.code, late.out]).toEqual([3, expect.stringContaining('expired')])
})
