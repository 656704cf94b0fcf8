import { setTimeout } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import type { Digest, ImportId } from '../../../src/kernel/index.ts'
import type { Organisation } from '../../../src/main/demo/organisation.ts'
import { importFile, importRow } from '../../support/imports.ts'
import { commitImport, readImport, uploadImport } from '../../../src/contracts/routes/imports.ts'
import type { Shots } from '../shots.ts'

const titles = [
  'Firewall rule explainer',
  'Summaries of threat reports',
  'Draft answers to customer questionnaires',
  'Grouping of duplicate tickets',
  'Playbook search for analysts',
  'Detection rule translator',
  'Certificate expiry notes',
  'Minutes of the weekly review',
  'Glossary of internal terms',
  'Phishing training texts',
  'Change request reader',
  'Asset naming suggestions',
]

/** An import that needs a decision, one with each outcome, and what a person does with them. */
export const importShots: Shots = async (org) => {
  const { analyst, requester, technicalOwner, backupOwner } = org
  const owners = { business: requester.email, technical: technicalOwner.email, backup: backupOwner.email }
  const rows = titles.map((title, i) => ({ ...importRow(i, owners), title }))
  const wrong = {
    ...importRow(30, owners),
    dataClass: 'secret',
    businessOwner: 'nobody@soc.example',
    title: '',
  }
  const twin = {
    ...importRow(31, owners),
    title: rows[2]?.['title'] ?? '',
    'actions.1.toolId': 'tool/2',
    modelId: 'model-2',
  }
  const upload = async (fileName: string, text: string) =>
    (await analyst.call(uploadImport, { body: { fileName, text } })).id
  const undecided = await upload(
    'inventory-export.csv',
    importFile([{ ...wrong, Tier: '1', 'Cost centre': '4711' }], ['Tier', 'Cost centre']),
  )
  const planned = await upload('ai-inventory-2026.csv', importFile([...rows, wrong, twin]))
  const { id: done } = await analyst.call(uploadImport, {
    body: {
      fileName: 'second-inventory.csv',
      text: importFile([
        { ...importRow(40, owners), title: 'Malware report digest' },
        { ...importRow(41, owners), title: 'Translation of vendor notices' },
      ]),
    },
  })
  await analyst.call(commitImport, {
    params: { id: done },
    body: { planDigest: await planOf(org, done), mode: 'atomic' },
  })
  const click = (name: string) => (page: Page) => page.getByRole('button', { name }).first().click()
  return [
    { name: 'import-new', person: analyst, path: '/imports/new' },
    { name: 'import-unusable', person: analyst, path: `/imports/${undecided}` },
    { name: 'import-planned', person: analyst, path: `/imports/${planned}?row=14` },
    { name: 'import-done', person: analyst, path: `/imports/${done}` },
    { name: 'import-commit', person: analyst, path: `/imports/${planned}`, act: click('Commit plan') },
    { name: 'import-list', person: analyst, path: '/imports' },
    { name: 'import-entry', person: analyst, path: '/intake' },
  ]
}

/** The plan of an upload, once the worker has made it. */
async function planOf({ analyst }: Organisation, id: ImportId): Promise<Digest> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { planDigest } = await analyst.call(readImport, { params: { id } })
    if (planDigest !== null) return planDigest
    await setTimeout(50)
  }
  throw new Error('the upload was not planned')
}
