import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOfBytes, epochMs, idFrom } from '../../kernel/index.ts'
import { undeclaredTools } from './declared-tools.ts'
import { maxManifestBytes, parseManifest, releaseDigest, type ReleaseManifest } from './manifest.ts'

const d = (text: string) => digestOfBytes(text)
const base: ReleaseManifest = {
  schema: 1,
  systemId: idFrom('system', epochMs(1), new Uint8Array(10)),
  models: [
    { provider: 'b', model: 'm', pin: '1', region: 'eu' },
    { provider: 'a', model: 'm', pin: null, region: 'eu' },
  ],
  prompts: [
    { id: 'p2', sha256: d('p2') },
    { id: 'p1', sha256: d('p1') },
  ],
  tools: [{ toolId: 'isolate', server: 'edr', effect: 'write', autonomy: 'A2', definitionSha256: d('t') }],
  dataSets: [],
  capabilities: ['triage', 'chat'],
  guardPolicy: d('guard'),
  toolPolicy: d('tool'),
  artefacts: [{ kind: 'image', ref: 'r/app', digest: d('image') }],
  regions: ['eu', 'ch'],
  externalSend: false,
  params: { temperatureBp: 20 },
}

test('the order of lists does not name another release', () => {
  const law = fc.property(
    fc.shuffledSubarray(base.models.slice(), { minLength: 2 }),
    fc.boolean(),
    (models, flip) => {
      const other = { ...base, models, regions: flip ? [...base.regions].reverse() : base.regions }
      const parsed = parseManifest(other)
      expect(parsed.ok && releaseDigest(parsed.manifest)).toBe(releaseDigest(base))
    },
  )
  fc.assert(law)
})

test.each([
  ['an unknown member', { ...base, status: 'approved' }, 'MANIFEST_INVALID', ''],
  [
    'an unknown member of a tool',
    { ...base, tools: [{ ...base.tools[0], x: 1 }] },
    'MANIFEST_INVALID',
    '/tools/0',
  ],
  ['a duplicate', { ...base, regions: ['eu', 'eu'] }, 'MANIFEST_DUPLICATE', '/regions'],
  ['a duplicate tool', { ...base, tools: [base.tools[0], base.tools[0]] }, 'MANIFEST_DUPLICATE', '/tools'],
  ['a fraction', { ...base, params: { temperature: 0.2 } }, 'MANIFEST_NOT_CANONICAL', undefined],
  ['a short digest', { ...base, guardPolicy: 'sha256:ab' }, 'MANIFEST_INVALID', '/guardPolicy'],
  ['too many bytes', { ...base, note: 'x'.repeat(maxManifestBytes) }, 'MANIFEST_TOO_LARGE', undefined],
  ['no object', null, 'MANIFEST_INVALID', ''],
])('a manifest with %s is refused', (_what, json, code, path) => {
  const parsed = parseManifest(json)
  expect(parsed.ok ? [] : parsed.faults.map((fault) => [fault.code, fault.path])).toEqual([[code, path]])
})

test('all faults are named at once', () => {
  const parsed = parseManifest({ ...base, schema: 2, externalSend: 'no', regions: [''] })
  expect(parsed.ok ? [] : parsed.faults.map(({ path }) => path)).toEqual([
    '/schema',
    '/regions/0',
    '/externalSend',
  ])
})

test.each([
  ['the same', 'write', 'A2', []],
  ['less', 'privileged', 'A4', []],
  ['another effect', 'read', 'A4', ['effect']],
  ['another autonomy', 'write', 'A1', ['autonomy']],
] as const)('a tool declared with %s', (_what, effect, autonomy, why) => {
  const found = undeclaredTools(base, [{ toolId: 'isolate', effect, autonomy }])
  expect(found.map(({ params }) => params.why)).toEqual(why)
})

test('PD-17: a tool that nobody declared is refused, and two rows do not add up to a worse one', () => {
  expect(undeclaredTools(base, [])).toMatchObject([{ code: 'TOOL_NOT_DECLARED', path: '/tools/0' }])
  const rows = [
    { toolId: 'isolate', effect: 'write', autonomy: 'A0' },
    { toolId: 'isolate', effect: 'read', autonomy: 'A4' },
  ] as const
  expect(undeclaredTools(base, rows).map(({ params }) => params.why)).toEqual(['autonomy'])
})
