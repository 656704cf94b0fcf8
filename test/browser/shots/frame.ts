import type { Page } from 'playwright-core'
import type { Shots } from '../shots.ts'

const press = (key: string, opened: string) => async (page: Page) => {
  await page.keyboard.press(key)
  await page.getByRole('dialog', { name: opened }).waitFor()
}

/** What belongs to no screen: search, keys, doors that stay shut, a server that does not answer. */
export const frameShots: Shots = ({ analyst, requester, admin }, { live }) => [
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
