import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createServiceAccount, issueServiceKey } from '../../contracts/routes/service-accounts.ts'
import type { Running } from '../serve.ts'
import { keepPasskeys } from './cast.ts'
import type { Organisation } from './organisation.ts'
import { issueKey, type Built } from './systems.ts'
import type { Walked } from './walk.ts'

export type KeepsakeOptions = {
  readonly org: Organisation
  readonly running: Running
  /** The address that people use. */
  readonly origin: string
  readonly home: string
  readonly walked: Walked
  /** The system that stays live. */
  readonly live: Built
}

/**
 * Leaves in `home` what somebody needs to go on by hand: everybody's session and credentials, a key for the gateway, one
 * for the CI gate, and addresses and ids for a shell. All with mode 0600; the people are fictitious, the access is real.
 */
export async function leaveKeepsakes(options: KeepsakeOptions): Promise<void> {
  const { org, running, origin, home, walked, live } = options
  const keep = (name: string, text: string) => writeFile(join(home, name), text, { mode: 0o600 })
  const people = peopleOf(org)
  await mkdir(join(home, 'sessions'), { recursive: true, mode: 0o700 })
  for (const person of people)
    await keep(`sessions/${person.name.toLowerCase().replace(' ', '-')}.json`, person.session())
  const credentials = people.map(({ name, email, password, totpSecret }) => ({
    name,
    email,
    password,
    totpSecret,
  }))
  await keep('people.json', `${JSON.stringify(credentials, null, 2)}\n`)
  await keepPasskeys(home, people)
  await keep('gateway-key', `${await issueKey(org, live)}\n`)
  await keep('ci-key', `${await ciKey(org)}\n`)
  await keep(
    'demo.env',
    shellText({
      COUNTERSIGN_URL: origin,
      COUNTERSIGN_GATEWAY: running.gateway,
      COUNTERSIGN_ROOT_FINGERPRINT: running.rootFingerprint,
      VKEY: running.vkey,
      USE_CASE: walked.built.useCaseId,
      CASE: walked.caseId,
      DEPLOYMENT: live.deploymentId,
      RELEASE: live.release,
    }),
  )
}

function peopleOf({ seats, upstream: _upstream, region: _region, ...others }: Organisation) {
  return [...Object.values(others), ...Object.values(seats)]
}

async function ciKey({ admin }: Organisation): Promise<string> {
  const permissions = ['gate.evaluate', 'admission.validate', 'useCase.read']
  const { id } = await admin.call(createServiceAccount, { body: { name: 'ci', permissions } })
  const { token } = await admin.call(issueServiceKey, { params: { id }, body: { lifetimeDays: 30 } })
  return token
}

/** Every value is an address, an id, a digest or a key: none holds a quote. */
function shellText(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join('')
}
