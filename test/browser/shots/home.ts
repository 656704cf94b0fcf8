import { ledgerEntries } from '../../../src/contracts/routes/ledger.ts'
import type { Shots } from '../shots.ts'

export const homeShots: Shots = async (org, { walked, live }) => {
  const query = { kind: 'ballot.cast', limit: 1 }
  const { items } = await org.auditor.call(ledgerEntries, { query })
  return [
    { name: 'home-overview', person: org.analyst, path: '/' },
    { name: 'home-overview-rows', person: org.analyst, path: '/?tier=2&authorization=suspended' },
    { name: 'home-work', person: org.seats.risk, path: '/work' },
    { name: 'home-work-owner', person: org.technicalOwner, path: '/work' },
    {
      name: 'home-work-put-off',
      person: org.technicalOwner,
      path: '/work?asleep=shown',
      act: async (page) => {
        await page.getByRole('button', { name: /^More for Evidence missing/ }).click()
        await page.getByRole('menuitem', { name: 'Put off until…' }).click()
        await page.getByLabel('Until').waitFor()
      },
    },
    {
      name: 'home-work-no-delegation',
      person: org.technicalOwner,
      path: '/work',
      act: async (page) => {
        await page.keyboard.press('j')
        await page.keyboard.press('Shift+D')
        await page.getByRole('dialog').waitFor()
      },
    },
    { name: 'home-work-empty', person: org.auditor, path: '/work' },
    { name: 'ledger', person: org.auditor, path: '/ledger' },
    { name: 'ledger-entry', person: org.auditor, path: `/ledger/entries/${items[0]?.id ?? ''}` },
    { name: 'audit', person: org.auditor, path: '/audit?control=approvals' },
    { name: 'audit-history', person: org.auditor, path: `/audit?tab=history&id=${live.deploymentId}` },
    { name: 'audit-refusals', person: org.auditor, path: '/audit?tab=refusals' },
    { name: 'audit-replay', person: org.auditor, path: `/audit?tab=replay&id=${walked.caseId}` },
    { name: 'audit-person', person: org.auditor, path: `/audit?tab=person&id=${org.seats.risk.id}` },
    { name: 'audit-disclosure', person: org.auditor, path: '/audit?tab=disclosure' },
  ]
}
