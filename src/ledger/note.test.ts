import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import vectors from '../../vectors/ledger/signed-note.json' with { type: 'json' }
import { sha256 } from '../kernel/index.ts'
import { checkpointBody, parseCheckpointBody, signCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { ed25519FromSeed } from './ed25519.ts'
import { encodeVkey, parseVkey, signNote, verifierKey, verifyNote } from './note.ts'

const seed = Buffer.from(vectors.signer.split('+').slice(4).join('+'), 'base64').subarray(1)
const signer = ed25519FromSeed(seed)
const key = verifierKey('PeterNeumann', signer.publicKey)

test('the note of the Go documentation is signed and read byte for byte', () => {
  expect(encodeVkey(key)).toBe(vectors.vkey)
  expect(signNote(vectors.text, 'PeterNeumann', signer)).toBe(vectors.note)
  expect(verifyNote(vectors.note, key)).toEqual({ ok: true, text: vectors.text })
})

test.each([vectors.vkey, ...vectors.otherVkeys])('the verifier key %s is read and written back', (text) => {
  const parsed = parseVkey(text)
  expect(parsed === null ? null : encodeVkey(parsed)).toBe(text)
})

test('no part and no change of a verifier key is accepted', () => {
  for (let i = 0; i <= vectors.vkey.length; i += 1)
    for (let j = i + 1; j <= vectors.vkey.length; j += 1)
      if (j - i < vectors.vkey.length) expect(parseVkey(vectors.vkey.slice(i, j))).toBeNull()
})

const other = '\u2014 Other AAAAAAAA\n'
test.each([
  ['an unknown signature beside ours', vectors.note + other, true],
  ['64 signatures', vectors.note + other.repeat(63), true],
  ['65 signatures', vectors.note + other.repeat(64), false],
  ['only unknown signatures', `text\n\n${other}`, false],
  [
    'ours twice, one broken',
    vectors.note + vectors.note.slice(vectors.note.indexOf('\u2014')).replace('x08go/Z', 'x08go/a'),
    false,
  ],
  ['another text', vectors.note.replace('crypto', 'Crypto'), false],
  ['a control character', vectors.note.replace(' know', '\tknow'), false],
  ['no newline at the end', vectors.note.slice(0, -1), false],
  ['more than 256 KiB', `${'x'.repeat(262_144)}\n\n${other}`, false],
  ['base64 that is not canonical', vectors.note.replace('nAM=', 'nAN='), false],
])('a note with %s', (_, note, ok) => expect(verifyNote(note, key).ok).toBe(ok))

test('law: any one-bit change of a note with one signature is detected', () => {
  const bytes = Buffer.from(vectors.note)
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(verifyNote(changed.toString('utf8'), key).ok).toBe(false)
    }),
    { numRuns: 500 },
  )
})

const checkpoint = { origin: 'PeterNeumann', size: 12n, root: sha256('x') }
test('a checkpoint is read as it was signed', () => {
  expect(verifyCheckpoint(signCheckpoint(checkpoint, signer), key)).toEqual({
    ok: true,
    checkpoint: { ...checkpoint, root: new Uint8Array(checkpoint.root) },
  })
})

const body = checkpointBody(checkpoint)
test.each([
  ['an extension line', `${body}extension\n`],
  ['a leading zero', body.replace('12', '012')],
  ['a sign', body.replace('12', '+12')],
  ['a short root', body.replace('\n12\n', '\n12\nAAAA')],
  ['no origin', body.replace('PeterNeumann', '')],
  ['a missing line', 'PeterNeumann\n12\n'],
])('a checkpoint body with %s is refused', (_, text) => expect(parseCheckpointBody(text)).toBeNull())

test('a checkpoint of another log is refused even under our key', () => {
  const note = signNote(checkpointBody({ ...checkpoint, origin: 'Other' }), 'PeterNeumann', signer)
  expect(verifyCheckpoint(note, key)).toEqual({ ok: false, fault: 'wrong_origin' })
})
