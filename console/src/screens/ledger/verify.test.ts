import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../../../src/kernel/canonical-json.ts'
import {
  commit,
  ed25519FromSeed,
  encodeVkey,
  inclusionProof,
  leafHash as leafHashOf,
  nodesInMemory,
  openFields,
  rootOfLeaves,
  signCheckpoint,
  verifierKey,
} from '../../../../src/ledger/index.ts'
import { fieldChanges } from './history.ts'
import { streamFor } from './streams.ts'
import { firstFault, verifyEntry } from './verify.ts'

const signer = ed25519FromSeed(new Uint8Array(32).fill(7))
const origin = 'test/log'
const vkey = encodeVkey(verifierKey(origin, signer.publicKey))
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

/** A log of `size` leaves of which leaf `index` is the entry, as the server hands it out. */
function logOf(size: number, index: number) {
  const facts = { e: 'approve', n: index, nested: { list: [1, 'two', null] } }
  const key = new Uint8Array(32).fill(3)
  const committed = commit(facts, key)
  if (!committed.ok) throw new Error(committed.fault)
  const at = Date.UTC(2026, 10, 28)
  const leaf = {
    id: 'evt_01m8h5pkb2f3r83kqshnqjya66',
    kind: 'decision.recorded',
    stream: 'case/one',
    rev: 2,
    cmd: 'cmd_01m8h5pkb2f3r83kqshnqjya66',
    actor: 'p:usr_01m8h5pkb2f3r83kqshnqjya66',
    at,
    facts: committed.commitment,
  }
  const bytes = Buffer.from(canonicalJson(leaf))
  const leaves = Array.from({ length: size }, (_, i) => (i === index ? bytes : Buffer.from(`leaf ${i}`)))
  const nodes = nodesInMemory(leaves.map(leafHashOf))
  const checkpoint = signCheckpoint({ origin, size: BigInt(size), root: rootOfLeaves(leaves) }, signer)
  const { id, kind, stream, rev, cmd: commandId, actor } = leaf
  const opening = openFields(facts, key)
  return {
    entry: {
      id,
      kind,
      stream,
      rev,
      commandId,
      actor,
      facts,
      index,
      hasSealed: false,
      at: new Date(at).toISOString(),
    },
    proof: {
      index,
      leaf: base64url(bytes),
      path: inclusionProof(BigInt(index), BigInt(size), nodes).map(base64url),
      checkpoint,
      opening: {
        count: opening.count,
        fields: opening.fields.map(({ pointer, value, salt, index: place }) => ({
          pointer,
          value,
          salt,
          index: place,
        })),
      },
    },
  } as unknown as { entry: Parameters<typeof verifyEntry>[0]; proof: Parameters<typeof verifyEntry>[1] } // as routes hand it out
}

const place = fc.integer({ min: 1, max: 70 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)))

test('law: what the log writes, the browser verifies, at every place of every size', async () => {
  await fc.assert(
    fc.asyncProperty(place, async ([size, index]) => {
      const { entry, proof } = logOf(size, index)
      const verified = await verifyEntry(entry, proof, vkey)
      expect({ fault: firstFault(verified), outcome: verified.outcome }).toEqual({
        fault: null,
        outcome: 'verified',
      })
      expect(verified.steps.length).toBe(proof.path.length)
    }),
    { numRuns: 60 },
  )
})

test('law: one bit that is changed anywhere in leaf or path is a mismatch', async () => {
  await fc.assert(
    fc.asyncProperty(place, fc.nat(), async ([size, index], at) => {
      const { entry, proof } = logOf(size, index)
      const parts = [proof.leaf, ...proof.path]
      const changed = parts.map((text, i) => {
        if (i !== at % parts.length) return text
        const bytes = Buffer.from(text, 'base64url')
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ 1
        return bytes.toString('base64url')
      })
      const [leaf = '', ...path] = changed
      expect((await verifyEntry(entry, { ...proof, leaf, path }, vkey)).outcome).toBe('mismatch')
    }),
    { numRuns: 60 },
  )
})

test.each([
  [
    'another kind',
    'OTHER_ENTRY',
    ({ entry, proof }: ReturnType<typeof logOf>) => ({ entry: { ...entry, kind: 'x.y' }, proof }),
  ],
  [
    'other facts',
    'OTHER_FACTS',
    ({ entry, proof }) => ({ entry: { ...entry, facts: { e: 'reject' } }, proof }),
  ],
  [
    'a shorter path',
    'PATH_LENGTH',
    ({ entry, proof }) => ({ entry, proof: { ...proof, path: proof.path.slice(1) } }),
  ],
  [
    'a number beyond the log',
    'INDEX_BEYOND',
    ({ entry, proof }) => ({ entry, proof: { ...proof, index: 99 } }),
  ],
  [
    'no checkpoint',
    'CHECKPOINT_UNREADABLE',
    ({ entry, proof }) => ({ entry, proof: { ...proof, checkpoint: 'x' } }),
  ],
  [
    'a checkpoint of another size',
    'OTHER_ROOT',
    ({ entry, proof }) => ({
      entry,
      proof: {
        ...proof,
        checkpoint: logOf(6, 3).proof.checkpoint.replace(/\n6\n.*\n/, (all) => all.replace(/[A-D]/, 'E')),
      },
    }),
  ],
] as const satisfies readonly (readonly [
  string,
  string,
  (log: ReturnType<typeof logOf>) => ReturnType<typeof logOf>,
])[])('a mismatch names what fails: %s', async (_what, code, change) => {
  const { entry, proof } = change(logOf(6, 3))
  const verified = await verifyEntry(entry, proof, vkey)
  expect({ outcome: verified.outcome, fault: firstFault(verified)?.fault }).toEqual({
    outcome: 'mismatch',
    fault: code,
  })
})

test('a key of another log or a broken key is never verified', async () => {
  const { entry, proof } = logOf(6, 3)
  const other = ed25519FromSeed(new Uint8Array(32).fill(8))
  const foreign = encodeVkey(verifierKey(origin, other.publicKey))
  expect(firstFault(await verifyEntry(entry, proof, foreign))?.fault).toBe('NOT_SIGNED')
  expect((await verifyEntry(entry, proof, `${vkey}x`)).outcome).toBe('unverifiable')
})

test('a history says what each fact changed, against the last that set the same', () => {
  const changes = fieldChanges([
    { at: 1, by: 'a', owner: 'x', terms: { days: 30, note: 'n' } },
    { at: 2, by: 'b', owner: 'y' },
    { at: 3, terms: { days: 60, note: 'n' } },
  ])
  expect(changes).toEqual([
    [
      { name: 'owner', was: undefined, is: 'x' },
      { name: 'terms.days', was: undefined, is: 30 },
      { name: 'terms.note', was: undefined, is: 'n' },
    ],
    [{ name: 'owner', was: 'x', is: 'y' }],
    [{ name: 'terms.days', was: 30, is: 60 }],
  ])
})

const tail = '01m8h5pkb2f3r83kqshnqjya66'
test.each([
  [`uc_${tail}`, `useCase/uc_${tail}`],
  [`usr_${tail}`, `person/usr_${tail}`],
  [`stop/deployment:dep_${tail}`, `stop/deployment:dep_${tail}`],
  ['nonsense', null],
  ['case/with space', null],
])('%s has its history in %s', (text, stream) => {
  expect(streamFor(text)).toBe(stream)
})
