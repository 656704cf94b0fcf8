import { expect, test } from 'vitest'
import { digestOf, sha256, type Digest, type EventId, type JsonObject } from '../../../../src/kernel/index.ts'
import {
  batchProof,
  batchRoot,
  commit,
  ed25519FromSeed,
  encodeVkey,
  inclusionProof,
  leafHash,
  nodesInMemory,
  openFields,
  recordCommitment,
  rootOfLeaves,
  signCheckpoint,
  toBase64url,
  verifierKey,
} from '../../../../src/ledger/index.ts'
import { checkProof, verdictOf, type Proven } from './proof-check.ts'

const signer = ed25519FromSeed(sha256('log'))
const origin = 'countersign/sample'
const vkey = encodeVkey(verifierKey(origin, signer.publicKey))
const entry = 'evt_01m8h5pkb2f3r83kqshnqjya66' as EventId // the form of an id

/** Proof of record `n` of a batch of `size`, whose entry is leaf `at` of a log of `logSize`, made by the ledger itself. */
function provenOf(n: number, size: number, at: number, logSize: number): Proven {
  const records = Array.from({ length: size }, (_, i): JsonObject => ({ id: `rec_${i}`, status: 200 }))
  const salts = records.map((_, i) => sha256(`salt ${i}`))
  const commitments = records.map((record, i) => recordCommitment(salts[i] ?? new Uint8Array(), record))
  const root = `sha256:${Buffer.from(batchRoot(commitments)).toString('hex')}` as Digest // 32 bytes in hex
  const facts = { batch: 4, boot: 'w1', n: size, root }
  const key = sha256('compartment')
  const committed = commit(facts, key)
  if (!committed.ok) throw new Error(committed.fault)
  const leaf = Buffer.from(
    JSON.stringify({ facts: committed.commitment, id: entry, rev: 5, stream: 'gateway-boot/w1' }),
  )
  const leaves = Array.from({ length: logSize }, (_, i) => (i === at ? leaf : Buffer.from(`entry ${i}`)))
  const opening = openFields(facts, key, ['root'])
  return {
    record: records[n] ?? {},
    commitment: toBase64url(commitments[n] ?? new Uint8Array()),
    salt: toBase64url(salts[n] ?? new Uint8Array()),
    batch: { boot: 'w1', number: 4, root, size, index: n, path: batchProof(commitments, n).map(toBase64url) },
    entry,
    opening: {
      count: opening.count,
      fields: opening.fields.map(({ index, pointer, salt, path = [] }) => ({
        index,
        pointer,
        salt,
        value: root,
        path: [...path],
      })),
    },
    log: {
      index: at,
      leaf: toBase64url(leaf),
      path: inclusionProof(BigInt(at), BigInt(logSize), nodesInMemory(leaves.map(leafHash))).map(toBase64url),
      checkpoint: signCheckpoint({ origin, size: BigInt(logSize), root: rootOfLeaves(leaves) }, signer),
    },
  }
}

const verdicts = async (proven: Proven, key: string | null = vkey) =>
  Object.fromEntries((await checkProof(proven, key)).map(({ id, verdict }) => [id, verdict]))
const sound = {
  record: 'verified',
  batch: 'verified',
  entry: 'verified',
  log: 'verified',
  checkpoint: 'verified',
}

test('what the ledger proves, the browser verifies, at every place of every tree', async () => {
  let checked = 0
  for (const size of [1, 2, 3, 7, 8])
    for (let n = 0; n < size; n += 1) {
      expect(await verdicts(provenOf(n, size, n, size + 3))).toEqual(sound)
      checked += 1
    }
  expect(checked).toBe(21)
})

const flip = (text: string) => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
const proven = provenOf(2, 5, 6, 11)
const { log, batch } = proven
if (log === null) throw new Error('the sample is in the log')

test.each<[string, Proven, string]>([
  ['another record', { ...proven, record: { ...proven.record, status: 500 } }, 'record'],
  ['another salt', { ...proven, salt: flip(proven.salt ?? '') }, 'record'],
  ['another neighbour in the batch', { ...proven, batch: { ...batch, path: batch.path.map(flip) } }, 'batch'],
  ['another place in the batch', { ...proven, batch: { ...batch, index: 3 } }, 'batch'],
  ['another root', { ...proven, batch: { ...batch, root: digestOf({}) } }, 'entry'],
  ['another batch of the boot', { ...proven, batch: { ...batch, number: 5 } }, 'entry'],
  ['another entry', { ...proven, entry: entry.replace('66', '67') as EventId }, 'entry'],
  ['another place in the log', { ...proven, log: { ...log, index: 5 } }, 'log'],
  ['a shorter path in the log', { ...proven, log: { ...log, path: log.path.slice(1) } }, 'log'],
  [
    'a head of another size',
    { ...proven, log: { ...log, checkpoint: log.checkpoint.replace('\n11\n', '\n12\n') } },
    'checkpoint',
  ],
])('%s is a mismatch', async (_what, changed, at) => {
  const links = await checkProof(changed, vkey)
  expect(links.find(({ id }) => id === at)?.verdict).toBe('mismatch')
  expect(verdictOf(links)).toBe('mismatch')
})

test('without salt, index or key nothing is called verified', async () => {
  expect(await verdicts({ ...proven, salt: null })).toEqual({ ...sound, record: 'unverifiable' })
  expect(await verdicts({ ...proven, log: null })).toEqual({
    ...sound,
    entry: 'unverifiable',
    log: 'unverifiable',
    checkpoint: 'unverifiable',
  })
  expect(await verdicts(proven, null)).toEqual({ ...sound, checkpoint: 'unverifiable' })
  expect(verdictOf([])).toBe('unverifiable')
  expect(verdictOf(await checkProof({ ...proven, log: null }, vkey))).toBe('unverifiable')
})
