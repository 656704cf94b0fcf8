// A courier in a process of its own, for tests that kill it.
import { createPool, createUnitOfWork, queryOn, type Database } from '../../src/adapters/postgres/index.ts'
import { postWebhook } from '../../src/adapters/outgoing/webhook-post.ts'
import { loadWebhookSecrets } from '../../src/adapters/outgoing/webhook-secrets.ts'
import { createCourier } from '../../src/app/collaboration/deliver.ts'

type Given = { readonly database: Database; readonly folder: string; readonly origin: string }

const { database, folder, origin } = JSON.parse(process.argv[2] ?? '') as Given // written by the test
const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))
const pool = createPool(database, 'countersign_app', 3)
const courier = createCourier({
  unitOfWork: createUnitOfWork(pool, { origin, random }),
  random,
  refusalLog: async () => undefined,
  query: queryOn(pool),
  mailer: null,
  digestHour: 8,
  postWebhook,
  webhookVault: loadWebhookSecrets(folder),
  origin: 'http://localhost:1',
  log: (_level, message) => void process.stderr.write(`${message}\n`),
})
const stopped = new AbortController()
setInterval(() => void courier.run(stopped.signal), 20)
