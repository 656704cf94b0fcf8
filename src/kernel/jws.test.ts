import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { CompactSign, compactVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { ed25519Signer, publicKeyFromRaw, rawPublicKey, signJws, verifyJws } from './jws.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const other = generateKeyPairSync('ed25519')
const signer = ed25519Signer('k1', privateKey)
const typ = 'cs-grant+jwt'
const keyOf = (kid: string) => (kid === 'k1' ? publicKey : null)
const read = (token: string) => verifyJws(token, { typ, keyOf })
const b64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64url')

function handmade(header: string, payload: string | Uint8Array, key = privateKey): string {
  const input = `${b64(header)}.${b64(payload)}`
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
}
const header = `{"alg":"Ed25519","kid":"k1","typ":"${typ}"}`

describe('tokens that are read', () => {
  const payloads = Array.from({ length: 20 }, (_, n) => ({
    n,
    text: 'ä€😀"\\\n'.repeat(n % 5),
    list: [n, { deep: [null, true, 2 ** 53 - 1 - n] }],
  }))
  test.each(payloads)('payload $n, ours by jose and jose by us', async (payload) => {
    const ours = signJws(payload, typ, signer)
    const byJose = await compactVerify(ours, publicKey)
    expect(JSON.parse(Buffer.from(byJose.payload).toString())).toEqual(payload)
    expect(byJose.protectedHeader).toEqual({ alg: 'Ed25519', kid: 'k1', typ })
    const theirs = await new CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader({ alg: 'Ed25519', kid: 'k1', typ })
      .sign(privateKey)
    expect(read(ours)).toEqual({ ok: true, kid: 'k1', payload })
    expect(read(theirs)).toEqual({ ok: true, kid: 'k1', payload })
  })
})

describe('tokens that are refused', () => {
  const good = signJws({ a: 1 }, typ, signer)
  const [head = '', body = '', tail = ''] = good.split('.')
  const extra = ['jku', 'jwk', 'x5u', 'x5c', 'x5t', 'crit', 'b64', 'zip', 'cty', 'url', 'nonce']
  const headers = [
    ...extra.map((name) => `{"alg":"Ed25519","kid":"k1","typ":"${typ}","${name}":"x"}`),
    `{"alg":"EdDSA","kid":"k1","typ":"${typ}"}`,
    `{"alg":"none","kid":"k1","typ":"${typ}"}`,
    `{"alg":"HS256","kid":"k1","typ":"${typ}"}`,
    `{"alg":"ed25519","kid":"k1","typ":"${typ}"}`,
    `{"kid":"k1","alg":"Ed25519","typ":"${typ}"}`,
    `{"alg":"Ed25519","kid":"k1"}`,
    `{"alg":"Ed25519","typ":"${typ}"}`,
    `{"alg":"Ed25519","kid":1,"typ":"${typ}"}`,
    `{"alg":"Ed25519","kid":"k1","kid":"k1","typ":"${typ}"}`,
    `{"alg":"none","alg":"Ed25519","kid":"k1","typ":"${typ}"}`,
    ` ${header}`,
    `${header} `,
    header.replace('k1', '\\u006b1'),
    '[]',
    'null',
    '"x"',
    '{',
    '',
  ]
  const payloads: (string | Uint8Array)[] = [
    '{"a":1,"a":2}',
    '{"a":{"b":1,"b":1}}',
    '{"a":1.5}',
    '{"a":1.0}',
    '{"a":1e3}',
    '{"a":-0}',
    '{"a":9007199254740992}',
    '{"a": 1}',
    '{"a":1}\n',
    '{"a":"\\u0061"}',
    '{"a":"\\ud800"}',
    '[1]',
    'null',
    '7',
    '"a"',
    '',
    '{"a":1',
    '{"__proto__":{"a":1}}',
    Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d),
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('{"a":1}')]),
  ]
  const texts = [
    '',
    '.',
    '..',
    head,
    `${head}.${body}`,
    `${good}.`,
    `${good}.x`,
    `${good}=`,
    ` ${good}`,
    `${good}\n`,
    `${head}.${body}.`,
    `${head}.${body}.${tail.slice(0, -2)}`,
    `${head}.${body}.${tail.slice(0, 10)}+${tail.slice(11)}`,
    `${head}.${body}.${'A'.repeat(86)}`,
    `${head}.${b64('{"a":2}')}.${tail}`,
    `${head}.${body}=.${tail}`,
    signJws({ a: 1 }, 'cs-gate+jwt', signer),
    signJws({ a: 1 }, typ, ed25519Signer('k2', privateKey)),
    signJws({ a: 1 }, typ, ed25519Signer('k1', other.privateKey)),
    signJws({ a: 'x'.repeat(4_096) }, typ, signer),
  ]
  const all = [
    ...headers.map((text) => handmade(text, '{"a":1}')),
    ...payloads.map((payload) => handmade(header, payload)),
    ...texts,
  ]
  test('there are at least 60', () => expect(all.length).toBeGreaterThanOrEqual(60))
  test.each(all.map((token, n) => [n, token] as const))('token %i', (_, token) => {
    expect(read(token).ok).toBe(false)
  })
  test('the hand-made form itself is read', () => expect(read(handmade(header, '{"a":1}')).ok).toBe(true))
  test('a bundle may be longer', () => {
    const long = signJws({ a: 'x'.repeat(4_096) }, typ, signer)
    expect(verifyJws(long, { typ, keyOf, maxBytes: 65_536 }).ok).toBe(true)
  })
})

test('RFC 8037 A.4: the example signature is reproduced', () => {
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  }
  const key = createPrivateKey({ key: jwk, format: 'jwk' })
  const input = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc'
  expect(b64(ed25519Signer('x', key).sign(Buffer.from(input)))).toBe(
    'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  )
  expect(rawPublicKey(key)).toBe(jwk.x)
  expect(publicKeyFromRaw(jwk.x)).not.toBeNull()
  expect(publicKeyFromRaw('AAAA')).toBeNull()
})
