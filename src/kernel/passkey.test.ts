import { generateKeyPairSync, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { digestOfBytes, sha256, type Digest } from './digest.ts'
import { challengeOf, isPasskeyKey, verifyAssertion } from './passkey.ts'
import type { Assertion } from './vocabulary.ts'

const document = digestOfBytes('a ballot')
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const part = (text: string | undefined) => Buffer.from(text ?? '', 'base64url')
const { x: ecX, y: ecY } = ec.publicKey.export({ format: 'jwk' })
const { x: edX } = ed.publicKey.export({ format: 'jwk' })
const hex = (text: string) => Buffer.from(text, 'hex')
const es256Key = Buffer.concat([hex('a5010203262001215820'), part(ecX), hex('225820'), part(ecY)])
const ed25519Key = Buffer.concat([hex('a4010103272006215820'), part(edX)])
const keys = { es256: es256Key, ed25519: ed25519Key }

type Parts = { authenticatorData: Buffer; clientDataJSON: Buffer; signature: Buffer }
const rpIdHash = sha256('localhost')
const dataWith = (flags: number, rest = Buffer.alloc(0)) =>
  Buffer.concat([rpIdHash, Buffer.from([flags, 0, 0, 0, 7]), rest])
const clientWith = (change: object) =>
  Buffer.from(
    JSON.stringify({
      type: 'webauthn.get',
      challenge: challengeOf(document),
      origin: 'http://localhost',
      ...change,
    }),
  )

function signed(
  kind: keyof typeof keys,
  authenticatorData = dataWith(0x05),
  clientDataJSON = clientWith({}),
): Parts {
  const message = Buffer.concat([authenticatorData, sha256(clientDataJSON)])
  const signature =
    kind === 'es256' ? sign('sha256', message, ec.privateKey) : sign(null, message, ed.privateKey)
  return { authenticatorData, clientDataJSON, signature }
}
function textOf({ authenticatorData, clientDataJSON, signature }: Parts): Assertion {
  return {
    authenticatorData: authenticatorData.toString('base64url'),
    clientDataJSON: clientDataJSON.toString('base64url'),
    signature: signature.toString('base64url'),
  }
}
const judge = (parts: Parts, key: Buffer, over: Digest = document) => {
  const result = verifyAssertion(textOf(parts), over, key.toString('base64url'))
  return result.ok ? result.rpIdHash : result.fault
}

test.each(['es256', 'ed25519'] as const)('%s: what the passkey signed is verified, nothing else', (kind) => {
  const parts = signed(kind)
  expect(judge(parts, keys[kind])).toBe(digestOfBytes('localhost'))
  expect(judge(parts, keys[kind], digestOfBytes('another ballot'))).toBe('wrong_challenge')
  expect(judge(parts, keys[kind === 'es256' ? 'ed25519' : 'es256'])).toBe('bad_signature')
})

test.each([
  ['a registration', signed('es256', dataWith(0x05), clientWith({ type: 'webauthn.create' })), 'wrong_type'],
  ['no type', signed('es256', dataWith(0x05), clientWith({ type: undefined })), 'wrong_type'],
  ['a list', signed('es256', dataWith(0x05), Buffer.from('[]')), 'bad_client_data'],
  ['no JSON', signed('es256', dataWith(0x05), Buffer.from('{')), 'bad_client_data'],
  ['nobody present', signed('es256', dataWith(0x04)), 'user_not_present'],
  ['nobody verified', signed('es256', dataWith(0x01)), 'user_not_verified'],
  ['attested data', signed('es256', dataWith(0x45)), 'bad_authenticator_data'],
  [
    'data that no flag announces',
    signed('es256', dataWith(0x05, Buffer.from([0xa0]))),
    'bad_authenticator_data',
  ],
  ['extensions that are absent', signed('es256', dataWith(0x85)), 'bad_authenticator_data'],
  ['data cut short', signed('es256', dataWith(0x05).subarray(0, 36)), 'bad_authenticator_data'],
  ['too long', signed('es256', dataWith(0x05), clientWith({ more: 'x'.repeat(5_000) })), 'bad_encoding'],
  ['extensions', signed('es256', dataWith(0x85, Buffer.from([0xa0]))), digestOfBytes('localhost')],
])('an assertion with %s: %s', (_what, parts, result) => {
  expect(judge(parts, es256Key)).toBe(result)
})

test('a text that is not canonical base64url is refused', () => {
  const text = textOf(signed('es256'))
  const key = es256Key.toString('base64url')
  for (const change of [
    { signature: `${text.signature}=` },
    { signature: '!' },
    { clientDataJSON: ` ${text.clientDataJSON}` },
  ])
    expect(verifyAssertion({ ...text, ...change }, document, key)).toEqual({
      ok: false,
      fault: 'bad_encoding',
    })
})

test.each([
  ['an empty text', Buffer.alloc(0)],
  ['trailing bytes', Buffer.concat([es256Key, Buffer.from([0])])],
  [
    'members in another order',
    Buffer.concat([hex('a5032601022001215820'), part(ecX), hex('225820'), part(ecY)]),
  ],
  ['another algorithm', Buffer.concat([hex('a501020338222001215820'), part(ecX), hex('225820'), part(ecY)])],
  [
    'no point of the curve',
    Buffer.concat([hex('a5010203262001215820'), part(ecX), hex('225820'), part(ecX)]),
  ],
  ['a long form of a length', Buffer.concat([hex('a401010327200621590020'), part(edX)])],
])('a key with %s is refused', (_what, key) => {
  expect(isPasskeyKey(key.toString('base64url'))).toBe(false)
  expect(judge(signed('es256'), key)).toBe('bad_key')
})

// SPEC: WebAuthn Level 3, test vectors "ES256 credential with no attestation" and "Apple"; both without user verification.
test.each([
  {
    key: 'a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220',
    challenge: '39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408',
    authenticatorData: 'bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000',
    clientDataJSON:
      '7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f334a5558543049393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d',
    signature:
      '3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87',
  },
  {
    key: 'a50102032620012158208a3d5b1b4c543a706bf6e4b00afedb3c930b690dd286934fe2911f779cc7761a225820f728e1aa3b0ff66692192daa776b83ddf8e3340d2d9a0eabdfc324eb3e2f136c',
    challenge: 'd3eb2964641e26fed023403a72dde093b19c4ba9008c3f9dd83fcfd347a66d05',
    authenticatorData: 'bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b50900000000',
    clientDataJSON:
      '7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a22302d73705a4751654a76375149304136637433676b37476353366b416a442d6432445f503030656d625155222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d',
    signature:
      '3046022100ee35db795ce28044e1f8231d68b3d79a9882f7415aa35c1b5ac74d24251073c8022100dcc65691650a412d0ceef843710c09827acf26c7845bddac07eec95863e7fc4c',
  },
])('W3C vectors: the signature is good, and refused only because nobody was verified', (vector) => {
  const parts = {
    authenticatorData: hex(vector.authenticatorData),
    clientDataJSON: hex(vector.clientDataJSON),
    signature: hex(vector.signature),
  }
  const over = `sha256:${vector.challenge}` as Digest
  expect(judge(parts, hex(vector.key), over)).toBe('user_not_verified')
})

test('law: one flipped bit anywhere in assertion or key proves nothing, whichever it is', () => {
  const places = ['authenticatorData', 'clientDataJSON', 'signature', 'key'] as const
  const reached = new Set<string>()
  for (const kind of ['es256', 'ed25519'] as const)
    for (const place of places) {
      const parts = { ...signed(kind), key: keys[kind] }
      for (let bit = 0; bit < parts[place].length * 8; bit += 1) {
        const changed = Buffer.from(parts[place])
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const { key, ...assertion } = { ...parts, [place]: changed }
        const result = judge(assertion, key)
        expect(result).not.toMatch(/^sha256:/)
        reached.add(result)
      }
    }
  expect([...reached].toSorted()).toEqual([
    'bad_authenticator_data',
    'bad_client_data',
    'bad_key',
    'bad_signature',
    'wrong_challenge',
    'wrong_type',
  ])
})
