import { listGatewayRecords } from '../../../src/contracts/routes/gateway.ts'
import {
  createRelease,
  listSystems,
  readSystem,
  retireSystem,
} from '../../../src/contracts/routes/registry.ts'
import { listStops } from '../../../src/contracts/routes/stops.ts'
import type { Json } from '../../../src/kernel/index.ts'
import type { Shots } from '../shots.ts'

/** Registry, stops and gateway, with a second release of the live system so that there is something to compare. */
export const registryShots: Shots = async (org, { walked, live }) => {
  const { analyst, technicalOwner, commander, admin } = org
  const manifest: { readonly [name: string]: Json } = live.manifest
  const { digest } = await technicalOwner.call(createRelease, {
    params: { id: live.systemId },
    body: { manifest: { ...manifest, params: { temperature: 1 }, externalSend: true }, parent: live.release },
  })
  const recordOf = async (action: 'allow' | 'redact' | 'block') => {
    const { items } = await analyst.call(listGatewayRecords, { query: { action, limit: 1 } })
    return String(items[0]?.['id'])
  }
  const [record, redacted, blocked] = [
    await recordOf('allow'),
    await recordOf('redact'),
    await recordOf('block'),
  ]
  const { items: stops } = await commander.call(listStops, { query: { inForce: 'true', limit: 1 } })
  const { items: systems } = await analyst.call(listSystems, { query: { q: 'ticket closer', limit: 1 } })
  const retired = systems[0]?.id ?? ''
  const { revision } = await commander.call(readSystem, { params: { id: retired } })
  await commander.call(retireSystem, {
    params: { id: retired },
    body: { reasonCode: 'replaced' },
    ifMatch: revision,
  })
  const system = `/systems/${live.systemId}`
  return [
    { name: 'registry-systems', person: analyst, path: '/systems' },
    { name: 'gateway-tools', person: analyst, path: '/gateway/tools' },
    { name: 'gateway-policies', person: admin, path: '/gateway/policies' },
    { name: 'gateway-policy', person: admin, path: '/gateway/policies/default/1' },
    { name: 'gateway-policy-new', person: admin, path: '/gateway/policies/new' },
    ...['overview', 'use-case', 'releases', 'deployments', 'decisions', 'record'].map((tab) => ({
      name: `registry-system-${tab}`,
      person: analyst,
      path: `${system}/${tab}`,
    })),
    { name: 'registry-dossier', person: analyst, path: `${system}/dossier` },
    { name: 'registry-release', person: analyst, path: `/releases/${live.release}` },
    { name: 'registry-diff', person: analyst, path: `/releases/${live.release}/diff/${digest}` },
    {
      name: 'registry-deployment',
      person: technicalOwner,
      path: `/deployments/${walked.built.deploymentId}`,
    },
    {
      name: 'registry-deploy-dialog',
      person: technicalOwner,
      path: `/deployments/${live.deploymentId}`,
      act: async (page) => {
        await page.getByRole('button', { name: 'Deploy release' }).click()
        await page.getByRole('combobox', { name: 'Release' }).selectOption(digest)
        await page.getByText('What is missing').waitFor()
        await page.getByText('Nothing is decided').waitFor()
      },
    },
    {
      name: 'registry-new-release',
      person: technicalOwner,
      path: `${system}/releases`,
      act: async (page) => {
        await page.getByRole('button', { name: 'Record release' }).click()
        await page
          .getByRole('textbox', { name: 'Manifest' })
          .fill('{ "schema": 2, "systemId": "x", "models": [{}] }')
        await page.getByRole('dialog').getByRole('button', { name: 'Record release' }).click()
        await page.getByRole('alert').waitFor()
      },
    },
    {
      name: 'registry-stop-dialog',
      person: commander,
      path: `/deployments/${live.deploymentId}`,
      act: async (page) => {
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.keyboard.press('Shift+S')
        await page.getByRole('dialog').waitFor()
      },
    },
    { name: 'registry-stops', person: commander, path: '/stops' },
    {
      name: 'registry-resume-dialog',
      person: analyst,
      path: '/stops?inForce=true',
      act: async (page) => {
        await page.getByRole('button', { name: 'Ask to resume' }).first().click()
        await page.getByRole('button', { name: 'Open resume case' }).waitFor()
      },
    },
    { name: 'registry-stopped', person: technicalOwner, path: `/deployments/${stops[0]?.targetId ?? ''}` },
    { name: 'registry-retired', person: analyst, path: `/systems/${retired}` },
    { name: 'registry-overridden', person: analyst, path: `/systems/${walked.built.systemId}` },
    { name: 'gateway-record-blocked', person: analyst, path: `/gateway/records/${blocked}` },
    { name: 'gateway-traffic', person: analyst, path: '/gateway' },
    {
      name: 'gateway-filters',
      person: analyst,
      path: '/gateway/records?kind=pii',
      act: async (page) => page.getByRole('button', { name: 'More filters' }).click(),
    },
    {
      name: 'gateway-record',
      person: analyst,
      path: `/gateway/records/${redacted}`,
      act: async (page) => {
        await page.getByText('Token of AWS').waitFor()
        await page.keyboard.press('n')
      },
    },
    { name: 'gateway-record-allowed', person: analyst, path: `/gateway/records/${record}` },
    { name: 'gateway-routes', person: analyst, path: '/gateway/routes' },
    {
      name: 'gateway-configure-dialog',
      person: technicalOwner,
      path: `/gateway/routes?deployment=${live.deploymentId}`,
      act: async (page) => {
        await page.getByRole('button', { name: 'Configure models' }).first().click()
        await page.getByText('Name at the provider').first().waitFor()
      },
    },
    { name: 'gateway-keys', person: analyst, path: '/gateway/keys' },
    {
      name: 'gateway-key-issued',
      person: technicalOwner,
      path: `/gateway/routes?deployment=${live.deploymentId}`,
      act: async (page) => {
        await page.getByRole('button', { name: 'Issue key' }).first().click()
        await page.getByRole('textbox', { name: 'Agent' }).fill('triage-bot')
        await page.getByRole('dialog').getByRole('button', { name: 'Issue key' }).click()
        await page.getByText('only time').waitFor()
      },
    },
    { name: 'gateway-providers', person: admin, path: '/gateway/providers' },
    {
      name: 'gateway-register-dialog',
      person: admin,
      path: '/gateway/providers',
      act: async (page) => {
        await page.getByRole('button', { name: 'Register provider' }).click()
      },
    },
  ]
}
