import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, expect, test, vi } from 'vitest'
import { setWatch, startThread } from '../../src/contracts/routes/collaboration.ts'
import { startUseCase } from '../../src/contracts/routes/intake.ts'
import { enrolPerson as invite } from '../../src/contracts/routes/people.ts'
import { registerWebhook, testWebhook } from '../../src/contracts/routes/webhooks.ts'
import { readConfig } from '../../src/main/config.ts'
import { advisorySummariser } from '../../src/main/demo/answers.ts'
import { enrolPerson, setUpPerson } from '../../src/main/demo/person.ts'
import { startCountersign } from '../../src/main/serve.ts'
import { headersOf, mailServerCertificate, startMailServer } from '../support/mail-server.ts'
import { freePort } from '../support/product.ts'
import { startReceiver } from '../support/webhook-receiver.ts'

const home = mkdtempSync(join(tmpdir(), 'cs-deliveries-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const soon = { timeout: 60_000, interval: 50 }

test('the product itself mails over TLS and calls webhooks, and stops while a peer keeps silent', async () => {
  const login = { user: 'countersign', password: 'over TLS alone' }
  const [mails, endpoint, silent] = [
    await startMailServer(login),
    await startReceiver(),
    await startReceiver(),
  ]
  writeFileSync(join(home, 'smtp'), `${login.password}\n`)
  writeFileSync(join(home, 'ca.pem'), mailServerCertificate)
  const lines: string[] = []
  const config = readConfig({
    COUNTERSIGN_HOME: home,
    COUNTERSIGN_PORT: String(await freePort()),
    COUNTERSIGN_GATEWAY_PORT: String(await freePort()),
    COUNTERSIGN_SMTP_HOST: 'localhost',
    COUNTERSIGN_SMTP_PORT: String(mails.port),
    COUNTERSIGN_SMTP_USER: login.user,
    COUNTERSIGN_SMTP_PASSWORD_FILE: join(home, 'smtp'),
    COUNTERSIGN_SMTP_CA_FILE: join(home, 'ca.pem'),
    COUNTERSIGN_MAIL_FROM: 'Countersign <countersign@soc.example>',
  })
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) })
  const running = await startCountersign(config, () => undefined, log)
  try {
    const token = running.setupToken ?? ''
    const admin = await setUpPerson(config.origin, { name: 'Ada', email: 'ada@soc.example', token })
    const newcomer = { name: 'Rita', email: 'rita@soc.example' }
    const { token: own } = await admin.call(invite, { body: { ...newcomer, roles: [{ role: 'requester' }] } })
    const rita = await enrolPerson(config.origin, { ...newcomer, token: own })
    const owners = { business: rita.id, technical: rita.id, backup: rita.id }
    const answers = advisorySummariser('Told about')
    const { id } = await rita.call(startUseCase, { body: { answers, owners } })
    const register = (url: string) =>
      admin.call(registerWebhook, { body: { url, kinds: ['comment'], privateCidrs: ['127.0.0.0/8'] } })
    const { secret } = await register(endpoint.url)
    silent.answerWith(() => undefined)
    const { id: quiet } = await register(silent.url)
    await admin.call(testWebhook, { params: { id: quiet } })

    const other = { name: 'Sam', email: 'sam@soc.example' }
    const { token: third } = await admin.call(invite, { body: { ...other, roles: [{ role: 'requester' }] } })
    const sam = await enrolPerson(config.origin, { ...other, token: third })
    const subject = { k: 'use_case', id } as const
    await sam.call(setWatch, { body: { subject, isWatching: true } })
    await rita.call(startThread, { body: { subject, text: `Have a look, @[${sam.id}]` } })

    await vi.waitFor(() => expect(mails.mails).toHaveLength(1), soon)
    await vi.waitFor(() => expect(endpoint.calls).toHaveLength(1), soon)
    await vi.waitFor(() => expect(silent.calls.length).toBeGreaterThan(0), soon)
    const [mail] = mails.mails
    expect(mail?.to).toEqual([sam.email])
    expect(mail === undefined ? '' : headersOf(mail).get('subject')).toBe(
      `Countersign: somebody mentioned you (${id})`,
    )
    expect(endpoint.calls[0]?.verified(secret)).toMatchObject({
      type: 'comment.added',
      data: { kinds: ['mention', 'comment'], about: `useCase/${id}` },
    })
    const whole = lines.join('')
    for (const text of [login.password, secret, 'Have a look']) expect(whole).not.toContain(text)
  } finally {
    await running.close()
    await Promise.all([mails.close(), endpoint.close(), silent.close()])
  }
}, 180_000)
