import { expect, test } from 'vitest'
import { loadGuard } from '../adapters/files/guard-catalogue.ts'
import { shippedPolicy } from '../guard/policy/document.ts'
import { createGuardGround } from './guard-ground.ts'
import { catalogueFolder } from './catalogue-folder.ts'

const guard = loadGuard(catalogueFolder)
const ground = createGuardGround(guard, new Uint8Array(32))

test('a text is read with the budgets of a policy', () => {
  const { offsets } = shippedPolicy({ model: ground.model, rules: ground.rules, languages: [] })
  const encoded = Array.from({ length: 12 }, (_, n) =>
    Buffer.from(`This is the plain and harmless sentence number ${n}.`).toString('base64'),
  )
  const text = { channel: 'document', text: encoded.join('\n\n and then \n\n') } as const
  const rulesUnder = (blobs: number) =>
    ground.inspect(text, { offsets, budgets: { blobs, work: 64 } }).map(({ rule }) => rule)
  expect(rulesUnder(guard.budgets.blobs)).toEqual(ground.inspect(text, null).map(({ rule }) => rule))
  expect(rulesUnder(8)).not.toEqual(rulesUnder(64))
  expect(rulesUnder(8)).toContain('views_incomplete')
})

test('what it names is what the guard names', () => {
  expect([ground.rules, ground.digest]).toEqual([guard.rulesDigest, guard.digest])
})
