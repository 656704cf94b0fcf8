import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ProblemError } from '../../src/contracts/client.ts'
import {
  castBallot,
  openCase,
  readCase,
  replayDecision,
  revokeDecision,
  startVote,
} from '../../src/contracts/routes/cases.ts'
import { attestCondition, listConditions } from '../../src/contracts/routes/conditions.ts'
import {
  evaluateGate,
  compromiseGrantKey,
  listGrantKeys,
  readAuthorization,
  readGrant,
  tryAdmission,
  validateAdmission,
  wellKnownKeys,
} from '../../src/contracts/routes/enforcement.ts'
import { createServiceAccount, issueServiceKey } from '../../src/contracts/routes/service-accounts.ts'
import { reinstatePerson, suspendPerson } from '../../src/contracts/routes/people.ts'
import {
  changeAnswers,
  readUseCase,
  reviseUseCase,
  submitUseCase,
  triageUseCase,
} from '../../src/contracts/routes/intake.ts'
import { ledgerEntries, ledgerExport, revealEntry } from '../../src/contracts/routes/ledger.ts'
import {
  commandDeployment,
  createRelease,
  extendDecision,
  retireSystem,
} from '../../src/contracts/routes/registry.ts'
import { listReviews, recordCheck } from '../../src/contracts/routes/reviews.ts'
import {
  requestOverride,
  revokeOverride,
  reviewOverride,
  secondOverride,
} from '../../src/contracts/routes/overrides.ts'
import { readRequirements } from '../../src/contracts/routes/requirements.ts'
import { orderStop } from '../../src/contracts/routes/stops.ts'
import { acceptWaiver, requestWaiver, revokeWaiver } from '../../src/contracts/routes/waivers.ts'
import { createClient } from '../../src/contracts/client.ts'
import { routes } from '../../src/contracts/routes/index.ts'
import { verifyGrant, verifyTrustBundle } from '../../src/governance/authorization/index.ts'
import { digestOf, epochMs, idFrom, type DeploymentId, type Json } from '../../src/kernel/index.ts'
import { advisorySummariser, alertTriage } from '../../src/main/demo/answers.ts'
import {
  approveByAll,
  approved,
  build,
  deploy,
  inDays,
  issueKey,
  modelAlias,
  openVote,
  passChecks,
  signOffReviews,
  triaged,
  vote,
  type Built,
} from '../../src/main/demo/systems.ts'
import { startEmbedded } from '../../src/adapters/postgres/embedded.ts'
import { parseVkey } from '../../src/ledger/index.ts'
import { replay } from '../support/replay.ts'
import { startProduct, type Product } from '../support/product.ts'

const run = promisify(execFile)
let product: Product

beforeAll(async () => {
  product = await startProduct()
}, 120_000)
afterAll(() => product.close())

/** Status and reason of a call by plain `curl`. */
async function curl(key: string, more: object = {}) {
  const body = JSON.stringify({
    model: modelAlias,
    messages: [{ role: 'user', content: 'Is it real?' }],
    ...more,
  })
  const url = `${product.running.gateway}/v1/chat/completions`
  const args = ['-sS', '-N', '-w', '\n%{http_code}', '-H', `authorization: Bearer ${key}`]
  const { stdout } = await run('curl', [...args, '-H', 'content-type: application/json', '-d', body, url])
  const end = stdout.lastIndexOf('\n')
  return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) }
}

const stateOf = async (id: DeploymentId) => {
  const answer = await product.org.analyst.call(readAuthorization, { params: { id } })
  return { state: answer.state, mode: answer.mode, codes: answer.reasons.map(({ code }) => code) }
}

async function until<T>(what: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (let tries = 0; tries < 200; tries += 1) {
    const value = await what()
    if (holds(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`it never came: ${JSON.stringify(await what())}`)
}
const answers = (key: string) =>
  until(
    () => curl(key),
    ({ status }) => status === 200,
  )
const denies = (key: string) =>
  until(
    () => curl(key),
    ({ status }) => status === 403,
  )

async function refused(act: Promise<unknown>): Promise<readonly string[]> {
  const error = await act.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ProblemError)) throw new Error(`not refused: ${String(error)}`)
  const { code, reasons } = error.problem
  return reasons.length === 0 ? [code] : reasons.map((reason) => reason.code)
}

/** A built tier-2 system with everything met but its ballots. */
async function ready(title: string): Promise<Built> {
  const { org } = product
  const form = alertTriage(title)
  const built = await build(org, await triaged(org, form), form)
  await signOffReviews(org, built)
  await passChecks(org, built)
  return built
}

test('plain curl is answered as JSON and as a stream, and a revoked decision ends both', async () => {
  const { org } = product
  const built = await ready('Curl triage')
  const caseId = await openVote(org, built)
  await approveByAll(org, caseId)
  await deploy(org, built)
  const key = await issueKey(org, built)
  expect(JSON.parse((await answers(key)).text)).toMatchObject({
    choices: [{ message: { content: expect.stringContaining('SIMULATOR') as string } }],
  })
  const stream = await curl(key, { stream: true })
  expect(stream.status).toBe(200)
  expect(stream.text.trim().endsWith('data: [DONE]')).toBe(true)
  const replay = await org.auditor.call(replayDecision, { params: { id: caseId } })
  expect(replay).toMatchObject({ decided: true, matches: true, recomputed: 'approved' })

  await org.seats.risk.call(revokeDecision, {
    params: { id: caseId },
    body: { reasonCode: 'new_facts', text: 'The provider has changed its terms.' },
  })
  expect(await stateOf(built.deploymentId)).toMatchObject({ state: 'revoked' })
  const refusal = await denies(key)
  expect(JSON.parse(refusal.text)).toMatchObject({ error: { code: 'grant_absent' } })
})

test('nobody plays two of the people that the chain needs', async () => {
  const { org } = product
  const form = alertTriage('Duty separation')
  const useCase = await triaged(org, form)
  const built = await build(org, useCase, form)
  expect(
    await refused(
      org.requester.call(openCase, {
        body: { kind: 'initial', release: built.release, environment: 'prod' },
      }),
    ),
  ).toEqual(['FORBIDDEN'])
  expect(
    await refused(
      org.admin.call(openCase, { body: { kind: 'initial', release: built.release, environment: 'prod' } }),
    ),
  ).toEqual(['FORBIDDEN'])
  const check = {
    checkId: 'injection_suite',
    release: built.release,
    environment: 'prod',
    result: 'pass',
    artefactDigest: digestOf('report'),
    validUntil: inDays(10),
  } as const
  expect(await refused(org.technicalOwner.call(recordCheck, { body: check }))).toEqual(['FORBIDDEN'])
  await signOffReviews(org, built)
  await passChecks(org, built)
  const { id } = await org.analyst.call(openCase, {
    body: { kind: 'initial', release: built.release, environment: 'prod' },
  })
  expect(await refused(org.analyst.call(startVote, { params: { id }, body: {} }))).toEqual(['FORBIDDEN'])
  expect(await refused(org.seats.legal.call(startVote, { params: { id }, body: {} }))).toEqual([
    'NOT_THE_CHAIR',
  ])
  await org.seats.security.call(startVote, { params: { id }, body: {} })
  const { subjectDigest } = await org.analyst.call(readCase, { params: { id } })
  const ballot = {
    choice: 'approve' as const,
    subjectDigest,
    conditions: [],
    rationale: '',
    nonce: 'n'.repeat(16),
  }
  for (const outsider of [org.analyst, org.admin, org.technicalOwner, org.auditor, org.commander])
    expect(await refused(outsider.call(castBallot, { params: { id }, body: ballot }))).toEqual(['FORBIDDEN'])
  expect(await refused(org.seats.data_science.call(castBallot, { params: { id }, body: ballot }))).toEqual([
    'NOT_SEATED',
  ])
})

test('an unmet check is waived by risk and security, and revoking the waiver takes the grant away', async () => {
  const { org } = product
  const form = alertTriage('Waived check')
  const built = await build(org, await triaged(org, form), form)
  await signOffReviews(org, built)
  const { release, useCaseId } = built
  await org.validator.call(recordCheck, {
    body: {
      checkId: 'injection_suite',
      release,
      environment: 'prod',
      result: 'fail',
      artefactDigest: digestOf('failed run'),
      validUntil: inDays(60),
    },
  })
  const rest = await org.validator.call(readRequirements, { query: { release, environment: 'prod' } })
  for (const { id } of rest.items.filter(({ id, why }) => id.startsWith('check/') && why === 'missing'))
    await org.validator.call(recordCheck, {
      body: {
        checkId: id.slice('check/'.length),
        release,
        environment: 'prod',
        result: 'pass',
        artefactDigest: digestOf(id),
        validUntil: inDays(60),
      },
    })
  const { id: caseId } = await org.analyst.call(openCase, {
    body: { kind: 'initial', release, environment: 'prod' },
  })
  expect(await refused(org.seats.security.call(startVote, { params: { id: caseId }, body: {} }))).toEqual([
    'REQUIREMENT_UNMET',
  ])
  const { id } = await org.technicalOwner.call(requestWaiver, {
    body: {
      useCaseId,
      subject: { k: 'check', id: 'check/injection_suite' },
      release,
      environment: 'prod',
      residual: 3,
      lifetimeDays: 30,
      justification: 'The suite tests a tool that this release does not have.',
      compensating: [],
    },
  })
  expect(await refused(org.technicalOwner.call(acceptWaiver, { params: { id }, body: {} }))).toEqual([
    'FORBIDDEN',
  ])
  await org.seats.risk.call(acceptWaiver, { params: { id }, body: {} })
  expect(await refused(org.seats.risk.call(acceptWaiver, { params: { id }, body: {} }))).toContain(
    'ALREADY_ACCEPTED',
  )
  await org.seats.security.call(acceptWaiver, { params: { id }, body: {} })
  await org.seats.security.call(startVote, { params: { id: caseId }, body: {} })
  await approveByAll(org, caseId)
  await deploy(org, built)
  const key = await issueKey(org, built)
  await answers(key)
  await org.seats.privacy.call(revokeWaiver, { params: { id } })
  expect(await stateOf(built.deploymentId)).toMatchObject({
    state: 'pending',
    codes: ['WAIVER_NOT_IN_FORCE'],
  })
  await denies(key)
})

test('a condition holds the deployment back until somebody else attests it, and a later one suspends when it is breached', async () => {
  const { org } = product
  const built = await ready('Conditional approval')
  const { deploymentId } = built
  const id = await openVote(org, built)
  const { subjectDigest } = await org.analyst.call(readCase, { params: { id } })
  const due = (ms: number) => new Date(Date.now() + ms).toISOString()
  const condition = (phase: 'before_deploy' | 'after_deploy', ms: number, text: string) =>
    ({
      phase,
      due: due(ms),
      owner: org.technicalOwner.id,
      onBreach: 'suspend',
      attester: 'security',
      text,
    }) as const
  await org.seats.security.call(castBallot, {
    params: { id },
    body: {
      choice: 'approve_with_conditions',
      subjectDigest,
      conditions: [
        condition('before_deploy', 86_400_000, 'Rotate the key of the SIEM.'),
        condition('after_deploy', 6_000, 'Send the first weekly report.'),
      ],
      rationale: 'Sound, once the shared key is rotated and reports arrive.',
      nonce: randomBytes(16).toString('hex'),
    },
  })
  for (const fn of ['risk', 'privacy', 'legal', 'it'] as const) await vote(org, id, fn)
  expect(await stateOf(deploymentId)).toMatchObject({ state: 'pending', codes: ['CONDITION_OPEN'] })
  expect(await refused(deploy(org, built))).toContain('NOT_AUTHORIZED')
  const { items } = await org.analyst.call(listConditions, { query: { useCaseId: built.useCaseId } })
  const before = items.find(({ phase }) => phase === 'before_deploy')?.id
  if (before === undefined) throw new Error('the condition was not imposed')
  const attest = { params: { id: before }, body: { evidence: digestOf('rotation log') } }
  expect(await refused(org.technicalOwner.call(attestCondition, attest))).toEqual(['FORBIDDEN'])
  expect(await refused(org.seats.risk.call(attestCondition, attest))).toEqual(['FUNCTION_REQUIRED'])
  await org.seats.security.call(attestCondition, attest)
  await deploy(org, built)
  const key = await issueKey(org, built)
  await answers(key)
  expect(await stateOf(deploymentId)).toMatchObject({ state: 'conditional' })
  await until(
    () => stateOf(deploymentId),
    ({ state }) => state === 'suspended',
  )
  await denies(key)
}, 60_000)

test('an emergency override needs two people of two functions, stands beside the stop, and ends by one', async () => {
  const { org } = product
  const built = await approved(org, alertTriage('Emergency'))
  const { deploymentId, release } = built
  const key = await issueKey(org, built)
  await answers(key)
  const stop = { scope: 'system', targetId: built.systemId, reasonCode: 'score' } as const
  await org.commander.call(orderStop, { body: stop })
  await denies(key)
  const id = idFrom('override', epochMs(Date.now()), randomBytes(10))
  const request = {
    id,
    deploymentId,
    release,
    capabilities: ['chat'],
    incidentId: 'INC-4711',
    lifetimeHours: 4,
    reason: 'The night shift is blind without it.',
    fn: 'security' as const,
  }
  await org.commander.sign(requestOverride, { body: request })
  const second = (fn: 'security' | 'risk') => ({ params: { id }, body: { fn } })
  expect(await refused(org.commander.sign(secondOverride, second('security')))).toContain('SELF_APPROVAL')
  expect(await refused(org.seats.security.sign(secondOverride, second('security')))).toContain(
    'SAME_FUNCTION',
  )
  await org.seats.risk.sign(secondOverride, second('risk'))
  await answers(key)
  expect(await stateOf(deploymentId)).toMatchObject({ state: 'emergency' })
  expect(
    await refused(
      org.commander.call(reviewOverride, {
        params: { id },
        body: { outcome: 'justified', text: 'It was needed.' },
      }),
    ),
  ).not.toEqual([])
  await org.businessOwner.call(revokeOverride, { params: { id } })
  await denies(key)
  expect(await stateOf(deploymentId)).toMatchObject({ state: 'suspended' })
  await org.seats.legal.call(reviewOverride, {
    params: { id },
    body: { outcome: 'justified', text: 'It was needed that night.' },
  })
})

test('a minor change extends the decision, a material one opens reviews and needs a case of its own', async () => {
  const { org } = product
  const form = advisorySummariser('Change control')
  const built = await build(org, await triaged(org, form), form)
  await passChecks(org, built)
  const caseId = await openVote(org, built)
  await approveByAll(org, caseId)
  await deploy(org, built)
  const { decision } = await org.analyst.call(readCase, { params: { id: caseId } })
  if (decision === null) throw new Error('not decided')
  const key = await issueKey(org, built)
  await answers(key)

  const maker = org.technicalOwner
  const params = { id: built.systemId }
  const prompts = [{ id: 'system', sha256: digestOf('a better prompt') }]
  const minor = await maker.call(createRelease, {
    params,
    body: { manifest: { ...built.manifest, prompts }, parent: built.release },
  })
  expect(minor.change?.class).toBe('minor')
  const extension = { decisionId: decision.id, to: minor.digest }
  expect(await refused(maker.call(extendDecision, { params, body: extension }))).toContain(
    'CHECKS_NOT_PASSED',
  )
  await passChecks(org, { ...built, release: minor.digest })
  await maker.call(extendDecision, { params, body: extension })
  await deploy(org, { ...built, release: minor.digest })
  await answers(key)
  const grant = await maker.call(readGrant, { params: { id: built.deploymentId } })
  expect(JSON.parse(Buffer.from(grant.grant.split('.')[1] ?? '', 'base64url').toString())).toMatchObject({
    rel: minor.digest,
    bas: { k: 'extension', id: decision.id },
  })

  const models = [{ provider: 'demo', model: 'demo-2', pin: null, region: org.region }]
  const material = await maker.call(createRelease, {
    params,
    body: { manifest: { ...built.manifest, models }, parent: minor.digest },
  })
  expect(material.change?.class).toBe('material')
  const wish = { decisionId: decision.id, to: material.digest }
  expect(await refused(maker.call(extendDecision, { params, body: wish }))).toContain('CHANGE_IS_MATERIAL')
  expect(await refused(deploy(org, { ...built, release: material.digest }))).toContain('NOT_AUTHORIZED')
  await answers(key) // the approved release goes on
})

test('a use case that gets riskier is judged anew: what was approved no longer covers it', async () => {
  const { org } = product
  const form = advisorySummariser('Scope creep')
  const built = await build(org, await triaged(org, form), form)
  await passChecks(org, built)
  await approveByAll(org, await openVote(org, built))
  await deploy(org, built)
  const key = await issueKey(org, built)
  await answers(key)
  const params = { id: built.useCaseId }
  const revise = async (change: { readonly [key: string]: Json }) => {
    const at = async <R>(act: (ifMatch: number) => Promise<R>) => {
      return act((await org.analyst.call(readUseCase, { params })).revision)
    }
    await at((ifMatch) => org.requester.call(reviseUseCase, { params, body: {}, ifMatch }))
    await at((ifMatch) => org.requester.call(changeAnswers, { params, body: { answers: change }, ifMatch }))
    await at((ifMatch) => org.requester.call(submitUseCase, { params, body: {}, ifMatch }))
    await answers(key) // what was triaged stays in force until the new revision is triaged
    await at((ifMatch) => org.analyst.call(triageUseCase, { params, body: {}, ifMatch }))
  }
  await revise({ volumePerDay: 50 }) // no worse: the decision goes on
  expect(await stateOf(built.deploymentId)).toMatchObject({ state: 'valid' })
  await revise({ dataClass: 'confidential', dataSources: ['docs', 'tickets'] })
  expect(await stateOf(built.deploymentId)).toMatchObject({ state: 'mismatch', codes: ['USE_CASE_CHANGED'] })
  await denies(key)
  const { items } = await org.analyst.call(listReviews, { query: { useCaseId: built.useCaseId } })
  expect(items.map(({ kind }) => kind)).toContain('security')
})

test('the CI gate and the admission webhook allow exactly what was approved, and sign their answer', async () => {
  const { org, origin } = product
  const built = await ready('Gated')
  const { deploymentId: deployment, release } = built
  const { id } = await org.admin.call(createServiceAccount, {
    body: { name: 'ci', permissions: ['gate.evaluate', 'admission.validate', 'useCase.read'] },
  })
  const { token: apiKey } = await org.admin.call(issueServiceKey, { params: { id }, body: {} })
  const ci = createClient(routes, { baseUrl: origin, apiKey })
  const ask = (more: object = {}) =>
    ci.call(evaluateGate, { body: { releaseDigest: release, deployment, environment: 'prod', ...more } })
  expect(await ask()).toMatchObject({ verdict: 'deny', reasons: [{ code: 'NOT_AUTHORIZED' }, {}] })
  await approveByAll(org, await openVote(org, built))
  expect(await ask()).toMatchObject({ verdict: 'allow', release })
  expect(await ask({ environment: 'test' })).toMatchObject({ verdict: 'deny' })
  expect(await ask({ releaseDigest: digestOf('another') })).toMatchObject({ verdict: 'deny' })
  const { releaseDigest: _, ...byManifest } = { releaseDigest: undefined, manifest: built.manifest }
  expect(
    await ci.call(evaluateGate, {
      body: { ...byManifest, deployment, environment: 'prod', commit: 'abc123' },
    }),
  ).toMatchObject({ verdict: 'allow', release })

  await deploy(org, built)
  const [artefact] = built.manifest['artefacts'] as readonly { readonly digest: string }[]
  const review = (image: string, annotated: string) => ({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'u-1',
      operation: 'CREATE',
      object: {
        kind: 'Pod',
        metadata: { annotations: { 'countersign/deployment': deployment, 'countersign/release': annotated } },
        spec: { containers: [{ image }] },
      },
    },
  })
  const image = `registry.example/soc/x@${artefact?.digest ?? ''}`
  const admit = (body: ReturnType<typeof review>, mode: 'enforce' | 'dry_run' = 'enforce') =>
    ci.call(mode === 'enforce' ? validateAdmission : tryAdmission, {
      query: { timeout: '10s' }, // as the API server adds it
      body,
    })
  expect(await admit(review(image, release))).toMatchObject({ response: { uid: 'u-1', allowed: true } })
  expect(await admit(review('registry.example/soc/x:latest', release))).toMatchObject({
    response: { allowed: false },
  })
  expect(await admit(review(image, digestOf('other')))).toMatchObject({ response: { allowed: false } })
  expect(await admit(review(image, digestOf('other')), 'dry_run')).toMatchObject({
    response: { allowed: true, warnings: expect.any(Array) as string[] },
  })

  const large = {
    ...review(image, release),
    request: { ...review(image, release).request, padding: 'x'.repeat(2_000_000) },
  }
  expect(await ci.call(validateAdmission, { query: {}, body: large })).toMatchObject({
    response: { allowed: true },
  })

  const published = await ci.call(wellKnownKeys, {})
  const bundle = verifyTrustBundle(published.bundle, product.running.rootFingerprint)
  if (bundle === null) throw new Error('the trust bundle is not ours')
  const { grant } = await org.technicalOwner.call(readGrant, { params: { id: deployment } })
  const now = epochMs(Date.now())
  expect(verifyGrant(grant, bundle, { now, aud: 'connector', minEpoch: () => 0 })).toMatchObject({
    ok: true,
    claims: { rel: release, sub: deployment, tier: 2 },
  })
})

test('a quarantined deployment comes back only by a resume case; a retired system never', async () => {
  const { org } = product
  const built = await approved(org, alertTriage('Quarantine'))
  const { deploymentId, systemId, release } = built
  const key = await issueKey(org, built)
  await answers(key)
  const quarantine = { c: 'quarantine', reasonCode: 'odd_traffic' } as const
  await org.commander
    .call(commandDeployment, { params: { id: deploymentId }, body: quarantine })
    .catch(async () =>
      org.technicalOwner.call(commandDeployment, { params: { id: deploymentId }, body: quarantine }),
    )
  await denies(key)
  expect(await stateOf(deploymentId)).toMatchObject({ state: 'blocked' })
  expect(await refused(deploy(org, built))).toContain('WRONG_STATE')
  const { id } = await org.technicalOwner.call(openCase, {
    body: { kind: 'resume', release, environment: 'prod', deploymentId },
  })
  await org.seats.security.call(startVote, { params: { id }, body: {} })
  await approveByAll(org, id)
  await deploy(org, built)
  await answers(key)
  const { readSystem } = await import('../../src/contracts/routes/registry.ts')
  const { revision } = await org.analyst.call(readSystem, { params: { id: systemId } })
  await org.technicalOwner.call(retireSystem, {
    params: { id: systemId },
    body: { reasonCode: 'end_of_life' },
    ifMatch: revision,
  })
  await denies(key)
  expect(await stateOf(deploymentId)).toMatchObject({ state: 'blocked', codes: ['SYSTEM_RETIRED'] })
})

test('an auditor reads facts, sees text only with a reason and a fresh passkey, and leaves a trace of both', async () => {
  const { org } = product
  const { id } = await triaged(org, alertTriage('Audited'))
  const read = (who: Product['org']['auditor']) => who.call(readUseCase, { params: { id } })
  expect((await read(org.auditor)).answers['problem']).toEqual({
    value: null,
    source: 'masked',
    confirmedBy: null,
  })
  expect((await read(org.auditor)).answers['dataClass']).toMatchObject({ value: 'internal' })
  expect((await read(org.analyst)).answers['problem']?.value).toMatch(/noise/)
  const kind = 'intake.answers_changed'
  const { items } = await until(
    () => org.auditor.call(ledgerEntries, { query: { stream: `useCase/${id}`, kind } }),
    (page) => page.items.length > 0,
  )
  const entry = {
    params: { id: items[0]?.id ?? '' },
    body: { reason: 'Sampling the quality of intake texts.' },
  }
  expect(await refused(org.auditor.call(revealEntry, entry))).toEqual(['STEP_UP_REQUIRED'])
  expect(await refused(org.analyst.call(revealEntry, entry))).toEqual(['FORBIDDEN'])
  await org.auditor.stepUp()
  const { sealed } = await org.auditor.call(revealEntry, entry)
  expect(sealed).toMatchObject({ texts: { title: 'Audited' } })
  await org.auditor.call(ledgerExport, {})
  const traces = await until(
    () => org.auditor.call(ledgerEntries, { query: { stream: `disclosure/${org.auditor.id}` } }),
    (page) => page.items.length >= 2,
  )
  expect(traces.items.map((item) => item.kind)).toEqual(['sealed.revealed', 'audit.exported'])
})

test('a compromised grant key is believed no longer: the next one signs, and what may run goes on under it', async () => {
  const { org } = product
  const built = await approved(org, alertTriage('Key drill'))
  const key = await issueKey(org, built)
  await answers(key)
  const at = { params: { id: built.deploymentId } }
  const before = await org.technicalOwner.call(readGrant, at)
  const keys = () => org.auditor.call(listGrantKeys, {})
  const [only] = (await keys()).items
  const params = { kid: only?.kid ?? '' }
  expect(await refused(org.commander.call(compromiseGrantKey, { params }))).toEqual(['FORBIDDEN'])
  expect(await refused(org.admin.call(compromiseGrantKey, { params }))).toEqual(['STEP_UP_REQUIRED'])
  await org.admin.stepUp()
  await org.admin.call(compromiseGrantKey, { params })
  expect((await keys()).items.map(({ isCompromised }) => isCompromised)).toEqual([true, false])
  const after = await until(
    () => org.technicalOwner.call(readGrant, at).catch(() => before),
    ({ jti }) => jti !== before.jti,
  )
  const bundle = verifyTrustBundle(
    (await org.auditor.call(wellKnownKeys, {})).bundle,
    product.running.rootFingerprint,
  )
  if (bundle === null) throw new Error('the trust bundle is not ours')
  const judged = (token: string) =>
    verifyGrant(token, bundle, { now: epochMs(Date.now()), aud: 'gateway', minEpoch: () => 0 })
  expect(judged(before.grant)).toEqual({ ok: false, fault: 'unknown_key' })
  expect(judged(after.grant)).toMatchObject({ ok: true })
  await answers(key)
})

test('in bootstrap mode nothing but the first charter is decided: without a second administrator no case opens', async () => {
  const { org } = product
  const built = await ready('Bootstrap')
  const params = { id: org.secondAdmin.id }
  await org.admin.call(suspendPerson, { params })
  const wish = { body: { kind: 'initial' as const, release: built.release, environment: 'prod' as const } }
  expect(await refused(org.analyst.call(openCase, wish))).toEqual(['BOOTSTRAP_MODE'])
  await org.admin.call(reinstatePerson, { params })
  await org.analyst.call(openCase, wish)
})

test('replaying the ledger of all this gives every state and every table', async () => {
  await product.stop()
  const server = await startEmbedded({ home: product.home, log: () => undefined })
  try {
    const key = parseVkey(product.running.vkey)
    if (key === null) throw new Error('no key')
    const { report, differences, rows } = await replay(server.address, key)
    expect(report.findings).toEqual([])
    expect(differences).toEqual([])
    for (const table of ['ballots', 'conditions', 'waivers', 'overrides', 'stops', 'decision_revocations'])
      expect(rows[table], table).toBeGreaterThan(0)
  } finally {
    await server.stop()
  }
}, 60_000)
