import type { Page } from 'playwright-core'
import { listUseCases, startUseCase } from '../../../src/contracts/routes/intake.ts'
import { alertTriage } from '../../../src/main/demo/answers.ts'
import type { Shots } from '../shots.ts'

export const intakeShots: Shots = async (org, { walked }) => {
  const { items } = await org.analyst.call(listUseCases, { query: { limit: 100 } })
  const of = (state: string) => items.find((item) => item.state === state)?.id ?? ''
  const { fallback: _, subjects: _s, ...answers } = alertTriage('Mail triage for the service desk')
  const draft = await org.requester.call(startUseCase, {
    body: {
      answers: { ...answers, untrustedInput: 'unknown' },
      owners: { business: org.businessOwner.id },
    },
  })
  const edit = `/intake/${draft.id}/edit`
  const submitted = `/intake/${of('submitted')}`
  const choose = (label: string) => async (page: Page) => {
    await page.getByRole('button', { name: 'Actions' }).click()
    await page.getByRole('menuitem', { name: label }).click()
  }
  return [
    { name: 'intake-queue', person: org.analyst, path: '/intake' },
    { name: 'intake-queue-all', person: org.analyst, path: '/intake?view=all' },
    { name: 'intake-portal', person: org.requester, path: '/portal' },
    { name: 'intake-portal-empty', person: org.validator, path: '/portal' },
    { name: 'intake-new', person: org.requester, path: '/intake/new' },
    { name: 'intake-form', person: org.requester, path: edit },
    { name: 'intake-form-data', person: org.requester, path: `${edit}?section=data` },
    { name: 'intake-form-actions', person: org.requester, path: `${edit}?section=integration` },
    { name: 'intake-form-exposure', person: org.requester, path: `${edit}?section=exposure` },
    {
      name: 'intake-form-owners',
      person: org.requester,
      path: `${edit}?section=owners`,
      act: async (page) => {
        await page.getByRole('combobox', { name: 'Technical owner' }).fill('t')
        await page.getByRole('option').first().waitFor()
      },
    },
    {
      name: 'intake-form-refused',
      person: org.requester,
      path: `${edit}?section=submit`,
      act: async (page) => {
        await page.getByRole('button', { name: 'Submit request' }).click()
        await page.getByRole('alert').waitFor()
      },
    },
    {
      name: 'intake-form-asked',
      person: org.requester,
      path: `/intake/${of('needs_info')}/edit?section=data`,
    },
    { name: 'intake-record', person: org.analyst, path: `/intake/${of('needs_info')}` },
    {
      name: 'intake-record-prohibited',
      person: org.analyst,
      path: `/intake/${items.find(({ legalClass }) => legalClass === 'prohibited')?.id ?? ''}`,
    },
    { name: 'intake-record-submitted', person: org.analyst, path: submitted },
    { name: 'intake-record-answers', person: org.analyst, path: `${submitted}/answers` },
    { name: 'intake-record-answers-auditor', person: org.auditor, path: `${submitted}/answers` },
    { name: 'intake-record-tier', person: org.analyst, path: `/intake/${walked.built.useCaseId}/tier` },
    { name: 'intake-record-reviews', person: org.analyst, path: `/intake/${walked.built.useCaseId}/reviews` },
    { name: 'intake-record-duplicates', person: org.analyst, path: `${submitted}/duplicates` },
    { name: 'intake-record-history', person: org.analyst, path: `/intake/${walked.built.useCaseId}/history` },
    {
      name: 'intake-act-triage',
      person: org.analyst,
      path: submitted,
      act: async (page) => {
        await page.getByRole('button', { name: 'Triage request' }).click()
        await page.getByRole('dialog').getByText('Tier', { exact: true }).waitFor()
      },
    },
    { name: 'intake-act-ask', person: org.analyst, path: submitted, act: choose('Ask the requester') },
    { name: 'intake-act-merge', person: org.analyst, path: submitted, act: choose('Merge into another') },
    {
      name: 'intake-act-tier',
      person: org.seats.security,
      path: `/intake/${walked.built.useCaseId}`,
      act: choose('Raise or lower tier'),
    },
  ]
}
