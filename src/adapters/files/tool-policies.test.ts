import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compilePolicies } from '../../guard/tools/cedar/policy-set.ts'
import { parseToolPolicyDocument, toolPolicyDigest } from '../../guard/tools/document.ts'
import { loadToolPolicies } from './tool-policies.ts'

test('every shipped document compiles and is found by its digest', () => {
  const loaded = loadToolPolicies(join(import.meta.dirname, '../../../catalogue'))
  expect(loaded.size).toBeGreaterThan(0)
  for (const [digest, document] of loaded) {
    expect(toolPolicyDigest(document)).toBe(digest)
    expect(compilePolicies(document.policies).ok).toBe(true)
  }
})

test.each([
  ['another member', { key: 'a', version: 1, policies: {}, mode: 'off' }],
  ['no version', { key: 'a', policies: {} }],
  ['a list of policies', { key: 'a', version: 1, policies: [] }],
  ['a policy without an id', { key: 'a', version: 1, policies: { '': {} } }],
])('a document with %s is none', (_what, json) => {
  expect(() => parseToolPolicyDocument(json)).toThrow()
})
