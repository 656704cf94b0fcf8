import type { Page } from 'playwright-core'
import {
  disableWebhook,
  registerWebhook,
  rotateWebhookSecret,
  testWebhook,
} from '../../../src/contracts/routes/webhooks.ts'
import type { NoticeKind } from '../../../src/kernel/notice-kinds.ts'
import type { Shots } from '../shots.ts'

const openRegister = async (page: Page) => {
  await page.getByRole('button', { name: 'Register webhook', exact: true }).click()
  await page.getByRole('dialog').waitFor()
}

/** Endpoints of programs, what was sent, and what each person wants by e-mail. */
export const outgoingShots: Shots = async ({ admin, analyst }) => {
  await admin.stepUp()
  const register = (url: string, kinds: readonly NoticeKind[], privateCidrs: readonly string[] = []) =>
    admin.call(registerWebhook, { body: { url, kinds: [...kinds], privateCidrs: [...privateCidrs] } })
  const siem = await register('https://siem.soc.example/ingest/countersign', ['stop', 'override', 'breach'])
  const old = await register('https://tickets.soc.example/hooks/9c1e', ['decision', 'information'])
  const own = await register('http://127.0.0.1:9/hook', ['stop'], ['127.0.0.0/8'])
  await admin.call(rotateWebhookSecret, { params: { id: siem.id }, body: {}, ifMatch: 1 })
  for (const { id } of [siem, own]) await admin.call(testWebhook, { params: { id } })
  await admin.call(disableWebhook, { params: { id: old.id } })
  return [
    { name: 'outgoing-webhooks', person: admin, path: '/settings/webhooks' },
    { name: 'outgoing-register', person: admin, path: '/settings/webhooks', act: openRegister },
    {
      name: 'outgoing-change',
      person: admin,
      path: '/settings/webhooks',
      act: async (page) => {
        await page.getByRole('button', { name: 'Actions' }).last().click()
        await page.getByRole('menuitem', { name: 'Change webhook' }).click()
        await page.getByRole('dialog').waitFor()
      },
    },
    { name: 'outgoing-deliveries', person: admin, path: '/settings/deliveries' },
    { name: 'outgoing-refused', person: analyst, path: '/settings/webhooks' },
    {
      name: 'outgoing-preferences',
      person: analyst,
      path: '/notifications',
      act: (page) => page.getByRole('button', { name: 'Save what I am told' }).scrollIntoViewIfNeeded(),
    },
  ]
}
