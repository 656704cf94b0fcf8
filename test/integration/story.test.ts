import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadCatalogue } from '../../src/adapters/files/catalogue.ts'
import {
  createPool,
  exportLog,
  startIntegrator,
  type Database,
  type Integrator,
  type Pool,
} from '../../src/adapters/postgres/index.ts'
import type { SoftwareAuthenticator } from '../../src/adapters/software-authenticator/software-authenticator.ts'
import { people } from '../../src/app/aggregates/people.ts'
import { runCommand, systemIssuer, type Issuer } from '../../src/app/command.ts'
import { castBallot, openCase } from '../../src/app/committee/cases.ts'
import { proposeCharter, ratifyCharter } from '../../src/app/committee/charter.ts'
import { beginRegistration, finishRegistration } from '../../src/app/identity/passkeys.ts'
import { personContext } from '../../src/app/identity/person-context.ts'
import { commandUseCase, startUseCase } from '../../src/app/intake.ts'
import { proposePolicy, signPolicy } from '../../src/app/policies/proposals.ts'
import { publishCatalogue } from '../../src/app/policies/publish.ts'
import { commandDeployment, createDeployment, createRelease, registerSystem } from '../../src/app/registry.ts'
import { recordCheck } from '../../src/app/reviews.ts'
import { verifyStory } from '../../src/cli/story/verify.ts'
import { eventKinds } from '../../src/contracts/events.ts'
import type { Role } from '../../src/governance/people/index.ts'
import {
  AppError,
  addDays,
  digestOfBytes,
  epochMs,
  functions,
  type EpochMs,
  type Fn,
  type Json,
  type UserId,
} from '../../src/kernel/index.ts'
import { ed25519Signer } from '../../src/kernel/jws.ts'
import { ed25519FromSeed, encodeVkey, verifierKey, verifyExport } from '../../src/ledger/index.ts'
import { cloneDatabase } from '../support/database.ts'
import { identityPorts, newDevice } from '../support/identity.ts'
import { replay } from '../support/replay.ts'

const origin = 'test/1' // of the ports in test/support
const signer = ed25519FromSeed(new Uint8Array(32).fill(7))
const folder = mkdtempSync(join(tmpdir(), 'cs-story-'))
const catalogue = loadCatalogue(resolve(import.meta.dirname, '../../catalogue'))
let database: Database
let [pool, lead]: Pool[] = []
let integrator: Integrator
let ports: ReturnType<typeof allPorts>

function allPorts(of: Pool) {
  const { privateKey } = generateKeyPairSync('ed25519')
  const grantSigner = ed25519Signer('k1', privateKey)
  return { ...identityPorts(of), catalogue, grantSigner, grantIssuer: 'urn:countersign:test' }
}

beforeAll(async () => {
  database = await cloneDatabase()
  pool = createPool(database, 'countersign_app', 6)
  lead = createPool(database, 'countersign_integrator', 3)
  ports = allPorts(pool)
  integrator = startIntegrator({
    pool: lead,
    origin,
    signer,
    anchorPath: join(folder, 'anchor'),
    log: () => undefined,
  })
})
afterAll(async () => {
  await integrator.stop()
  await pool?.end()
  await lead?.end()
  rmSync(folder, { recursive: true })
})

async function now(): Promise<EpochMs> {
  const sql = 'select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now'
  const [row] = await ports.query<{ now: number }>(sql)
  return epochMs(row?.now ?? 0)
}

type Member = {
  readonly id: UserId
  readonly issuer: () => Promise<Issuer>
  readonly device: SoftwareAuthenticator
}

/** Somebody with roles, a seat if they have one, and a passkey. */
async function enrol(name: string, roles: readonly Role[], seat: Fn | null): Promise<Member> {
  const everywhere = { k: 'organisation' } as const
  const grants = roles.map((role) => ({ role, fn: null, scope: everywhere, until: null }))
  const installation = systemIssuer('installation', await now())
  const id = await runCommand(ports, installation, async (work) => {
    const made = work.ids.next('user')
    const command = { c: 'enrol', unit: null, name, email: `${name}@example.org`, grants } as const
    await work.apply(people, made, command, await personContext(work, made, {}))
    return made
  })
  const issuer = async (): Promise<Issuer> => {
    const at = await now()
    const held = grants.map((grant, i) => ({ ...grant, id: `rol_${i}` as never })) // ids play no part in authority
    return {
      actor: { k: 'person', ref: id },
      authn: { method: 'passkey', mfa: true, at },
      channel: 'api',
      authority: { k: 'person', grants: held, seat },
    }
  }
  const device = newDevice()
  const { ceremony, options } = await beginRegistration(ports, id)
  await finishRegistration(ports, await issuer(), id, { ceremony, response: device.register(options) })
  return { id, issuer, device }
}

/** Does `act`, with the passkey of `member` where the product says what to sign. */
async function signed<T>(member: Member, act: (assertion?: unknown) => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'STEP_UP_REQUIRED') throw error
    return act(member.device.assert(error.extra['sign'] as { readonly challenge: string }))
  }
}

const answers: { readonly [key: string]: Json } = Object.fromEntries(
  catalogue.forUseCases.questionnaire.questionnaire.questions.map(({ key, type }) => {
    if (type.k === 'text') return [key, `text of ${key}`]
    if (type.k === 'choice') return [key, type.options[0] ?? '']
    if (type.k === 'integer') return [key, type.min]
    return [key, key === 'role' ? ['deployer'] : []]
  }),
)

test('what the product writes, a stranger verifies: from the first charter to the grant', async () => {
  await publishCatalogue(ports, systemIssuer('installation', await now()))
  const [ana, olu, tess, val] = [
    await enrol('ana', ['analyst'], null),
    await enrol('olu', ['requester'], null),
    await enrol('tess', ['requester'], null),
    await enrol('val', ['validator'], null),
  ]
  for (const name of ['abe', 'ada']) await enrol(name, ['admin'], null)
  const holders = new Map<Fn, Member>()
  for (const fn of functions) holders.set(fn, await enrol(fn, [], fn))
  const holder = (fn: Fn) => holders.get(fn) ?? ana

  const seats = functions.map((fn) => ({ fn, holder: holder(fn).id, alternates: [], chair: fn === 'risk' }))
  const { digest: charterDigest } = await proposeCharter(ports, await holder('risk').issuer(), { seats })
  for (const fn of ['security', 'legal', 'risk'] as const)
    await signed(holder(fn), async (assertion) =>
      ratifyCharter(ports, await holder(fn).issuer(), charterDigest, assertion),
    )

  // A stricter policy of the organisation's own, by which everything after it is judged.
  const shipped = catalogue.documents.tier_policy
  const cuts = { 2: 30, 3: 60 }
  const document = { kind: 'tier_policy', key: 'security-ai' } as const
  const { digest: proposal } = await proposePolicy(ports, await ana.issuer(), document, {
    ...shipped,
    version: 2,
    cuts,
  })
  const objection = { c: 'object', reason: 'lower cuts cost us too many reviews' } as const
  await signed(holder('data_science'), async (assertion) =>
    signPolicy(ports, await holder('data_science').issuer(), proposal, { ...objection, assertion }),
  )
  for (const fn of ['security', 'risk', 'legal', 'privacy', 'it'] as const)
    await signed(holder(fn), async (assertion) =>
      signPolicy(ports, await holder(fn).issuer(), proposal, { c: 'sign', assertion }),
    )

  const owners = { business: olu.id, technical: tess.id, backup: null }
  const { id: useCaseId } = await startUseCase(ports, await olu.issuer(), { answers, owners })
  await commandUseCase(ports, await olu.issuer(), useCaseId, { c: 'submit' })
  await commandUseCase(ports, await ana.issuer(), useCaseId, { c: 'triage' })
  const { id: systemId } = await registerSystem(ports, await ana.issuer(), { useCaseId, kind: 'built' })
  const digest = digestOfBytes('x')
  const manifest = {
    schema: 1,
    systemId,
    models: [{ provider: 'demo', model: 'demo-1', pin: '1', region: 'eu' }],
    prompts: [],
    tools: [],
    dataSets: [],
    capabilities: [],
    guardPolicy: digest,
    toolPolicy: digest,
    artefacts: [],
    regions: ['eu'],
    externalSend: false,
    params: {},
  }
  const { digest: release } = await createRelease(ports, await ana.issuer(), systemId, { manifest })
  const place = { systemId, environment: 'prod', owner: tess.id } as const
  const { id: deployment } = await createDeployment(ports, await ana.issuer(), place)
  await recordCheck(ports, await val.issuer(), {
    checkId: 'baseline_validation',
    release,
    environment: 'prod',
    result: 'pass',
    artefactDigest: digest,
    validUntil: addDays(await now(), 30),
  })

  const { id: caseId } = await openCase(ports, await ana.issuer(), {
    kind: 'initial',
    release,
    environment: 'prod',
  })
  const [row] = await ports.query<{ subject: typeof digest }>(
    `select state ->> 'subjectDigest' as subject from streams where stream = $1`,
    [`case/${caseId}`],
  )
  const ballot = { choice: 'approve', conditions: [], until: null, rationale: '', nonce: 'n1' } as const
  const vote = { ...ballot, subjectDigest: row?.subject ?? digest }
  const { state } = await signed(holder('security'), async (assertion) =>
    castBallot(ports, await holder('security').issuer(), caseId, { ...vote, assertion }),
  )
  expect(state.decision?.outcome).toBe('approved')
  await integrator.drain()
  await commandDeployment(ports, await ana.issuer(), deployment, { c: 'deploy', release, op: 'live' })
  await integrator.drain()

  const lines = pool === undefined ? null : await exportLog(pool, { signer, withSealed: true })
  let told: ReturnType<typeof verifyStory> | null = null
  const vkey = encodeVkey(verifierKey(origin, signer.publicKey))
  const recompute: NonNullable<Parameters<typeof verifyExport>[1]['recompute']> = (entries) => {
    told = verifyStory(entries)
    return told.findings
  }
  expect(await verifyExport(lines ?? [], { vkey, kinds: eventKinds, recompute })).toMatchObject({
    verdict: 'verified',
    findings: [],
  })
  expect(told).toMatchObject({
    summary: {
      people: 12,
      cases: 1,
      decisions: 1,
      recomputed: 1,
      signed: 9,
      verified: 9,
      grants: 1,
      wellFounded: 1,
    },
  })
})

test('what stands in the tables is what replay of the ledger gives', async () => {
  const { report, differences, rows } = await replay(database, verifierKey(origin, signer.publicKey))
  expect(report).toMatchObject({ verdict: 'sound', findings: [] })
  expect(differences).toEqual([])
  expect(rows).toMatchObject({
    use_cases: 1,
    releases: 1,
    routes: 1,
    ballots: 1,
    decisions: 1,
    people: 12,
    policies: 6,
  })
})
