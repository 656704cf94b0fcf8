import type { Page } from 'playwright-core'
import type { Shots } from '../shots.ts'

const press = (key: string, opened: string) => async (page: Page) => {
  await page.keyboard.press(key)
  await page.getByRole('dialog', { name: opened }).waitFor()
}

/** Goes to a screen whose answer does not come. */
const waiting = (answers: string, key: string) => async (page: Page) => {
  await page.route(answers, () => undefined)
  await page.keyboard.press('g')
  await page.keyboard.press(key)
  await page.locator('.bones').first().waitFor()
}

/** Goes to a screen whose server is gone. */
const silent = (answers: string, key: string) => async (page: Page) => {
  await page.route(answers, (route) => route.abort())
  await page.keyboard.press('g')
  await page.keyboard.press(key)
  await page.getByRole('button', { name: /again/i }).first().waitFor()
}

/** What belongs to no screen: search, keys, doors that stay shut, a server that does not answer. */
export const frameShots: Shots = ({ analyst, requester, admin, commander }, { live }) => [
  {
    name: 'frame-search',
    person: analyst,
    path: '/',
    act: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox').fill('summ')
      await page
        .getByRole('option', { name: /Advisory summariser/ })
        .first()
        .waitFor()
    },
  },
  { name: 'frame-keys', person: analyst, path: '/systems', act: press('?', 'Keys of this screen') },
  {
    name: 'frame-person',
    person: admin,
    path: '/',
    act: async (page) => {
      await page.getByRole('button', { name: /Ada Admin/ }).click()
      await page.getByRole('menu').waitFor()
    },
  },
  {
    name: 'frame-search-commands',
    person: analyst,
    path: `/systems/${live.systemId}`,
    act: async (page) => {
      await page.keyboard.press('Control+k')
      await page.getByRole('option', { name: 'Overview' }).first().waitFor()
    },
  },
  {
    name: 'frame-keys-record',
    person: analyst,
    path: `/systems/${live.systemId}`,
    act: press('?', 'Keys of this screen'),
  },
  { name: 'frame-loading-list', person: analyst, path: '/', act: waiting('**/api/v1/systems**', 's') },
  { name: 'frame-loading-cases', person: analyst, path: '/', act: waiting('**/api/v1/cases**', 'c') },
  { name: 'frame-no-answer-ledger', person: analyst, path: '/', act: silent('**/api/v1/ledger/**', 'e') },
  { name: 'frame-no-answer-cases', person: analyst, path: '/', act: silent('**/api/v1/cases**', 'c') },
  { name: 'frame-no-access-audit', person: requester, path: '/audit' },
  { name: 'frame-no-access-webhooks', person: requester, path: '/settings/webhooks' },
  {
    name: 'frame-connection-lost',
    person: analyst,
    path: '/',
    act: async (page) => {
      await page.context().setOffline(true)
      await page.getByText('Connection lost').waitFor()
    },
  },
  {
    name: 'frame-step-up',
    person: commander,
    path: `/deployments/${live.deploymentId}`,
    act: async (page) => {
      const problem = {
        type: 'about:blank',
        title: 'a fresh proof is needed',
        status: 401,
        code: 'STEP_UP_REQUIRED',
      }
      const body = JSON.stringify({
        ...problem,
        detail: '',
        retry: false,
        requestId: 'req',
        reasons: [],
        proof: 'recent_auth',
      })
      await page.route('**/api/v1/stops**', (route) =>
        route.request().method() === 'POST' && !route.request().url().includes('dry=true')
          ? route.fulfill({ status: 401, contentType: 'application/problem+json', body })
          : route.continue(),
      )
      await page.keyboard.press('Shift+S')
      await page.getByRole('dialog').getByRole('button', { name: 'Stop deployment' }).click()
      await page.getByRole('dialog', { name: /./ }).nth(1).waitFor()
    },
  },
  { name: 'frame-not-found', person: analyst, path: '/nowhere' },
  { name: 'frame-no-record', person: analyst, path: '/systems/sys_01m8j3p8ybeyyta090wr6mr859' },
  { name: 'frame-no-access', person: requester, path: '/ledger' },
  {
    name: 'frame-no-answer',
    person: analyst,
    path: `/systems/${live.systemId}`,
    act: async (page) => {
      await page.route('**/api/v1/systems**', (route) => route.abort())
      await page.keyboard.press('g')
      await page.keyboard.press('s')
      await page.getByRole('button', { name: /again/i }).first().waitFor()
    },
  },
  {
    name: 'frame-sign-in-refused',
    person: null,
    path: '/sign-in',
    act: async (page) => {
      await page.getByLabel('E-mail address').fill('anna.analyst@soc.example')
      await page.getByLabel('Password').fill('not the password of Anna')
      await page.getByLabel('One-time code').fill('123456')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('alert').waitFor()
    },
  },
]
