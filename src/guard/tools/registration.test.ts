import { expect, test } from 'vitest'
import type { Json } from '../../kernel/index.ts'
import { isDestinationListed, isTargetRegistered } from './registration.ts'

const listed = ['partner.example', 'https://hooks.example/in/7', 'soc@own.example', '#alerts']
const registration = {
  destination: { argument: 'to', listed },
  target: { argument: 'host', registered: ['ws-17', 'ws-18'] },
}

test.each<[string, Json, boolean]>([
  ['a whole value', '#alerts', true],
  ['an address', 'soc@own.example', true],
  ['another address of its domain', 'ceo@own.example', false],
  ['an address of a listed domain', 'a.b+c@Partner.example', true],
  ['a subdomain', 'a@mail.partner.example', false],
  ['a page of a listed host', 'https://partner.example/a?b=c', true],
  ['a whole address of a hook', 'https://hooks.example/in/7', true],
  ['another hook of that host', 'https://hooks.example/in/8', false],
  ['plain http', 'http://partner.example/', false],
  ['a login in front of the host', 'https://partner.example@evil.example/', false],
  ['a listed host as a login', 'https://a:b@partner.example/', false],
  ['another port', 'https://partner.example:8443/', false],
  ['a backslash', 'https://evil.example\\@partner.example/', false],
  ['a line break in the host', 'https://partner.example\n.evil.example/', false],
  ['a look-alike letter', 'https://p\u0430rtner.example/', false],
  ['two addresses in one text', 'a@evil.example,b@partner.example', false],
  ['two addresses without a comma', 'a@evil.example b@partner.example', false],
  ['a name before the address', 'Partner <a@evil.example>', false],
  ['a quoted local part', '"a@evil.example"@partner.example', false],
  ['a comment after the domain', 'a@partner.example(evil)', false],
  ['a header in the address', 'a@partner.example\nBcc: b@evil.example', false],
  ['a list of listed ones', ['#alerts', 'a@partner.example'], true],
  ['a list with one that is not', ['#alerts', 'a@evil.example'], false],
  ['a list with something else', ['#alerts', { to: 'a@evil.example' }], false],
  ['an empty list', [], false],
  ['an object', { host: 'partner.example' }, false],
  ['null', null, false],
])('a destination: %s', (_what, to, expected) => {
  expect(isDestinationListed({ to }, registration)).toBe(expected)
})

test.each<[string, Json, boolean]>([
  ['a registered host', { host: 'ws-17' }, true],
  ['two of them', { host: ['ws-17', 'ws-18'] }, true],
  ['one that is not', { host: ['ws-17', 'dc-1'] }, false],
  ['its name in capitals', { host: 'WS-17' }, false],
  ['a number', { host: 17 }, false],
  ['nothing', {}, false],
  ['a list of arguments', ['ws-17'], false],
])('a target: %s', (_what, args, expected) => {
  expect(isTargetRegistered(args, registration)).toBe(expected)
})

test('a tool of which nothing is registered has no listed destination and no registered target', () => {
  expect(isDestinationListed({ to: '#alerts' }, {})).toBe(false)
  expect(isTargetRegistered({ host: 'ws-17' }, {})).toBe(false)
  expect(isDestinationListed({}, { destination: { argument: 'constructor', listed: [''] } })).toBe(false)
})
