import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadGuard } from '../../src/adapters/files/guard-catalogue.ts'
import { loadModels } from '../../src/adapters/files/model-catalogue.ts'
import { loadToolPolicies } from '../../src/adapters/files/tool-policies.ts'
import { catalogueFolder } from '../../src/main/catalogue-folder.ts'
import { startGateway, type GatewaySettings } from '../../src/main/gateway.ts'
import { gatewayFixture, origin, type GatewayFixture } from '../support/gateway-fixture.ts'
import { freePort } from '../support/product.ts'
import { conversationKey } from '../support/running-gateway.ts'

let fixture: GatewayFixture
const home = mkdtempSync(join(tmpdir(), 'cs-start-'))
beforeAll(async () => {
  fixture = await gatewayFixture()
})
afterAll(async () => {
  await fixture.close()
  rmSync(home, { recursive: true })
})

const settingsAt = (port: number, adminPort?: number): GatewaySettings => ({
  host: '127.0.0.1',
  port,
  sharesPort: false,
  home,
  pool: fixture.gateway,
  ledgerOrigin: origin,
  trust: fixture.trust,
  upstreamSecrets: fixture.vault,
  conversationKey,
  canaryDigestOf: fixture.ports.canaryMaker.digestOf,
  guard: loadGuard(catalogueFolder),
  classifierFile: null,
  toolPolicies: loadToolPolicies(catalogueFolder),
  models: loadModels(catalogueFolder),
  telemetry: { admin: adminPort === undefined ? null : { host: '127.0.0.1', port: adminPort }, traces: null },
  log: () => undefined,
  mcpOrigins: [],
})

test('a gateway whose start fails leaves nothing open', async () => {
  const port = await freePort()
  const unreadable = join(home, 'spool', 'wdead')
  mkdirSync(join(unreadable, 'lock'), { recursive: true })
  await expect(startGateway(settingsAt(port))).rejects.toThrow()
  await expect(fetch(`http://127.0.0.1:${port}/v1/models`)).rejects.toThrow('fetch failed')

  rmSync(unreadable, { recursive: true })
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve))
  await expect(startGateway(settingsAt(port))).rejects.toThrow('EADDRINUSE')
  await expect(startGateway(settingsAt(await freePort(), port))).rejects.toThrow('EADDRINUSE')
  expect(readdirSync(join(home, 'spool'))).toEqual([])
  await new Promise((resolve) => taken.close(resolve))
  const gateway = await startGateway(settingsAt(port))
  expect((await fetch(`${gateway.origin}/v1/models`)).status).toBe(401)
  await gateway.close()
  const living = await fixture.owner.query('select 1 from gateway_processes')
  expect(living.rowCount).toBe(0)
})
