import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { AppError } from '../kernel/index.ts'
import { readConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'cs-config-'))
const passwordFile = join(folder, 'smtp')
writeFileSync(passwordFile, 'correct horse\n')
afterAll(() => rmSync(folder, { recursive: true }))

const server = { COUNTERSIGN_SMTP_HOST: 'mail.example.org', COUNTERSIGN_MAIL_FROM: 'C <c@example.org>' }
const login = { COUNTERSIGN_SMTP_USER: 'c', COUNTERSIGN_SMTP_PASSWORD_FILE: passwordFile }

test('a mail server with its login; the password comes from its file and prints nowhere', () => {
  const { mail, digestHour } = readConfig({ ...server, ...login, COUNTERSIGN_DIGEST_HOUR: '7' })
  expect(mail).toMatchObject({ host: 'mail.example.org', port: 587, tls: 'starttls', ca: null })
  expect(mail?.login?.password.reveal()).toBe('correct horse')
  expect(`${inspect(mail, { depth: 9 })}${JSON.stringify(mail)}`).not.toContain('horse')
  expect(digestHour).toBe(7)
})

test.each([
  ['no sender', { COUNTERSIGN_SMTP_HOST: 'mail.example.org' }, 'COUNTERSIGN_MAIL_FROM'],
  [
    'a sender on two lines',
    { ...server, COUNTERSIGN_MAIL_FROM: 'a@b.example\nBcc: c' },
    'COUNTERSIGN_MAIL_FROM',
  ],
  ['a user without a password', { ...server, COUNTERSIGN_SMTP_USER: 'c' }, 'COUNTERSIGN_SMTP_PASSWORD_FILE'],
  ['a password without TLS', { ...server, ...login, COUNTERSIGN_SMTP_TLS: 'none' }, 'COUNTERSIGN_SMTP_TLS'],
  [
    'a file that is not there',
    { ...server, ...login, COUNTERSIGN_SMTP_PASSWORD_FILE: join(folder, 'none') },
    'COUNTERSIGN_SMTP_PASSWORD_FILE',
  ],
  ['an origin with a path', { COUNTERSIGN_MCP_ORIGINS: 'https://a.example/x' }, 'COUNTERSIGN_MCP_ORIGINS'],
  ['an hour that no day has', { COUNTERSIGN_DIGEST_HOUR: '24' }, 'COUNTERSIGN_DIGEST_HOUR'],
])('refused: %s', (_what, env, named) => {
  const read = () => readConfig(env)
  expect(read).toThrow(AppError)
  expect(read).toThrow(named)
})

test('origins of pages are listed with commas', () => {
  const { mcpOrigins } = readConfig({ COUNTERSIGN_MCP_ORIGINS: 'https://a.example, http://localhost:3000' })
  expect(mcpOrigins).toEqual(['https://a.example', 'http://localhost:3000'])
  expect(readConfig({}).mcpOrigins).toEqual([])
})

test.each([
  ['api', ['api']],
  [' worker , api ', ['worker', 'api']],
  ['api,api', ['api']],
])('the roles `%s`', (list, roles) => {
  expect([...readConfig({ COUNTERSIGN_ROLES: list }).roles]).toEqual(roles)
})

test('without a word about it a process does everything', () => {
  expect([...readConfig({}).roles]).toEqual(['api', 'gateway', 'worker'])
})

test.each([
  ['COUNTERSIGN_ROLES', ''],
  ['COUNTERSIGN_ROLES', 'api,editor'],
  ['COUNTERSIGN_ISSUER', 'https://countersign.example'],
  ['COUNTERSIGN_ROOT_FINGERPRINT', 'sha256:12'],
  ['COUNTERSIGN_GATEWAY_SHARE_PORT', 'yes'],
  ['COUNTERSIGN_DRAIN_ACCEPT_SECONDS', '-1'],
])('%s=`%s` is refused', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
})
