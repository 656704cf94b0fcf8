// First verification of a grant against the bare Ed25519 check of the same signature; and the check that each call of
// the gateway makes of a grant it has verified before.
// Usage: node bench/governance/grant.ts [seconds per round] [rounds] [--write]
import { generateKeyPairSync, verify } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { GrantClaims } from '../../src/governance/authorization/grant.ts'
import {
  faultOfGrant,
  issueGrant,
  issueTrustBundle,
  parseGrant,
  rootFingerprint,
  verifyTrustBundle,
} from '../../src/governance/authorization/grant.ts'
import { digestOf, epochMs, idFrom } from '../../src/kernel/index.ts'
import { ed25519Signer, rawPublicKey } from '../../src/kernel/jws.ts'
import { alternate, numbersOf, rateOf, ratioOf, report, rounded, summaryOf } from '../measure.ts'

const [seconds = 0.2, rounds = 20] = numbersOf(0.2, 20)
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const root = generateKeyPairSync('ed25519').privateKey
const now = epochMs(Date.now())
const iat = Math.floor(now / 1_000)
const random = new Uint8Array(10)
const iss = 'urn:countersign:bench'
const claims: GrantClaims = {
  v: 1,
  iss,
  aud: ['gateway'],
  jti: idFrom('grant', now, random),
  sub: idFrom('deployment', now, random),
  uc: idFrom('useCase', now, random),
  sys: idFrom('system', now, random),
  env: 'prod',
  rte: [idFrom('route', now, random)],
  rel: digestOf('release'),
  ucr: digestOf('revision'),
  bas: { k: 'decision', id: 'bench', seq: 1 },
  tier: 2,
  mode: 'enforce',
  dcm: 1,
  scp: digestOf('scope'),
  htl: digestOf('human'),
  epo: 3,
  iat,
  nbf: iat,
  exp: iat + 600,
}
const trusted = {
  kid: 'g',
  publicKey: rawPublicKey(privateKey),
  use: 'grant' as const,
  signFrom: epochMs(now - 1e6),
  signUntil: epochMs(now + 1e6),
  verifyUntil: epochMs(now + 2e6),
}
const rootKey = rawPublicKey(root)
const bundle = verifyTrustBundle(
  issueTrustBundle({ v: 1, iss, keys: [trusted] }, ed25519Signer(rootKey, root)),
  rootFingerprint(rootKey),
)
const token = issueGrant(claims, ed25519Signer('g', privateKey))
const grant = bundle === null ? null : parseGrant(token, bundle, 'gateway')
if (bundle === null || grant?.ok !== true) throw new Error('void run: the grant is not valid')

const epochs = new Map([[claims.sub, 3]])
const minEpoch = () => epochs.get(claims.sub) ?? 0
const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')))
const signature = Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url')
if (faultOfGrant(grant, bundle, { now, minEpoch }) !== null || !verify(null, signed, publicKey, signature))
  throw new Error('void run: the checks do not hold')

const checks = 1_000
let refused = 0 // read at the end, so that no check can be left out
const checkCached = () => {
  for (let i = 0; i < checks; i += 1) {
    if (faultOfGrant(grant, bundle, { now, minEpoch }) !== null) refused += 1
  }
}

const rates = await alternate(
  {
    first: () => rateOf(() => parseGrant(token, bundle, 'gateway'), seconds),
    raw: () => rateOf(() => verify(null, signed, publicKey, signature), seconds),
    cached: () => rateOf(checkCached, seconds) * checks,
  },
  rounds,
)
const kept = keptBytes()
if (refused > 0) throw new Error('void run: a cached check refused')
report(
  import.meta.dirname,
  'grant',
  {
    seconds,
    rounds,
    token: `${token.length} characters`,
    ratio: 'first verifications per second over bare Ed25519 checks per second, round by round',
  },
  {
    rows: [
      { what: 'first verification per second', ...summaryOf(rates.first) },
      { what: 'bare Ed25519 check per second', ...summaryOf(rates.raw) },
      { what: 'cached check, ns', ...summaryOf(rates.cached.map((rate) => 1e9 / rate)) },
    ],
    ratios: [{ what: 'first verification to Ed25519', ...ratioOf(rates.first, rates.raw) }],
    kept: [{ what: 'bytes kept for each cached check', value: kept }],
  },
)

/** Growth of the heap over a million checks, garbage collected before and after. */
function keptBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // what the flag exposes
  const used = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = used()
  for (let i = 0; i < 1_000; i += 1) checkCached()
  return rounded(Math.max(0, used() - before) / (1_000 * checks))
}
