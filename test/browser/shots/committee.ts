import { randomBytes } from 'node:crypto'
import { castBallot, listCases, openCase, readCase } from '../../../src/contracts/routes/cases.ts'
import { listReviews } from '../../../src/contracts/routes/reviews.ts'
import { listSystems, readSystem } from '../../../src/contracts/routes/registry.ts'
import { listUseCases } from '../../../src/contracts/routes/intake.ts'
import { requestOverride, secondOverride } from '../../../src/contracts/routes/overrides.ts'
import { requestWaiver } from '../../../src/contracts/routes/waivers.ts'
import { epochMs, idFrom, type CaseId } from '../../../src/kernel/index.ts'
import { advisorySummariser } from '../../../src/main/demo/answers.ts'
import type { Organisation } from '../../../src/main/demo/organisation.ts'
import {
  build,
  inDays,
  openVote,
  passChecks,
  signOffReviews,
  triaged,
} from '../../../src/main/demo/systems.ts'
import type { Shots } from '../shots.ts'

/** Reviews, cases in each state, the charter, conditions, a waiver that is asked for and an override in force. */
export const committeeShots: Shots = async (org, { walked }) => {
  const { seats, analyst, technicalOwner, commander } = org
  const waiting = await waitingCase(org)
  const bound = await boundCase(org)
  const { items } = await seats.risk.call(listCases, { query: { state: 'voting', limit: 1 } })
  const voting = items[0]?.id ?? walked.caseId
  const { items: decided } = await seats.risk.call(listCases, { query: { state: 'decided', limit: 50 } })
  const rejected = decided.find(({ title }) => title === 'Automatic ticket closer')?.id ?? walked.caseId
  const { items: reviews } = await analyst.call(listReviews, { query: { state: 'required', limit: 1 } })
  const review = reviews[0]?.id ?? ''
  const { id: waiver } = await technicalOwner.call(requestWaiver, {
    body: {
      useCaseId: waiting.useCaseId,
      subject: { k: 'requirement', id: waiting.gap },
      release: waiting.release,
      environment: 'prod',
      residual: 3,
      lifetimeDays: 30,
      justification: 'The review is under way; until then only the test group of four analysts uses it.',
      compensating: [],
    },
  })
  const override = idFrom('override', epochMs(Date.now()), randomBytes(10))
  await seats.it.sign(requestOverride, {
    body: {
      id: override,
      deploymentId: walked.built.deploymentId,
      release: walked.built.release,
      capabilities: ['isolate_host'],
      incidentId: 'INC-2071',
      lifetimeHours: 4,
      reason: 'Beaconing on nine hosts; isolation by hand takes an hour for each.',
      fn: 'it',
    },
  })
  await commander.sign(secondOverride, { params: { id: override }, body: { fn: 'security' } })
  return [
    { name: 'cases', person: seats.risk, path: '/cases' },
    { name: 'cases-new', person: analyst, path: `/cases/new?release=${waiting.release}` },
    { name: 'case-voting', person: seats.risk, path: `/cases/${voting}` },
    {
      name: 'case-ballot',
      person: seats.risk,
      path: `/cases/${voting}?act=vote`,
      act: (page) => page.getByRole('radio', { name: /^approve with conditions/ }).check(),
    },
    {
      name: 'case-ballot-end',
      person: seats.risk,
      path: `/cases/${voting}?act=vote`,
      act: async (page) => {
        await page.getByRole('radio', { name: /^approve as it is/ }).check()
        await page.getByRole('button', { name: 'Cast ballot' }).last().scrollIntoViewIfNeeded()
      },
    },
    { name: 'case-record', person: seats.legal, path: `/cases/${walked.caseId}/record` },
    {
      name: 'case-record-paper',
      person: seats.legal,
      path: `/cases/${walked.caseId}/record`,
      act: (page) => page.emulateMedia({ media: 'print' }),
    },
    { name: 'case-certificate', person: seats.legal, path: `/cases/${walked.caseId}/decision` },
    { name: 'case-refused', person: technicalOwner, path: `/cases/${voting}` },
    { name: 'case-waiting', person: seats.security, path: `/cases/${waiting.caseId}` },
    { name: 'case-decided', person: seats.legal, path: `/cases/${walked.caseId}` },
    { name: 'case-rejected', person: seats.legal, path: `/cases/${rejected}` },
    { name: 'case-bound', person: seats.security, path: `/cases/${bound}` },
    { name: 'charter', person: seats.it, path: '/charter' },
    { name: 'charter-edit', person: seats.it, path: '/charter/edit' },
    { name: 'conditions', person: seats.privacy, path: '/conditions' },
    { name: 'conditions-overdue', person: seats.security, path: '/conditions?overdue=true' },
    { name: 'reviews', person: seats.privacy, path: '/reviews' },
    { name: 'review', person: seats.security, path: `/reviews/${review}` },
    { name: 'waivers', person: seats.risk, path: '/waivers' },
    { name: 'waiver', person: seats.risk, path: `/waivers/${waiver}` },
    {
      name: 'waiver-ask',
      person: technicalOwner,
      path: `/cases/${waiting.caseId}`,
      act: (page) => page.getByRole('button', { name: 'Ask for a waiver' }).first().click(),
    },
    { name: 'overrides', person: commander, path: '/overrides' },
    {
      name: 'override-ask',
      person: commander,
      path: '/overrides',
      act: async (page) => {
        await page.getByRole('button', { name: 'Ask for an override' }).click()
        await page.getByRole('dialog').waitFor()
      },
    },
    { name: 'override', person: seats.risk, path: `/overrides/${override}` },
  ]
}

/** A case on what the portfolio has built and checked, whose reviews are open. */
async function waitingCase({ analyst }: Organisation) {
  const { items } = await analyst.call(listUseCases, { query: { q: 'Vulnerability', limit: 1 } })
  const useCaseId = items[0]?.id ?? ''
  const { items: systems } = await analyst.call(listSystems, { query: { useCaseId, limit: 1 } })
  const { releases } = await analyst.call(readSystem, { params: { id: systems[0]?.id ?? '' } })
  const release = releases[0]?.digest ?? ''
  const { id: caseId } = await analyst.call(openCase, {
    body: { kind: 'initial', release, environment: 'prod' },
  })
  return { useCaseId, release, caseId, gap: 'review/security' }
}

/** An approval with two conditions, of which one is overdue when it is looked at. */
async function boundCase(org: Organisation): Promise<CaseId> {
  const { security } = org.seats
  const answers = advisorySummariser('Threat report translator')
  const built = await build(org, await triaged(org, answers), answers)
  await signOffReviews(org, built)
  await passChecks(org, built)
  const id = await openVote(org, built)
  const { subjectDigest } = await security.call(readCase, { params: { id } })
  const terms = {
    owner: org.technicalOwner.id,
    attester: 'security',
    phase: 'after_deploy',
  } as const
  await security.sign(castBallot, {
    params: { id },
    body: {
      choice: 'approve_with_conditions',
      subjectDigest,
      conditions: [
        {
          ...terms,
          due: new Date(Date.now() + 1_500).toISOString(),
          onBreach: 'notify',
          text: 'The glossary names the translator and says who corrects a wrong term.',
        },
        {
          ...terms,
          due: inDays(40),
          onBreach: 'suspend',
          text: 'Twenty translations of each month are read again by a person who speaks the language.',
        },
      ],
      rationale: 'Wrong terms would reach customers; somebody must look at them regularly.',
      nonce: randomBytes(16).toString('hex'),
    },
  })
  return id
}
