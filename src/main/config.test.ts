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
  ['an hour that no day has', { COUNTERSIGN_DIGEST_HOUR: '24' }, 'COUNTERSIGN_DIGEST_HOUR'],
])('refused: %s', (_what, env, named) => {
  const read = () => readConfig(env)
  expect(read).toThrow(AppError)
  expect(read).toThrow(named)
})
