import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { digestOf, epochMs } from '../../kernel/index.ts'
import { challengeOf, credentialDigest, verifyAssertion } from '../../kernel/passkey.ts'
import {
  createSoftwareAuthenticator,
  type AssertionChange,
} from '../software-authenticator/software-authenticator.ts'
import { createPasswords, passwordFault } from './password.ts'
import { newRecoveryCodes, newTotp, recoveryDigest, totpAt, verifyTotp } from './totp.ts'
import {
  beginAssertion,
  beginRegistration,
  finishAssertion,
  finishBoundAssertion,
  finishRegistration,
} from './webauthn.ts'

const cheap = createPasswords({ memoryKiB: 64, passes: 1, lanes: 1 })

test('a password verifies, another does not, and nobody verifies without a stored one', async () => {
  const stored = await cheap.hash('a rather long pass phrase')
  expect(stored).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/)
  expect(await cheap.verify('a rather long pass phrase', stored)).toBe(true)
  expect(await cheap.verify('a rather long pass phrasf', stored)).toBe(false)
  expect(await cheap.verify('a rather long pass phrase', null)).toBe(false)
  expect(await cheap.verify('x', '$argon2id$garbage')).toBe(false)
  expect([cheap.isWeak(stored), createPasswords().isWeak(stored)]).toEqual([false, true])
})

test('ten hashes at once all finish', async () => {
  const hashes = await Promise.all(Array.from({ length: 10 }, (_, i) => cheap.hash(`long enough pass ${i}`)))
  expect(new Set(hashes).size).toBe(10)
})

test.each([
  ['correct zebra lamp', null],
  ['short', 'too_short'],
  ['x'.repeat(129), 'too_long'],
  ['password password 1234', 'too_common'],
  ['Countersign2026!!!', 'too_common'],
  ['aaaaaaaaaaaaaaaaaaaa', 'too_common'],
  ['a\u0000bcdefghijklmnopq', 'not_text'],
] as const)('the password %j is judged', (password, fault) => {
  expect(passwordFault(password)).toBe(fault)
})

test.each([
  // RFC 6238 appendix B, SHA-1, last six of eight digits.
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
])('RFC 6238 at %i s', (seconds, code) => {
  const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  const at = epochMs(seconds * 1_000)
  expect(totpAt(secret, at)).toBe(code)
  expect(verifyTotp(secret, code, at, null)).toBe(Math.floor(seconds / 30))
})

test('a code works once, one step either way, and never later', () => {
  const { secret, uri } = newTotp('eve@example.org')
  expect(uri).toMatch(/^otpauth:\/\/totp\/Countersign/)
  const now = epochMs(1_800_000_000_000)
  const code = totpAt(secret, now)
  const step = verifyTotp(secret, code, now, null)
  expect(verifyTotp(secret, code, now, step)).toBeNull()
  expect(verifyTotp(secret, code, epochMs(now + 30_000), null)).toBe(step)
  expect(verifyTotp(secret, code, epochMs(now + 90_000), null)).toBeNull()
  expect(verifyTotp(secret, '12345', now, null)).toBeNull()
})

test('recovery codes differ and are kept as digests', () => {
  const codes = newRecoveryCodes()
  expect(new Set(codes.map(recoveryDigest)).size).toBe(10)
  expect(recoveryDigest(` ${codes[0]?.toUpperCase()} `)).toBe(recoveryDigest(codes[0] ?? ''))
})

const party = { id: 'localhost', name: 'Countersign', origins: ['http://localhost:8787'] }
async function registered() {
  const device = createSoftwareAuthenticator({ rpId: 'localhost', origin: 'http://localhost:8787' })
  const options = await beginRegistration(party, { id: 'usr_1', name: 'eve', existing: [] })
  const result = await finishRegistration(party, options.challenge, device.register(options))
  if (!result.ok) throw new Error(result.fault)
  return { device, passkey: result.value }
}

test('a passkey registers, signs in, and signs exactly one document', async () => {
  const { device, passkey } = await registered()
  const options = await beginAssertion(party, [passkey.credentialId])
  expect(await finishAssertion(party, options.challenge, passkey, device.assert(options))).toMatchObject({
    ok: true,
  })
  const document = digestOf({ schema: 'countersign.ballot/1', choice: 'approve' })
  const bound = await beginAssertion(party, [passkey.credentialId], document)
  expect(bound.challenge).toBe(challengeOf(document))
  const signed = device.assert(bound)
  const finished = await finishBoundAssertion(party, document, passkey, signed)
  if (!finished.ok) throw new Error(finished.fault)
  const { proof } = finished.value
  expect(proof).toMatchObject({ document, credentialId: credentialDigest(passkey.credentialId) })
  expect(verifyAssertion(proof.assertion, document, passkey.publicKey).ok).toBe(true)
  const other = digestOf({ schema: 'countersign.ballot/1', choice: 'object' })
  expect(await finishBoundAssertion(party, other, passkey, signed)).toMatchObject({ ok: false })
})

const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
test.each<[string, AssertionChange]>([
  ['another origin', { origin: 'https://evil.example' }],
  ['another challenge', { challenge: 'AAAA' }],
  ['no user verification', { userVerified: false }],
  ['a counter that fell', { counter: 1 }],
  ['another key', { signer: stranger }],
])('an assertion with %s is refused', async (_what, change) => {
  const { device, passkey } = await registered()
  const options = await beginAssertion(party, [passkey.credentialId])
  const known = { ...passkey, counter: 5 }
  expect((await finishAssertion(party, options.challenge, known, device.assert(options, change))).ok).toBe(
    false,
  )
  expect(
    (await finishAssertion(party, options.challenge, known, device.assert(options, { counter: 9 }))).ok,
  ).toBe(true)
})

test.each([null, {}, 'x', { id: 1 }, { id: 'a', response: {} }])(
  'a hostile response %j is refused, not thrown',
  async (response) => {
    const { passkey } = await registered()
    expect((await finishAssertion(party, 'AAAA', passkey, response)).ok).toBe(false)
    expect((await finishRegistration(party, 'AAAA', response)).ok).toBe(false)
  },
)
