import { postWebhook } from '../../src/adapters/outgoing/webhook-post.ts'
import { loadWebhookSecrets } from '../../src/adapters/outgoing/webhook-secrets.ts'
import { createPool, createUnitOfWork, queryOn, type Database } from '../../src/adapters/postgres/index.ts'

export type CourierPlace = {
  readonly database: Database
  /** Where the key of the webhooks' secrets is. */
  readonly folder: string
  /** Of the log. */
  readonly origin: string
}

/** What a courier needs that calls webhooks and sends no mail, over a pool of its own. */
export function courierPorts({ database, folder, origin }: CourierPlace, log: (message: string) => void) {
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))
  const pool = createPool(database, 'countersign_app', 3)
  const ports = {
    unitOfWork: createUnitOfWork(pool, { origin, random }),
    random,
    refusalLog: async () => undefined,
    query: queryOn(pool),
    mailer: null,
    digestHour: 8,
    postWebhook,
    webhookVault: loadWebhookSecrets(folder),
    origin: 'http://localhost:1',
    log: (_level: string, message: string) => log(message),
  }
  return { pool, ports }
}
