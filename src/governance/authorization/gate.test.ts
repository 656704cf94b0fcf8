import { expect, test } from 'vitest'
import { digestOfBytes, epochMs, idFrom } from '../../kernel/index.ts'
import { answerAdmission, readAdmission, type AdmissionFacts } from './admission.ts'
import type { Authorization } from './authorization.ts'
import { evaluateGate, type GateQuestion } from './gate.ts'

const [r1, r2, image] = [digestOfBytes('r1'), digestOfBytes('r2'), digestOfBytes('image')]
const valid: Authorization = { s: 'valid', mode: 'enforce', open: [], reasons: [] }
const deploymentId = idFrom('deployment', epochMs(0), new Uint8Array(10))
const question: GateQuestion = {
  authorization: valid,
  release: r1,
  approvedRelease: r1,
  environment: 'prod',
  deployment: { id: deploymentId, environment: 'prod' },
}

test.each<[string, Partial<GateQuestion>, string, string[]]>([
  ['an approved release', {}, 'allow', []],
  ['PD-18: another release', { release: r2 }, 'deny', ['RELEASE_NOT_APPROVED']],
  ['no release', { release: null }, 'deny', ['RELEASE_NOT_NAMED']],
  ['another environment', { environment: 'test' }, 'deny', ['ENVIRONMENT_MISMATCH']],
  ['an unknown deployment', { deployment: null }, 'deny', ['DEPLOYMENT_UNKNOWN']],
  ['a suspended one', { authorization: { ...valid, s: 'suspended' } }, 'deny', ['NOT_AUTHORIZED']],
  ['facts that are missing', { authorization: null }, 'unverifiable', ['AUTHORIZATION_UNAVAILABLE']],
  ['no approved release', { approvedRelease: null }, 'unverifiable', ['APPROVED_RELEASE_UNKNOWN']],
])('the gate, asked about %s', (_what, change, verdict, codes) => {
  const answer = evaluateGate({ ...question, ...change })
  expect([answer.verdict, answer.reasons.map(({ code }) => code)]).toEqual([verdict, codes])
})

const annotations = { 'countersign/deployment': deploymentId, 'countersign/release': r1 }
const container = { name: 'app', image: `registry/app@${image}` }
const pod = (spec: object, metadata: object = { annotations }) => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: 'u-1', operation: 'CREATE', object: { kind: 'Pod', metadata, spec } },
})
const template = { metadata: { annotations }, spec: { containers: [container] } }
const controller = (kind: string, spec: object) => ({
  ...pod({}),
  request: { uid: 'u-1', operation: 'UPDATE', object: { kind, metadata: {}, spec } },
})
const facts: AdmissionFacts = {
  gate: { verdict: 'allow', reasons: [] },
  grantedRelease: r1,
  imageDigests: [image],
}
const other = { image: `registry/app@${digestOfBytes('other')}` }

test.each<[string, unknown, AdmissionFacts | null, string[]]>([
  ['an image of the release', pod({ containers: [container] }), facts, []],
  ['a deployment', controller('Deployment', { template }), facts, []],
  ['a cron job', controller('CronJob', { jobTemplate: { spec: { template } } }), facts, []],
  ['a tag', pod({ containers: [{ image: 'registry/app:1.0' }] }), facts, ['IMAGE_WITHOUT_DIGEST']],
  ['another image', pod({ containers: [other] }), facts, ['IMAGE_NOT_IN_RELEASE']],
  [
    'an init container',
    pod({ containers: [container], initContainers: [other] }),
    facts,
    ['IMAGE_NOT_IN_RELEASE'],
  ],
  [
    'an ephemeral one',
    pod({ containers: [container], ephemeralContainers: [other] }),
    facts,
    ['IMAGE_NOT_IN_RELEASE'],
  ],
  [
    'no annotation',
    pod({ containers: [container] }, {}),
    facts,
    ['DEPLOYMENT_NOT_ANNOTATED', 'RELEASE_NOT_ANNOTATED', 'RELEASE_NOT_APPROVED'],
  ],
  ['an unreadable object', pod({ containers: [] }), facts, ['WORKLOAD_UNREADABLE']],
  [
    'a workload without a template',
    controller('Widget', {}),
    facts,
    ['DEPLOYMENT_NOT_ANNOTATED', 'RELEASE_NOT_ANNOTATED', 'WORKLOAD_UNREADABLE', 'RELEASE_NOT_APPROVED'],
  ],
  ['facts that are missing', pod({ containers: [container] }), null, ['AUTHORIZATION_UNAVAILABLE']],
  ['no grant', pod({ containers: [container] }), { ...facts, grantedRelease: null }, ['GRANT_NOT_LIVE']],
  [
    'an unverifiable gate',
    pod({ containers: [container] }),
    { ...facts, gate: { verdict: 'unverifiable', reasons: [] } },
    ['NOT_AUTHORIZED'],
  ],
])('admission of %s', (_what, review, known, codes) => {
  const asked = readAdmission(review)
  const enforced = answerAdmission(asked, known, 'enforce').response
  const found = (enforced.status?.message ?? '').match(/[A-Z]+(_[A-Z]+)+/g) ?? []
  expect([enforced.allowed, found]).toEqual([codes.length === 0, codes])
  const dry = answerAdmission(asked, known, 'dry_run').response
  expect([dry.allowed, dry.warnings?.length ?? 0]).toEqual([true, codes.length])
})

test.each([null, {}, 'review', { ...pod({}), apiVersion: 'v1' }])(
  'no valid review is denied: %j',
  (review) => {
    for (const mode of ['enforce', 'dry_run'] as const)
      expect(answerAdmission(readAdmission(review), facts, mode).response.allowed).toBe(false)
  },
)

test('removing a workload is never held up', () => {
  const review = { ...pod({}), request: { uid: 'u-1', operation: 'DELETE', object: null } }
  expect(answerAdmission(readAdmission(review), null, 'enforce').response.allowed).toBe(true)
})
