import { createHmac, randomBytes } from 'node:crypto'
import type { WebhookVault } from '../../app/ports/outgoing.ts'
import { Secret } from '../../kernel/index.ts'
import { loadSealingKey } from '../files/sealing-key.ts'

const prefix = 'whsec_'
const secretBytes = 32

/** The vault whose key stands in `<folder>/webhook.key`. SPEC: Standard Webhooks 1.0, symmetric signatures. */
export function loadWebhookSecrets(folder: string): WebhookVault {
  const key = loadSealingKey(folder, 'webhook.key')
  return {
    create: () => new Secret(`${prefix}${randomBytes(secretBytes).toString('base64')}`),
    seal: key.seal,
    open: key.open,
    sign: (secrets, { id, timestamp, body }) =>
      secrets.map((secret) => `v1,${macOf(secret, `${id}.${timestamp}.${body}`)}`).join(' '),
  }
}

function macOf(secret: Secret<string>, text: string): string {
  const bytes = Buffer.from(secret.reveal().slice(prefix.length), 'base64')
  return createHmac('sha256', bytes).update(text).digest('base64')
}
