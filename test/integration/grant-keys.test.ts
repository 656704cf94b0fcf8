import { afterAll, beforeAll, expect, test } from 'vitest'
import { issueDue } from '../../src/app/authorization/issuer.ts'
import { loadGuard } from '../../src/adapters/files/guard-catalogue.ts'
import { catalogueFolder } from '../../src/main/catalogue-folder.ts'
import { createControlPlane, type ControlPlane } from '../../src/main/control-plane.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import { approved } from '../../src/main/demo/systems.ts'
import { issuerWith } from '../support/gateway-fixture.ts'
import { startPlane, type Plane } from '../support/plane.ts'

let first: Plane
let second: ControlPlane

beforeAll(async () => {
  first = await startPlane()
  const { home, origin, pool } = first
  second = await createControlPlane({
    config: { home, origin, guardShadow: { hours: 24, requests: 1_000 }, digestHour: 8, mail: null },
    guard: loadGuard(catalogueFolder),
    pool,
    installationId: 'test',
    ledgerOrigin: 'countersign/test',
    log: () => undefined,
  })
}, 60_000)
afterAll(() => first.close())

/** Names of the keys that have signed the grants which are there. */
async function signers(): Promise<readonly string[]> {
  const { rows } = await first.pool.query<{ token: string }>('select token from grants')
  return rows.map(({ token }) => {
    const head = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }
    return head.kid
  })
}

test('a process that does not know yet that a key is compromised signs nothing with it, and follows', async () => {
  await approved(first.org, advisorySummariser('Two processes'))
  const { kid } = second.grantSigner
  expect(await signers()).toContain(kid)
  await first.plane.compromiseKey(issuerWith({ k: 'system' }), kid)
  expect(second.grantSigner.kid).toBe(kid)
  await issueDue(second)
  expect(await signers()).toEqual([])

  await second.followKeys()
  expect(second.grantSigner.kid).toBe(first.plane.grantSigner.kid)
  expect(second.signedBundle()).toBe(first.plane.signedBundle())
  await expect
    .poll(async () => {
      await issueDue(second)
      return await signers()
    })
    .toEqual([first.plane.grantSigner.kid])
}, 60_000)

test('following when nothing has turned changes nothing', async () => {
  const before = second.signedBundle()
  await second.followKeys()
  await first.plane.followKeys()
  expect([second.signedBundle(), first.plane.signedBundle()]).toEqual([before, before])
})
